"""The tables of a text: where each starts is told by its first lines.

Its rule: every line belongs to one table or to none; what belongs to none stays as it is.
"""

from headroom.compressors.table.aligned import DASHES, aligned, is_ruler
from headroom.compressors.table.boxes import boxed, psql
from headroom.compressors.table.delimited import delimited
from headroom.compressors.table.markdown import markdown
from headroom.compressors.table.model import Grid

_MOST_BEFORE = 12
_MOST_ALIGNED = 24
_TOPS = frozenset("+┌╭╒┏╔╓")


def tables_in(lines: list[str]) -> list[Grid]:
    """The tables among the lines, in order."""
    found: list[Grid] = []
    behind, tries = 0, _MOST_ALIGNED
    for at in _candidates(lines):
        if at < behind:
            continue
        line, below = lines[at], lines[at + 1] if at + 1 < len(lines) else ""
        opens = at == 0 or not lines[at - 1] or lines[at - 1][:1] in "$#>" or is_ruler(below)
        table = _ruled(lines, at, line, below)
        if table is None and at < _MOST_BEFORE:
            table = delimited(lines, at)
        if table is None and tries and opens:
            tries -= 1
            table = aligned(lines, at)
        if table is not None:
            found.append(table)
            behind = table.end
    return found


def _candidates(lines: list[str]) -> list[int]:
    """Lines that a table may begin with, at a glance at them and their neighbours."""
    around = zip(["", *lines], lines, [*lines[1:], ""], strict=False)
    return [
        at
        for at, (above, line, below) in enumerate(around)
        if line
        and (
            at < _MOST_BEFORE
            or not above
            or above[0] in "$#>"
            or "|" in line
            or line[0] in _TOPS
            or below[:2] in DASHES
        )
        and not line.isspace()
    ]


def _ruled(lines: list[str], at: int, line: str, below: str) -> Grid | None:
    if line[0] in _TOPS:
        return boxed(lines, at)
    if "|" in line and below[:1] in "|-: \t" and "-" in below:
        return psql(lines, at) or markdown(lines, at)
    return None
