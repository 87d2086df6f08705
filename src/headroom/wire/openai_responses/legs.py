"""What upstream answered to one client request, leg by leg, and what the client is to hear of it.

A leg is one response of the API. All legs but the last ended in calls of the retrieve tool alone;
to the client they are one response, whose output is all that was said but those calls. Its id is
the last leg's: that is the one from which the API can go on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.openai_responses import memory
from headroom.wire.openai_responses.items import (
    Item,
    awaits_client,
    call_in,
    dumps,
    is_ours,
    outputs_for,
    text,
)

UNANSWERED = "Not retrieved: the answer ended before it could be. Ask again."


@dataclass(frozen=True, slots=True)
class Leg:
    """One response: the object that ended it, what the model said in it, and what its calls of
    ours were answered with. `listed` tells that the object holds the output, too."""

    response: dict[str, Any]
    said: tuple[Item, ...]
    listed: bool
    outputs: tuple[Item, ...] = ()

    @property
    def retrieves(self) -> bool:
        """Whether the model called the retrieve tool, and ended as it meant to."""
        ended = bool(self.response.get("status", "completed") == "completed")
        return ended and any(map(is_ours, self.said))

    @property
    def alone(self) -> bool:
        """Whether nothing was said that the client has to answer."""
        return not awaits_client(self.said)


class Legs:
    """The legs of one answer so far. `asked` is the user's text that it answers."""

    def __init__(self, asked: str = "") -> None:
        self._asked = asked
        self._legs: list[Leg] = []
        self._used: list[Usage] = []

    def __len__(self) -> int:
        return len(self._legs)

    @property
    def usage(self) -> Usage | None:
        """Of all legs; None while none reported any."""
        return sum(self._used, Usage()) if self._used else None

    @property
    def used(self) -> Sequence[Usage]:
        """Of each leg that reported any."""
        return tuple(self._used)

    def add(self, response: dict[str, Any], collected: Sequence[Item]) -> Leg:
        """A leg has ended with `response`; `collected` is what came before it in a stream."""
        listed = [item for item in _list(response.get("output")) if isinstance(item, dict)]
        leg = Leg(response, tuple(listed or collected), bool(listed))
        self._legs.append(leg)
        if (used := usage_in(response)) is not None:
            self._used.append(used)
        return leg

    def turn(self) -> Turn:
        """The last leg, which retrieves, as a turn."""
        leg = self._legs[-1]
        said = {"previous_response_id": leg.response.get("id"), "input": list(leg.said)}
        calls = tuple(call_in(item) for item in leg.said if is_ours(item))
        return Turn(calls, dumps(said), leg.alone)

    def answer(self, results: Sequence[str]) -> None:
        """The last leg's calls are answered with `results`."""
        if self._legs:
            leg = self._legs[-1]
            self._legs[-1] = replace(leg, outputs=tuple(outputs_for(leg.said, results)))

    def whole(self) -> dict[str, Any]:
        """All legs as the one response that the client sees, under the id it first heard: clients
        refuse one that changes."""
        last = self._legs[-1].response
        whole = {**last}
        if "id" in self._legs[0].response:
            whole["id"] = self._legs[0].response["id"]
        if self._legs[-1].listed:
            whole["output"] = [item for item in self._said() if not is_ours(item)]
        elif "output" in last:
            whole["output"] = []
        if isinstance(last.get("usage"), dict):
            whole["usage"] = self._told_usage(last["usage"])
        return whole

    def memories(self) -> Sequence[Memory]:
        """What the client was not shown, under each name by which its requests may mean it."""
        legs = [
            leg
            if leg.outputs or not any(map(is_ours, leg.said))
            else replace(leg, outputs=_unanswered(leg))
            for leg in self._legs
        ]
        hidden = [
            memory.Hidden(leg.said, leg.outputs, text(leg.response.get("id"))) for leg in legs
        ]
        return memory.memories(hidden, self._asked)

    def _said(self) -> Iterator[Item]:
        for leg in self._legs:
            yield from leg.said

    def _told_usage(self, last: dict[str, Any]) -> dict[str, Any]:
        """The last leg's figures, with the output of all legs."""
        earlier = [_dict(leg.response.get("usage")) for leg in self._legs[:-1]]
        told = {**last, "output_tokens": _total([*earlier, last], "output_tokens")}
        details = [_dict(usage.get("output_tokens_details")) for usage in (*earlier, last)]
        if details[-1]:
            summed = {
                key: _total(details, key)
                for key, count in details[-1].items()
                if isinstance(count, int)
            }
            told["output_tokens_details"] = {**details[-1], **summed}
        if "total_tokens" in last:
            told["total_tokens"] = _count(last, "input_tokens") + told["output_tokens"]
        return told


def usage_in(response: dict[str, Any]) -> Usage | None:
    """The tokens that a response reports, or None."""
    usage = response.get("usage")
    if not isinstance(usage, dict):
        return None
    details = _dict(usage.get("input_tokens_details"))
    read, written = _count(details, "cached_tokens"), _count(details, "cache_write_tokens")
    long = _count(_dict(details.get("cache_write_tokens_details")), "ttl_12h_tokens")
    fresh = max(0, _count(usage, "input_tokens") - read - written)
    return Usage(fresh, read, written, _count(usage, "output_tokens"), long)


def _unanswered(leg: Leg) -> tuple[Item, ...]:
    """Results for calls that nobody answered: the API refuses a history without."""
    calls = [item for item in leg.said if is_ours(item) and item.get("status") != "incomplete"]
    return tuple(outputs_for(calls, [UNANSWERED] * len(calls)))


def _total(reports: Sequence[dict[str, Any]], key: str) -> int:
    return sum(_count(report, key) for report in reports)


def _count(report: dict[str, Any], key: str) -> int:
    count = report.get(key)
    return count if isinstance(count, int) else 0


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
