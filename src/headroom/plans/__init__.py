"""Changes to the user's machine as data: made visible, applied, and taken back byte for byte."""

from headroom.plans._api import (
    Command,
    FileFormat,
    FilePatch,
    KeyChange,
    Plan,
    PlanError,
    Unreadable,
    Value,
    change,
)
from headroom.plans.journal import Journal
from headroom.plans.machine import Machine, System
from headroom.plans.runner import Applied, Change, Outcome, Runner

__all__ = [
    "Applied",
    "Change",
    "Command",
    "FileFormat",
    "FilePatch",
    "Journal",
    "KeyChange",
    "Machine",
    "Outcome",
    "Plan",
    "PlanError",
    "Runner",
    "System",
    "Unreadable",
    "Value",
    "change",
]
