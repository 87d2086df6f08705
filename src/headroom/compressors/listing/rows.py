"""A text of rows with columns, cut once: the fields of each row, and runs whose padding is told.

It knows what stands in which column and in which folder a row stands; how rows are written
shorter is others' concern.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from headroom.compressors.listing import columns
from headroom.compressors.listing.columns import Layout
from headroom.compressors.listing.gaps import Entry
from headroom.compressors.listing.templates import Row, Template, template

_LEAST = 4
_LEAST_PADDED = 8
_LINK = " -> "


class Section(NamedTuple):
    """Rows that follow each other, from one index to another; `note` tells odd widths."""

    start: int
    end: int
    note: str


class Rows:
    """The lines of a text, and the fields of those that are rows of one layout."""

    def __init__(self, lines: Sequence[str], layout: Layout) -> None:
        self.lines = lines
        self.layout = layout
        self.fields = [match and match.groups() for match in map(layout.row.match, lines)]
        self.sections = _sections(layout, lines, self.fields)
        self._mode = layout.columns.index("MODE") if "MODE" in layout.columns else -1

    def kind(self, row: Row) -> str:
        """`d` of a folder's row, `-` of a file's, else what no template is made for."""
        return row[self._mode][0] if self._mode >= 0 else "-"

    def has_paths(self) -> bool:
        """Whether some names say their folder themselves."""
        names = [row[-1] for row in self.fields if row and "/" in row[-1]]
        return any("/" in name.partition(_LINK)[0].rstrip("/") for name in names)

    def has_only(self, section: Section, kinds: Mapping[str, Template]) -> bool:
        """Whether the rows of a section are all of these kinds."""
        return all(
            self.kind(row) in kinds for row in self.fields[section.start : section.end] if row
        )

    def templates(self, section: Section | None, *, strict: bool) -> dict[str, Template]:
        """The templates of folders and of files, where they are many: of one section or of all;
        `strict` makes them hold for every row."""
        by_kind: dict[str, list[Row]] = {"-": [], "d": []}
        for each in [section] if section else self.sections:
            for row in filter(None, self.fields[each.start : each.end]):
                by_kind.get(self.kind(row), []).append(row)
        return {
            kind: template(self.layout, rows, strict=strict, folders=kind == "d")
            for kind, rows in by_kind.items()
            if len(rows) >= (1 if strict else _LEAST)
        }

    def entries(self) -> list[Entry]:
        """Every line with its folder; a heading and what is around the rows of a folder count
        to it."""
        found: list[Entry] = []
        folder = ""
        for index, (text, row) in enumerate(zip(self.lines, self.fields, strict=True)):
            if row is None:
                if text.endswith(":"):
                    folder = text[:-1].rstrip("/") + "/"
                found.append(Entry(index, folder, ""))
                continue
            inside, slash, name = row[-1].partition(_LINK)[0].rstrip("/").rpartition("/")
            mark = "/" if self.kind(row) == "d" else ""
            found.append(Entry(index, f"{folder}{inside}{slash}", name + mark))
        return found


def rows_of(lines: Sequence[str]) -> Rows | None:
    """The rows among these lines, of the layout that the first one follows."""
    layout = next(filter(None, map(columns.layout_of, lines)), None)
    return Rows(lines, layout) if layout else None


def _sections(layout: Layout, lines: Sequence[str], fields: Sequence[Row | None]) -> list[Section]:
    """The runs of rows whose padding can be told."""
    out = []
    at = 0
    for is_row, members in groupby(fields, key=bool):
        run = list(members)
        end = at + len(run)
        if is_row:
            padding = columns.padding_of(layout, [row for row in run if row], lines[at:end])
            if padding and (padding[1] or len(run) >= _LEAST_PADDED):
                note = "" if padding[1] else f'padded as "{padding[0]}NAME"'
                out.append(Section(at, end, note))
        at = end
    return out
