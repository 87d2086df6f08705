"""Tables that programs draw with bars and rulers: boxes of any characters, and psql's.

    +----+------+       id | name
    | id | name |      ----+------
    +----+------+        7 | Anna
    |  7 | Anna |      (1 row)
    +----+------+

Its rule: how it was drawn is found out by drawing it again; a table that comes out otherwise is
not `exact`.
"""

import re

from headroom.compressors.table.drawing import Columns, headers, laid_out, ruler_lines
from headroom.compressors.table.model import Drawn, Grid, columns_of, odd_rows

_LINES = "-=+─━═┄┅┈╌┬┼┴╤╪╧┳╇╋┻╦╬╩┯┿┷╥╫╨╈╂┠┨"
_TOP = re.compile(rf"[+┌╭╒┏╔╓][{_LINES}]+[+┐╮╕┓╗╖]\Z")
_RULER = re.compile(rf"[+┌╭╒┏╔╓├╞┡┝╠╟┣└╰╘┗╚╙|][{_LINES}]+[+┐╮╕┓╗╖┤╡┩┥╣╢┫┘╯╛┛╝╜|]\Z")
_PSQL_RULER = re.compile(r"-+(?:\+-+)+\Z")
_BAR = frozenset("|│┃║")
_LEAST_ROWS = 2
_PLAIN = "+-++ +-++ +-++ ||"
_SURE = 0.92


def boxed(lines: list[str], first: int) -> Grid | None:
    """The box whose top is line `first`, or None."""
    head = lines[first : first + 3]
    if len(head) < 3 or not (_TOP.match(head[0]) and head[1][:1] in _BAR and _RULER.match(head[2])):
        return None
    rulers, data = _parts(lines, first)
    if len(data) <= _LEAST_ROWS or data[0] != first + 1:
        return None
    names = _cells(lines[first + 1])
    rows = [_cells(lines[index]) for index in data[1:]]
    return Grid(
        first=first,
        end=max(rulers[-1], data[-1]) + 1,
        names=names,
        rows=rows,
        spans=[(index, index + 1) for index in data[1:]],
        form="box",
        draw=_box,
        surely=_SURE,
        odd=odd_rows(rows, len(names)),
    )


def _parts(lines: list[str], first: int) -> tuple[list[int], list[int]]:
    """The rulers and the rows of a box, down to the first line that is neither."""
    rulers, data = [first], []
    for index in range(first + 1, len(lines)):
        line = lines[index]
        if _RULER.match(line):
            rulers.append(index)
        elif len(line) > 1 and line[0] in _BAR and line[-1] in _BAR:
            data.append(index)
        else:
            break
    return rulers, data


def _cells(line: str) -> list[str]:
    return list(map(str.strip, line[1:-1].split(line[0])))


def _box(grid: Grid, lines: list[str]) -> Drawn | None:
    lines = lines[grid.first : grid.end]
    rows = grid.rows
    bar = lines[3][0]
    own = (lines[start - grid.first] for start, _ in grid.spans)
    raws = [line[1:-1].split(bar) for line in own]
    runs = re.findall(f"{re.escape(lines[0][1])}+", lines[0][1:-1])
    least = [len(run) - 2 for run in runs]
    if len(least) != len(grid.names):
        return None
    columns = laid_out(grid.names, columns_of(raws, len(grid.names)), least)
    top, middle, bottom = (_chars(line, columns) for line in (lines[0], lines[2], lines[-1]))
    drawn = list(map(columns.format(bar, bar, bar).__mod__, map(tuple, rows)))
    between = ""
    if len(lines) == 2 * len(rows) + 3:
        between = _chars(lines[4], columns)
        drawn = [line for row in drawn for line in (columns.ruler(between), row)][1:]
    whole = [columns.ruler(middle), *drawn, columns.ruler(bottom)]
    if lines[0] != columns.ruler(top) or lines[2:] != whole:
        return None
    head_bar = lines[1][0]
    ways = headers(grid.names, columns, head_bar, head_bar, head_bar)
    way = next((way for way, line in ways.items() if line == lines[1]), None)
    if way is None:
        return None
    frame = " ".join(filter(None, (top, middle, between, bottom, head_bar + bar)))
    said = "box" if frame == _PLAIN else f"box {frame}"
    said += "" if way == "left" else f", header {way}"
    head = ruler_lines(grid.names, rows, columns, lines[0])
    return Drawn(said + columns.sides(grid.names), head, rows)


def _chars(line: str, columns: Columns) -> str:
    """The characters that a ruler is drawn with: left, line, crossing, right."""
    crossing = line[columns.widths[0] + 3 : columns.widths[0] + 4]
    return line[0] + line[1] + (crossing if len(columns.widths) > 1 else line[1]) + line[-1]


def psql(lines: list[str], first: int) -> Grid | None:
    """The table whose header is line `first`, above a ruler as psql draws it, or None."""
    if first + 1 >= len(lines) or not _PSQL_RULER.match(lines[first + 1]):
        return None
    width = lines[first + 1].count("+") + 1
    names = list(map(str.strip, lines[first].split("|")))
    if len(names) != width:
        return None
    end = first + 2
    while end < len(lines) and lines[end].count("|") >= width - 1:
        end += 1
    rows = [list(map(str.strip, line.split("|"))) for line in lines[first + 2 : end]]
    if len(rows) < _LEAST_ROWS:
        return None
    return Grid(
        first=first,
        end=end,
        names=names,
        rows=rows,
        spans=[(index, index + 1) for index in range(first + 2, end)],
        form="psql",
        draw=_psql,
        surely=_SURE,
        odd=odd_rows(rows, width),
    )


def _psql(grid: Grid, lines: list[str]) -> Drawn | None:
    lines = lines[grid.first : grid.end]
    # The last cell may have no blanks behind it.
    raws = [f"{line} ".split("|") for line in lines[2:]]
    least = [len(run) - 2 for run in lines[1].split("+")]
    columns = laid_out(grid.names, columns_of(raws, len(grid.names)), least)
    if lines[1] != columns.ruler(" -+ "):
        return None
    header = headers(grid.names, columns, "", "|", "")["centred"]
    padded = list(map(columns.format("", "|", "").__mod__, map(tuple, grid.rows)))
    for ends, drawn, head in (
        ("", _without_ends(padded, columns, grid.rows), header),
        (", ends padded", padded, header),
        (", ends trimmed", list(map(str.rstrip, padded)), header.rstrip()),
    ):
        if lines[0] == head and lines[2:] == drawn:
            rulers = ruler_lines(grid.names, grid.rows, columns, lines[1])
            return Drawn("psql" + ends + columns.sides(grid.names), rulers, grid.rows)
    return None


def _without_ends(padded: list[str], columns: Columns, rows: list[list[str]]) -> list[str]:
    """The last cell without the blanks behind it."""
    last = columns.widths[-1]
    if columns.right[-1]:
        return [line[:-1] for line in padded]
    return [
        line[: len(line) - 1 - last + len(row[-1])] for line, row in zip(padded, rows, strict=True)
    ]
