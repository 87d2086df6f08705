"""Records to fields: nested records flatten, nested lists become child tables, copies are cited.

Its rule: a field holds one entry a record, in order, and its path says where it stands. How a
field is said (once, by a template, in a column) is decided by `layout`.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from headroom.compressors.json_rows.repeats import Citation, Citations, Entity
from headroom.compressors.json_rows.values import MISSING

Path = tuple[str, ...]

KEY = "*"
"""The column that holds the keys of a map, where an object's keys are data."""

_WIDE = 8
_SPARSE = 0.34
_WIDEST = 400


class Plain(NamedTuple):
    """Scalars, lists of scalars, or what fits no other kind."""

    path: Path
    values: list[Any]


class Constant(NamedTuple):
    """One value in every record."""

    path: Path
    value: Any


class Cited(NamedTuple):
    """Records (or lists of them) said in an entity's table. `keys` holds the key, a list of
    keys, None or MISSING."""

    path: Path
    entity: Entity
    keys: list[Any]
    lists: bool


class Child(NamedTuple):
    """A table in each cell. `kind` is `[]` for lists of records, `{}` for maps to records and
    `?` for a record that is not always there. `counts` has the rows of each cell, or None or
    MISSING; `records` are the rows of all cells."""

    path: Path
    kind: str
    counts: list[Any]
    records: list[dict[str, Any]]
    values: list[Any]


Field = Plain | Constant | Cited | Child


def columns_of(records: list[dict[str, Any]]) -> list[tuple[str, list[Any]]] | None:
    """Each key with its values, MISSING where a record lacks it. None where so many keys are
    so rare that columns make no sense."""
    keys = tuple(records[0])
    if set(map(tuple, records)) == {keys}:
        values = zip(*map(dict.values, records), strict=True)
        return list(zip(keys, map(list, values), strict=True))
    union = dict.fromkeys(chain.from_iterable(records))
    filled = sum(map(len, records))
    if len(union) > _WIDEST or len(union) * len(records) > 12 * filled + 200:
        return None
    if filled * 3 < len(union) * len(records):
        return _sparse(union, records)
    return [(key, [record.get(key, MISSING) for record in records]) for key in union]


def _sparse(union: Iterable[str], records: list[dict[str, Any]]) -> list[tuple[str, list[Any]]]:
    """The columns of records that lack most keys."""
    columns: dict[str, list[Any]] = {key: [MISSING] * len(records) for key in union}
    for row, record in enumerate(records):
        for key, value in record.items():
            columns[key][row] = value
    return list(columns.items())


def fields_of(records: list[dict[str, Any]], citations: Citations) -> list[Field] | None:
    """The fields of the records, in order of their keys; None where `columns_of` is."""
    columns = columns_of(records)
    if columns is None:
        return None
    return [field for key, values in columns for field in _field((key,), values, citations)]


def _field(path: Path, values: list[Any], citations: Citations) -> Iterator[Field]:
    first = values[0]
    if first is not MISSING and values.count(first) == len(values):
        yield Constant(path, first)
        return
    kinds = set(map(type, values))
    if dict in kinds:
        yield from _records(path, values, kinds, citations)
    elif list in kinds:
        yield _lists(path, values, kinds, citations)
    else:
        yield Plain(path, values)


def _only(kinds: set[type], kind: type) -> bool:
    return kinds <= {kind, type(None), type(MISSING)}


def _records(
    path: Path, values: list[Any], kinds: set[type], citations: Citations
) -> Iterator[Field]:
    if not _only(kinds, dict):
        yield Plain(path, values)
        return
    records = [value for value in values if type(value) is dict]
    cited = _cited(records, citations)
    if cited is not None:
        keys = [citations[id(v)].key if type(v) is dict else v for v in values]
        yield Cited(path, cited, keys, lists=False)
        return
    rows = _map_rows(records)
    if rows is not None:
        counts = [len(v) if type(v) is dict else v for v in values]
        yield Child(path, "{}", counts, rows, values) if rows else Plain(path, values)
        return
    if len(records) < len(values) or not all(records):
        counts = [1 if type(v) is dict else v for v in values]
        yield Child(path, "?", counts, records, values)
        return
    columns = columns_of(records)
    if columns is None:
        yield Plain(path, values)
        return
    for key, inside in columns:
        yield from _field((*path, key), inside, citations)


def _cited(records: list[dict[str, Any]], citations: Citations) -> Entity | None:
    """The one entity that all the records belong to."""
    found: Entity | None = None
    for record in records:
        citation: Citation | None = citations.get(id(record))
        if citation is None or (found is not None and citation.entity is not found):
            return None
        found = citation.entity
    return found


def _map_rows(records: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The entries of objects whose keys are data, or None where the keys are field names.
    Empty where the entries are no records: such a map is best said as it is."""
    filled = sum(map(len, records))
    keys = set(chain.from_iterable(records))
    if len(keys) < _WIDE or filled > _SPARSE * len(keys) * len(records):
        return None
    entries = [entry for record in records for entry in record.items()]
    if not all(type(value) is dict and KEY not in value for _, value in entries):
        return []
    return [{KEY: key, **value} for key, value in entries]


def _lists(path: Path, values: list[Any], kinds: set[type], citations: Citations) -> Field:
    if not _only(kinds, list):
        return Plain(path, values)
    items = list(chain.from_iterable(value for value in values if type(value) is list))
    if set(map(type, items)) != {dict}:
        return Plain(path, values)
    cited = _cited(items, citations)
    if cited is not None:
        keys = [
            [citations[id(item)].key for item in value] if type(value) is list else value
            for value in values
        ]
        return Cited(path, cited, keys, lists=True)
    counts = [len(value) if type(value) is list else value for value in values]
    return Child(path, "[]", counts, items, values)
