"""Tokens over the legs of one answer: as billed, and as the client is told.

Output counts add up. The input figures that the client sees are those of the last leg, because
they tell it how full its context is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire._api import Usage

_WRITTEN, _BY_LIFETIME = "cache_creation_input_tokens", "cache_creation"
_INPUT = ("input_tokens", _WRITTEN, "cache_read_input_tokens", _BY_LIFETIME)
_ADDED = ("output_tokens", "output_tokens_details", "server_tool_use")


class Tally:
    """What was reported so far. In a leg, later reports replace earlier ones."""

    def __init__(self) -> None:
        self._leg: dict[str, Any] = {}
        self._legs: list[dict[str, Any]] = []

    def note(self, event: Mapping[str, Any]) -> None:
        """Read the usage in an event or a whole message, if it has one."""
        message = event.get("message")
        usage = (message if isinstance(message, dict) else event).get("usage")
        if isinstance(usage, dict):
            kept = {name: usage.get(name) for name in (*_INPUT, *_ADDED)}
            self._leg.update((name, value) for name, value in kept.items() if value is not None)

    def next_leg(self) -> None:
        """Another leg begins."""
        self._legs.append(self._leg)
        self._leg = {}

    def told(self, usage: Mapping[str, Any]) -> dict[str, Any]:
        """`usage`, the last leg's, as the client is to see it after several legs."""
        inputs = {name: self._leg[name] for name in _INPUT if name in self._leg}
        added = {}
        for name in _ADDED:
            values = [leg[name] for leg in (*self._legs, self._leg) if name in leg]
            if values:
                added[name] = _sum(values)
        return {**inputs, **usage, **added}

    @property
    def usage(self) -> Usage | None:
        """As billed: the sum of all legs."""
        legs = self.legs
        return sum(legs, Usage()) if legs else None

    @property
    def legs(self) -> Sequence[Usage]:
        """As billed, leg by leg."""
        return [_billed(leg) for leg in (*self._legs, self._leg) if leg]


def _billed(leg: Mapping[str, Any]) -> Usage:
    by_lifetime = leg.get(_BY_LIFETIME)
    by_lifetime = by_lifetime if isinstance(by_lifetime, dict) else {}
    long = _count(by_lifetime.get("ephemeral_1h_input_tokens"))
    # A gateway may report one without the other.
    written = max(
        _count(leg.get(_WRITTEN)), long + _count(by_lifetime.get("ephemeral_5m_input_tokens"))
    )
    return Usage(
        fresh=_count(leg.get("input_tokens")),
        cache_read=_count(leg.get("cache_read_input_tokens")),
        cache_write=written,
        output=_count(leg.get("output_tokens")),
        cache_write_long=long,
    )


def _count(value: Any) -> int:
    return value if type(value) is int else 0


def _sum(values: list[Any]) -> Any:
    """Counts, or objects of counts, added; anything else is the last one's."""
    if all(isinstance(value, dict) for value in values):
        names = dict.fromkeys(name for value in values for name in value)
        return {name: sum(_count(value.get(name)) for value in values) for name in names}
    return sum(map(_count, values)) if type(values[-1]) is int else values[-1]
