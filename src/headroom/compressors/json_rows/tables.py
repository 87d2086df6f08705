"""The lists and maps of records that stand outside of every other table, and which of their
rows are shown.

Its rule: a map is a table where its values have few shapes; its keys are then a column. A long
list that holds no record is one only where most of it is to be left out.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple

from headroom.compressors.json_rows.fields import KEY
from headroom.compressors.json_rows.values import holds_record, nested

RECORDS, ENTRIES, VALUES = "records", "entries", "values"

VALUE = "value"
"""The column that holds the items of a list of values."""

_LEAST_ENTRIES = 5
_LEAST_VALUES = 64

Rows = list[dict[str, Any]]
Kept = dict[int, list[int]]
"""From the `id()` of a list to the places of its rows that are shown, in order."""


class Table(NamedTuple):
    """A list or map of records: the rows that are shown, and where they stand. `own` are all
    its records as the document holds them; of a list of values, its rows."""

    rows: Rows
    numbers: list[int]
    total: int
    noun: str
    own: list[Any]


class Tables(NamedTuple):
    """The tables by the `id()` of their lists, the `id()` of each row, of each row not shown."""

    lists: dict[int, Table]
    rows: set[int]
    left_out: set[int]

    def keeping(self, kept: Kept) -> "Tables":
        """The same with only some rows of some lists shown. Lists of values that are shown
        whole are no tables."""
        lists = {
            source: table
            for source, table in self.lists.items()
            if source in kept or table.noun != VALUES
        }
        left_out: set[int] = set()
        for source, numbers in kept.items():
            table = lists[source]
            rows = [table.rows[number] for number in numbers]
            lists[source] = table._replace(rows=rows, numbers=numbers)
            left_out.update(map(id, table.own))
            left_out.difference_update([id(table.own[number]) for number in numbers])
        return Tables(lists, self.rows, left_out)


def find_tables(value: Any, values: bool = False) -> Tables:
    """The tables within the value; with `values`, long lists that hold no record too."""
    lists: dict[int, Table] = {}
    own: list[Any] = []
    level = [value]
    while level:
        inside: list[Iterable[Any]] = []
        for item in level:
            table = _table(item) or (_table_of_values(item) if values else None)
            if table is None:
                inside.append(item.values() if type(item) is dict else item)
                continue
            lists[id(item)] = table
            own.extend(table.own)
        level = nested(chain.from_iterable(inside))
    return Tables(lists, set(map(id, own)), set())


def _table(value: Any) -> Table | None:
    rows = _rows(value)
    if rows is None:
        return None
    noun = ENTRIES if type(value) is dict else RECORDS
    own = list(value.values()) if type(value) is dict else value
    return Table(rows, list(range(len(rows))), len(rows), noun, own)


def _table_of_values(value: Any) -> Table | None:
    if type(value) is not list or len(value) < _LEAST_VALUES or holds_record(value):
        return None
    rows = [{VALUE: item} for item in value]
    return Table(rows, list(range(len(rows))), len(rows), VALUES, rows)


def _rows(value: Any) -> Rows | None:
    if type(value) is list:
        if len(value) > 1 and set(map(type, value)) == {dict}:
            return value
        return None
    if len(value) < _LEAST_ENTRIES or set(map(type, value.values())) != {dict}:
        return None
    shapes = {tuple(record) for record in value.values()}
    if len(shapes) > max(1, len(value) // 4) or any(KEY in shape for shape in shapes):
        return None
    return [{KEY: key, **record} for key, record in value.items()]
