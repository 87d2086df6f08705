"""Tokens as Bedrock reports them. `inputTokens` leaves out what was read from or written to the
cache; `totalTokens` has everything in it.
"""

from typing import Any

from headroom.wire._api import Usage


class Bill:
    """What the legs of one answer came to."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self._last_output = 0

    def add(self, reported: Any) -> None:
        """One leg's `usage`; anything else is passed over."""
        if not isinstance(reported, dict):
            return
        self._last_output = _count(reported, "outputTokens")
        self.usage = (self.usage or Usage()) + Usage(
            _count(reported, "inputTokens"),
            _count(reported, "cacheReadInputTokens"),
            _count(reported, "cacheWriteInputTokens"),
            self._last_output,
        )

    def told(self, reported: Any) -> Any:
        """The last leg's `usage` as the client is told it: the output of all legs, and the
        input of the last, which says how full the context is."""
        if not isinstance(reported, dict) or self.usage is None:
            return reported
        earlier = self.usage.output - self._last_output
        return {
            **reported,
            "outputTokens": self.usage.output,
            "totalTokens": _count(reported, "totalTokens") + earlier,
        }


def _count(reported: dict[str, Any], name: str) -> int:
    value = reported.get(name)
    return value if isinstance(value, int) and value > 0 else 0
