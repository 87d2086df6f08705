"""The time that a log line tells, as the line writes it.

Only the shapes that logs use; a line without one has no time. Nothing is converted: a time is
quoted, so it can be searched for.
"""

import re
from typing import NamedTuple

_DATE = (
    r"\d(?:\d{3}[-/.]\d{1,2}[-/.]\d{1,2}|\d?/(?:[A-Z][a-z]{2}|\d{1,2})/\d{2,4}"
    r"|\d?[-.]\d{1,2}|\d{5,7})"
    r"|[A-Z][a-z]{2} +(?:[A-Z][a-z]{2} +)?\d{1,2}"
)
_CLOCK = r"\d{1,2}[:.]\d{1,2}[:.]\d{1,2}(?=\D|$)|\d{6}(?= )"
_FRACTION = r"(?:[.,:]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_TIME = re.compile(rf"(?<![\w.])(?P<date>{_DATE})[T ,:-]{{1,3}}(?P<clock>{_CLOCK}){_FRACTION}")
_CLOCK_ALONE = re.compile(rf"(?<![\w:.])(?P<clock>\d{{1,2}}:\d{{2}}:\d{{2}})(?=\D|$){_FRACTION}")
_HEAD = 100


class Time(NamedTuple):
    """A date (or "") and a clock time to the second, as written, and where they start and end."""

    date: str
    clock: str
    start: int
    end: int


def time_of(line: str) -> Time | None:
    """The first time in the head of `line`."""
    head = line[:_HEAD]
    found = _TIME.search(head)
    if found:
        date, clock = found.group("date", "clock")
        return Time(date, clock, found.start(), found.end())
    alone = _CLOCK_ALONE.search(head)
    return Time("", alone["clock"], alone.start(), alone.end()) if alone else None


def has_time(line: str) -> bool:
    """Whether the head of `line` tells a time."""
    if _TIME.search(line, 0, _HEAD) is not None:
        return True
    return _CLOCK_ALONE.search(line, 0, _HEAD) is not None


def span(first: Time | None, last: Time | None) -> str:
    """`last` as a reader of `first` needs it: the clock, with the date where it differs."""
    if last is None:
        return ""
    if first is not None and first.date == last.date:
        return last.clock
    return f"{last.date} {last.clock}".strip()
