"""What there is to tell of the trial and the switch: in sentences for a person, in plain values
for programs. It reads nothing and decides nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headroom.trials.arms import COMPRESSED, HELD_OUT
from headroom.trials.comparison import WORTH_SEEING, ArmSum, Comparison, Verdict
from headroom.trials.effect import Interval
from headroom.trials.losses import HOLDOUT
from headroom.trials.switch_file import Trip


@dataclass(frozen=True, slots=True)
class Report:
    """`share` of the sessions are held out, and `switch` says whether the kill switch may act, both
    by the settings; `currency` is of all costs."""

    share: float
    switch: bool
    currency: str
    comparison: Comparison
    trips: Sequence[Trip] = ()


def as_json(report: Report) -> dict[str, Any]:
    """The report in plain values: differences in percent, below zero is less with compression;
    null where there is none yet, or no bound."""
    found = report.comparison
    return {
        "share": report.share,
        "kill_switch": report.switch,
        "currency": report.currency,
        "verdict": found.verdict.value,
        "says": verdict_of(report),
        "settled": found.is_settled,
        "arms": {HELD_OUT: _arm(found.held), COMPRESSED: _arm(found.compressed)},
        "cost": _interval(found.cost),
        "cost_always": _interval(found.always),
        "turns": _interval(found.turns),
        "missing": {HELD_OUT: found.missing_held, COMPRESSED: found.missing_compressed},
        "needed_sessions": found.needed,
        "running": found.running,
        "switched_off": [_trip(trip) for trip in report.trips],
    }


def verdict_of(report: Report) -> str:
    """The verdict in a sentence or two, with what it rests on."""
    found = report.comparison
    if found.cost is None or found.always is None:
        return _too_early(report)
    least, most = sorted((found.cost.low, found.cost.high), key=abs)
    between = f"between {_percent(least)} and {_percent(most)}, with 95 % confidence for one look"
    said = {
        Verdict.SAVES: f"Compression saves {_percent(found.cost.estimate)} of a session's cost "
        f"({between}).",
        Verdict.COSTS_MORE: f"A session costs {_percent(found.cost.estimate)} more with "
        f"compression ({between}).",
    }.get(found.verdict)
    if said is None:
        return (
            "No difference seen: with compression a session's cost differs by something from "
            f"{signed(found.cost.low)} to {signed(found.cost.high)}, with 95 % confidence. To see "
            f"{_percent(WORTH_SEEING)} takes about {found.needed:,} sessions at this share and "
            "spread."
        )
    if found.is_settled:
        return f"{said} It holds however often one has looked."
    always = f"{signed(found.always.low)} to {signed(found.always.high)}"
    return f"{said} For one who keeps looking it may still turn: {always}."


def loss_of(trip: Trip) -> str:
    """What is off and why, in a sentence."""
    loss = trip.loss
    if loss.group is None:
        what = "everything"
    else:
        what = f"{loss.group.agent or 'an unnamed client'} with {loss.group.model or 'no model'}"
    if loss.found_by == HOLDOUT:
        why = "than sessions held out"
    else:
        why = "than the same requests would have without it"
    return f"{what}: {loss.sessions:,} sessions cost {_percent(loss.loss)} more {why}"


def signed(share: float) -> str:
    """A relative difference for people: −12 %."""
    if math.isinf(share):
        return "any amount more"
    return f"{100.0 * share:+.0f} %".replace("-", "−")


def _too_early(report: Report) -> str:
    found = report.comparison
    if not found.held.sessions and report.share <= 0.0:
        return "No session is held out, so there is nothing to compare with."
    missing = [
        f"{count:,} more {arm}"
        for arm, count in ((HELD_OUT, found.missing_held), (COMPRESSED, found.missing_compressed))
        if count
    ]
    if not missing:
        return "Too early: no session of one arm has cost anything yet."
    running = f" {found.running:,} are not over yet." if found.running else ""
    return f"Too early: it takes {' and '.join(missing)}.{running}"


def _arm(arm: ArmSum) -> dict[str, Any]:
    return {
        "sessions": arm.sessions,
        "requests": arm.requests,
        "cost": round(arm.cost, 6),
        "turns_per_session": round(arm.turns_per_session, 2),
        "cost_per_session": round(arm.cost_per_session, 6),
        "cache_hit_percent": round(arm.cache_hit_percent, 1),
    }


def _interval(found: Interval | None) -> dict[str, float | None] | None:
    if found is None:
        return None
    return {
        name: None if math.isinf(value) else round(100.0 * value, 2)
        for name, value in (
            ("percent", found.estimate),
            ("low_percent", found.low),
            ("high_percent", found.high),
        )
    }


def _trip(trip: Trip) -> dict[str, Any]:
    loss = trip.loss
    return {
        "agent": loss.group.agent if loss.group else None,
        "model": loss.group.model if loss.group else None,
        "since": trip.since,
        "until": trip.until,
        "found_by": loss.found_by,
        "loss_percent": round(100.0 * loss.loss, 2),
        "sessions": loss.sessions,
        "says": loss_of(trip),
    }


def _percent(share: float) -> str:
    return f"{abs(100.0 * share):.0f} %"
