"""A column of a table: a name, a value for each record, and what several steps ask of it.

Its rule: each answer is found once. It knows nothing of how a column is said.
"""

from typing import Any

from headroom.compressors.json_rows.values import NUMBER

_TEXT = {str}
_NESTED = {list, dict}


class Column:
    """A named list of values, one a record; `kinds` are their types."""

    __slots__ = ("_together", "kinds", "name", "values")

    def __init__(self, name: str, values: list[Any]) -> None:
        self.name = name
        self.values = values
        self.kinds = set(map(type, values))
        self._together: str | None = None

    @property
    def strings(self) -> bool:
        """Whether all values are texts or numbers."""
        return self.kinds == _TEXT

    @property
    def plain(self) -> bool:
        """Whether no value is an object or a list."""
        return self.kinds.isdisjoint(_NESTED)

    @property
    def together(self) -> str:
        """All texts and numbers in one text."""
        if self._together is None:
            self._together = "".join(self.values)
        return self._together

    def texts(self) -> list[str] | None:
        """The values of a column of texts alone, or None."""
        return self.values if self.strings and NUMBER not in self.together else None

    def literals(self) -> list[str] | None:
        """The spellings of a column of numbers alone, or None."""
        if not self.strings or self.together.count(NUMBER) < len(self.values):
            return None
        return self.together[1:].split(NUMBER)

    def spellings(self) -> list[str]:
        """The texts and the spellings of the numbers of a column of nothing else."""
        if NUMBER not in self.together:
            return self.values
        return self.literals() or [value.lstrip(NUMBER) for value in self.values]
