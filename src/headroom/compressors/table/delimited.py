"""Values with a delimiter between them: CSV, TSV and the like, with quotes and line breaks in them.

Its rule: as many cells in each row as names above them. What a document or code with commas
looks like is no table.
"""

import csv
import io
import re
from itertools import islice

from headroom.compressors.table.model import Drawn, Grid, numeric, odd_rows

_DELIMITERS = {",": "CSV", "\t": "TSV", ";": "CSV by ;", "|": "CSV by |"}
_LEAST_ROWS = 3
_LEAST_WIDTH = 2
_PREVIEW = 8
_MOST_ODD = 0.05
_WIDEST = 400
_LONGEST_NAME = 60
_NAME = re.compile(
    r"(?:[^\W\d][\w .,:%#$/@&'+-]*|[#%$@][\w .-]*|\d{4})(?: ?[(\[][^()\[\]{}:;]{1,24}[)\]])?\??\Z"
)
_MOST_WORDS, _SHORT = 8, 32
_CLOCK = re.compile(r"\d\d:\d\d(?!\d)")
_LITERAL = re.compile(r"(?:[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|NA|NULL|)\Z")
_QUOTED = re.compile(r'"[^"]*"')
_NUMBERED = re.compile(r"\s*\d+[\t|:]")


def delimited(lines: list[str], first: int) -> Grid | None:
    """The table whose header is line `first`, or None."""
    for delimiter, form in _DELIMITERS.items():
        if delimiter in lines[first] and _promising(lines, first, delimiter):
            found = _table(lines, first, delimiter, form)
            if found is not None:
                return found
    return None


def _promising(lines: list[str], first: int, delimiter: str) -> bool:
    """A look at the first few lines, which is cheap."""
    some = lines[first : first + _PREVIEW]
    if len(some) <= _LEAST_ROWS or all(map(_NUMBERED.match, some[:3])):
        return False
    counts = [line.count(delimiter) for line in some]
    if delimiter != "\t" and 2 * "\n".join(some).count(delimiter + " ") > sum(counts):
        return False
    return counts.count(counts[0]) > _LEAST_ROWS or _may_be_quoted(some, delimiter)


def _may_be_quoted(lines: list[str], delimiter: str) -> bool:
    """Whether quotes explain why lines have unlike numbers of delimiters: line breaks between
    them, or delimiters."""
    if not any('"' in line for line in lines):
        return False
    if any(line.count('"') % 2 for line in lines):
        return True
    counts = [_QUOTED.sub("", line).count(delimiter) for line in lines]
    return counts.count(counts[0]) > _LEAST_ROWS


def _table(lines: list[str], first: int, delimiter: str, form: str) -> Grid | None:
    if '"' not in lines[first] and not _may_be_first(lines[first].split(delimiter), delimiter):
        return None
    every, ends = _read(lines, first, delimiter)
    width = len(every[0]) if every else 0
    headed = every != [] and _is_header(every[0])
    rows = every[headed:]
    odd = odd_rows(rows, width)
    if not _LEAST_WIDTH <= width <= _WIDEST or len(rows) < _LEAST_ROWS:
        return None
    if len(odd) > _MOST_ODD * len(rows) or not (headed or _can_lack_names(rows, delimiter)):
        return None
    if not all(any(row[place : place + 1] != [""] for row in rows) for place in (0, width - 1)):
        return None
    names = every[0] if headed else [str(number) for number in range(1, width + 1)]
    spans = list(zip([first, *ends], ends, strict=False))[headed:]
    return Grid(
        first=first,
        end=ends[-1],
        names=names,
        rows=rows,
        spans=spans,
        form=form if headed else f"{form}, no header",
        draw=_drawn,
        surely=0.8 if headed else 0.25,
        odd=odd,
    )


def _drawn(grid: Grid, lines: list[str]) -> Drawn | None:
    """How cells are quoted: only those that need it, if words say nothing."""
    text = "\n".join(lines[grid.first : grid.end])
    headed = grid.spans[0][0] > grid.first
    every = [grid.names, *grid.rows] if headed else grid.rows
    delimiter = _delimiter(grid.form)
    for quoting, said in _QUOTINGS.items():
        if '"' not in text or said(every, delimiter) == text:
            return Drawn(grid.form + quoting, [], grid.rows)
    return None


def _delimiter(form: str) -> str:
    return next(sign for sign, name in reversed(_DELIMITERS.items()) if form.startswith(name))


def _read(lines: list[str], first: int, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The rows down to a blank line, and the line behind each. Rows at the end with other
    than as many cells as the first one are none."""
    rows, ends = _unquoted(lines, first, delimiter)
    if '"' in "".join(lines[first : first + len(rows)]):
        rows, ends = _quoted(lines, first, delimiter)
    while rows and len(rows[-1]) != len(rows[0]):
        del rows[-1], ends[-1]
    return rows, ends


def _unquoted(lines: list[str], first: int, delimiter: str) -> tuple[list[list[str]], list[int]]:
    end = lines.index("", first) if "" in lines[first:] else len(lines)
    rows = [line.split(delimiter) for line in lines[first:end]]
    return rows, list(range(first + 1, end + 1))


def _quoted(lines: list[str], first: int, delimiter: str) -> tuple[list[list[str]], list[int]]:
    rows: list[list[str]] = []
    ends: list[int] = []
    ended = (f"{line}\n" for line in islice(lines, first, None))
    reader = csv.reader(ended, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if not row:
                break
            rows.append(row)
            ends.append(first + reader.line_num)
    except csv.Error:
        return [], []
    return rows, ends


def _is_header(names: list[str]) -> bool:
    """Whether a first row reads as names: each its own, short, no number and no sentence. The
    first may be empty, as that of an index is; the others may be years."""
    if len(set(names)) < len(names) or (names[0] and names[0].isdecimal()):
        return False
    return all(
        _NAME.match(name) and len(name) <= _LONGEST_NAME and name.count(" ") < _MOST_WORDS
        for name in (names if names[0] else names[1:])
    )


def _may_be_first(cells: list[str], delimiter: str) -> bool:
    """Whether these cells may be names, or the first row of a table without names."""
    return _is_header(cells) or _lacks_names(cells, delimiter)


def _lacks_names(cells: list[str], delimiter: str) -> bool:
    """Whether a first row below no names may be a table's."""
    return (
        (len(cells) > _LEAST_WIDTH or delimiter == "\t")
        and all(map(str.strip, cells))
        and not _CLOCK.search(" ".join(cells))
    )


def _can_lack_names(rows: list[list[str]], delimiter: str) -> bool:
    """Whether rows below no names are a table's: of three cells and more, or set apart by tabs,
    short, with numbers among them and no clock, which is a log's."""
    cells = [cell for row in rows[:_PREVIEW] for cell in row]
    return (
        _lacks_names(rows[0], delimiter)
        and sum(map(len, cells)) < _SHORT * len(cells)
        and any(numeric(list(column)) for column in zip(*rows[:_PREVIEW], strict=False))
    )


def _where_needed(rows: list[list[str]], delimiter: str) -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return made.getvalue()[:-1]


def _everywhere(rows: list[list[str]], delimiter: str) -> str:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return made.getvalue()[:-1]


def _around_texts(rows: list[list[str]], delimiter: str) -> str:
    return "\n".join([delimiter.join(map(_text_quoted, row)) for row in rows])


def _text_quoted(cell: str) -> str:
    return cell if _LITERAL.match(cell) else '"' + cell.replace('"', '""') + '"'


_QUOTINGS = {
    "": _where_needed,
    ", all quoted": _everywhere,
    ", all but numbers quoted": _around_texts,
}
