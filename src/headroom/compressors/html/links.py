"""Which address a link shows: each once, and without the page's own origin.

A path that starts with `/` belongs to the origin that the page's head line names, so nothing is
lost. It knows nothing of elements.
"""

import re

_ORIGIN = re.compile(r"https?://[^/?#\s]+", re.IGNORECASE)
_DEAD = ("#", "javascript:", "data:", "about:", "blob:")


class Links:
    """The addresses that a page has shown so far."""

    def __init__(self, page_url: str) -> None:
        found = _ORIGIN.match(page_url)
        self._origin = found[0] if found else ""
        self._shown: set[str] = {"", page_url}
        self.count = 0

    def first(self, url: str) -> str:
        """The address as it is shown, or empty where it leads nowhere or was shown before."""
        url = url.strip()
        if url.lower().startswith(_DEAD) or any(sign in url for sign in " \n\t"):
            return ""
        self.count += 1
        rest = url[len(self._origin) :]
        if self._origin and url.startswith(self._origin) and rest.startswith("/"):
            url = rest if not rest.startswith("//") else url
        if url in self._shown:
            return ""
        self._shown.add(url)
        return url
