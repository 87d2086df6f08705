"""The sums of some requests as figures: values, and nothing that reads or shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import starmap
from operator import attrgetter, itemgetter
from typing import Any

from headroom.billing import Bill, Prices, Used, bill, bill_of
from headroom.counting.record import ALIGN, BUST, EPOCH, GUARD, EditCount, Event
from headroom.counting.rollup import (
    BEFORE,
    COLUMNS,
    COUNTS,
    EDIT,
    FIRST,
    FIRST_BOUNDS,
    OUR,
    OUR_BOUNDS,
    SKIP,
    USAGE,
    Key,
    Numbers,
    quantile,
    summed,
)
from headroom.wire._api import Usage

_NOT_COUNTS = (*USAGE, *BEFORE, "our_seconds", "first_byte_seconds", "upstream_seconds")
_WHOLE = tuple(name for name in COUNTS if name not in _NOT_COUNTS)


def _taking(names: Sequence[str]) -> Callable[[Numbers], Numbers]:
    """What takes some of `COLUMNS` out of their values: made for thousands of groups."""
    return itemgetter(*map(COLUMNS.index, names))


_REPORTED = COLUMNS.index("reported")
_whole, _after, _before = _taking(_WHOLE), _taking(USAGE), _taking(BEFORE)
_ours, _first = _taking(OUR), _taking(FIRST)
_EMPTY = (0.0,) * len(COLUMNS)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds, from buckets that double: right to within one; None where none was counted."""

    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of some requests.

    `exact` is false where a token count among them is an estimate; `uncounted` are requests of
    which nothing else is known. `usage` is the sum of what upstream reported, for `reported`
    requests, and `bill` what that came to. `events` are sums by kind and label, the most tokens
    first.
    """

    requests: int
    streamed: int
    tokens_before: int
    tokens_after: int
    exact: bool
    tool_tokens: int
    retrieved_tokens: int
    edits: tuple[EditCount, ...]
    skips: Mapping[str, int]
    failures: int
    late: int
    retrievals: int
    rounds: int
    errors: int
    uncounted: int
    bytes_in: int
    bytes_saved: int
    reported: int
    usage: Usage
    ours: Latency
    first_byte: Latency
    bill: Bill
    events: tuple[Event, ...]

    def of_kind(self, kind: str) -> tuple[Event, ...]:
        """The events of one kind."""
        return tuple(event for event in self.events if event.kind == kind)

    @property
    def saved_tokens(self) -> int:
        """Tokens that were not sent."""
        return self.tokens_before - self.tokens_after

    @property
    def savings_percent(self) -> float:
        """Saved tokens in percent of those before; 0.0 where there were none."""
        return 100.0 * self.saved_tokens / self.tokens_before if self.tokens_before else 0.0

    @property
    def net_saved_tokens(self) -> int:
        """Saved tokens less those of our tool's schema and of what retrievals gave back."""
        return self.saved_tokens - self.tool_tokens - self.retrieved_tokens


_MADE_PLAIN = ("skips", "edits", "usage", "ours", "first_byte", "bill", "events")
_AS_THEY_ARE = tuple(one.name for one in fields(Totals) if one.name not in _MADE_PLAIN)
_EDIT, _USED = (tuple(one.name for one in fields(kind)) for kind in (EditCount, Usage))
_as_they_are, _of_edit, _of_usage = (attrgetter(*names) for names in (_AS_THEY_ARE, _EDIT, _USED))


def plain(totals: Totals) -> dict[str, Any]:
    """Totals in plain values, as JSON has them."""
    return {
        **dict(zip(_AS_THEY_ARE, _as_they_are(totals), strict=True)),
        "skips": dict(totals.skips),
        "edits": [dict(zip(_EDIT, _of_edit(edit), strict=True)) for edit in totals.edits],
        "usage": dict(zip(_USED, _of_usage(totals.usage), strict=True)),
        "ours": {"median": totals.ours.median, "p95": totals.ours.p95},
        "first_byte": {"median": totals.first_byte.median, "p95": totals.first_byte.p95},
        "saved_tokens": totals.saved_tokens,
        "savings_percent": round(totals.savings_percent, 1),
        "net_saved_tokens": totals.net_saved_tokens,
        "bill": bill.as_json(totals.bill),
        **_told(totals),
    }


def _told(totals: Totals) -> dict[str, Any]:
    epochs = totals.of_kind(EPOCH)
    return {
        "busts": [
            {"cause": event.label, "count": event.count, "tokens": event.tokens}
            for event in totals.of_kind(BUST)
        ],
        "guard": _by_label(totals.of_kind(GUARD)),
        "aligned": _by_label(totals.of_kind(ALIGN)),
        "epochs": {
            "count": sum(event.count for event in epochs),
            "tokens": sum(event.tokens for event in epochs),
        },
    }


def _by_label(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [{"what": event.label, "count": event.count} for event in events]


def totals_of(
    sums: Mapping[Key, Numbers], details: Mapping[Key, Numbers], prices: Prices
) -> Totals:
    """The totals of sums by what is in `PRICED`, and of details by kind, label and fidelity."""
    added = summed(sums.values()) or _EMPTY
    whole = dict(zip(_WHOLE, map(int, _whole(added)), strict=True))
    return Totals(
        exact=not whole.pop("estimated"),
        edits=_edits(details),
        skips=_skips(details),
        usage=_usage(_after(added)),
        ours=_latency(_ours(added), OUR_BOUNDS),
        first_byte=_latency(_first(added), FIRST_BOUNDS),
        bill=bill_of(starmap(used_of, sums.items()), prices),
        events=_events(details),
        **whole,
    )


def used_of(key: Key, numbers: Numbers) -> Used:
    """What the requests of one key of `PRICED` used."""
    provider, model, above, before_above = key
    return Used(
        provider=str(provider),
        model=str(model),
        requests=int(numbers[_REPORTED]),
        before=_usage(_before(numbers)),
        after=_usage(_after(numbers)),
        before_above=int(before_above),
        above=int(above),
    )


def _usage(numbers: Numbers) -> Usage:
    return Usage(*map(int, numbers))


def _skips(details: Mapping[Key, Numbers]) -> dict[str, int]:
    found = [(str(key[1]), int(numbers[0])) for key, numbers in details.items() if key[0] == SKIP]
    return dict(sorted(found))


def _events(details: Mapping[Key, Numbers]) -> tuple[Event, ...]:
    found = [
        Event(str(key[0]), str(key[1]), int(numbers[0]), int(numbers[1]))
        for key, numbers in details.items()
        if key[0] not in (EDIT, SKIP)
    ]
    return tuple(sorted(found, key=lambda event: (-event.tokens, -event.count, event.label)))


def _edits(details: Mapping[Key, Numbers]) -> tuple[EditCount, ...]:
    found = [
        EditCount(str(key[1]), str(key[2]), int(numbers[1]), int(numbers[2]), int(numbers[0]))
        for key, numbers in details.items()
        if key[0] == EDIT
    ]
    return tuple(sorted(found, key=lambda edit: edit.tokens_after - edit.tokens_before))


def _latency(buckets: Numbers, bounds: Sequence[float]) -> Latency:
    return Latency(quantile(0.5, buckets, bounds), quantile(0.95, buckets, bounds))
