"""What the counts add up to, for a person, for `/stats` and for metrics.

`saved = before - after` and `savings = saved / before`, in tokens of texts; net is what is left of
the saved tokens after what offering and answering retrievals cost. The bill is of what upstream
reported, at the prices really billed. Reads sums, never single requests.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from headroom.billing import Prices
from headroom.counting import sqlite
from headroom.counting.figures import Totals, plain, totals_of
from headroom.counting.rollup import WHO, Key, Numbers, regrouped
from headroom.counting.sqlite import Counted, counted, last_failure, reading

By = Literal["model", "agent", "session", "project", "compressor", "arm"]
GROUPS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything counted since a time (seconds since 1970, None: ever), and its groups.

    `groups` are by name, the most tokens first; by compressor they are `total.edits`. `unsaved`
    requests are counted here but not yet on disk, because of `trouble`. `prices` are those that
    the bills are made with.
    """

    since: float | None
    by: By | None
    total: Totals
    groups: Mapping[str, Totals]
    prices: Prices
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


def read(
    directory: Path,
    since: float | None = None,
    by: By | None = None,
    prices: Prices | None = None,
) -> Summary:
    """What was counted in a directory; without `prices`, at those of the shipped table.

    Raises:
        StoreError: the file cannot be read.
    """
    return summary(OnDisk(directory), since, by, prices)


def last_seen(directory: Path) -> dict[str, float]:
    """When each agent's last request came through, in seconds since 1970.

    Raises:
        StoreError: the file cannot be read.
    """
    with reading(directory) as connection:
        return sqlite.last_seen(connection) if connection is not None else {}


def summary(
    source: Source,
    since: float | None = None,
    by: By | None = None,
    prices: Prices | None = None,
) -> Summary:
    """What a source counted, in all and by group; without `prices`, at those of the shipped table.

    Raises:
        StoreError: the file of `OnDisk` cannot be read.
    """
    prices = prices or Prices.load()
    group = (by,) if by in WHO else ()
    found = source.counted(since, group)
    some = _by_name(found, prices) if group else ()
    groups = [(name, totals) for name, totals in some if totals.requests]
    return Summary(
        since=since,
        by=by,
        total=_in_all(found, len(group), prices),
        groups=dict(sorted(groups, key=lambda one: (-one[1].tokens_before, one[0]))),
        prices=prices,
        last_failure=source.last_failure(since),
    )


def _in_all(found: Counted, size: int, prices: Prices) -> Totals:
    sums, details = found.spans, found.details
    if size:
        sums = regrouped(sums, lambda key: key[size:])
        details = regrouped(details, lambda key: key[size:])
    return totals_of(sums, details, prices)


def _by_name(found: Counted, prices: Prices) -> Iterator[tuple[str, Totals]]:
    sums, details = _apart(found.spans), _apart(found.details)
    for name, some in sums.items():
        yield name, totals_of(some, details.get(name, {}), prices)


def _apart(sums: Mapping[Key, Numbers]) -> Mapping[str, dict[Key, Numbers]]:
    """Sums by the first part of their keys, under the rest of them."""
    found: dict[str, dict[Key, Numbers]] = defaultdict(dict)
    for key, numbers in sums.items():
        found[str(key[0])][key[1:]] = numbers
    return found


def as_json(found: Summary) -> dict[str, Any]:
    """A summary as `/stats` and `headroom stats --json` show it; seconds, tokens, bytes, dollars
    (null where no price is known)."""
    return {
        "since": found.since,
        **plain(found.total),
        "prices": {
            "source": found.prices.source,
            "date": found.prices.date,
            "overridden": sorted(found.prices.own),
        },
        "unsaved": found.unsaved,
        "trouble": found.trouble,
        "last_failure": found.last_failure,
        "by": found.by,
        "groups": {name: plain(totals) for name, totals in found.groups.items()},
    }
