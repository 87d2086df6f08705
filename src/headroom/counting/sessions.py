"""What each session came to, for whoever compares sessions. Reads sums, never single requests.

Requests whose session is not known are left out: those without one, and those that are too old.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from headroom.billing import Bill, Prices, Used, bill_of
from headroom.counting.rollup import BEFORE, SPAN_SECONDS, USAGE
from headroom.counting.sqlite import reading
from headroom.wire._api import Usage

_SUMS = ("requests", "reported", *USAGE, *BEFORE)


class _Who(NamedTuple):
    session: str
    project: str
    agent: str
    provider: str
    model: str
    arm: str


_READ = (
    f"SELECT {', '.join(_Who._fields)}, above, before_above, MIN(span), MAX(span),"
    f" {', '.join(f'SUM({name})' for name in _SUMS)} FROM spans JOIN who ON who.id = spans.who"
    " WHERE span > ? AND session != '' GROUP BY session, project, agent, provider, model, arm,"
    " above, before_above"
)


@dataclass(frozen=True, slots=True)
class SessionSum:
    """What one session asked one model for.

    `arm` is as in `Exchange`. `usage` is what upstream reported, for `reported` of the `requests`;
    `before` what it would have reported without compression; `bill` what both come to. `first`
    is the start and `last` the end of the quarters of an hour in which there were requests, in
    seconds since 1970.
    """

    session: str
    project: str
    agent: str
    provider: str
    model: str
    arm: str
    requests: int
    reported: int
    usage: Usage
    before: Usage
    bill: Bill
    first: float
    last: float


def read(
    directory: Path, since: float | None = None, prices: Prices | None = None
) -> list[SessionSum]:
    """The sessions with requests from a time on (of the quarter of an hour it lies in), the latest
    last: an entry for each model and arm that a session had.

    Raises:
        StoreError: the counts cannot be read.
    """
    with reading(directory) as connection:
        if connection is None:
            return []
        return _read(connection, since, prices or Prices.load())


def _read(connection: sqlite3.Connection, since: float | None, prices: Prices) -> list[SessionSum]:
    start = 0 if since is None else int(since) - SPAN_SECONDS
    parts: dict[_Who, list[tuple[int, ...]]] = defaultdict(list)
    for row in connection.execute(_READ, (start,)):
        parts[_Who(*row[: len(_Who._fields)])].append(tuple(map(int, row[len(_Who._fields) :])))
    found = [_sum(who, rows, prices) for who, rows in parts.items()]
    return sorted(found, key=lambda one: (one.last, one.first, one.session))


def _sum(who: _Who, rows: list[tuple[int, ...]], prices: Prices) -> SessionSum:
    bill = bill_of([_used(who, row) for row in rows], prices)
    return SessionSum(
        *who,
        requests=sum(row[4] for row in rows),
        reported=bill.requests,
        usage=bill.after,
        before=bill.before,
        bill=bill,
        first=float(min(row[2] for row in rows)),
        last=float(max(row[3] for row in rows) + SPAN_SECONDS),
    )


def _used(who: _Who, row: tuple[int, ...]) -> Used:
    above, before_above, _, _, _, reported, *tokens = row
    after, before = tokens[: len(USAGE)], tokens[len(USAGE) :]
    return Used(
        provider=who.provider,
        model=who.model,
        requests=reported,
        before=Usage(*before),
        after=Usage(*after),
        before_above=before_above,
        above=above,
    )
