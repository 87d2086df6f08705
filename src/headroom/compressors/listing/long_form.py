"""Rows with columns (`ls -l`, `find -ls`, `tar tv`, `unzip -l`): what is equal in them said once.

    [ls -l, equal columns said once: "SIZE TIME NAME" is "-rw-r--r-- 1 root root SIZE Apr 7 TIME
    NAME", "LINKS TIME NAME/" is "drwxr-xr-x LINKS root root 4096 Apr 7 TIME NAME"]
    ./src:
    total 300
    9336 15:38 BUILD.md
    3 15:34 tests/

A line that begins with a digit is such a row; all others stand as they were, rows unlike the
rest among them. Rows that name their folders themselves stand below them, after a count.
Padding is left out only where the longest field of a section sets it again; other widths are
said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headroom.compressors.listing import folders
from headroom.compressors.listing.gaps import Entry, Gap
from headroom.compressors.listing.rows import Rows, Section, rows_of
from headroom.compressors.listing.templates import Row, Template

_NOTE = "[rows below "
_NESTED = "; indented is inside the folder above]"


@dataclass(frozen=True, slots=True)
class Item:
    """A row by the name it has in its folder; without a template it is text of its own."""

    name: str
    kind: Template | None = None
    fields: Row = ()

    def written(self, folder: str) -> str:
        """The row, its name behind `folder`."""
        return self.kind.written(self.fields, folder + self.name) if self.kind else self.name


class LongForm:
    """A text of rows, cut once."""

    least_saved = 80
    most_left = 0.99

    def __init__(self, text: str) -> None:
        self._rows = rows_of(text.split("\n"))
        self._short = _shortened(self._rows) if self._rows else None

    def entries(self) -> list[Entry]:
        """Every line with its folder."""
        return self._rows.entries() if self._rows else []

    def fold(self, gaps: Mapping[int, Gap]) -> str | None:
        """The text with equal columns said once, or None where that is not to be had."""
        if self._short is not None:
            return _in_place(self._short, gaps)
        if self._rows is None or not self._rows.sections:
            return None
        longest = max(self._rows.sections, key=lambda each: each.end - each.start)
        return _nested(self._rows, longest, gaps)


def _header(rows: Rows, kinds: Mapping[str, Template], count: str, note: str) -> str:
    told = ", ".join([kind.told() for kind in kinds.values()])
    return f"[{count}{rows.layout.says}, equal columns said once: {told}{note and '; ' + note}]"


def _shortened(rows: Rows) -> list[str] | None:
    """The header, and each row shortened where it stands; rows unlike the rest stand as they
    were. None where rows name their folders, or where other lines could be taken for rows."""
    kinds = rows.templates(None, strict=False)
    if not kinds or rows.layout.columns[0] != "MODE" or rows.has_paths():
        return None
    if any([text[:1].isdigit() or text.startswith(_NOTE) for text in rows.lines]):  # noqa: C419
        return None
    short = [_header(rows, kinds, "", ""), *rows.lines]
    for section in rows.sections:
        for at in range(section.start, section.end):
            fields = rows.fields[at] or ()
            kind = kinds.get(rows.kind(fields))
            if kind and kind.fits(fields):
                short[at + 1] = kind.written(fields, fields[-1])
        if section.note:
            short[section.start + 1] = f"{_NOTE}{section.note}]\n{short[section.start + 1]}"
    return short


def _in_place(short: Sequence[str], gaps: Mapping[int, Gap]) -> str:
    """The header and the lines with gaps in their places."""
    out: list[str] = [short[0]]
    lines = short[1:]
    at = 0
    for gap in gaps.values():
        heading = f"{gap.folder}: " if lines[gap.start].endswith(":") else ""
        out += [*lines[at : gap.start], heading + gap.text]
        at = gap.end
    return "\n".join([*out, *lines[at:]])


def _nested(rows: Rows, section: Section, gaps: Mapping[int, Gap]) -> str | None:
    """The longest run of rows, each below its folder. A row unlike the rest stands as it was
    where it cannot be taken for one of them, which begin with a digit."""
    strict = rows.layout.columns[0] != "MODE"
    kinds = rows.templates(section, strict=strict)
    if not kinds or (strict and not rows.has_only(section, kinds)):
        return None
    found = folders.grouped(_items(rows, section, kinds, gaps))
    body: list[str] = []
    for step in folders.steps([folder for folder, _ in found]):
        body += _written(step, found[step.group][1] if step.group >= 0 else [])
    count = section.end - section.start
    title = _header(rows, kinds, f"{count:,} rows of ", section.note)[:-1] + _NESTED
    return "\n".join([*rows.lines[: section.start], title, *body, *rows.lines[section.end :]])


def _items(
    rows: Rows, section: Section, kinds: Mapping[str, Template], gaps: Mapping[int, Gap]
) -> list[tuple[str, Item]]:
    """The rows and gaps of a section, each with its folder."""
    items: list[tuple[str, Item]] = []
    until = -1
    for at in range(section.start, section.end):
        if at in gaps:
            until = gaps[at].end
            items.append((gaps[at].folder, Item(gaps[at].text)))
        fields = rows.fields[at] or ()
        if at < until:
            continue
        kind = kinds.get(rows.kind(fields))
        if kind and kind.fits(fields):
            path = fields[-1]
            folder, name = folders.split(path) if folders.is_plain(path) else ("", path)
            items.append((folder, Item(name, kind, fields)))
        else:
            items.append(("", Item(rows.lines[at])))
    return items


def _written(step: folders.Step, items: Sequence[Item]) -> list[str]:
    """A folder's line and its rows below; one line where there is one row."""
    indent = " " * step.depth
    if len(items) == 1 and not step.around and items[0].kind:
        return [indent + items[0].written(step.relative)]
    opening = [indent + step.relative] if step.relative else []
    deeper = indent + " " * len(opening)
    return [*opening, *[deeper + item.written("") for item in items]]
