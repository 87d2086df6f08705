"""What the conversation has shown so far, by line, and which runs of a new text repeat it.

Only what was really sent counts: an edited text enters as it reads after the edit. Lines are
compared as exact characters, save for a line-number gutter (`12:`, `12|`, `   12<tab>`), which
is looked through and said once in the reference. This module knows nothing of files or tools.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from headroom.conversation import Block, Kind
from headroom.markers import Reference, reference

MIN_LINES = 2
MIN_CHARS = 160
_MIN_ANCHOR = 4
_MAX_PLACES = 8

_GUTTER = re.compile(r"( *)([1-9][0-9]{0,6})([\t→:|])(.*)", re.DOTALL)
_PLACES = {
    Kind.TOOL_RESULT: "tool result",
    Kind.TOOL_CALL: "tool call",
    Kind.USER_TEXT: "user text",
    Kind.ASSISTANT_TEXT: "assistant text",
    Kind.SYSTEM_TEXT: "system text",
}


class Gutter(NamedTuple):
    """The line number in front of a line: `width` with its padding, 0 where it has none."""

    number: int
    width: int
    mark: str

    def __str__(self) -> str:
        return f"{self.number:>{self.width}}{self.mark}"


class Lines(NamedTuple):
    """A text's lines without their gutters, and the gutters by line index."""

    texts: list[str]
    gutters: dict[int, Gutter]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, lines `start` to `end` (from 0, end excluded).

    `repeat` is the reference that may stand for it, None where the lines are new.
    """

    start: int
    end: int
    repeat: str | None = None


class _Shown(NamedTuple):
    """A line shown earlier; `text` is None between two texts, so that no run crosses."""

    text: str | None
    gutter: Gutter | None
    place: str
    number: int


def lines_of(text: str) -> Lines:
    """The text's lines, gutters taken off where they count upwards by one."""
    texts = text.split("\n")
    numbered = {
        index: found
        for index, row in enumerate(texts)
        if row[:1] in " 0123456789" and (found := _GUTTER.fullmatch(row))
    }
    gutters: dict[int, Gutter] = {}
    for index, found in numbered.items():
        neighbours = (numbered.get(index - 1), numbered.get(index + 1))
        if any(
            other and _apart(found, other) == step
            for other, step in zip(neighbours, (-1, 1), strict=True)
        ):
            pad, number, mark, texts[index] = found.groups()
            gutters[index] = Gutter(int(number), len(pad + number) if pad else 0, mark)
    return Lines(texts, gutters)


def _apart(line: re.Match[str], other: re.Match[str]) -> int:
    return int(other[2]) - int(line[2]) if other[3] == line[3] else 0


class Seen:
    """Lines shown by the earlier texts of one conversation. Add texts in order."""

    def __init__(self) -> None:
        self._counts: dict[Kind, int] = defaultdict(int)
        self._pending: list[tuple[str, str]] = []
        self._shown: list[_Shown] = []
        self._places: dict[str, list[int]] = {}

    def add(self, block: Block, shown: str) -> None:
        """Note that `block` was sent reading `shown`."""
        self._counts[block.kind] += 1
        place = f"{_PLACES[block.kind]} {self._counts[block.kind]}"
        if block.kind is Kind.TOOL_CALL:
            shown = "\n".join(argument_texts(shown))
        if "\n" in shown:
            self._pending.append((place, shown))

    def pieces(self, text: str) -> list[Piece]:
        """`text` as consecutive pieces; a single new one where nothing repeats."""
        self._index()
        if not self._places:
            return [Piece(0, text.count("\n") + 1)]
        lines = lines_of(text)
        pieces: list[Piece] = []
        at = 0
        for repeat in self._repeats(lines):
            if repeat.start > at:
                pieces.append(Piece(at, repeat.start))
            pieces.append(repeat)
            at = repeat.end
        if at < len(lines.texts):
            pieces.append(Piece(at, len(lines.texts)))
        return pieces

    def _index(self) -> None:
        for place, shown in self._pending:
            lines = lines_of(shown)
            for index, text in enumerate(lines.texts):
                places = self._places.setdefault(text, [])
                if len(places) < _MAX_PLACES:
                    places.append(len(self._shown))
                self._shown.append(_Shown(text, lines.gutters.get(index), place, index + 1))
            self._shown.append(_Shown(None, None, "", 0))
        self._pending.clear()

    def _repeats(self, lines: Lines) -> Iterator[Piece]:
        """Greedy longest runs. A run starts at a line that says something, so that blank lines
        and lone brackets do not send the search through every place that has them."""
        at = 0
        for start, text in enumerate(lines.texts):
            if start < at or text not in self._places or len(text.strip()) < _MIN_ANCHOR:
                continue
            lengths = [(self._length(lines, start, place), place) for place in self._places[text]]
            length, place = max(lengths, key=lambda found: found[0])
            at = start + length
            size = sum(map(len, lines.texts[start:at]))
            if length >= MIN_LINES and size >= MIN_CHARS:
                yield Piece(start, at, self._reference(lines, start, length, place))
            else:
                at = start + 1

    def _length(self, lines: Lines, start: int, place: int) -> int:
        texts, gutters, shown = lines.texts, lines.gutters, self._shown
        change = _change(gutters.get(start), shown[place].gutter)
        length = 1
        while start + length < len(texts):
            earlier = shown[place + length]
            if earlier.text != texts[start + length]:
                break
            if _change(gutters.get(start + length), earlier.gutter) != change:
                break
            length += 1
        return length

    def _reference(self, lines: Lines, start: int, length: int, place: int) -> str:
        earlier, gutter = self._shown[place], lines.gutters.get(start)
        said = None
        if gutter != earlier.gutter:
            said = "" if gutter is None else str(gutter)
        run = Reference(earlier.place, earlier.number, length, said)
        return reference(run, lines.texts[start])


def _change(gutter: Gutter | None, earlier: Gutter | None) -> tuple[object, ...]:
    """What must hold along a run so that its gutters can be restored by counting."""
    here = None if gutter is None else gutter[1:]
    there = None if earlier is None else earlier[1:]
    apart = gutter.number - earlier.number if gutter and earlier else 0
    return (apart, here, there)


def argument_texts(arguments: str) -> Iterator[str]:
    """The strings of several lines among a tool call's arguments: files written, edits made."""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str) and "\n" in item:
            yield item
        elif isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))
