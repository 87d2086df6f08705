"""A search result to groups of rows, in each of the shapes that search tools print.

    path:12:text  path-13-context  --       one line after another, each with its path
    path:text                               the same, without line numbers
    a path, then 12:text 13-context         under a heading, or of one file without any

A line that fits none of it is kept as it was: a file named in a message, a shell's prompt.
It does not judge whether the text is a search result; `recognition` does.
"""

from functools import partial
from itertools import groupby, repeat
from typing import Any

from headroom.compressors.search.shapes import (
    MATCH,
    NUMBERED,
    NUMBERED_LINE,
    ROW,
    SEPARATOR,
    UNNUMBERED,
    Found,
    Group,
    Item,
    Row,
    heading_path,
    is_path,
)

_NUMBER_DIGITS = 9
_MARKS = ":-="
_SEPARATED = Row(0, "", SEPARATOR, "", -1)
# As `Row._make`, without a Python call for each row.
_MAKE_ROW: Any = partial(tuple.__new__, Row)


def flat(text: str) -> Found:
    """Of lines that each begin with path and line number; context lines too."""
    return _matches_only(text) or _flat_of_lines(text.split("\n"))


def _matches_only(text: str) -> Found | None:
    """Where every line but empty ones at the end is a match, read at once; else None."""
    body = text.rstrip("\n")
    found = NUMBERED_LINE.findall(body)
    if len(found) != body.count("\n") + 1:
        return None
    paths, numbers, texts = zip(*found, strict=True)
    shown = [f"{number}:{rest}" for number, rest in zip(numbers, texts, strict=True)]
    columns = zip(map(int, numbers), repeat(MATCH), shown, texts, range(len(found)), strict=False)
    rows: list[Row] = list(map(_MAKE_ROW, columns))
    items: list[Item] = []
    start = 0
    for path, run in groupby(paths):
        if not is_path(path):
            return None
        end = start + len(list(run))
        items.append(Group(path, None, rows[start:end]))
        start = end
    items += [""] * (len(text) - len(body))
    return Found(items)


def _flat_of_lines(lines: list[str]) -> Found:
    rows: list[Row | None] = []
    paths: list[str] = []
    last = ""
    for place, line in enumerate(lines):
        row = _row_of(last, line, place) if last and line.startswith(last) else None
        if row is None and (found := NUMBERED.match(line)) and is_path(found[1]):
            row = _row_of(found[1], line, place)
            last = last if row is None else found[1]
        rows.append(row)
        paths.append("" if row is None else last)
    if None in rows:
        _claim_context(lines, rows, paths)
    return Found(_grouped(lines, rows, paths))


def _row_of(path: str, line: str, place: int) -> Row | None:
    """The row that `line` is if a mark, a number and the mark again follow its path."""
    start = len(path) + 1
    mark = line[start - 1 : start]
    if not mark or mark not in _MARKS:
        return None
    end = line.find(mark, start, start + _NUMBER_DIGITS + 1)
    number = line[start : max(start, end)]
    if not (number.isascii() and number.isdigit()) or number[0] == "0":
        return None
    return Row(int(number), mark, line[start:], line[end + 1 :], place)


def _claim_context(lines: list[str], rows: list[Row | None], paths: list[str]) -> None:
    """Lines in front of the first match of their file are known by that match."""
    following = ""
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place]
        if rows[place] is not None:
            following = paths[place]
        elif following and line.startswith(following):
            rows[place] = _row_of(following, line, place)
            paths[place] = following if rows[place] is not None else ""
        elif line != SEPARATOR:
            following = ""


def _grouped(lines: list[str], rows: list[Row | None], paths: list[str]) -> list[Item]:
    items: list[Item] = []
    group: Group | None = None
    last = len(lines) - 1
    for place, row in enumerate(rows):
        path = paths[place]
        if row is not None:
            if group is None or group.path != path:
                group = Group(path, None, [])
                items.append(group)
            group.rows.append(row)
            continue
        line = lines[place]
        inside = line == SEPARATOR and group is not None and place < last
        if inside and group is not None and paths[place + 1] == group.path:
            group.rows.append(_SEPARATED)
        else:
            group = None
            items.append(line)
    return items


def unnumbered(text: str) -> Found:
    """Of lines that each begin with a path."""
    items: list[Item] = []
    group: Group | None = None
    for place, line in enumerate(text.split("\n")):
        path = ""
        if group is not None and line.startswith(group.path + MATCH):
            path = group.path
        elif (found := UNNUMBERED.match(line)) and is_path(found[1]):
            path = found[1]
        if not path:
            group = None
            items.append(line)
            continue
        if group is None or group.path != path:
            group = Group(path, None, [])
            items.append(group)
        rest = line[len(path) + 1 :]
        group.rows.append(Row(0, MATCH, rest, rest, place))
    return Found(items, numbered=False)


def headed(text: str) -> Found:
    """Of lines that begin with their number, under a path or of one file."""
    lines = text.split("\n")
    rows = [ROW.match(line) for line in lines]
    items: list[Item] = []
    group: Group | None = None
    last = len(lines) - 1
    for place, (line, row) in enumerate(zip(lines, rows, strict=True)):
        if row is not None and len(row[2]) <= _NUMBER_DIGITS:
            if group is None:
                group = Group("", None, [])
                items.append(group)
            mark = MATCH if row[4] == "|" else row[4]
            group.rows.append(Row(int(row[2]), mark, line, line[row.end() :], place))
        elif line == SEPARATOR and group is not None:
            group.rows.append(_SEPARATED)
        elif place < last and rows[place + 1] is not None and (path := heading_path(line)):
            group = Group(path, line, [])
            items.append(group)
        else:
            group = None
            items.append(line)
    return Found(items)
