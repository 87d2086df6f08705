"""What `headroom_retrieve` is given to get rows of a list back: its path, and a slice of it.

Its rule: a selector gives exactly the rows that it stands for, or there is none. What it may
say is what `headroom.retrieval` reads and what survives between the quotes of a marker.
"""

import json
from itertools import accumulate
from typing import Any

from headroom.compressors.json_rows.tables import ENTRIES, Table

_LONGEST = 220
"""A path's length as a JSON string: a marker is found again only while its call is short, and
may stand in escaped JSON."""

_ENDS_A_CALL = frozenset('")')


def step(path: str, key: str | int) -> str:
    """The path of what stands at `key` in the value at `path`; "" where none can be said."""
    if not path:
        return ""
    if type(key) is int:
        return f"{path}[{key}]"
    name = str(key)
    if name.isidentifier():
        said = f"{path}.{name}"
    elif name.isprintable() and _ENDS_A_CALL.isdisjoint(name):
        inside = name.replace("\\", "\\\\").replace("'", "\\'")
        said = f"{path}['{inside}']"
    else:
        return ""
    return said if len(said) <= _LONGEST else ""


class Selectors:
    """Says how runs of rows of one list or map are had; `path` is "" where it has none."""

    def __init__(self, table: Table, path: str) -> None:
        self._path = path if len(json.dumps(path)) <= _LONGEST else ""
        # A map has no slices. What its path gives is indented JSON, a known number of lines
        # for each entry, below the line of its bracket.
        self._ends: list[int] | None = None
        if table.noun == ENTRIES and self._path:
            self._ends = list(accumulate(map(_height, table.own), initial=1))

    def of(self, start: int, end: int) -> dict[str, str]:
        """The arguments that give the rows from `start` up to `end`, counted from 0."""
        if not self._path:
            return {}
        if self._ends is None:
            return {"path": f"{self._path}[{start}:{end}]"}
        return {"path": self._path, "lines": f"{self._ends[start] + 1}-{self._ends[end]}"}


def _height(value: Any) -> int:
    """The lines that a value takes as indented JSON."""
    if type(value) is dict and value:
        return 2 + sum(map(_height, value.values()))
    if type(value) is list and value:
        return 2 + sum(map(_height, value))
    return 1
