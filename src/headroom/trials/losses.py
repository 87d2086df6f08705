"""Whether compression costs more, surely enough to act on by itself: overall, and for each agent
with its model.

The question is asked again and again, so both answers hold however often it is. With a holdout
the two arms are compared. The other answer is from our own ledger, each compressed session
against what it would have come to: it bets on a loss, and believes in one when the bets have
multiplied the stake so often as chance alone seldom does. That needs no shape of distribution:
a session cannot save more than all of itself. Sources are in docs/holdout.md. Pure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.trials.arms import COMPRESSED
from headroom.trials.comparison import arms, cost_effect
from headroom.trials.session_costs import Group, Session

CHANCE = 0.05
"""The chance that anything is ever switched off without cause, over all groups and looks."""
LEAST_LOSS = 0.01
"""What must be surely exceeded: our tool's own tokens are no reason to stop."""
LEAST_LEDGER_SESSIONS = 20
HOLDOUT, LEDGER = "holdout", "ledger"
_BETS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
"""Shares of the stake; the right one depends on the loss, so all are tried side by side."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss that is beyond doubt: of a group, or overall where that is None. `found_by` is HOLDOUT
    or LEDGER; the relative loss is at least `LEAST_LOSS` and by all appearances `loss`, as seen in
    so many sessions."""

    group: Group | None
    found_by: str
    loss: float
    sessions: int


def losses(sessions: Sequence[Session], now: float) -> list[Loss]:
    """What should be switched off, of sessions that are in the order of their first requests.

    A group's loss is its own: overall it is not counted again.
    """
    over = [one for one in sessions if one.is_over(now)]
    groups: dict[Group, list[Session]] = {}
    for one in sessions:
        groups.setdefault(one.group, [])
    for one in over:
        groups[one.group].append(one)
    found = []
    for place, (group, members) in enumerate(groups.items(), 1):
        # The parts add up to a half, however many groups there come to be.
        if loss := _loss(group, members, CHANCE / 2.0 / (place * (place + 1))):
            found.append(loss)
    known = {loss.group for loss in found}
    rest = [one for one in over if one.group not in known]
    if len({one.group for one in rest}) > 1 and (loss := _loss(None, rest, CHANCE / 2.0)):
        found.append(loss)
    return found


def _loss(group: Group | None, over: Sequence[Session], chance: float) -> Loss | None:
    seen = cost_effect(over)
    if seen is not None:
        if seen.exceeds(LEAST_LOSS, chance / 2.0):
            return Loss(group, HOLDOUT, math.expm1(seen.log), sum(map(len, arms(over))))
        return None
    ours = [one for one in over if one.arm in ("", COMPRESSED) and one.before > 0.0]
    loss = _net_loss(ours)
    if len(ours) < LEAST_LEDGER_SESSIONS or loss <= LEAST_LOSS:
        return None
    sure = log_stake([one.cost / one.before for one in ours]) >= math.log(2.0 / chance)
    return Loss(group, LEDGER, loss, len(ours)) if sure else None


def _net_loss(sessions: Sequence[Session]) -> float:
    before = math.fsum(one.before for one in sessions)
    return math.fsum(one.cost for one in sessions) / before - 1.0 if before else 0.0


def log_stake(quotients: Sequence[float]) -> float:
    """The logarithm of what a stake of 1 has become that was bet on these quotients (cost by cost
    before, 0 or more) exceeding `1 + LEAST_LOSS` on average."""
    fair = 1.0 + LEAST_LOSS
    logs = [
        math.fsum(math.log1p(bet * (quotient / fair - 1.0)) for quotient in quotients)
        for bet in _BETS
    ]
    largest = max(logs)
    return largest + math.log(sum(math.exp(log - largest) for log in logs) / len(logs))
