"""A table said: facts once for all, and columns; how names are put together.

Its rule: every record can be rebuilt from the facts, the header and its row. It holds what was
decided; `planner` decides.
"""

from functools import lru_cache
from typing import NamedTuple

from headroom.compressors.json_rows.cells import DELIMITER, joined, name
from headroom.compressors.json_rows.fields import KEY, Path
from headroom.compressors.json_rows.weight import weight_of_all

NUMBER_COLUMN = "#"
"""The column of row numbers, or of a table whose records have no key of their own."""


class Shown(NamedTuple):
    """A column of the table: how the header names it, and its cells."""

    path: Path
    suffix: str
    cells: list[str]
    general: list[str] | None = None
    """The cells as they stand outside of their column, where its suffix changes the spelling."""

    @property
    def scalar(self) -> bool:
        """Whether the cells are plain values, no tables and no citations."""
        return self.suffix in ("", ":str")


class Layout(NamedTuple):
    """A table said: what is the same in all, lines of facts, columns."""

    size: int
    constants: list[tuple[Path, str]]
    empties: list[tuple[Path, str]]
    facts: list[str]
    columns: list[Shown]
    sections: dict[int, str]

    def header(self) -> str:
        """The names of the columns."""
        return grouped([(column.path, column.suffix) for column in self.columns])

    def rows(self) -> list[str]:
        """The records' rows."""
        if not self.columns:
            return [""] * self.size
        if len(self.columns) == 1:
            return self.columns[0].cells
        return list(
            map(DELIMITER.join, zip(*[column.cells for column in self.columns], strict=True))
        )

    def cost(self) -> int:
        """About what the rows cost in tokens."""
        rows = sum([weight_of_all(column.cells) + self.size for column in self.columns])
        lines = list(self.sections.values())
        return rows + weight_of_all(lines) + len(lines)


@lru_cache(maxsize=2048)
def dotted(path: Path) -> str:
    """A path as one name."""
    return ".".join([step if step in (KEY, NUMBER_COLUMN) else name(step) for step in path])


def grouped(entries: list[tuple[Path, str]]) -> str:
    """Names with what follows each, those of one nested record in brackets: `a.(b,c),d`."""
    parts: list[str] = []
    place = 0
    while place < len(entries):
        path, after = entries[place]
        end = place + 1
        if len(path) > 1:
            while end < len(entries) and entries[end][0][0] == path[0] and len(entries[end][0]) > 1:
                end += 1
            inside = [(inner[1:], what) for inner, what in entries[place:end]]
            step = dotted(path[:1])
            text = grouped(inside)
            parts.append(f"{step}.({text})" if len(inside) > 1 else f"{step}.{text}")
        else:
            parts.append(dotted(path) + after)
        place = end
    return joined(parts)
