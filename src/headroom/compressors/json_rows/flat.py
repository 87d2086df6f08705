"""A flat table that came as something else than JSON (CSV, a box, aligned columns), said in the
rows of this package.

Its rule: each cell is a text and is said as it stands. It is bare where it reads as a number,
`true`, `false` or `null`, and empty where it is empty. It knows nothing of how the table came;
titles, gaps and markers are its caller's.
"""

import re
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

from headroom.compressors.json_rows.cells import LITERAL
from headroom.compressors.json_rows.choose import rows_to_keep
from headroom.compressors.json_rows.fields import KEY
from headroom.compressors.json_rows.layout import NUMBER_COLUMN, Layout, dotted, grouped
from headroom.compressors.json_rows.planner import Planner
from headroom.compressors.json_rows.values import MISSING, NUMBER
from headroom.compressors.json_rows.weight import weight_of_text

_LEAST_SAVED = 40
_SAMPLE = 48
_MOST_EXTREMES = 12
_BETWEEN = "\0"
_ODD_CELL = re.compile(rf"\0(?:{LITERAL})?(?=\0|\Z)")
_ONLY_NUMBERS = re.compile(r"(?:\0[-+]?\d+(?:\.\d*)?)+\Z", re.ASCII)
_IS_LITERAL = re.compile(rf"(?:{LITERAL})\Z").match
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "": MISSING}


class Row(NamedTuple):
    """A row that is shown: its place in the table, the line above it ("" for none), its cells."""

    place: int
    section: str
    cells: str


class FoldedRows(NamedTuple):
    """The lines of facts, the names of the columns ("" where facts say all), and the rows.
    `complete`: every column is among those of the rows."""

    facts: list[str]
    header: str
    complete: bool
    rows: list[Row]


class FlatTable:
    """Distinct names and, for each, the texts of its column; no text holds a NUL."""

    def __init__(self, names: Sequence[str], columns: Sequence[list[str]]) -> None:
        if len(set(names)) < len(names) or not {KEY, NUMBER_COLUMN}.isdisjoint(names):
            raise ValueError("names of columns are distinct, and none is * or #")
        self._names = list(names)
        self._columns = [_values(column) for column in columns]
        self.size = len(columns[0])

    def header(self) -> str:
        """The names of all columns, in their order."""
        return ",".join([dotted((name,)) for name in self._names])

    def folded(self, places: list[int] | None = None) -> FoldedRows:
        """The table without loss, or of these rows; cells of such a choice are not to be
        looked up elsewhere."""
        layout = self._layout(places)
        facts = []
        if layout.constants:
            facts.append(f"same in all: {grouped(layout.constants)}")
        if layout.empties:
            facts.append(f"empty cells: {grouped(layout.empties)}")
        rows = layout.rows() if layout.columns else []
        numbers = range(self.size) if places is None else places
        shown = [
            Row(place, layout.sections.get(number, ""), cells)
            for number, (place, cells) in enumerate(zip(numbers, rows, strict=False))
        ]
        complete = len(layout.columns) == len(self._names)
        return FoldedRows([*facts, *layout.facts], layout.header(), complete, shown)

    def cost(self) -> tuple[int, float]:
        """About what the facts and a row cost in tokens, by some of the rows."""
        step = max(1, self.size // _SAMPLE)
        layout = self._layout(list(range(0, self.size, step)) if step > 1 else None)
        said = [*layout.facts, grouped(layout.constants), layout.header()]
        return weight_of_text("\n".join(said)), max(1.0, layout.cost() / layout.size)

    def chosen(self, terms: list[str], must: frozenset[int], room: float, each: float) -> list[int]:
        """The rows that stay where about `room` tokens are to remain and a row costs `each`;
        those that must, and what decides, stay in any case."""
        records = self._records(None, missing=None)
        places = {*rows_to_keep(records, terms, int(room / each)), *must}
        for column in islice(filter(_of_numbers, self._columns), _MOST_EXTREMES):
            places.update(_extremes(column))
        return _closed(sorted(places), self.size, each)

    def _layout(self, places: list[int] | None) -> Layout:
        layout = Planner({}, coded=places is None).plan(self._records(places, MISSING))
        if layout is None:
            raise AssertionError("records of one shape always make a table")
        return layout

    def _records(self, places: list[int] | None, missing: Any) -> list[dict[str, Any]]:
        columns = self._columns
        if places is not None:
            columns = [[column[place] for place in places] for column in columns]
        columns = [_filled(column, missing) for column in columns]
        return [dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True)]


def _of_numbers(values: list[Any]) -> bool:
    """Whether a column holds numbers and empty cells only."""
    first = values[0]
    if first is not MISSING and not _is_number(first):
        return False
    kinds = set(map(type, values))
    if kinds == {str}:
        # No text but a number's has a NUL, and that one at its start.
        return "".join(values).count(NUMBER) == len(values)
    return all(value is MISSING or _is_number(value) for value in values)


def _is_number(value: Any) -> bool:
    return type(value) is str and value[:1] == NUMBER


def _extremes(values: list[Any]) -> list[int]:
    """The rows of the least and the greatest number of a column."""
    rows: Sequence[int] = range(len(values))
    if MISSING in values:
        rows = [row for row in rows if values[row] is not MISSING]
    if not rows:
        return []
    numbers = list(map(float, "".join([values[row] for row in rows])[1:].split(NUMBER)))
    least, greatest = numbers.index(min(numbers)), numbers[::-1].index(max(numbers))
    return [rows[least], rows[-1 - greatest]]


def _filled(values: list[Any], missing: Any) -> list[Any]:
    """With what stands for an empty cell; a column of nothing else holds empty texts."""
    if MISSING not in values:
        return values
    if values.count(MISSING) == len(values):
        return [""] * len(values)
    if missing is MISSING:
        return values
    return [missing if value is MISSING else value for value in values]


def _values(texts: list[str]) -> list[Any]:
    """Texts as this package's values. Most columns are told by one look at all of it."""
    together = _BETWEEN + _BETWEEN.join(texts)
    if _ONLY_NUMBERS.match(together):
        return list(map(NUMBER.__add__, texts))
    if not _ODD_CELL.search(together):
        return texts
    read = {text: _value(text) for text in set(texts)}
    return [read[text] for text in texts]


def _value(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    return NUMBER + text if _IS_LITERAL(text) else text


def _closed(places: list[int], size: int, each: float) -> list[int]:
    """The rows with those gaps filled that would cost less than a marker."""
    filled: list[int] = []
    for before, after in pairwise([-1, *places, size]):
        if (after - before - 1) * each < _LEAST_SAVED:
            filled.extend(range(before + 1, after))
        if after < size:
            filled.append(after)
    return filled
