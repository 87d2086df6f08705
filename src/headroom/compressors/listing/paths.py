"""Lists of paths, one a line, bare or behind a status, a size or a hash: folders said once.

    [84 paths; "a/: b c" is a/b and a/c, indented is inside the folder above]
    [84 lines: 3 columns, then the name; indented is inside the folder above]

A run of such lines becomes a block under a line that counts it; all other lines stand between
the blocks as they were. The first block says how to read it, the others only count.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from headroom.compressors.listing import folders
from headroom.compressors.listing.gaps import MAKE_ENTRY, Entry, Gap

_LEAST = 4
_OVERHEAD = 60
_HEADER = re.compile(r"\[[\d,]+ (?:paths|lines:)")
_EXPLAINED = '; "a/: b c" is a/b and a/c, indented is inside the folder above'
_EXPLAINED_ROWS = "; indented is inside the folder above"
_SPACED_PATH = re.compile(r"\.?/[^:()]*\Z")
_BEFORE = re.compile(
    r"(?! {2})[ MADRCUT?!]{2} (?=\S)|[MADRCUTX]\d{0,3}\t(?=\S)"
    r"|\t(?:modified|new file|deleted|renamed|copied|typechange|both \w+|\w+ by \w+): {1,12}(?=\S)"
    r"| {0,12}[\d.,]{1,15}[KMGTPB]?(?: {1,12}\d{1,12}){0,3}(?:\t| {1,2})(?=\S)"
    r"|[0-9a-f]{32,128} [ *](?=\S)"
    r"|\d{6} (?:(?:blob|tree|commit) )?[0-9a-f]{40,64}(?: +[\d-]{1,12})?\t(?=\S)"
)
_STATUS = re.compile(r"[ MADRCUTX?!]{1,2}[ \t]|\t")
_FEW_CHANGES = 200
_BARE, _ROW, _OTHER = 0, 1, 2


def kind_of(text: str) -> int:
    """0 where a line is a bare path, 1 where something stands before it, else 2."""
    return _BARE if folders.is_plain(text) else _kind_and_head(text)[0]


def is_path(text: str) -> bool:
    """Whether a line is a path, bare or behind a status, a size or a hash."""
    return "/" in text and kind_of(text) != _OTHER


class Paths:
    """A text of paths, cut once."""

    # An agent copies a path whole; one in pieces must be worth the piecing.
    least_saved = 1_500
    most_left = 0.9

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._heads = [""] * len(self._lines)
        if folders.are_plain(self._lines):
            self._kinds = [_BARE if line else _OTHER for line in self._lines]
            self._cuts = folders.split_all(self._lines)
            return
        self._kinds = [_BARE] * len(self._lines)
        plain = folders.plain_ones(self._lines)
        ones = [line if is_plain else "" for line, is_plain in zip(self._lines, plain, strict=True)]
        self._cuts = folders.split_all(ones)
        for at, is_plain in enumerate(plain):
            if not is_plain:
                line = self._lines[at]
                self._kinds[at], head = _kind_and_head(line)
                self._heads[at] = head
                self._cuts[at] = _cut(line[len(head) :])

    def entries(self) -> list[Entry]:
        """The paths; of a short list of changes none, for each of them counts."""
        changes = sum(1 for head in filter(None, self._heads) if _STATUS.match(head))
        if 0 < changes < _FEW_CHANGES:
            return []
        found: list[Entry] = []
        for kind, start, end in self._blocks():
            if kind != _OTHER:
                cuts = zip(*self._cuts[start:end], strict=True)
                found += map(MAKE_ENTRY, zip(range(start, end), *cuts, strict=True))
        return found

    def _blocks(self) -> Iterator[tuple[int, int, int]]:
        """The runs of lines of one kind; a few paths among other lines are other lines."""
        at = 0
        for kind, members in groupby(self._kinds):
            end = at + len(list(members))
            yield kind if end - at >= _LEAST else _OTHER, at, end
            at = end

    def fold(self, gaps: Mapping[int, Gap]) -> str | None:
        """The text with folders said once, or None where its own words forbid it."""
        out: list[str] = []
        told: set[int] = set()
        for kind, at, end in self._blocks():
            block = None
            if kind != _OTHER:
                fold = self._bare if kind == _BARE else self._rows
                block = fold(at, end, [gap for gap in gaps.values() if at <= gap.start < end])
            if block is None:
                block = self._verbatim(at, end, gaps)
                if any(map(_HEADER.match, block)):
                    return None
            else:
                explained = _EXPLAINED if kind == _BARE else _EXPLAINED_ROWS
                block[0] += "]" if kind in told else f"{explained}]"
                told.add(kind)
            out += block
        return "\n".join(out) if told else None

    def _verbatim(self, start: int, end: int, gaps: Mapping[int, Gap]) -> list[str]:
        out = []
        at = start
        while at < end:
            out.append(gaps[at].text if at in gaps else self._lines[at])
            at = gaps[at].end if at in gaps else at + 1
        return out

    def _bare(self, start: int, end: int, gaps: list[Gap]) -> list[str] | None:
        """A block of bare paths; None where saying folders once saves nothing."""
        size = sum(map(len, self._lines[start:end])) + end - start
        count = end - start
        parts: list[tuple[str, list[str]]] = []
        for gap in gaps:
            parts += [*self._words(start, gap.start), (gap.folder, [gap.text])]
            start = gap.end
        parts += self._words(start, end)
        found = parts
        if gaps:
            found = [
                (folder, [word for members in each for word in members])
                for folder, each in folders.grouped(parts)
            ]
        body = [
            folders.line(step, found[step.group][1] if step.group >= 0 else ())
            for step in folders.steps([folder for folder, _ in found])
        ]
        shorter = sum(map(len, body)) + len(body) + len(_EXPLAINED) < size
        return [f"[{count:,} paths", *body] if gaps or shorter else None

    def _words(self, start: int, end: int) -> list[tuple[str, list[str]]]:
        cuts = self._cuts[start:end]
        return [(folder, [*folders.words(names)]) for folder, names in folders.grouped(cuts)]

    def _rows(self, start: int, end: int, gaps: list[Gap]) -> list[str] | None:
        """A block of paths behind something; None where they do not begin in one column or
        saying folders once saves nothing."""
        heads = self._heads[start:end]
        tabbed = all(head.endswith("\t") for head in heads)
        if not tabbed and len({*map(len, heads)}) > 1:
            return None
        blank = "\t" if tabbed else " " * len(heads[0])
        items: list[tuple[str, tuple[str, str]]] = []
        at = start
        for gap in gaps:
            items += self._items(at, gap.start)
            items.append((gap.folder, (blank, gap.text)))
            at = gap.end
        found = folders.grouped([*items, *self._items(at, end)])
        body: list[str] = []
        for step in folders.steps([folder for folder, _ in found]):
            body += _written(step, found[step.group][1] if step.group >= 0 else [], blank)
        size = sum(map(len, self._lines[start:end])) + end - start
        if not gaps and sum(map(len, body)) + len(body) + _OVERHEAD > size:
            return None
        told = "a tab" if tabbed else f"{len(blank)} columns"
        return [f"[{end - start:,} lines: {told}, then the name", *body]

    def _items(self, start: int, end: int) -> list[tuple[str, tuple[str, str]]]:
        return [
            (folder, (head, name))
            for (folder, name), head in zip(
                self._cuts[start:end], self._heads[start:end], strict=True
            )
        ]


def _kind_and_head(text: str) -> tuple[int, str]:
    """The kind of a line that is no plain path, and what stands before its path."""
    if _SPACED_PATH.match(text):
        return _BARE, ""
    found = _BEFORE.match(text)
    return (_ROW, found[0]) if found else (_OTHER, "")


def _cut(path: str) -> tuple[str, str]:
    """A path's folder and name; where they would not read as such the path is whole."""
    folder, name = folders.split(path)
    if not folder:
        return ("", path)
    reads = folders.is_plain(folder) and not name[:1].isspace()
    return (folder, name) if reads else ("", path)


def _written(step: folders.Step, rows: list[tuple[str, str]], blank: str) -> list[str]:
    """A folder's line and its rows below; one line where there is one row."""
    indent = " " * step.depth
    if len(rows) == 1 and not step.around and rows[0][0] != blank:
        return [f"{rows[0][0]}{indent}{step.relative}{rows[0][1]}"]
    if step.relative:
        deeper = indent + " "
        return [
            f"{blank}{indent}{step.relative}",
            *[f"{head}{deeper}{name}" for head, name in rows],
        ]
    return [f"{head}{indent}{name}" for head, name in rows]
