"""What the counts add up to, for a person, for `/stats` and for metrics.

`saved = before - after` and `savings = saved / before`, in tokens; net is what is left of the
saved tokens after what offering and answering retrievals cost. Reads sums, never single requests.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from headroom.counting import sqlite
from headroom.counting.record import EditCount
from headroom.counting.rollup import (
    COLUMNS,
    COUNTS,
    EDIT,
    FIRST,
    FIRST_BOUNDS,
    OUR,
    OUR_BOUNDS,
    WHO,
    Key,
    Numbers,
    quantile,
    regrouped,
)
from headroom.counting.sqlite import Counted, counted, last_failure, reading
from headroom.wire._api import Usage

By = Literal["model", "agent", "session", "project", "compressor"]
GROUPS: tuple[By, ...] = get_args(By)
_USAGE = ("fresh", "cache_read", "cache_write", "output")
_SECONDS = ("our_seconds", "first_byte_seconds", "upstream_seconds")
_EMPTY = (0.0,) * len(COLUMNS)
_Detail = tuple[Key, Numbers]


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
    requests.
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


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything counted since a time (seconds since 1970, None: ever), and its groups.

    `groups` are by name, the most tokens first; by compressor they are `total.edits`. `unsaved`
    requests are counted here but not yet on disk, because of `trouble`.
    """

    since: float | None
    by: By | None
    total: Totals
    groups: Mapping[str, Totals]
    last_failure: str = ""
    unsaved: int = 0
    trouble: str = ""


class Source(Protocol):
    """Where sums come from."""

    def counted(self, since: float | None, group: Sequence[str]) -> Counted:
        """The sums from a time on, by some of `WHO`."""
        ...

    def last_failure(self, since: float | None) -> str:
        """The type and place of the last failure."""
        ...


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The counts in a directory, whoever writes them."""

    directory: Path

    def counted(self, since: float | None, group: Sequence[str]) -> Counted:
        """The sums from a time on, by some of `WHO`.

        Raises:
            StoreError: the file cannot be read.
        """
        with reading(self.directory) as connection:
            if connection is None:
                return Counted({}, {})
            return counted(connection, since, group)

    def last_failure(self, since: float | None) -> str:
        """The type and place of the last failure; empty where there is none.

        Raises:
            StoreError: the file cannot be read.
        """
        with reading(self.directory) as connection:
            return last_failure(connection, since) if connection is not None else ""


def read(directory: Path, since: float | None = None, by: By | None = None) -> Summary:
    """What was counted in a directory.

    Raises:
        StoreError: the file cannot be read.
    """
    return summary(OnDisk(directory), since, by)


def last_seen(directory: Path) -> dict[str, float]:
    """When each agent's last request came through, in seconds since 1970.

    Raises:
        StoreError: the file cannot be read.
    """
    with reading(directory) as connection:
        return sqlite.last_seen(connection) if connection is not None else {}


def summary(source: Source, since: float | None = None, by: By | None = None) -> Summary:
    """What a source counted, in all and by group.

    Raises:
        StoreError: the file of `OnDisk` cannot be read.
    """
    group = (by,) if by in WHO else ()
    found = source.counted(since, group)
    some = [(name, totals) for name, totals in _by_name(found) if totals.requests] if group else ()
    return Summary(
        since=since,
        by=by,
        total=_in_all(found, len(group)),
        groups=dict(sorted(some, key=lambda one: (-one[1].tokens_before, one[0]))),
        last_failure=source.last_failure(since),
    )


def as_json(found: Summary) -> dict[str, Any]:
    """A summary as `/stats` and `headroom stats --json` show it; seconds, tokens and bytes."""
    return {
        "since": found.since,
        **_plain(found.total),
        "unsaved": found.unsaved,
        "trouble": found.trouble,
        "last_failure": found.last_failure,
        "by": found.by,
        "groups": {name: _plain(totals) for name, totals in found.groups.items()},
    }


def _plain(totals: Totals) -> dict[str, Any]:
    return {
        **asdict(totals),
        "saved_tokens": totals.saved_tokens,
        "savings_percent": round(totals.savings_percent, 1),
        "net_saved_tokens": totals.net_saved_tokens,
    }


def _in_all(found: Counted, size: int) -> Totals:
    sums = regrouped(found.spans, lambda key: ())
    details = regrouped(found.details, lambda key: key[size:])
    return _totals(sums.get((), _EMPTY), list(details.items()))


def _by_name(found: Counted) -> Iterator[tuple[str, Totals]]:
    details: dict[Key, list[_Detail]] = defaultdict(list)
    for key, numbers in found.details.items():
        details[key[:1]].append((key[1:], numbers))
    for key, sums in found.spans.items():
        yield str(key[0]), _totals(sums, details[key])


def _totals(sums: Numbers, details: Sequence[_Detail]) -> Totals:
    figures = dict(zip(COLUMNS, sums, strict=True))
    whole = {name: int(figures[name]) for name in COUNTS if name not in (*_USAGE, *_SECONDS)}
    return Totals(
        exact=not whole.pop("estimated"),
        edits=_edits(details),
        skips={str(key[1]): int(n[0]) for key, n in sorted(details) if key[0] != EDIT},
        usage=Usage(**{name: int(figures[name]) for name in _USAGE}),
        ours=_latency([figures[name] for name in OUR], OUR_BOUNDS),
        first_byte=_latency([figures[name] for name in FIRST], FIRST_BOUNDS),
        **whole,
    )


def _edits(details: Sequence[_Detail]) -> tuple[EditCount, ...]:
    found = [
        EditCount(str(key[1]), str(key[2]), int(numbers[1]), int(numbers[2]), int(numbers[0]))
        for key, numbers in details
        if key[0] == EDIT
    ]
    return tuple(sorted(found, key=lambda edit: edit.tokens_after - edit.tokens_before))


def _latency(buckets: Numbers, bounds: Sequence[float]) -> Latency:
    return Latency(quantile(0.5, buckets, bounds), quantile(0.95, buckets, bounds))
