"""What each session came to, as trials see it: one figure for its cost, its turns, its arm.

Rule: a session and its sub-agents are one, since they share an arm; figures in money and in units
are never mixed. It reads no file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from headroom.billing.bill import CURRENCY, Bill
from headroom.billing.price import dollars
from headroom.counting.sessions import SessionSum
from headroom.trials.arms import COMPRESSED, SWITCHED_OFF, family_of

UNITS = "units"
REST_SECONDS = 3_600.0
"""Without a request for so long a session is taken to be over."""
_MIXED = "mixed"


class Group(NamedTuple):
    """Sessions that are judged together: one client program with one model."""

    agent: str
    model: str


@dataclass(frozen=True, slots=True)
class Session:
    """One session, times in seconds since 1970. `cost` is what it came to, `before` what it would
    have come to as its client sent it, `requests` its turns; `prompt` counts tokens of input,
    `cached` those of them that were read from the provider's cache."""

    group: Group
    arm: str
    cost: float
    before: float
    requests: int
    prompt: int
    cached: int
    first: float
    last: float

    def is_over(self, now: float) -> bool:
        """Whether it has been quiet for so long that it is taken to be over."""
        return self.last <= now - REST_SECONDS


class Costs(NamedTuple):
    """Sessions by their first request, and what their costs are in: a currency, or `UNITS`."""

    sessions: Sequence[Session]
    currency: str


def costs_of(sums: Iterable[SessionSum]) -> Costs:
    """The sessions behind sums: in money where every model has a price, else in units. What
    upstream reported no usage for is left out."""
    rows = [row for row in sums if row.reported and row.bill.units_before]
    priced = all(row.bill.cost_after is not None and not row.bill.unpriced for row in rows)
    members: dict[tuple[str, str], list[SessionSum]] = {}
    for row in rows:
        members.setdefault((row.project, family_of(row.session)), []).append(row)
    found = [_session(parts, priced) for parts in members.values()]
    found.sort(key=lambda session: (session.first, session.group))
    return Costs(found, CURRENCY if priced else UNITS)


def _session(parts: Sequence[SessionSum], priced: bool) -> Session:
    dearest = max(parts, key=lambda part: part.bill.units_before)
    costs = [_costs(part.bill, priced) for part in parts]
    return Session(
        group=Group(dearest.agent, dearest.model),
        arm=_arm({part.arm for part in parts}),
        cost=sum(after for _, after in costs),
        before=sum(before for before, _ in costs),
        requests=sum(part.requests for part in parts),
        prompt=sum(part.usage.prompt for part in parts),
        cached=sum(part.usage.cache_read for part in parts),
        first=min(part.first for part in parts),
        last=max(part.last for part in parts),
    )


def _costs(bill: Bill, priced: bool) -> tuple[float, float]:
    """What a bill would have been, and is: in dollars or in units."""
    if priced:
        return dollars(bill.cost_before or 0), dollars(bill.cost_after or 0)
    return float(bill.units_before), float(bill.units_after)


def _arm(arms: set[str]) -> str:
    """The arm of a session by those of its parts; one that was compressed in part only belongs
    to no arm."""
    if len(arms) == 1:
        return arms.pop()
    if arms <= {"", COMPRESSED}:
        return ""
    return SWITCHED_OFF if SWITCHED_OFF in arms else _MIXED
