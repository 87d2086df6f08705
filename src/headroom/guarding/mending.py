"""The original lines behind a marker: what an edit's text said where its rendition has a gap.

The rendition is laid beside the original. A gap is believed only where the lines around it stand
in the original exactly as far apart as the marker says; all else is not known, and nothing is
guessed. It knows nothing of tools or of how an answer is spelled.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from headroom.guarding.signs import Place, Signs
from headroom.markers import parse_reference
from headroom.seen import Lines, lines_of

MOST = 200_000
"""Characters that are put in a marker's place at most."""
_TELLING = 4
_MOST_PLACES = 64
_MOSTLY = 0.5
"""The part of the lines that have numbers where these are a gutter and no data."""
_RANGE = (
    re.compile(r'\blines="([0-9]+)(?:-([0-9]+))?"'),
    re.compile(r"\[… lines? ([0-9]+)(?:-([0-9]+))?[:\]]"),
    re.compile(r": lines ([0-9]+)-([0-9]+)\]$"),
)
_COUNT = re.compile(r"\[… ([0-9][0-9,]*) (?:comment |license )?lines?\b")
_ONE = re.compile(r"\[… (?:line [0-9]+ of|a line of) [0-9,]+ characters")


def told(marker: str) -> int | None:
    """How many lines a marker or a reference says that it stands for; None where it does not
    say, or says two things."""
    if (reference := parse_reference(marker)) is not None:
        return reference.count
    if _ONE.match(marker):
        return 1
    counts = set()
    if counted := _COUNT.match(marker):
        counts.add(int(counted[1].replace(",", "")))
    for pattern in _RANGE:
        if found := pattern.search(marker):
            counts.add(int(found[2] or found[1]) - int(found[1]) + 1)
    return counts.pop() if len(counts) == 1 and min(counts) > 0 else None


def gaps(before: Sequence[str], after: Sequence[str]) -> dict[int, range]:
    """By the row of each believed marker in `after`: the rows of `before` that it stands for."""
    return _Alignment(before, after).run()


class _Alignment:
    """One walk over a rendition, in step with its original."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        self._before = before
        self._after = after
        self._known: dict[str, list[int]] = defaultdict(list)
        for row, line in enumerate(before):
            self._known[line].append(row)
        self._found: dict[int, range] = {}
        # Where the original goes on (None: not known), and the least row that it can.
        self._at: int | None = 0
        self._least = 0
        self._waiting: list[tuple[int, int]] = []

    def run(self) -> dict[int, range]:
        for start, end in self._stretches():
            if self._after[start] in self._known:
                self._shown(self._after[start:end])
            else:
                self._gap(start)
        if self._expected() == len(self._before):
            self._believe()
        return self._found

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Runs of lines that stand in the original, and each line that does not."""
        start = 0
        for row, line in enumerate(self._after):
            if line not in self._known:
                if start < row:
                    yield start, row
                yield row, row + 1
                start = row + 1
        if start < len(self._after):
            yield start, len(self._after)

    def _gap(self, row: int) -> None:
        count = told(self._after[row].strip())
        if count is None or self._at is None:
            self._at = None
            self._waiting.clear()
        else:
            self._waiting.append((row, count))

    def _shown(self, run: Sequence[str]) -> None:
        expected = self._expected()
        if expected is not None and list(self._before[expected : expected + len(run)]) == run:
            self._believe()
            self._at = expected
        else:
            self._at = self._only_place(run)
        self._waiting.clear()
        if self._at is not None:
            self._at += len(run)
            self._least = self._at

    def _expected(self) -> int | None:
        """Where the original goes on if the waiting markers tell the truth."""
        if self._at is None:
            return None
        return self._at + sum(count for _, count in self._waiting)

    def _believe(self) -> None:
        at = self._at or 0
        for row, count in self._waiting:
            self._found[row] = range(at, at + count)
            at += count

    def _only_place(self, run: Sequence[str]) -> int | None:
        """The one row from which on the original has these lines."""
        longest = max(range(len(run)), key=lambda row: len(run[row]))
        places = self._known[run[longest]]
        if len(places) > _MOST_PLACES:
            return None
        starts = [
            place - longest
            for place in places
            if place - longest >= self._least
            and list(self._before[place - longest : place - longest + len(run)]) == run
        ]
        return starts[0] if len(starts) == 1 else None


class _Sheet(NamedTuple):
    """An original beside its rendition: both by rows, the gaps, and the original's rows without
    their line numbers."""

    before: list[str]
    after: list[str]
    gaps: dict[int, range]
    bare: Lines


class Mender:
    """Finds the original lines behind the signs of one request."""

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._sheet = lru_cache(maxsize=8)(self._laid_out)

    def knows(self, line: str) -> bool:
        """Whether the line may be a sign. Cheap."""
        return bool(self._signs.places(line))

    def original(self, line: str, earlier: Sequence[str]) -> list[str] | None:
        """The lines that a marker stands for, in a text whose lines before it are `earlier`;
        None where they are not certain. Where the text has no line numbers, neither have they."""
        places = self._signs.places(line)
        if len(places) > 1:
            # The same words may stand for several gaps: then what stands before tells.
            places = [place for place in places if self._follows(place, earlier)] or places
        found: list[str] | None = None
        for place in places:
            lines = self._lines(place, earlier)
            if lines is None or found not in (None, lines):
                return None
            found = lines
        return found if found and sum(map(len, found)) <= MOST else None

    def _laid_out(self, number: int) -> _Sheet:
        edit = self._signs.edits[number]
        before, after = edit.before.split("\n"), edit.after.split("\n")
        return _Sheet(before, after, gaps(before, after), lines_of(edit.before))

    def _follows(self, place: Place, earlier: Sequence[str]) -> bool:
        if place.row < 1 or not earlier or len(earlier[-1].strip()) < _TELLING:
            return False
        shown = self._sheet(place.edit).after[place.row - 1]
        return shown == earlier[-1] or shown.endswith(("\t" + earlier[-1], "→" + earlier[-1]))

    def _lines(self, place: Place, earlier: Sequence[str]) -> list[str] | None:
        sheet = self._sheet(place.edit)
        rows = sheet.gaps.get(place.row)
        if rows is None:
            return None
        is_numbered = len(sheet.bare.gutters) > _MOSTLY * len(sheet.before)
        numbered = [is_numbered and row in sheet.bare.gutters for row in rows]
        if not any(numbered):
            return sheet.before[rows.start : rows.stop]
        keeps = _keeps_numbers(sheet, earlier)
        if keeps is None or not all(numbered):
            return None
        return (sheet.before if keeps else sheet.bare.texts)[rows.start : rows.stop]


def _keeps_numbers(sheet: _Sheet, earlier: Sequence[str]) -> bool | None:
    """Whether a text that goes on behind `earlier` has the original's line numbers, told by the
    nearest line that the original has too; else numbers are known by their sign."""
    bare, numbered = set(sheet.bare.texts), set(sheet.before)
    for line in reversed(earlier):
        if len(line.strip()) >= _TELLING and (line in bare) != (line in numbered):
            return line in numbered
    marks = {gutter.mark for gutter in sheet.bare.gutters.values()}
    return False if marks <= {"\t", "→"} else None
