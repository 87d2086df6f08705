"""Tokens as Bedrock reports them. `inputTokens` leaves out what was read from or written to the
cache; `totalTokens` has everything in it. `cacheDetails` tells what was written by lifetime.
"""

from collections.abc import Sequence
from typing import Any

from headroom.wire._api import Usage


class Bill:
    """What the legs of one answer came to."""

    def __init__(self) -> None:
        self._legs: list[Usage] = []

    @property
    def usage(self) -> Usage | None:
        """The sum of all legs; None while none reported any."""
        return sum(self._legs, Usage()) if self._legs else None

    @property
    def legs(self) -> Sequence[Usage]:
        """Leg by leg, as reported."""
        return tuple(self._legs)

    def add(self, reported: Any) -> None:
        """One leg's `usage`; anything else is passed over."""
        if isinstance(reported, dict):
            self._legs.append(_read(reported))

    def told(self, reported: Any) -> Any:
        """The last leg's `usage` as the client is told it: the output of all legs, and the
        input of the last, which says how full the context is."""
        if not isinstance(reported, dict):
            return reported
        earlier = sum(leg.output for leg in self._legs[:-1])
        return {
            **reported,
            "outputTokens": _count(reported, "outputTokens") + earlier,
            "totalTokens": _count(reported, "totalTokens") + earlier,
        }


def _read(reported: dict[str, Any]) -> Usage:
    details = reported.get("cacheDetails")
    written = [each for each in (details if isinstance(details, list) else ()) if _is_long(each)]
    return Usage(
        fresh=_count(reported, "inputTokens"),
        cache_read=_count(reported, "cacheReadInputTokens"),
        cache_write=_count(reported, "cacheWriteInputTokens"),
        output=_count(reported, "outputTokens"),
        cache_write_long=sum(_count(each, "inputTokens") for each in written),
    )


def _is_long(detail: Any) -> bool:
    return isinstance(detail, dict) and detail.get("ttl") == "1h"


def _count(reported: dict[str, Any], name: str) -> int:
    value = reported.get(name)
    return value if isinstance(value, int) and value > 0 else 0
