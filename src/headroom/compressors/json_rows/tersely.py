"""Cells said shorter: a column that another determines, a column of few long values.

    name by code: 931=Individual Income Taxes,932=Corporate Income Taxes
    status values: A=QUEUED BY SCHEDULER,B=ABORTED BY USER

Its rule: it works on cells as they are written, so that what it says in a fact is exactly what
the cell would have said.
"""

from itertools import chain
from string import ascii_uppercase
from typing import NamedTuple

from headroom.compressors.json_rows.cells import DELIMITER
from headroom.compressors.json_rows.weight import weight, weight_of_all, weight_of_text

_PREVIEW = 48
_LEAST_WORDS = 2.5
_MOST_CODES = 26 * 27
_LEAST_SUPPORT = 3
_LEAST_ROWS = 4
_MOST_TRIES = 400


class Lookup(NamedTuple):
    """A column `name` that the column `by` determines."""

    name: str
    by: str
    pairs: dict[str, str]

    def line(self, prefix: str) -> str:
        """The fact that says it."""
        said = DELIMITER.join([f"{key}={value}" for key, value in self.pairs.items()])
        return f"{self.name} by {prefix}{self.by}: {said}"


class Legend(NamedTuple):
    """Codes for few long values, and the cells with the codes in place."""

    codes: dict[str, str]
    cells: list[str]

    def line(self) -> str:
        """The fact that says what the codes mean."""
        return DELIMITER.join([f"{code}={value}" for value, code in self.codes.items()])


class Candidate(NamedTuple):
    """A column that may determine others; `alone` are its cells as a fact would say them, and
    `target` allows it to be said by a fact."""

    name: str
    cells: list[str]
    alone: list[str]
    target: bool


def find_lookups(columns: list[Candidate]) -> list[Lookup]:
    """The columns that pay to be said once for each value of another one."""
    if len(columns) < 2 or len(columns[0].cells) < _LEAST_ROWS:
        return []
    return _LookupSearch(columns).run()


class _LookupSearch:
    """Tries columns of few values against those of fewer; a column that others are looked up
    by stays in the table."""

    def __init__(self, columns: list[Candidate]) -> None:
        self._columns = columns
        self._rows = len(columns[0].cells)
        self._sizes = {column.name: _distinct(column.cells) for column in columns}
        self._gone: set[str] = set()
        self._used: set[str] = set()
        self._tries = _MOST_TRIES

    def run(self) -> list[Lookup]:
        few = [c for c in self._columns if 1 < self._sizes[c.name] <= self._rows * 0.6]
        keys = sorted(filter(self._supported, few), key=self._rank)
        found: list[Lookup] = []
        if not keys:
            return found
        for column in sorted(few, key=lambda column: -weight_of_all(column.cells)):
            if column.target and column.name not in self._used:
                lookup = self._find(column, keys)
                if lookup is not None:
                    found.append(lookup)
                    self._gone.add(lookup.name)
                    self._used.add(lookup.by)
        return found

    def _supported(self, column: Candidate) -> bool:
        """Whether its values stand in enough rows that what follows from them is no accident."""
        if "" in column.cells or "null" in column.cells:
            return False
        return self._rows >= _LEAST_SUPPORT * self._sizes[column.name]

    def _rank(self, column: Candidate) -> tuple[int, int]:
        return self._sizes[column.name], weight_of_all(column.cells[:_PREVIEW])

    def _find(self, column: Candidate, keys: list[Candidate]) -> Lookup | None:
        """The first column that determines this one, if saying so pays."""
        head, size = column.cells[:_PREVIEW], self._sizes[column.name]
        for by in keys:
            if by is column or by.name in self._gone or self._sizes[by.name] < size:
                continue
            preview = set(zip(by.cells[:_PREVIEW], head, strict=True))
            if len(preview) != len(set(by.cells[:_PREVIEW])):
                continue
            self._tries -= 1
            if self._tries < 0:
                return None
            pairs = dict(zip(by.cells, column.alone, strict=True))
            exact = len(set(zip(by.cells, column.cells, strict=True))) == len(pairs)
            if exact and not any("=" in key for key in pairs):
                return self._if_it_pays(Lookup(column.name, by.name, pairs), column)
        return None

    def _if_it_pays(self, lookup: Lookup, column: Candidate) -> Lookup | None:
        now = weight_of_all(column.cells) + self._rows // 2
        said = DELIMITER.join(chain(lookup.pairs, lookup.pairs.values()))
        return lookup if weight(said) + len(lookup.pairs) + 6 < now else None


def _distinct(cells: list[str]) -> int:
    """How many different cells there are; all of them where a look at some promises many."""
    step = max(1, len(cells) // (4 * _PREVIEW))
    sample = cells[::step]
    if len(set(sample)) > 0.8 * len(sample) and len(set(cells[:_PREVIEW])) > 0.8 * _PREVIEW:
        return len(cells)
    return len(set(cells))


def find_legend(cells: list[str]) -> Legend | None:
    """Codes for the column's values, where they are few, long words and codes pay."""
    rows = len(cells)
    if rows < _LEAST_ROWS or len(set(cells[:_PREVIEW])) > 0.7 * min(rows, _PREVIEW):
        return None
    distinct = dict.fromkeys(cells)
    distinct.pop("", None)
    distinct.pop("null", None)
    if not 1 < len(distinct) <= min(_MOST_CODES, rows * 0.5):
        return None
    words = weight_of_text(DELIMITER.join(distinct)) / len(distinct) - 1
    least = _LEAST_WORDS if len(distinct) <= len(ascii_uppercase) else 2 * _LEAST_WORDS
    if words < least or not any(map(str.isalpha, "".join(distinct))):
        return None
    said = len(distinct) * (words + 2) + 4
    if weight_of_all(cells) - rows < said + 0.25 * rows:
        return None
    codes = dict(zip(distinct, _codes(len(distinct)), strict=True))
    spelled = {**codes, "": "", "null": "null"}
    return Legend(codes, [spelled[value] for value in cells])


def _codes(count: int) -> list[str]:
    letters = ascii_uppercase
    return [*letters, *[a + b for a in letters for b in letters]][:count]
