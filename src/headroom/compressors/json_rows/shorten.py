"""The columns of a table said shorter, once their cells are written.

Its rule: it works on cells as text, in a fixed order: columns that another determines go,
then what stays the same over runs of rows, what repeats in each run, the commonest value
(an empty cell), and long words (codes). What it says undoes itself in the other direction.
"""

import re
from typing import NamedTuple

from headroom.compressors.json_rows import tersely
from headroom.compressors.json_rows.cells import joined
from headroom.compressors.json_rows.fields import Path
from headroom.compressors.json_rows.layout import Shown, dotted
from headroom.compressors.json_rows.sections import Candidate, find_sections, said_in_each
from headroom.compressors.json_rows.weight import weight

_LEAST_NULLS = 3
_LEAST_COMMON = 0.6
_LONGEST_COMMON = 60
_PREVIEW = 64
_BRACKETS = re.compile(r"\A[^\"\[].*[()\[\]{}]|\A[(<{]")


class Shortened(NamedTuple):
    """What is left in columns, and what is said of the rest. `empties` are the values that
    empty cells stand for."""

    columns: list[Shown]
    facts: list[str]
    sections: dict[int, str]
    empties: list[tuple[Path, str]]


def shorten(
    columns: list[Shown],
    days: dict[Path, Candidate],
    prefix: str,
    keep: frozenset[Path],
    *,
    coded: bool,
    sectioned: bool,
) -> Shortened:
    """The columns of a table, shorter. `days` are the parts of columns of times that are said
    above runs of rows; `prefix` stands before names in facts; columns to `keep` are
    left alone, and with `sectioned` runs of rows may share what they say. Without `coded` no
    cell is to be looked up elsewhere: the few rows that stay of a long table were
    chosen to be read."""
    facts: list[str] = []
    sections: dict[int, str] = {}
    if len(columns) > 1 and coded:
        columns = _without_lookups(columns, days, prefix, keep, facts)
    if sectioned:
        columns, sections = _without_sections(columns, days, keep, facts)
    empties: list[tuple[Path, str]] = []
    left: list[Shown] = []
    for column in columns:
        shorter = column
        if column.path not in keep and column.path not in days:
            if len(columns) > 1:
                shorter = _with_empties(shorter, empties)
            if coded:
                shorter = _coded(shorter, prefix, facts)
        left.append(shorter)
    return Shortened(left, facts, sections, empties)


def _without_lookups(
    columns: list[Shown],
    days: dict[Path, Candidate],
    prefix: str,
    keep: frozenset[Path],
    facts: list[str],
) -> list[Shown]:
    candidates = [
        tersely.Candidate(
            dotted(c.path), c.cells, c.general or c.cells, c.scalar and c.path not in keep
        )
        for c in columns
        if "(" not in c.suffix and c.path not in days
    ]
    lookups = tersely.find_lookups(candidates)
    facts.extend([prefix + lookup.line(prefix) for lookup in lookups])
    gone = {lookup.name for lookup in lookups}
    return [column for column in columns if dotted(column.path) not in gone]


def _without_sections(
    columns: list[Shown],
    days: dict[Path, Candidate],
    keep: frozenset[Path],
    facts: list[str],
) -> tuple[list[Shown], dict[int, str]]:
    candidates = [
        Candidate(_label(c), c.cells)
        for c in columns
        if c.scalar and c.path not in days and c.path not in keep
    ]
    found = find_sections(candidates, list(days.values()))
    if found is None:
        return columns, {}
    left: list[Shown] = []
    repeats: list[str] = []
    for column in columns:
        if _label(column) in found.labels:
            continue
        said = said_in_each(found, column.cells) if column.scalar else None
        if said is None or column.path in days:
            left.append(column)
        else:
            label = dotted(column.path) + column.suffix
            repeats.append(f"{label} in each section: {joined(said)}")
    if not left:
        return columns, {}
    facts.extend(repeats)
    return left, found.lines


def _label(column: Shown) -> str:
    return f"{dotted(column.path)}{column.suffix}="


def _with_empties(column: Shown, empties: list[tuple[Path, str]]) -> Shown:
    """The column with its commonest value as an empty cell, where that is plain and pays."""
    if "" in column.cells:
        return column
    nulls = column.cells.count("null")
    common = "null"
    if nulls < _LEAST_NULLS:
        head = column.cells[:_PREVIEW]
        if len(set(head)) > len(head) / 2 + 1:
            return column
        common = max(dict.fromkeys(head), key=head.count)
        count = column.cells.count(common)
        if count < _LEAST_COMMON * len(column.cells) or count * (weight(common) - 1) < 8:
            return column
        if len(common) > _LONGEST_COMMON or _BRACKETS.search(common):
            return column
    empties.append((column.path, f"={common}"))
    written = ["" if said == common else said for said in column.cells]
    return Shown(column.path, column.suffix, written)


def _coded(column: Shown, prefix: str, facts: list[str]) -> Shown:
    legend = tersely.find_legend(column.cells) if column.scalar else None
    if legend is None:
        return column
    facts.append(f"{prefix}{dotted(column.path)} values: {legend.line()}")
    return Shown(column.path, column.suffix, legend.cells)
