"""A document as one line of JSON and blocks: where tables stand, and what they say.

    {"total":2,"items":<items>}

    items: 2 records
    ...

Its rule: whatever is no table stays compact JSON in its place.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from headroom.compressors.json_rows.cells import joined
from headroom.compressors.json_rows.layout import NUMBER_COLUMN, Layout, Shown, dotted, grouped
from headroom.compressors.json_rows.parts import Part, parts_of, ranges
from headroom.compressors.json_rows.planner import Planner
from headroom.compressors.json_rows.reader import Document
from headroom.compressors.json_rows.repeats import Entity, find_repeats, free_name
from headroom.compressors.json_rows.selectors import step
from headroom.compressors.json_rows.tables import VALUES, Rows, Table, Tables
from headroom.compressors.json_rows.values import compact, holds_record, nested
from headroom.compressors.json_rows.walk import shapes_of
from headroom.compressors.json_rows.weight import close_weight

_SURELY_PAYS = 50
_SURELY_LESS = 0.97


class Block(NamedTuple):
    """One table of the text.

    `numbers` are the places of its rows in the list at `path` ("" where none can be said),
    which holds `total`; `source` is the list's `id()`, 0 for a table of cited records.
    """

    title: str
    layout: Layout
    path: str
    records: Rows
    numbers: list[int]
    total: int
    source: int

    def head(self, first: str = "") -> list[str]:
        """The lines above the rows; `first` is a column before all others."""
        lines = [self.title]
        if self.layout.constants:
            lines.append(f"same in all: {grouped(self.layout.constants)}")
        if self.layout.empties:
            lines.append(f"empty cells: {grouped(self.layout.empties)}")
        lines.extend(self.layout.facts)
        header = self.layout.header()
        if header or first:
            lines.append(f"columns: {joined(filter(None, (first, header)))}")
        return lines

    def text(self) -> str:
        """The whole block."""
        rows = list(self.layout.rows()) if self.layout.columns else []
        for number, line in self.layout.sections.items():
            rows[number] = f"{line}\n{rows[number]}"
        return "\n".join([*self.head(), *rows])


class Folded(NamedTuple):
    """A document's skeleton ("" where the first block is the document) and its blocks."""

    skeleton: str
    blocks: list[Block]

    def text(self, said: Callable[[Block], str] = Block.text) -> str:
        """The folded text, each block as `said` puts it."""
        parts = [self.skeleton] if self.skeleton else []
        return "\n\n".join([*parts, *map(said, self.blocks)])


def fold_document(document: Document, tables: Tables, coded: bool = True) -> Folded | None:
    """The document with its lists of records as tables, or None where it has none. Where
    rows are left out of `tables`, who writes the blocks says which. `coded` allows cells that
    are to be looked up elsewhere."""
    if not tables.lists:
        return None
    value, left_out = document.value, tables.left_out
    shapes = shapes_of(value, left_out) if left_out else document.shapes
    entities, citations = find_repeats(value, shapes, tables.rows, left_out)
    planner = Planner(citations, coded)
    writer = _Writer(planner, tables, {entity.name for entity in entities})
    skeleton = writer.written(value, "$", "lines" if document.lines else "records")
    blocks = [*writer.blocks, *_entity_blocks(planner)]
    if not blocks:
        return None
    if skeleton in ("<records>", "<lines>") and not writer.divided:
        title = blocks[0].title.split(": ", 1)[1]
        if document.lines:
            title = title.replace(" records", " JSON lines").replace(" values", " JSON lines")
        return Folded("", [blocks[0]._replace(title=title), *blocks[1:]])
    return Folded(skeleton, blocks)


def _entity_blocks(planner: Planner) -> list[Block]:
    """The tables of what is cited; a table may cite further ones."""
    blocks: list[Block] = []
    while len(blocks) < len(planner.cited):
        blocks.append(_entity_block(list(planner.cited.values())[len(blocks)], planner))
    return blocks


def _entity_block(entity: Entity, planner: Planner) -> Block:
    layout = planner.plan(entity.records, keep=entity.field)
    if layout is None:
        raise AssertionError("records of one shape always make a table")
    if entity.field is None:
        numbers = Shown((NUMBER_COLUMN,), "", entity.keys)
        layout = layout._replace(columns=[numbers, *layout.columns])
    by = NUMBER_COLUMN if entity.field is None else dotted((entity.field,))
    size = len(entity.records)
    title = f"{entity.name}: {_count(size, 'records')}, cited by {by}"
    return Block(title, layout, "", entity.records, list(range(size)), size, 0)


def _count(number: int, noun: str) -> str:
    if number != 1:
        return f"{number} {noun}"
    return f"1 {'entry' if noun == 'entries' else noun[:-1]}"


class _Writer:
    """Writes the skeleton and gathers the blocks it points to."""

    def __init__(self, planner: Planner, tables: Tables, taken: set[str]) -> None:
        self._planner = planner
        self._lists = tables.lists
        self._values = any(table.noun == VALUES for table in tables.lists.values())
        self._taken = taken
        self.blocks: list[Block] = []
        self.divided = False

    def written(self, value: Any, path: str, name: str) -> str:
        """The value as JSON with `<name>` in the place of each table."""
        table = self._lists.get(id(value))
        if table is not None:
            return self._table(value, table, path, name)
        if type(value) is dict:
            if not self._may_hold_table(list(value.values())):
                return compact(value)
            inside = [
                f"{compact(key)}:{self.written(part, step(path, key), key)}"
                for key, part in value.items()
            ]
            return "{" + ",".join(inside) + "}"
        if type(value) is list and self._may_hold_table(value):
            inside = [self.written(v, step(path, n), name) for n, v in enumerate(value)]
            return "[" + ",".join(inside) + "]"
        return compact(value)

    def _may_hold_table(self, values: list[Any]) -> bool:
        return bool(nested(values)) if self._values else holds_record(values)

    def _table(self, value: Any, table: Table, path: str, name: str) -> str:
        label = free_name(name, self._taken)
        made = self._blocks(value, table, path, label)
        if not made or (path != "$" and not self._pays(made, value)):
            self._taken.discard(label)
            return self._planner.written(value)
        self.blocks.extend(made)
        self.divided = self.divided or len(made) > 1
        return f"<{label}>"

    def _pays(self, made: list[Block], value: Any) -> bool:
        """Whether the blocks cost less than the list as JSON."""
        if len(made) == 1 and (
            len(made[0].records) > _SURELY_PAYS or made[0].total > len(made[0].records)
        ):
            return True
        said = sum([close_weight(block.text()) for block in made])
        return said + 4 < _SURELY_LESS * close_weight(compact(value))

    def _blocks(self, value: Any, table: Table, path: str, label: str) -> list[Block]:
        whole = len(table.rows) == table.total
        parts = parts_of(table.rows) if whole else [Part(table.rows, table.numbers)]
        blocks: list[Block] = []
        for number, part in enumerate(parts, 1):
            layout = self._planner.plan(part.records)
            if layout is None:
                return []
            title = f"{label}: {_count(len(part.records), table.noun)}"
            if len(parts) > 1:
                title = f"{label} part {number}: {_count(len(part.records), table.noun)}"
                title += f", rows {ranges(part.numbers)}"
            if not whole:
                title = f"{label}: {len(table.rows)} of {_count(table.total, table.noun)} shown"
            blocks.append(
                Block(title, layout, path, part.records, part.numbers, table.total, id(value))
            )
        return blocks
