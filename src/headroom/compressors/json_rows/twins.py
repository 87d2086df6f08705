"""Columns equal to an earlier one, in all rows or in most.

    updated_at = {created_at} (unless given)

Its rule: equal means the same value of the same type, null and missing included.
"""

from operator import eq
from typing import Any

from headroom.compressors.json_rows.columns import Column
from headroom.compressors.json_rows.derive import Rule
from headroom.compressors.json_rows.values import MISSING

_PREVIEW = 32
_NEARLY = 0.35
_LEAST_ROWS = 8
_LEAST_SIZE = 4


class Twins:
    """The columns of one table so far."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], list[Column]] = {}
        self._telling: list[Column] = []

    def offer(self, column: Column) -> None:
        """Let later columns be equal to this one."""
        if not _comparable(column):
            return
        self._known.setdefault(_probe(column.values), []).append(column)
        if _telling(column.values):
            self._telling.append(column)

    def find(self, column: Column) -> Rule | None:
        """The rule of a column equal to an earlier one."""
        if not _comparable(column):
            return None
        for other in self._known.get(_probe(column.values), ()):
            if other.values == column.values:
                return Rule("{" + other.name + "}", None, unless=False)
        return None

    def nearly(self, column: Column) -> Rule | None:
        """The rule of a column equal to an earlier one in most rows."""
        values = column.values
        if not self._telling or not _comparable(column) or not _telling(values):
            return None
        for other in self._telling:
            if sum(map(eq, values[:_PREVIEW], other.values)) < _NEARLY * min(_PREVIEW, len(values)):
                continue
            if sum(map(eq, values, other.values)) >= _NEARLY * len(values):
                rest = [
                    MISSING if value == twin else value
                    for value, twin in zip(values, other.values, strict=True)
                ]
                return Rule("{" + other.name + "}", rest, unless=True)
        return None


def _probe(values: list[Any]) -> tuple[Any, ...]:
    return tuple(values[:: max(1, len(values) // 8)])


def _comparable(column: Column) -> bool:
    return column.plain and "{" not in column.name and "}" not in column.name


def _telling(values: list[Any]) -> bool:
    """Whether equal values would be no accident: many, long enough, none missing."""
    if len(values) < _LEAST_ROWS or MISSING in values:
        return False
    head = set(values[:_PREVIEW])
    long = [value for value in head if type(value) is str and len(value) > _LEAST_SIZE]
    return len(long) >= 0.5 * min(_PREVIEW, len(values))
