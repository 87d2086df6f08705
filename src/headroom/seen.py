"""What the conversation has shown so far, by line, and which runs of a new text repeat it.

Only what was really sent counts: an edited text enters as it reads after the edit. Lines are
compared as exact characters, save for a line-number gutter (`12:`, `12|`, `   12<tab>`), which
is looked through and said once in the reference. This module knows nothing of files or tools.
"""

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from headroom.conversation import Block, Kind
from headroom.markers import Numbered, Reference, numbered, reference

MIN_GAIN = 48
"""Characters that a reference must be shorter than what it stands for."""
_LONG_LINE = 120
_MIN_ANCHOR = 4
_MAX_PLACES = 8

# Any line, and its gutter where it has one; line ends are quickly looked for.
_ROWS = re.compile(r"\n(?:( *)([1-9][0-9]{0,6})([\t→:|]))?")
_SOME_GUTTER = re.compile(r"\n *[1-9][0-9]{0,6}[\t→:|]")
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


class _Place(NamedTuple):
    """A text shown earlier: where its first line stands among all, and its gutters."""

    start: int
    name: str
    gutters: dict[int, Gutter]


def lines_of(text: str) -> Lines:
    """The text's lines, gutters taken off where they count upwards by one."""
    texts = text.split("\n")
    if not _SOME_GUTTER.search("\n" + text):
        return Lines(texts, {})
    rows = _ROWS.findall("\n" + text)
    numbers = [int(number) if number else 0 for _, number, _ in rows]
    marks = [mark for _, _, mark in rows]
    numbered = zip(numbers, numbers[1:], marks, marks[1:], strict=False)
    counts = [after - before == 1 and one == other for before, after, one, other in numbered]
    gutters: dict[int, Gutter] = {}
    follows = False
    for index, goes_on in enumerate([*counts, False]):
        if goes_on or follows:
            pad, digits, mark = rows[index]
            width = len(pad) + len(digits)
            texts[index] = texts[index][width + 1 :]
            gutters[index] = Gutter(numbers[index], width if pad else 0, mark)
        follows = goes_on
    return Lines(texts, gutters)


class Seen:
    """Lines shown by the earlier texts of one conversation, `size` characters. Add texts in
    order."""

    def __init__(self) -> None:
        self.size = 0
        self._counts: dict[Kind, int] = defaultdict(int)
        self._pending: list[tuple[str, Kind, str]] = []
        # The lines of texts that were looked at since, some of which were sent as they were.
        self._read: dict[str, Lines] = {}
        # All lines one after another; None stands between two texts, so that no run crosses.
        self._shown: list[str | None] = []
        self._places: list[_Place] = []
        self._found: dict[str, list[int]] = {}
        # Where each line number was shown last.
        self._numbers: dict[int, int] = {}

    def add(self, block: Block, shown: str) -> None:
        """Note that `block` was sent reading `shown`."""
        self.size += len(shown)
        self._counts[block.kind] += 1
        place = f"{_PLACES[block.kind]} {self._counts[block.kind]}"
        self._pending.append((place, block.kind, shown))

    def pieces(self, text: str) -> list[Piece]:
        """`text` as consecutive pieces; a single new one where nothing repeats."""
        self._index()
        if not self._found:
            return [Piece(0, text.count("\n") + 1)]
        lines = self._read[text] = lines_of(text)
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
        for place, kind, shown in self._pending:
            if kind is Kind.TOOL_CALL:
                shown = "\n".join(argument_texts(shown))
            if "\n" not in shown and len(shown) < _LONG_LINE:
                continue
            lines = self._read.get(shown) or lines_of(shown)
            start = len(self._shown)
            self._places.append(_Place(start, place, lines.gutters))
            self._shown += lines.texts
            self._shown.append(None)
            for at, text in enumerate(lines.texts, start):
                found = self._found.get(text)
                if found is None:
                    self._found[text] = [at]
                elif len(found) < _MAX_PLACES:
                    found.append(at)
            self._numbers.update(
                (gutter.number, start + index) for index, gutter in lines.gutters.items()
            )
        self._pending.clear()
        self._read.clear()

    def _repeats(self, lines: Lines) -> Iterator[Piece]:
        """Greedy longest runs. A run starts at a line that says something, so that blank lines
        and lone brackets do not send the search through every place that has them."""
        done = 0
        for anchor, text in enumerate(lines.texts):
            if anchor < done or text not in self._found or len(text.strip()) < _MIN_ANCHOR:
                continue
            lengths = [(self._length(lines, anchor, at), at) for at in self._found[text]]
            length, at = max(lengths)
            before = self._length_before(lines, anchor, at, anchor - done)
            start, end = anchor - before, anchor + length
            if end - start == 1 and len(text) < _LONG_LINE:
                continue
            repeat = self._reference(lines, start, end - start, at - before)
            if _size(lines, start, end) - len(repeat) >= MIN_GAIN:
                done = end
                yield Piece(start, end, repeat)

    def _length(self, lines: Lines, start: int, at: int) -> int:
        """How many lines from `start` on are those that were shown from `at` on."""
        texts, shown = lines.texts, self._shown
        place = self._place(at)
        change = _change(lines.gutters.get(start), place.gutters.get(at - place.start))
        length = 1
        while start + length < len(texts) and shown[at + length] == texts[start + length]:
            earlier = place.gutters.get(at + length - place.start)
            if _change(lines.gutters.get(start + length), earlier) != change:
                break
            length += 1
        return length

    def _length_before(self, lines: Lines, start: int, at: int, most: int) -> int:
        """How many lines before `start` are those that were shown before `at`; `most` at most."""
        place = self._place(at)
        change = _change(lines.gutters.get(start), place.gutters.get(at - place.start))
        length = 0
        while length < most and at - length > place.start:
            back = length + 1
            earlier = place.gutters.get(at - back - place.start)
            if self._shown[at - back] != lines.texts[start - back]:
                break
            if _change(lines.gutters.get(start - back), earlier) != change:
                break
            length = back
        return length

    def _reference(self, lines: Lines, start: int, length: int, at: int) -> str:
        place, gutter = self._place(at), lines.gutters.get(start)
        first = at - place.start
        earlier = place.gutters.get(first)
        last = lines.gutters.get(start + length - 1)
        if (
            gutter
            and earlier
            and gutter[1:] == earlier[1:]
            and last
            and last.number == gutter.number + length - 1
            and self._numbers.get(earlier.number) == at
        ):
            return numbered(Numbered(gutter.number, length, earlier.number))
        said = None
        if gutter != earlier:
            said = "" if gutter is None else str(gutter)
        telling = (text for text in lines.texts[start:] if len(text.strip()) >= _MIN_ANCHOR)
        return reference(Reference(place.name, first + 1, length, said), next(telling))

    def _place(self, at: int) -> _Place:
        return self._places[bisect_right(self._places, at, key=_start) - 1]


_start = attrgetter("start")


def _change(gutter: Gutter | None, earlier: Gutter | None) -> tuple[object, ...]:
    """What must hold along a run so that its gutters can be restored by counting."""
    here = None if gutter is None else gutter[1:]
    there = None if earlier is None else earlier[1:]
    apart = gutter.number - earlier.number if gutter and earlier else 0
    return (apart, here, there)


def _size(lines: Lines, start: int, end: int) -> int:
    """The characters of these lines, gutters included."""
    numbers = sum(len(str(lines.gutters[row])) for row in range(start, end) if row in lines.gutters)
    return numbers + sum(map(len, lines.texts[start:end])) + end - start


def argument_texts(arguments: str) -> Iterator[str]:
    """The strings of several lines, or of one long line, among a tool call's arguments: files
    written, edits made."""
    if len(arguments) < _LONG_LINE and "\\" not in arguments:
        return
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str) and ("\n" in item or len(item) >= _LONG_LINE):
            yield item
        elif isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))
