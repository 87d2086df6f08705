"""Columns that stay the same over runs of rows, said once above each run.

    ## job=Accountant,sex=men
    ## date starts "2001/01/01 "

Its rule: it works on cells as they are written; a table whose values change too often keeps
its columns.
"""

import re
from itertools import pairwise
from operator import ne
from typing import NamedTuple

from headroom.compressors.json_rows.weight import weight, weight_of_all

_LEAST_ROWS = 8
_LEAST_GAIN = 8
_LEAST_REPEATS = 3
_PREVIEW = 48
_MOST_RUNS = 0.34
_DATE = re.compile(r"\d{4}([-/])\d\d\1\d\d[T ]\d\d:")
_DATE_SIZE = 11


class Candidate(NamedTuple):
    """A column that may be said above runs; `label` is its name, `cells` its spelling there."""

    label: str
    cells: list[str]


class Sections(NamedTuple):
    """The lines above runs of rows, by the number of the row they precede, and the columns
    they say."""

    lines: dict[int, str]
    labels: set[str]


def said_in_each(sections: Sections, cells: list[str]) -> list[str] | None:
    """The cells that every section repeats from its first row on, or None."""
    starts = [*sections.lines, len(cells)]
    runs = [cells[start:end] for start, end in pairwise(starts)]
    longest = max(runs, key=len)
    if len(longest) * _LEAST_REPEATS > len(cells) or len(longest) < 2:
        return None
    return longest if all(run == longest[: len(run)] for run in runs) else None


def day_prefixes(texts: list[str]) -> list[str] | None:
    """The date part of a column of times, where it stays the same over runs of rows."""
    if len(texts) < _LEAST_ROWS or not _DATE.match(texts[0]) or not _DATE.match(texts[-1]):
        return None
    if not all(map(_DATE.match, texts)):
        return None
    days = [text[:_DATE_SIZE] for text in texts]
    return days if _runs(days) <= len(days) / 4 else None


def find_sections(candidates: list[Candidate], certain: list[Candidate]) -> Sections | None:
    """The columns that pay to be said above runs, the `certain` ones always; None where there
    are none."""
    columns = [*certain, *candidates]
    if not columns or len(columns[0].cells) < _LEAST_ROWS:
        return None
    rows = len(columns[0].cells)
    chosen = list(certain)
    joint: list[str] | None = None
    for column in certain:
        joint = _joint(joint, column.cells)
    each = float(sum([weight(c.label) + weight(c.cells[0]) + 1 for c in certain]))
    cost = 0.0 if joint is None else _runs(joint) * (each + 2)
    steady = [n for n, c in enumerate(candidates) if _steady(c.cells)]
    counted = sorted([(_runs(candidates[n].cells), n) for n in steady])
    for runs, number in counted:
        if runs > rows * _MOST_RUNS:
            break
        column = candidates[number]
        tried = _joint(joint, column.cells)
        size = weight_of_all(column.cells)
        said = each + weight(column.label) + 1 + size / rows
        now = _runs(tried) * (said + 2)
        if now - cost + _LEAST_GAIN < size + rows * 0.7:
            joint, cost, each = tried, now, said
            chosen.append(column)
    if joint is None:
        return None
    return Sections(_lines(chosen, joint), {column.label for column in chosen})


def _steady(cells: list[str]) -> bool:
    """Whether a few slices of the column promise runs; cheaper than counting them all."""
    starts = (0, len(cells) // 2, max(0, len(cells) - _PREVIEW))
    slices = [cells[start : start + _PREVIEW] for start in starts]
    return sum(map(_runs, slices)) <= 0.5 * sum(map(len, slices)) + 3


def _joint(former: list[str] | None, cells: list[str]) -> list[str]:
    if former is None:
        return cells
    return [f"{a}\n{b}" for a, b in zip(former, cells, strict=True)]


def _runs(cells: list[str]) -> int:
    return 1 + int(sum(map(ne, cells, cells[1:])))


def _lines(chosen: list[Candidate], joint: list[str]) -> dict[int, str]:
    starts = [0, *[n for n, changed in enumerate(map(ne, joint, joint[1:]), 1) if changed]]
    return {n: "## " + ",".join([c.label + c.cells[n] for c in chosen]) for n in starts}
