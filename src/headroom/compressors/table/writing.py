"""What stands in the place of a table: a folded one, some of its rows, or some of its lines.

    table: 40 of 240 rows (CSV), each behind its line number
    same in all: state=open
    columns: id,title
    2: 7,Fix the login
    [… 12 rows omitted (200 in 9 gaps) · headroom_retrieve("k3f9a2c1", lines="3-14")]
    15: 20,Typo
    [… 5 rows, lines 16-20]

Its rule: every row is shown or inside exactly one gap; the first gap says how all are had. Rows
are numbered by the line of the text that they start on.
"""

from collections.abc import Iterator

from headroom.compressors.json_rows import FlatTable, FoldedRows
from headroom.compressors.table.model import Drawn, Grid
from headroom.markers import gap_line, omission

TITLE = "table: "
"""How the first line of a folded table begins."""


def folded(drawn: Drawn, flat: FlatTable, note: str) -> str:
    """The whole table; `note` is added to how it was drawn."""
    rows = flat.folded()
    order = [] if rows.complete else [f"order: {flat.header()}"]
    title = f"{TITLE}{flat.size} rows ({drawn.form}{note})"
    return "\n".join([title, *drawn.head, *order, *_body(rows)])


def without_drawing(grid: Grid, flat: FlatTable, ref: str) -> str:
    """The whole table but for its padding or quotes, which follow no rule."""
    lines = f"{grid.first + 1}-{grid.end}"
    marker = omission("padding and quotes omitted", ref, lines=lines)
    return "\n".join([f"{TITLE}{flat.size} rows ({grid.form})", marker, *_body(flat.folded())])


def _body(rows: FoldedRows) -> Iterator[str]:
    yield from rows.facts
    yield f"columns: {rows.header}".rstrip()
    for row in rows.rows:
        if row.section:
            yield row.section
        yield row.cells


def shortened(grid: Grid, flat: FlatTable, places: list[int], ref: str) -> str:
    """The table with only the rows at `places`."""
    rows = flat.folded(places)
    gaps = _gaps(grid, places, ref)
    count = f"{len(places):,} of {len(grid.rows):,} rows"
    lines = [f"{TITLE}{count} ({grid.form}), each behind its line number", *rows.facts]
    lines.append(f"columns: {rows.header}".rstrip())
    cells = {row.place: row for row in rows.rows}
    for place in places:
        lines += gaps.pop(place, [])
        row = cells.get(place)
        if row is not None and row.section:
            lines.append(row.section)
        lines.append(f"{grid.spans[place][0] + 1}: {row.cells if row else ''}".rstrip())
    return "\n".join([*lines, *gaps.pop(len(grid.rows), [])])


def verbatim(grid: Grid, lines: list[str], places: list[int], ref: str) -> str:
    """The table's own lines without those of the rows that are not at `places`."""
    gaps = _gaps(grid, places, ref)
    said: list[str] = []
    at = grid.first
    shown = set(places)
    for place, (start, end) in enumerate(grid.spans):
        said += lines[at:start] if place in shown or place == 0 else []
        said += gaps.get(place, [])
        said += lines[start:end] if place in shown else []
        at = end
    said += gaps.get(len(grid.rows), [])
    return "\n".join([*said, *lines[at : grid.end]])


def _gaps(grid: Grid, places: list[int], ref: str) -> dict[int, list[str]]:
    """The line that stands for each run of rows left out, by the place of the row behind it."""
    runs = list(_runs(places, len(grid.rows)))
    total = sum(end - start for start, end in runs)
    found: dict[int, list[str]] = {}
    for start, end in runs:
        count = f"{end - start:,} row{'s' if end - start > 1 else ''}"
        first, last = grid.spans[start][0] + 1, grid.spans[end - 1][1]
        place = f"{first}-{last}" if last > first else str(first)
        if found:
            found[end] = [gap_line(f"{count}, line{'s' if last > first else ''} {place}")]
            continue
        more = f" ({total:,} in {len(runs)} gaps)" if len(runs) > 1 else ""
        found[end] = [omission(f"{count} omitted{more}", ref, lines=place)]
    return found


def _runs(places: list[int], size: int) -> Iterator[tuple[int, int]]:
    before = -1
    for place in [*places, size]:
        if place > before + 1:
            yield before + 1, place
        before = place
