"""Rows of `ls -l`, `find -ls`, `tar tv` and `unzip -l`, cut into columns and padded again.

A layout is data: the columns' names, the side each is padded on and what stands between them.
It knows nothing of folders or of what a reader needs.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_MODE = r"(?P<mode>[-dlbcpsD][-rwxsStT]{9}[.+@]?)"
_SIZE = r"([0-9][0-9.,]{0,18}[KMGTPE]?)"
_DATES = (
    r"([A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4}) "
    r"( ?\d\d:?\d\d(?::\d\d(?:\.\d+)?(?: [+-]\d{4})?)?)"
)


class Layout(NamedTuple):
    """A kind of row. `columns` name its fields but for the name at the end; `padding` is a
    format for them in which `*` stands for a width; `says` is what made it."""

    says: str
    row: re.Pattern[str]
    columns: tuple[str, ...]
    padding: str


_LS = ("MODE", "LINKS", "OWNER", "GROUP", "SIZE", "DAY", "TIME")
LAYOUTS = (
    Layout(
        "ls -l",
        re.compile(rf"{_MODE} +(\d+) (\S+) +(\S+) +{_SIZE} {_DATES} (.+)\Z"),
        _LS,
        "%-*s %*s %-*s %-*s %*s %s %s ",
    ),
    Layout(
        "find -ls",
        re.compile(rf" *(\d+) +(\d+) {_MODE} +(\d+) (\S+) +(\S+) +{_SIZE} {_DATES} (.+)\Z"),
        ("INODE", "BLOCKS", *_LS),
        "%*s %*s %-*s %*s %-*s %-*s %*s %s %s ",
    ),
    Layout(
        "tar tv",
        re.compile(rf"{_MODE} (\S+/\S+) +{_SIZE} {_DATES} (.+)\Z"),
        ("MODE", "OWNER", "SIZE", "DAY", "TIME"),
        "%-*s %-*s %*s %s %s ",
    ),
    Layout(
        "unzip -l",
        re.compile(rf" *{_SIZE}  {_DATES}   (.+)\Z"),
        ("SIZE", "DAY", "TIME"),
        "%*s  %s %s   ",
    ),
)


def layout_of(text: str) -> Layout | None:
    """The layout that a line follows."""
    return next((layout for layout in LAYOUTS if layout.row.match(text)), None)


def padding_of(
    layout: Layout, fields: Sequence[Sequence[str]], texts: Sequence[str]
) -> tuple[str, bool] | None:
    """The format that these rows were written with, and whether its widths follow from the
    fields (as `ls` does it); None where no widths give the rows again."""
    longest = [max(map(len, column)) for column in list(zip(*fields, strict=True))[:-1]]
    for follow in (True, False):
        widths = longest if follow else _widths(layout, texts[0], longest)
        padding = _with_widths(layout.padding, widths)
        whole = padding + "%s"
        if [whole % tuple(row) for row in fields] == list(texts):
            return padding, follow
    return None


def squeezed(text: str) -> str:
    """Fields without the padding inside and before them."""
    return text.replace("  ", " ").lstrip(" ")


def _with_widths(padding: str, widths: Sequence[int]) -> str:
    out = ""
    for part, width in zip(re.findall(r"%-?\*?s +", padding), widths, strict=True):
        out += part.replace("*", str(width))
    return out


def _widths(layout: Layout, text: str, longest: Sequence[int]) -> list[int]:
    """The widths that one row shows. Between a column padded on its right and one padded on its
    left the border cannot be seen, and need not be."""
    row = layout.row.match(text)
    assert row is not None
    sides = re.findall(r"%(-?\*?)s", layout.padding)
    widths, at = [], 0
    for number, side in enumerate(sides):
        start, end = row.span(number + 1)
        width = longest[number]
        if side == "-*" and sides[number + 1] != "*":
            width = max(width, row.start(number + 2) - 1 - start)
        elif side == "*":
            width = end - at
        widths.append(width)
        at = (at if side != "" else start) + max(width, end - start) + 1
    return widths
