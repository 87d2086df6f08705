"""Whether a table holds data or only lays out a page, and its rows.

Data are rows of short cells; a table whose cells hold lists, code or other tables is layout, and
its cells are read as blocks.
"""

from headroom.compressors.html.tree import Node

_NO_DATA = frozenset(("table", "pre", "ul", "ol", "dl", "blockquote", "h1", "h2", "h3", "article"))
_LONG_CELL = 600


def table_rows(table: Node, left_out: frozenset[int]) -> list[list[Node]] | None:
    """The rows of a table of data, or None for layout."""
    rows = [_cells(row, left_out) for row in _rows(table)]
    rows = [row for row in rows if row]
    if not rows or max(map(len, rows)) < 2:
        return None
    if any(cell.text > _LONG_CELL or _holds_no_data(cell) for row in rows for cell in row):
        return None
    return rows


def _rows(table: Node) -> list[Node]:
    found = []
    for child in table.children:
        if isinstance(child, Node) and child.tag in ("thead", "tbody", "tfoot"):
            found += _rows(child)
        elif isinstance(child, Node) and child.tag == "tr":
            found.append(child)
    return found


def _cells(row: Node, left_out: frozenset[int]) -> list[Node]:
    return [
        cell
        for cell in row.children
        if isinstance(cell, Node) and cell.tag in ("td", "th") and id(cell) not in left_out
    ]


def _holds_no_data(cell: Node) -> bool:
    pending = [cell]
    while pending:
        for child in pending.pop().children:
            if isinstance(child, Node):
                if child.tag in _NO_DATA:
                    return True
                pending.append(child)
    return False
