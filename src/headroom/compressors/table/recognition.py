"""Whether a text is a table: its head is read as one, and a probe of its middle must agree.

Its rule: most of the lines are a table's. A document with a table in it, a log and code have
better owners.
"""

import re

from headroom.compressors.table.found import tables_in
from headroom.compressors.table.model import Grid

NOT_MINE = -1.0
_HEAD = 8_000
_MOST_LINES = 80
_LEAST_ROWS = 3
_MOST = 0.8
_HALF = 0.4
_BARS = re.compile(r"[|│┃║]")


def likelihood(text: str) -> float:
    """0 to 1, or `NOT_MINE`."""
    lines = text[:_HEAD].replace("\r\n", "\n").split("\n")
    if len(text) > _HEAD:
        del lines[-1]
    lines = lines[:_MOST_LINES]
    grids = tables_in(lines)
    rows = sum([len(grid.rows) for grid in grids])
    if rows < _LEAST_ROWS:
        return NOT_MINE
    inside = sum([grid.end - grid.first for grid in grids])
    filled = sum([bool(line.strip()) for line in lines])
    surely = min([grid.surely for grid in grids])
    if inside < _HALF * filled or not _goes_on(text, grids[-1]):
        return NOT_MINE
    return surely if inside >= _MOST * filled else min(surely, 0.5)


def _goes_on(text: str, last: Grid) -> bool:
    """Whether the middle of a long text looks like the table at its head."""
    if len(text) <= 2 * _HEAD:
        return True
    middle = text[len(text) // 2 :][:_HEAD].split("\n")[1:-1]
    if "aligned" in last.form:
        return sum([bool(line) and "  " in line for line in middle]) > _HALF * len(middle)
    signs = {"TSV": "\t", "CSV by ;": ";"}
    sign = "," if last.form.startswith("CSV") else None
    sign = next((s for form, s in signs.items() if last.form.startswith(form)), sign)
    like = [bool(_BARS.search(line)) if sign is None else sign in line for line in middle]
    return sum(like) > _HALF * len(middle)
