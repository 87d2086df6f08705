"""Lines whose number is the odd one in its place, as the one 500 among ten thousand 200s.

Only places where few numbers are usual: there a rare one tells of a different event. All of
a template's lines are looked at, by searching for the usual values and reading what is left.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from headroom.compressors.log.masks import ID, fields_of
from headroom.compressors.log.rarity import COMMON, RARE, odd_values
from headroom.compressors.log.templates import Template
from headroom.compressors.log.variables import Columns

_FEW = 5
_CHECKS = 8
_LEFT = 0.02
_COVERED = 0.9


class _Check(NamedTuple):
    """Numbers at `places`, and the texts of which every usual line holds one."""

    places: Sequence[int]
    needles: Sequence[str]


def odd_lines(template: Template, found: Columns, lines: Sequence[str]) -> list[int]:
    """The indexes of such lines, in order."""
    if len(template.members) < COMMON:
        return []
    places = [
        place
        for place in range(found.start, len(found.values))
        if template.shape.fields[place] == ID
    ]
    odd: set[int] = set()
    if found.exact:
        for place in places:
            if not found.fixed[place]:
                odd.update(_holding(found, place))
        return sorted(odd)
    usual = {place: _usual(found, place) for place in places}
    for check in list(_checks(found, usual, lines[found.indexes[0]]))[:_CHECKS]:
        odd.update(_unusual(template.members, lines, check))
    return sorted(odd)


def _holding(found: Columns, place: int) -> list[int]:
    column = found.values[place]
    weight = Counter(column)
    if len(weight) > 2 * _FEW:
        return []
    odd = odd_values(weight)
    return [index for index, value in zip(found.indexes, column, strict=True) if value in odd]


def _usual(found: Columns, place: int) -> list[bytes]:
    """The values that are usual at `place`, if nearly all there are usual."""
    column = found.values[place]
    if found.fixed[place]:
        return [column[0]] if len(column) > RARE else []
    weight = Counter(column)
    usual = [value for value, count in weight.items() if count > RARE]
    covered = sum(weight[value] for value in usual)
    return usual if covered >= _COVERED * len(column) else []


def _checks(found: Columns, usual: dict[int, list[bytes]], line: str) -> Iterable[_Check]:
    """Neighbours that never vary are looked for as one text, others each by itself."""
    spans = _spans(line)
    run: list[int] = []
    for place in range(found.start, len(found.values) + 1):
        values = usual.get(place, [])
        fixed = place < len(found.values) and (
            found.fixed[place] or values == [found.values[place][0]]
        )
        if fixed:
            run.append(place)
            continue
        if any(each in usual for each in run):
            text = line[spans[run[0]][0] : spans[run[-1]][1] + 1]
            yield _Check([each for each in run if each in usual], [text])
        run = []
        if 0 < len(values) <= _FEW:
            before, after = _around(line, spans, place)
            texts = [before + value.decode("utf-8", "replace") + after for value in values]
            yield _Check([place], texts)


def _unusual(members: Sequence[int], lines: Sequence[str], check: _Check) -> list[int]:
    """The `members` that hold none of the check's texts, if they are few and what they have
    instead is rare."""
    rest = members
    for needle in check.needles:
        rest = [index for index in rest if needle not in lines[index]]
    if not rest or len(rest) > _LEFT * len(members):
        return []
    odd: list[int] = []
    rows = {index: fields_of(lines[index]) for index in rest}
    usual = fields_of(lines[next(index for index in members if index not in rows)])
    for place in check.places:
        values = {index: row[place] for index, row in rows.items() if place < len(row)}
        weight = Counter(values.values())
        weight[usual[place]] += len(members) - len(rest)
        rare = odd_values(weight)
        odd += [index for index, value in values.items() if value in rare]
    return odd


def _spans(line: str) -> list[tuple[int, int]]:
    """Where each field of `line` starts and ends."""
    spans = []
    at = 0
    for field in fields_of(line):
        text = field.decode("utf-8", "surrogatepass")
        start = line.index(text, at)
        at = start + len(text)
        spans.append((start, at))
    return spans


def _around(line: str, spans: Sequence[tuple[int, int]], place: int) -> tuple[str, str]:
    """What stands before the field at `place`, back to the start of a word before it, and the
    sign after it."""
    start, end = spans[place]
    before = line[spans[place - 1][0] : start] if place else line[:start]
    word = place and line[spans[place - 1][0] : spans[place - 1][1]].isalpha()
    return before if word or not place else line[spans[place - 1][1] : start], line[end : end + 1]
