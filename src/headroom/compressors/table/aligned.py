"""Columns kept apart by blanks alone, as command-line tools print them below a line of names.

Its rule: a column is what blanks in every line set apart and what has a name above it. Where
some cell is too wide for that, cells are told apart by their number, and the table is not
`exact`.
"""

import re
from functools import reduce
from operator import or_

from headroom.compressors.table.model import Drawn, Grid, numeric

_LEAST_ROWS = 2
_LEAST_NUMBERED = 4
_LEAST_COLUMNS = 2
_GLANCE = 6
_WIDEST = 2_000
_RULER = re.compile(r"[-=]{2,}(?: +[-=]{2,})+ *\Z|[+]{3}-=[-=]*\Z")
_APART = re.compile(" {2,}")
DASHES = frozenset(("--", "==", "++"))
_BITS = bytes(10 if code == 10 else 48 + (code != 32) for code in range(256))
_SURE, _LIKELY = 0.8, 0.65


def aligned(lines: list[str], first: int) -> Grid | None:
    """The table whose names are in line `first`, or None."""
    header = lines[first]
    if len(header) > _WIDEST or " " not in header:
        return None
    ruler = lines[first + 1] if first + 1 < len(lines) else ""
    ruler = ruler if is_ruler(ruler) else ""
    sure = _SURE if ruler else _surely_names(header)
    end = start = first + 1 + bool(ruler)
    if sure == 0 or len(_starts(header, lines[start : start + _GLANCE])) < _LEAST_COLUMNS:
        return None
    while end < len(lines) and lines[end] and not lines[end].isspace():
        end += 1
    body = lines[start:end]
    if len(body) < _LEAST_ROWS or "\t" in "".join(body):
        return None
    table = Grid(
        first=first,
        end=end,
        names=[],
        rows=[],
        spans=[(index, index + 1) for index in range(start, end)],
        form="aligned columns",
        draw=_drawn,
        surely=sure,
        odd=frozenset(),
    )
    return _by_blanks(table, header, body) or _by_number(table, header, body, ruler)


def is_ruler(line: str) -> bool:
    """Whether a line is runs of dashes, as below names."""
    return line[:2] in DASHES and _RULER.match(line) is not None


def _surely_names(header: str) -> float:
    """How surely a line names columns: in capitals, or as titles set apart."""
    words = header.split()
    apart = _APART.split(header.strip()) if "  " in header else [header]
    if len(words) < 2 or (len(apart) < 2 and len(words) < _LEAST_NUMBERED):
        return 0
    if all(word.upper() == word and word.lower() != word for word in words):
        return _SURE
    if len(apart) > 1 and all(part[0].isupper() or part[0] in "%#" for part in apart):
        return _LIKELY
    return 0


def _by_blanks(table: Grid, header: str, body: list[str]) -> Grid | None:
    starts = _starts(header, body)
    ends = [*starts[1:], None]
    slices = list(zip(starts, ends, strict=True))
    names = [header[start:end].strip() for start, end in slices]
    columns = [[line[start:end].strip() for line in body] for start, end in slices]
    if len(names) < _LEAST_COLUMNS or any(map(_hides_columns, names, columns)):
        return None
    if table.surely == _LIKELY and not any(map(numeric, columns)):
        return None
    return table._replace(names=names, rows=list(map(list, zip(*columns, strict=True))))


def _starts(header: str, body: list[str]) -> list[int]:
    """Where columns start: behind blanks in every line, below a name of their own."""
    width = max(map(len, [header, *body]))
    if width > _WIDEST:
        return []
    padded = "\n".join([line.ljust(width) for line in [header, *body]])
    inked = padded.encode("ascii", "replace").translate(_BITS).split(b"\n")
    mask = format(reduce(or_, [int(bits, 2) for bits in inked]), f"0{width}b")
    starts: list[int] = []
    behind = 0
    for span in re.finditer("1+", mask):
        start, end = span.span()
        named = not header[start:end].isspace() and start < len(header)
        word = start - behind == 1 and not any(line[start:end].strip() for line in body)
        if not starts or (named and not word):
            starts.append(start)
        behind = end
    return starts


def _hides_columns(name: str, column: list[str]) -> bool:
    """Whether the cells below a name of several words are as many columns."""
    words = len(name.split())
    return "  " in name or (words > 1 and all(len(cell.split()) >= words for cell in column))


def _by_number(table: Grid, header: str, body: list[str], ruler: str) -> Grid | None:
    """Rows of as many words as the header; the last cell has all that is left."""
    names = header.split()
    rows = [line.split(None, len(names) - 1) for line in body]
    if ruler or table.surely < _SURE or len(names) < _LEAST_NUMBERED:
        return None
    if any(len(row) != len(names) for row in rows):
        return None
    return table._replace(names=names, rows=[[*row[:-1], row[-1].rstrip()] for row in rows])


def _drawn(grid: Grid, lines: list[str]) -> Drawn | None:
    start = grid.spans[0][0]
    ruler = lines[grid.first + 1] if start > grid.first + 1 else ""
    lines = [lines[grid.first], *lines[start : grid.end]]
    starts = _starts(lines[0], lines[1:])
    rows = [grid.names, *grid.rows]
    if len(starts) != len(grid.names):
        return None
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ends = _right_ends(starts, lines)
    row_format = _format(starts, ends, widths)
    if row_format is None:
        return None
    form = _form(starts, [end or 0 for end in ends], widths) + (", ruled" if ruler else "")
    usual = row_format % tuple(["-" * width for width in widths])
    head = [] if ruler in ("", usual.rstrip()) else [f"ruler: {ruler}"]
    if list(map(row_format.__mod__, map(tuple, rows))) == lines:
        return Drawn(f"{form}, padded", head, grid.rows)
    # Blanks behind the last cell are its own, if they are not all there are.
    if not ends[-1]:
        rows = [[*row[:-1], line[starts[-1] :]] for row, line in zip(rows, lines, strict=True)]
    if rows[0] != grid.names or not _draws(row_format, rows, lines):
        return None
    return Drawn(form, head, rows[1:])


def _draws(row_format: str, rows: list[list[str]], lines: list[str]) -> bool:
    """Whether the lines are the rows without the padding behind the last cell."""
    drawn = [
        (row_format % tuple(row)).rstrip() + " " * (len(row[-1]) - len(row[-1].rstrip()))
        for row in rows
    ]
    return drawn == lines


def _format(starts: list[int], ends: list[int | None], widths: list[int]) -> str | None:
    """The format of a row for `%`, or None where columns have no place of their own."""
    parts: list[str] = []
    at = 0
    for start, end, width in zip(starts, ends, widths, strict=True):
        if end is None or (end and end - at < width) or (not end and start < at):
            return None
        parts.append(f"%{end - at}s" if end else " " * (start - at) + f"%-{width}s")
        at = end or start + width
    return "".join(parts)


def _right_ends(starts: list[int], lines: list[str]) -> list[int | None]:
    """For each column 0 where its cells start together, else where they end together, or None
    where they do neither."""
    found: list[int | None] = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else None
        cells = [line[start:end].rstrip() for line in lines]
        cells = [cell for cell in cells if cell]
        ends = set(map(len, cells))
        if not any(cell[0] == " " for cell in cells):
            found.append(0)
        else:
            found.append(start + ends.pop() if len(ends) == 1 else None)
    return found


def _form(starts: list[int], ends: list[int], widths: list[int]) -> str:
    gaps = {
        after - start - width
        for start, width, after in zip(starts, widths, starts[1:], strict=False)
    }
    if starts[0] == 0 and len(gaps) == 1 and not any(ends):
        gap = gaps.pop()
        return f"aligned by {gap} blank{'s' if gap > 1 else ''}"
    places = [f"-{end}" if end else str(start + 1) for start, end in zip(starts, ends, strict=True)]
    return f"aligned at {','.join(places)}"
