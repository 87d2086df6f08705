"""Counting tokens: exact for OpenAI encodings, without network; an estimate for the others."""

from headroom.tokens._encoding import Count
from headroom.tokens._estimate import estimate
from headroom.tokens.counter import TokenCounter, counter_for

__all__ = ["Count", "TokenCounter", "counter_for", "estimate"]
