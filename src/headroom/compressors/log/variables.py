"""What the lines of a template that are not shown have in their variables, in a few words.

Columns are the fields of the template's own lines, cut as `masks` cuts them. Few distinct
values are listed, numbers are given from least to greatest, many values are counted. Of a
frequent template it reads a sample (the first, the last, lines spread between, and one for
each different length of its numbers) and says so with `~`. What differs and is not told
leaves a `…`, so that silence means: as in the line shown.
"""

import re
from collections.abc import Container, Sequence
from itertools import compress
from typing import NamedTuple

from headroom.compressors.log.masks import QUOTE, Fields, fields_of, rows_of
from headroom.compressors.log.templates import Mined, Template
from headroom.compressors.log.timestamps import time_of

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_LABEL = re.compile(rb"[A-Za-z_][\w.-]{1,23}")
_UNIT = re.compile(rb"[a-z]{1,23}|[kKMGT]i?B")
_LENGTHS = 100
_FEW = 5
_SHORT = 40
_ALARM_TIMES = 3
_MOST = 4
_EPOCH = 1e9
_HEAD = 3
_STAMP = re.compile(rb"1\d{9}(?:\.\d+)?|1\d{12}|\d{4}[-./]\d\d[-./]\d\d")
MORE = "…"
_NAMELESS = "#"


class Columns(NamedTuple):
    """Fields of some lines of a template, by place; the time is at the places `times`, the last
    of them before `start`. `fixed` says where else all values are one; `rest` holds what follows
    the places, where that has no fixed number of fields."""

    values: list[tuple[bytes, ...]]
    fixed: list[bool]
    start: int
    times: frozenset[int]
    rest: list[tuple[bytes, ...]]
    indexes: list[int]
    exact: bool
    alarm: bool


def columns(template: Template, mined: Mined, lines: Sequence[str], most: int) -> Columns:
    """The columns of about `most` of the template's lines."""
    members = template.members
    exact = len(members) <= most
    if not exact:
        members = _sampled(members, mined.exact, most)
    rows = rows_of([lines[index] for index in members])
    limit = _limit(rows, template.shape.fields)
    rest = [tuple(row[limit:]) for row in rows] if limit < max(map(len, rows)) else []
    values = list(zip(*rows, strict=False))[:limit]
    start, times = _time_places(lines[members[0]], values)
    fixed = [
        place not in times and column.count(column[0]) == len(column)
        for place, column in enumerate(values)
    ]
    return Columns(values, fixed, start, times, rest, members, exact, template.alarm)


def _limit(rows: Sequence[Sequence[bytes]], fields: Fields) -> int:
    """How many fields of the rows are those of the shape, which keeps a quoted product together."""
    if set(map(len, rows)) == {len(fields)}:
        return len(fields)
    return next((place for place, field in enumerate(fields) if QUOTE in field), 0)


def _time_places(line: str, values: Sequence[Sequence[bytes]]) -> tuple[int, frozenset[int]]:
    """How many fields reach to the end of the time of `line`, and those that it is written in;
    a date or seconds before it are another form of it."""
    time = time_of(line)
    first = stop = 0
    if time is not None:
        first = len(fields_of(line[: time.start + 1])) - 1 if time.start else 0
        stop = len(fields_of(line[: time.end]))
    before = values[: max(first, _HEAD)]
    stamps = {
        place
        for place, column in enumerate(before)
        if _STAMP.fullmatch(column[0]) and all(map(_STAMP.fullmatch, set(column)))
    }
    return stop, frozenset(stamps.union(range(first, stop)))


def _sampled(members: list[int], exact: list[int], most: int) -> list[int]:
    last = len(members) - 1
    spread = {members[round(step * last / (most - 1))] for step in range(most)}
    lengths = dict(zip(map(exact.__getitem__, members), members, strict=True))
    spread.update(list(lengths.values())[: min(_LENGTHS, most)])
    return sorted(spread)


def described(found: Columns, shown: Container[int]) -> list[str]:
    """A few words on each place where lines that are not `shown` differ from one another or
    from the first line: what has a word beside it to be called by before what has none, ranges
    and lists before counts. Of places that always hold the same one is told."""
    keep = [index not in shown for index in found.indexes]
    slots: list[tuple[bool, bool, str]] = []
    seen: list[list[bytes]] = []
    for place, label in _by_name(found):
        if len(slots) > _MOST and not label:
            break
        kept = list(compress(found.values[place], keep))
        values = frozenset(kept)
        if values == {found.values[place][0]} or kept in seen:
            continue
        seen.append(kept)
        ranged = _ranged(values, found)
        what = ranged or f"{_about(found)}{len(values):,} different"
        slots.append((not label, not ranged, f"{label or _NAMELESS} {what}"))
    slots.sort(key=lambda slot: slot[:2])
    told = [text for _, _, text in slots[:_MOST]]
    return told if len(slots) <= _MOST and _is_all_said(found, keep) else [*told, MORE]


def _by_name(found: Columns) -> list[tuple[int, str]]:
    """The places that vary, each with the word it is called by; those that have none last."""
    varied = [n for n, fixed in enumerate(found.fixed) if not fixed and n not in found.times]
    named = [(place, _label(found, place)) for place in varied]
    return sorted(named, key=lambda each: not each[1])


def _is_all_said(found: Columns, keep: list[bool]) -> bool:
    """Whether a counted line was read at all, and none has another rest than the first line."""
    return any(keep) and set(found.rest[:1]).issuperset(compress(found.rest, keep))


def _label(found: Columns, place: int) -> str:
    """The constant word before the value or, of a number, after it; "" where neither is."""
    values, fixed = found.values, found.fixed
    if place and fixed[place - 1] and _LABEL.fullmatch(values[place - 1][0]):
        return values[place - 1][0].decode()
    after = place + 1
    if after < len(fixed) and fixed[after] and values[place][0].isdigit():
        return values[after][0].decode() if _UNIT.fullmatch(values[after][0]) else ""
    return ""


def _ranged(distinct: frozenset[bytes], found: Columns) -> str:
    """The values where they are few and short (an alarm's may be more), the least and greatest
    of numbers, else ""."""
    numeric = all(map(_NUMBER.fullmatch, distinct))
    values = sorted(distinct, key=float) if numeric else sorted(distinct)
    times = _ALARM_TIMES if found.alarm else 1
    if len(distinct) <= _FEW * times and sum(map(len, distinct)) <= _SHORT * times:
        return _about(found) + ", ".join(value.decode("utf-8", "replace") for value in values)
    if numeric and float(values[0]) < _EPOCH:
        return f"{_about(found)}{values[0].decode()}–{values[-1].decode()}"
    return ""


def _about(found: Columns) -> str:
    return "" if found.exact else "~"
