"""Held-out sessions against compressed ones: both arms, how they differ, and a verdict in words.

Rule: only sessions that are over are compared, and only those whose arm was drawn; one in which
compression was switched off, or that began before the trial, is in neither arm. Pure.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from headroom.trials.arms import COMPRESSED, HELD_OUT
from headroom.trials.effect import Effect, Interval, Stratum, effect
from headroom.trials.session_costs import Group, Session

LEAST_SESSIONS = 12
"""Sessions that either arm must have before they are compared."""
LEAST_OF_GROUP = 5
"""Sessions that an agent with a model must have in either arm to be compared by itself."""
WORTH_SEEING = 0.2
"""The relative difference for which the sessions needed are told."""


class Verdict(Enum):
    """What can be said of a session's cost."""

    SAVES = "saves"
    COSTS_MORE = "costs more"
    NO_DIFFERENCE = "no difference seen"
    TOO_EARLY = "too early"


@dataclass(frozen=True, slots=True)
class ArmSum:
    """The sessions of one arm, summed up; `prompt` and `cached` are tokens."""

    sessions: int = 0
    requests: int = 0
    cost: float = 0.0
    prompt: int = 0
    cached: int = 0

    @property
    def turns_per_session(self) -> float:
        """Requests of a session; 0.0 where there is none."""
        return self.requests / self.sessions if self.sessions else 0.0

    @property
    def cost_per_session(self) -> float:
        """Cost of a session; 0.0 where there is none."""
        return self.cost / self.sessions if self.sessions else 0.0

    @property
    def cache_hit_percent(self) -> float:
        """Percent of the input that was read from the provider's cache."""
        return 100.0 * self.cached / self.prompt if self.prompt else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both arms. `cost` and `turns` (of a session) are for one look, `always` is the interval of
    the cost for one who keeps looking; None where it is too early, as long as so many sessions
    are `missing_held` and `missing_compressed`. `needed` sessions in all show a difference of
    `WORTH_SEEING`. `running` ones are not over."""

    held: ArmSum
    compressed: ArmSum
    verdict: Verdict
    cost: Interval | None = None
    always: Interval | None = None
    turns: Interval | None = None
    missing_held: int = 0
    missing_compressed: int = 0
    needed: int | None = None
    running: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether the verdict holds however often one has looked."""
        return self.always is not None and (self.always.is_below or self.always.is_above)


def compare(sessions: Iterable[Session], now: float) -> Comparison:
    """Compares what sessions came to by a time, in seconds since 1970."""
    drawn = [one for one in sessions if one.arm in (HELD_OUT, COMPRESSED)]
    over = [one for one in drawn if one.is_over(now)]
    held, ours = arms(over)
    sums, running = (_sum(held), _sum(ours)), len(drawn) - len(over)
    cost, turns = cost_effect(over), _effect(over, [float(one.requests) for one in over])
    if cost is None or turns is None:
        return Comparison(
            *sums,
            Verdict.TOO_EARLY,
            missing_held=max(LEAST_SESSIONS - len(held), 0),
            missing_compressed=max(LEAST_SESSIONS - len(ours), 0),
            running=running,
        )
    found = cost.interval()
    return Comparison(
        *sums,
        _verdict(found),
        cost=found,
        always=cost.always(),
        turns=turns.interval(),
        needed=math.ceil(len(over) * cost.growth_to_see(WORTH_SEEING)),
        running=running,
    )


def cost_effect(over: Sequence[Session]) -> Effect | None:
    """How the costs of drawn sessions differ; None while it is too early."""
    return _effect(over, [one.cost for one in over])


def arms(sessions: Iterable[Session]) -> tuple[list[Session], list[Session]]:
    """The sessions held out, and those drawn to be compressed."""
    found: dict[str, list[Session]] = {HELD_OUT: [], COMPRESSED: []}
    for one in sessions:
        if one.arm in found:
            found[one.arm].append(one)
    return found[HELD_OUT], found[COMPRESSED]


def _effect(over: Sequence[Session], values: Sequence[float]) -> Effect | None:
    groups: dict[Group, tuple[list[float], list[float]]] = {}
    for one, value in zip(over, values, strict=True):
        if one.arm in (HELD_OUT, COMPRESSED):
            groups.setdefault(one.group, ([], []))[one.arm == COMPRESSED].append(value)
    if (
        min(sum(len(figures[arm]) for figures in groups.values()) for arm in (0, 1))
        < LEAST_SESSIONS
    ):
        return None
    return effect(_strata(list(groups.values())))


def _strata(groups: Sequence[tuple[list[float], list[float]]]) -> list[Stratum]:
    """The groups that can be compared by themselves, and the others as one; where that is small
    too, the smallest of those joins it."""
    large: list[Stratum] = []
    rest: tuple[list[float], list[float]] = ([], [])
    for held, ours in sorted(groups, key=lambda group: -len(group[0]) - len(group[1])):
        if min(len(held), len(ours)) >= LEAST_OF_GROUP:
            large.append(Stratum(held, ours))
        else:
            rest[0].extend(held)
            rest[1].extend(ours)
    while large and any(rest) and min(map(len, rest)) < LEAST_OF_GROUP:
        joined = large.pop()
        rest = ([*rest[0], *joined.held], [*rest[1], *joined.compressed])
    return [*large, Stratum(*rest)] if any(rest) else large


def _sum(sessions: Sequence[Session]) -> ArmSum:
    return ArmSum(
        sessions=len(sessions),
        requests=sum(one.requests for one in sessions),
        cost=math.fsum(one.cost for one in sessions),
        prompt=sum(one.prompt for one in sessions),
        cached=sum(one.cached for one in sessions),
    )


def _verdict(cost: Interval) -> Verdict:
    if cost.is_below:
        return Verdict.SAVES
    return Verdict.COSTS_MORE if cost.is_above else Verdict.NO_DIFFERENCE
