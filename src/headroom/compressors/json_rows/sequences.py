"""Columns that count up or down in equal steps: integers, dates, times.

Its rule: the first two values tell the step, and every value must then be what counting gives,
letter for letter.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from headroom.compressors.json_rows.values import NUMBER

_LEAST = 4
_INTEGER = re.compile(r"\0?(?:0|-?[1-9]\d{0,17})\Z")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:([T ])(\d\d:\d\d:\d\d)(.{0,8}))?\Z")


def sequence(values: list[Any]) -> str | None:
    """What a column counts, as "1 to 30" or "10 to 300 by 10", or None."""
    if len(values) < _LEAST or set(map(type, values[:3])) != {str} or type(values[-1]) is not str:
        return None
    first, second, last = values[0], values[1], values[-1]
    if _INTEGER.match(first) and _INTEGER.match(second):
        return _integers(values, first, second, last)
    if _TIME.match(first) and _TIME.match(second) and len(first) == len(second) == len(last):
        return _times(values, first, second, last)
    return None


def _integers(values: list[Any], first: str, second: str, last: str) -> str | None:
    mark = NUMBER if first[0] == NUMBER else ""
    start = int(first.lstrip(NUMBER))
    step = int(second.lstrip(NUMBER)) - start
    if step == 0:
        return None
    stop = start + step * len(values)
    if values[-1] != f"{mark}{stop - step}":
        return None
    if values != [f"{mark}{number}" for number in range(start, stop, step)]:
        return None
    by = "" if step == 1 else f" by {step}"
    quote = "" if mark else '"'
    return f"{quote}{first.lstrip(NUMBER)}{quote} to {quote}{last.lstrip(NUMBER)}{quote}{by}"


def _times(values: list[Any], first: str, second: str, last: str) -> str | None:
    size = 19 if len(first) > 10 else 10
    try:
        start = datetime.fromisoformat(first[:size])
        step = datetime.fromisoformat(second[:size]) - start
        end = (start + step * (len(values) - 1)).isoformat(first[10:11] or "T")[:size]
    except (ValueError, OverflowError):
        return None
    if end != last[:size] or not step or (size == 10 and step % timedelta(days=1)):
        return None
    between, rest = first[10:11] or "T", first[size:]
    made = [(start + step * n).isoformat(between)[:size] + rest for n in range(len(values))]
    if made != values:
        return None
    days, seconds = step.days, step.seconds
    by = f"{days} days" if not seconds else f"{days * 86400 + seconds} seconds"
    return f"{first} to {last} by {by}"
