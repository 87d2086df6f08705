"""Prompt caches: what a provider keeps of a request, what the bill would have been without us, what
busts a cache, and breakpoints for clients that set none.
"""
