"""Every record within a value, found level by level, by its keys.

Its rule: it looks at columns rather than at cells, since most records stand among their like.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Any

Shapes = dict[tuple[str, ...], list[dict[str, Any]]]
"""Records by their keys in order, outer ones first."""

_FEW = 6
_NESTED = {dict, list}


def shapes_of(value: Any, left_out: set[int]) -> Shapes:
    """The records within the value; those whose `id()` is in `left_out` are not entered."""
    shapes: Shapes = defaultdict(list)
    level = [value]
    while level:
        records = [item for item in level if type(item) is dict]
        if left_out:
            records = [record for record in records if id(record) not in left_out]
        level = _inside_lists([item for item in level if type(item) is list])
        level.extend(_inside_records(records, shapes))
    return shapes


def _inside_lists(lists: list[list[Any]]) -> list[Any]:
    items = list(chain.from_iterable(lists))
    return _containers(items, set(map(type, items)))


def _inside_records(records: list[dict[str, Any]], shapes: Shapes) -> list[Any]:
    """The objects and lists in the records, which are noted by their keys."""
    found: list[Any] = []
    groups: Shapes = defaultdict(list)
    for record in records:
        groups[tuple(record)].append(record)
    for keys, group in groups.items():
        shapes[keys].extend(group)
        columns: Iterable[Iterable[Any]] = [chain.from_iterable(map(dict.values, group))]
        if len(group) > _FEW:
            columns = zip(*map(dict.values, group), strict=True)
        for column in columns:
            values = list(column)
            found.extend(_containers(values, set(map(type, values))))
    return found


def _containers(values: list[Any], kinds: set[type]) -> list[Any]:
    if kinds.isdisjoint(_NESTED):
        return []
    if kinds <= _NESTED:
        return values
    return [value for value in values if type(value) in _NESTED]
