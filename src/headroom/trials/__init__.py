"""Trials: sessions held out to compare with, what the comparison says, and the kill switch."""

from headroom.trials.arms import COMPRESSED, HELD_OUT, SWITCHED_OFF, arm_of
from headroom.trials.comparison import Comparison, Verdict, compare
from headroom.trials.report import Report, as_json
from headroom.trials.session_costs import Session, costs_of
from headroom.trials.switch import Switch
from headroom.trials.switch_file import Trip

__all__ = [
    "COMPRESSED",
    "HELD_OUT",
    "SWITCHED_OFF",
    "Comparison",
    "Report",
    "Session",
    "Switch",
    "Trip",
    "Verdict",
    "arm_of",
    "as_json",
    "compare",
    "costs_of",
]
