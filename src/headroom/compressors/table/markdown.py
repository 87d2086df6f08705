"""Markdown's tables: a header, a ruler of dashes, rows down to the first line without a bar.

Its rule: a cell may be padded to its column or stand between single blanks; the ruler is said
where it does not follow from the widths.
"""

import re

from headroom.compressors.table.drawing import Columns, headers, laid_out
from headroom.compressors.table.model import Drawn, Grid, columns_of, odd_rows

_CELL = r"[ \t]*:?-+:?[ \t]*"
_RULER = re.compile(rf"\|{_CELL}(?:\|{_CELL})*\|?\Z|{_CELL}(?:\|{_CELL})+\|?\Z")
_ESCAPED = re.compile(r"(?<!\\)\|")
_LEAST_ROWS = 2
_SURE = 0.92


def markdown(lines: list[str], first: int) -> Grid | None:
    """The table whose header is line `first`, or None."""
    if first + 1 >= len(lines) or "|" not in lines[first] or not _RULER.match(lines[first + 1]):
        return None
    head = _cut(lines[first])
    if not 1 < len(head) == len(_cut(lines[first + 1])):
        return None
    end = first + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    rows = [list(map(str.strip, _cut(line))) for line in lines[first + 2 : end]]
    if len(rows) < _LEAST_ROWS:
        return None
    return Grid(
        first=first,
        end=end,
        names=list(map(str.strip, head)),
        rows=rows,
        spans=[(index, index + 1) for index in range(first + 2, end)],
        form="Markdown",
        draw=_drawn,
        surely=_SURE,
        odd=odd_rows(rows, len(head)),
    )


def _cut(line: str) -> list[str]:
    """The cells between the bars, with the blanks around them."""
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return _ESCAPED.split(line) if "\\|" in line else line.split("|")


def _drawn(grid: Grid, lines: list[str]) -> Drawn | None:
    lines = lines[grid.first : grid.end]
    width = len(grid.names)
    ruler, text = lines[1], [lines[0], *lines[2:]]
    single = "| " + " | ".join(["%s"] * width) + " |"
    if list(map(single.__mod__, map(tuple, [grid.names, *grid.rows]))) == text:
        form, close = "Markdown", "|" + "---|" * width
        spaced = "| " + " | ".join(["---"] * width) + " |"
    else:
        least = [max(3, len(cell) - 2) for cell in _cut(ruler)]
        raws = columns_of(list(map(_cut, text[1:])), width)
        columns = laid_out(grid.names, raws, least, numbers_right=False)
        found = _padded(grid, columns, text)
        if found is None:
            return None
        form, close = found, columns.ruler("|-||")
        spaced = "| " + " | ".join(["-" * each for each in columns.widths]) + " |"
    natural = [max(3, *map(len, column)) for column in zip(grid.names, *grid.rows, strict=True)]
    usual = ruler in (close, spaced) and (form == "Markdown" or natural == columns.widths)
    head = [] if usual else [f"ruler: {ruler}"]
    return Drawn(form + (", spaced ruler" if ruler == spaced else ""), head, grid.rows)


def _padded(grid: Grid, columns: Columns, text: list[str]) -> str | None:
    """The words for a table of padded cells, or None where it is not as they say."""
    drawn = list(map(columns.format("|", "|", "|").__mod__, map(tuple, grid.rows)))
    ways = headers(grid.names, columns, "|", "|", "|")
    way = next((way for way in ("as cells", "centred", "left") if ways[way] == text[0]), None)
    if way is None or drawn != text[1:]:
        return None
    said = "" if way == "as cells" else f", header {way}"
    return f"Markdown, padded{said}" + columns.sides(grid.names)
