"""What `tree` draws: bars and corners become indentation, neighbours without children one line.

    [tree drawn with "├── " "└── " "│   "; here a space of indentation a level, neighbours …]
    .
     src/
      __init__.py engine.py
     README.md

A name with a slash and deeper lines below it is their folder. The drawing follows from the
levels, so it can be drawn again. Lines outside the tree stand as they were.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from headroom.compressors.listing import folders
from headroom.compressors.listing.gaps import Entry, Gap

_DRAWN = re.compile(r"((?:[│|][ \xa0]{3}|[ \xa0]{4}){0,60})([├└|`+\\][─-]{2} )(\S.*)\Z", re.DOTALL)
_LAST = "└`\\"
_BARS = "│|"
_WIDTH = 4
_ODD = 0.1


class Drawing(NamedTuple):
    """The strings a tree is drawn with."""

    branch: str
    last: str
    bar: str
    space: str


class Block(NamedTuple):
    """Branches on lines that follow each other, from one number to another."""

    start: int
    end: int


def is_drawn(text: str) -> bool:
    """Whether a line is a branch of a drawn tree."""
    return _DRAWN.match(text) is not None


class Tree:
    """A text with drawn trees, cut once: of each branch its line, level and name, and whether
    the branches below it are its children."""

    least_saved = 80
    most_left = 0.99

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        found = [(at, match) for at, match in enumerate(map(_DRAWN.match, self._lines)) if match]
        self._at = [at for at, _ in found]
        self._bars = [match[1] for _, match in found]
        self._branches = [match[2] for _, match in found]
        self._names = [match[3] for _, match in found]
        self._levels = [len(bars) // _WIDTH for bars in self._bars]
        following = zip([*self._at, 0][1:], [*self._levels, 0][1:], strict=True)
        self._is_folder = [
            level < below and after == at + 1
            for at, level, (after, below) in zip(self._at, self._levels, following, strict=True)
        ]
        self._drawing = self._rule()

    def entries(self) -> list[Entry]:
        """The branches, each with the names above it as its folder."""
        found = []
        above: list[str] = []
        for at, level, name in zip(self._at, self._levels, self._names, strict=True):
            folder = "".join(above[max(0, level - 1) : level])
            found.append(Entry(at, folder, name))
            above[level:] = [f"{folder}{name.rstrip('/')}/"]
        return found

    def fold(self, gaps: Mapping[int, Gap]) -> str | None:
        """The text with trees indented, or None where a tree is not drawn by the rule."""
        if self._drawing is None:
            return None
        odd = sum(not folders.is_plain(name) for name in self._names)
        joined = odd < _ODD * len(self._names)
        parents = [self._names[at] for at, is_folder in enumerate(self._is_folder) if is_folder]
        marked = all(name.endswith("/") for name in parents)
        out = [_header(self._drawing, joined, marked)]
        end = 0
        for block in self._blocks():
            out += self._lines[end : self._at[block.start]]
            out += self._joined(block, gaps, marked) if joined else self._single(block, gaps)
            end = self._at[block.end - 1] + 1
        return "\n".join([*out, *self._lines[end:]])

    def _rule(self) -> Drawing | None:
        """How the trees are drawn, where the levels alone give the drawing again, and no other
        line could be taken for an indented one."""
        drawing = _drawing({*self._branches}, {*self._bars})
        drawn = {*self._at}
        outside = [line for at, line in enumerate(self._lines) if at not in drawn]
        if not drawn or drawing.space.strip(" ") or any(line.startswith(" ") for line in outside):
            return None
        again = [mark for block in self._blocks() for mark in self._drawn(block, drawing)]
        return drawing if again == [*map(str.__add__, self._bars, self._branches)] else None

    def _blocks(self) -> Iterator[Block]:
        start = 0
        for number in range(1, len(self._at) + 1):
            if number == len(self._at) or self._at[number] != self._at[number - 1] + 1:
                yield Block(start, number)
                start = number

    def _drawn(self, block: Block, drawing: Drawing) -> Iterator[str]:
        """What is drawn before each name of a block, as its levels decide it."""
        levels = self._levels[block.start : block.end]
        above: list[str] = [""]
        for level, is_last in zip(levels, _last_of_siblings(levels), strict=True):
            bars = above[level] if level < len(above) else ""
            yield bars + (drawing.last if is_last else drawing.branch)
            above[level + 1 :] = [bars + (drawing.space if is_last else drawing.bar)]

    def _single(self, block: Block, gaps: Mapping[int, Gap]) -> list[str]:
        """The lines of one tree, a name a line."""
        out: list[str] = []
        until = 0
        for number in range(block.start, block.end):
            at = self._at[number]
            indent = " " * (self._levels[number] + 1)
            if at in gaps:
                until = gaps[at].end
                out.append(indent + gaps[at].text)
            elif at >= until:
                out.append(indent + self._names[number])
        return out

    def _joined(self, block: Block, gaps: Mapping[int, Gap], marked: bool) -> list[str]:
        """The lines of one tree, neighbours without children in one line."""
        out: list[str] = []
        leaves: list[str] = []
        level, until = 0, 0
        for number in range(block.start, block.end):
            at, name = self._at[number], self._names[number]
            if at < until:
                continue
            alone = self._is_folder[number] or at in gaps
            if leaves and (alone or self._levels[number] != level):
                out.append(" " * (level + 1) + " ".join(folders.words(leaves)))
                leaves = []
            level = self._levels[number]
            if at in gaps:
                until = gaps[at].end
                out.append(" " * (level + 1) + gaps[at].text)
            elif alone:
                word = name if folders.is_plain(name) else folders.quoted(name)
                out.append(f"{' ' * (level + 1)}{word}{'' if marked else '/'}")
            else:
                leaves.append(name)
        return [*out, " " * (level + 1) + " ".join(folders.words(leaves))] if leaves else out


def _drawing(branches: Iterable[str], all_bars: Iterable[str]) -> Drawing:
    """The strings in use; where there are two for one thing, levels do not give it again."""
    bars = sorted(
        {each[at : at + _WIDTH] for each in all_bars for at in range(0, len(each), _WIDTH)}
    )
    branches = sorted(branches)
    return Drawing(
        next((branch for branch in branches if branch[0] not in _LAST), ""),
        next((branch for branch in branches if branch[0] in _LAST), ""),
        next((bar for bar in bars if bar[0] in _BARS), ""),
        next((bar for bar in bars if bar[0] not in _BARS), ""),
    )


def _last_of_siblings(levels: list[int]) -> list[bool]:
    out = []
    later: list[int] = []
    for level in reversed(levels):
        while later and later[-1] > level:
            later.pop()
        is_last = not later or later[-1] != level
        if is_last:
            later.append(level)
        out.append(is_last)
    return out[::-1]


def _header(drawing: Drawing, joined: bool, marked: bool) -> str:
    told = " ".join([f'"{part}"' for part in drawing if part.strip()])
    flag = " -F" if marked else ""
    neighbours = ", neighbours in one line" if joined else ""
    return f"[tree{flag} drawn with {told}; here a space of indentation a level{neighbours}]"
