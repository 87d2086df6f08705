"""A table found in a text, whatever drew it: where it stands and what its cells are.

Its rule: cells are verbatim, without the blanks around them. How the table was drawn is found
out only where it is to be drawn again.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d*)?(?:[eE][-+]?\d+)?%?\Z")


class Drawn(NamedTuple):
    """What is needed to draw the very lines of a table from its names and these `rows`: words,
    and lines that follow from none."""

    form: str
    head: list[str]
    rows: list[list[str]]


class Grid(NamedTuple):
    """Lines `first` to `end` (excluded) of a text.

    `rows` are the cells; `spans` the lines of each row, first and behind the last. `odd` are
    the rows with other than a cell for each name. `draw` finds out how the table was drawn,
    given the grid and the text's lines; None where no rule draws the same lines again.
    `surely` tells how surely this is a table.
    """

    first: int
    end: int
    names: list[str]
    rows: list[list[str]]
    spans: list[tuple[int, int]]
    form: str
    draw: "Callable[[Grid, list[str]], Drawn | None]"
    surely: float
    odd: frozenset[int]

    @property
    def alike(self) -> bool:
        """Whether each row has a cell for each name, and each name a column of its own."""
        named = set(self.names)
        return not self.odd and len(named) == len(self.names) and named.isdisjoint("*#")


def columns_of(rows: list[list[str]], width: int) -> list[list[str]]:
    """The cells by column; a row with other than `width` cells is cut or filled."""
    if not _are_wide(rows, width):
        rows = [[*row[:width], *[""] * (width - len(row))] for row in rows]
    return list(map(list, zip(*rows, strict=True)))


def odd_rows(rows: list[list[str]], width: int) -> frozenset[int]:
    """The rows with other than `width` cells."""
    if _are_wide(rows, width):
        return frozenset()
    return frozenset([number for number, row in enumerate(rows) if len(row) != width])


def _are_wide(rows: list[list[str]], width: int) -> bool:
    """Whether all rows have `width` cells."""
    return set(map(len, rows)) <= {width}


def numeric(cells: list[str]) -> bool:
    """Whether a column holds numbers, and nothing else but empty cells."""
    return any(cells) and all(_NUMBER.match(cell) for cell in cells if cell)
