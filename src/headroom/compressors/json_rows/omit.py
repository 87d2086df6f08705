"""A fold with rows left out, each run of them behind a marker that says which and how to get
them back.

Its rule: every row is either shown, with its number, or inside exactly one marker's range. The
first marker of a list says how to get rows back; those after it say which are missing. What is
"same in all" is said of the rows shown.
"""

import re
from itertools import pairwise
from typing import Any, NamedTuple

from headroom.compressors.json_rows.blocks import Block, Folded, fold_document
from headroom.compressors.json_rows.cells import joined
from headroom.compressors.json_rows.choose import named_fields, rows_to_keep
from headroom.compressors.json_rows.fields import KEY
from headroom.compressors.json_rows.reader import Document
from headroom.compressors.json_rows.selectors import Selectors
from headroom.compressors.json_rows.tables import VALUE, VALUES, Kept, Table, Tables
from headroom.compressors.json_rows.values import NUMBER, compact
from headroom.compressors.json_rows.weight import weight_of_text
from headroom.markers import gap_line, omission

_LEAST_SAVED = 16
_LEAST_OF_VALUES = 300
_NUMBERED = 2
_AIM = 0.55
"""The share of the budget to fill with rows: rows are numbered and lose what said them together,
and a text that only just fits has lost rows for little."""
_SAMPLE = 12
_LEAST_SAMPLED = 48
_PLAIN_ID = re.compile(r"[\w.:/@#-]{1,24}\Z", re.ASCII)
_ID_NAMES = (KEY, "id", "number", "key", "name", "uid", "uuid")


class Question(NamedTuple):
    """What is asked of the text, and the name its original can be had by."""

    terms: list[str]
    ref: str


class Costs(NamedTuple):
    """About what each list costs in tokens, by its `id()`: what is above its rows, a row."""

    heads: dict[int, float]
    rows: dict[int, float]

    def total(self, tables: Tables) -> float:
        """About what all the lists cost with every row."""
        return sum([self.of(source, tables) for source in self.rows])

    def of(self, source: int, tables: Tables) -> float:
        """About what one list costs with every row."""
        return self.heads[source] + self.rows[source] * tables.lists[source].total


def costs(folded: Folded | None, tables: Tables) -> Costs:
    """What the lists of a fold cost, and those lists of values that it has as JSON."""
    heads: dict[int, float] = {}
    rows: dict[int, float] = {}
    shown: dict[int, int] = {}
    for block in folded.blocks if folded else ():
        if block.source:
            heads[block.source] = heads.get(block.source, 0) + weight_of_text(
                "\n".join(block.head())
            )
            cost = block.layout.cost()
            rows[block.source] = rows.get(block.source, 0) + cost
            shown[block.source] = shown.get(block.source, 0) + len(block.records)
    each = {source: cost / shown[source] for source, cost in rows.items()}
    for source, table in tables.lists.items():
        if table.noun == VALUES:
            heads[source] = 0
            each[source] = _cost_of_value(table)
    return Costs(heads, each)


def _cost_of_value(table: Table) -> float:
    """About what one item of a list costs as JSON."""
    some = table.rows[:: max(1, table.total // _SAMPLE)]
    return weight_of_text(",".join([compact(row[VALUE]) for row in some]) + ",") / len(some)


def estimated(document: Document, tables: Tables) -> Costs:
    """About what the lists will cost once folded, from some rows of each."""
    some = {
        source: list(range(0, table.total, table.total // _SAMPLE))
        for source, table in tables.lists.items()
        if table.total >= _LEAST_SAMPLED and table.noun != VALUES
    }
    folded = fold_document(document, tables.keeping(some), coded=True) if some else None
    return costs(folded, tables)


def omitted(
    document: Document, tables: Tables, expected: Costs, question: Question, budget: int
) -> str | None:
    """The document with rows left out so that about `budget` tokens remain, or None where no
    row can go."""
    kept = _kept(tables, expected, question.terms, int(_AIM * budget))
    if not kept:
        return None
    folded = fold_document(document, tables.keeping(kept), coded=False)
    if folded is None:
        return None
    return folded.text(_BlockWriter(tables, question.ref).said)


def _kept(tables: Tables, expected: Costs, terms: list[str], budget: int) -> Kept:
    """The rows to show of each list that is left short."""
    total = expected.total(tables)
    kept: Kept = {}
    for source, cost in expected.rows.items():
        size = expected.of(source, tables)
        of_values = tables.lists[source].noun == VALUES
        if size <= budget * 0.05 or (of_values and size < _LEAST_OF_VALUES):
            continue
        # A value is shown on a line of its own behind its number, which it does not cost as JSON.
        each = max(1.0, cost) + (_NUMBERED if of_values else 0)
        share = budget * size / max(1, total)
        room = max(share / 2, share - expected.heads[source]) / each
        rows = tables.lists[source].rows
        numbers = _closed(rows_to_keep(rows, terms, int(room)), len(rows), each)
        if len(numbers) < len(rows):
            kept[source] = numbers
    return kept


def _closed(numbers: list[int], size: int, each: float) -> list[int]:
    """The rows with those gaps filled that would cost less than their marker."""
    filled: list[int] = []
    for before, after in pairwise([-1, *numbers, size]):
        if (after - before - 1) * each < _LEAST_SAVED:
            filled.extend(range(before + 1, after))
        if after < size:
            filled.append(after)
    return filled


class _BlockWriter:
    """Writes blocks of which rows are missing, with the markers in their places."""

    def __init__(self, tables: Tables, ref: str) -> None:
        self._ref = ref
        self._lists = tables.lists

    def said(self, block: Block) -> str:
        """The block's text."""
        if len(block.records) == block.total:
            return block.text()
        selectors = Selectors(self._lists[block.source], block.path)
        rows = block.layout.rows()
        lines = block.head("#")
        written = 0
        section = ""
        titles = _Titles(self._lists[block.source].rows)
        marked = False
        for place, number in enumerate(block.numbers):
            if number > written:
                missing = range(written, number)
                lines += [self._marker(block, selectors, missing, marked), *titles.of(missing)]
                marked = True
            section = block.layout.sections.get(place, "")
            if section:
                lines.append(section)
            lines.append(joined(filter(None, (str(number + 1), rows[place]))))
            written = number + 1
        if written < block.total:
            missing = range(written, block.total)
            lines += [self._marker(block, selectors, missing, marked), *titles.of(missing)]
        return "\n".join(lines)

    def _marker(self, block: Block, selectors: Selectors, rows: range, marked: bool) -> str:
        """The line for missing rows. Where a path gets rows back, the list's first marker has
        told how, and a range is enough."""
        start, end = rows.start, rows.stop
        place = f"row {end}" if len(rows) == 1 else f"rows {start + 1}–{end}"
        arguments = selectors.of(start, end)
        if marked and list(arguments) == ["path"]:
            return gap_line(place)
        noun = "row" if len(rows) == 1 else "rows"
        ids = _ids(self._lists[block.source].rows, start, end)
        return omission(f"{len(rows):,} {noun} omitted: {place}{ids}", self._ref, **arguments)


class _Titles:
    """Number and title of records that have both: what a list of issues or pages is read for."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self._records = records
        self._names = named_fields(records)

    def of(self, rows: range) -> list[str]:
        """The line that says them of rows whose other fields are left out; none where a record
        has no such fields."""
        if not self._names:
            return []
        number, title = self._names
        said = [
            f"{str(self._records[row][number]).lstrip(NUMBER)} {self._records[row][title]}"
            for row in rows
        ]
        return [f"their {number} and {title}: {'; '.join(said)}"]


def _ids(records: list[dict[str, Any]], start: int, end: int) -> str:
    """The first and last id of a run of rows, where they have one that is short and plain."""
    for name in _ID_NAMES:
        ends = [records[start].get(name), records[end - 1].get(name)]
        if all(type(value) is str for value in ends):
            said = [str(value).lstrip(NUMBER) for value in ends]
            if not all(map(_PLAIN_ID.match, said)):
                continue
            label = "key" if name == KEY else name
            return (
                f" ({label} {said[0]})" if end - start == 1 else f" ({label} {said[0]}–{said[1]})"
            )
    return ""
