"""Padded cells between bars, drawn as those who print tables draw them.

Its rule: a column is as wide as its widest cell, its name included, and all its cells keep to
one side. `numbers right` is the rule of a table of which nothing else is said.
"""

from collections.abc import Sequence
from typing import NamedTuple

from headroom.compressors.json_rows import FlatTable
from headroom.compressors.table.model import numeric


class Columns(NamedTuple):
    """How wide the columns of a table are drawn, and on which side."""

    widths: list[int]
    right: list[bool]
    default: list[bool]

    def format(self, opening: str, bar: str, closing: str) -> str:
        """A row's format for `%`."""
        cells = [
            f" %{'' if right else '-'}{width}s "
            for width, right in zip(self.widths, self.right, strict=True)
        ]
        return opening + bar.join(cells) + closing

    def ruler(self, chars: str) -> str:
        """A ruler of the characters left, line, crossing, right."""
        left, line, crossing, right = list(chars)
        return (left + crossing.join([line * (width + 2) for width in self.widths]) + right).strip()

    def sides(self, names: Sequence[str]) -> str:
        """The words for columns that are not on the side that is theirs by default."""
        if self.right == self.default:
            return ""
        right = [name for name, is_right in zip(names, self.right, strict=True) if is_right]
        return f", right-aligned: {quoted_names(right)}" if right else ", all left-aligned"


def laid_out(
    names: list[str], raws: list[list[str]], least: list[int], numbers_right: bool = True
) -> Columns:
    """The columns of `raws`, each a column's cells with the blanks around them; `least` are
    widths that a ruler gives, as those of a table cut short are."""
    texts = [list(map(str.strip, column)) for column in raws]
    widths = [
        max(width, len(name), *map(len, column))
        for width, name, column in zip(least, names, texts, strict=True)
    ]
    default = [numbers_right and numeric(column) for column in texts]
    right = list(map(_is_right, raws, texts, default))
    return Columns(widths, right, default)


def ruler_lines(names: list[str], rows: list[list[str]], columns: Columns, ruler: str) -> list[str]:
    """The line that says the widths, where cells do not."""
    natural = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    return [] if natural == columns.widths else [f"ruler: {ruler}"]


def _is_right(raws: list[str], texts: list[str], default: bool) -> bool:
    on_left = all(raw.startswith(f" {text}") for raw, text in zip(raws, texts, strict=True))
    on_right = all(raw.endswith(f"{text} ") for raw, text in zip(raws, texts, strict=True))
    return default if on_left == on_right else on_right


def quoted_names(names: list[str]) -> str:
    """Names as the header of a folded table has them."""
    return FlatTable(names, [[""]] * len(names)).header()


def headers(
    names: list[str], columns: Columns, opening: str, bar: str, closing: str
) -> dict[str, str]:
    """The ways in which names are drawn above their columns, by the word for each."""
    padded = list(zip(names, columns.widths, columns.right, strict=True))
    ways = {
        "left": [name.ljust(width) for name, width, _ in padded],
        "centred": [" " * ((width - len(name)) // 2) + name for name, width, _ in padded],
        "as cells": [name.rjust(w) if right else name for name, w, right in padded],
    }
    return {
        way: opening
        + bar.join([f" {text:<{width}} " for text, width in zip(said, columns.widths, strict=True)])
        + closing
        for way, said in ways.items()
    }
