"""Whether a text is a search result, and in which shape; probed by lines, never read whole.

What speaks for one: lines that begin with a path and a line number that ascends within its
file. A linter's and a compiler's lines look alike but have a blank behind the number, a file
that was read has numbers without a gap, and a list of paths alone is a listing.
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from headroom.calls import call_of
from headroom.compressors._api import Sample
from headroom.compressors.search import searched, shapes
from headroom.compressors.search.shapes import NUMBERED, ROW, UNNUMBERED

NOT_MINE = -1.0
_PROBE = 3_000
_LINES = 30
_WIDTH = 500
_LONG_LINES = 200_000
_LEAST = 3
_MOST = 0.6
_SURE = 0.85
_HALF = 0.5
_SOME = 0.3
_FEW = 0.1
_STRAY = 0.02
_DIAGNOSIS = re.compile(r"(?:\d+:)? [A-Za-z\[\"'`]")
_CONTEXT = re.compile(r"[^\s:][^:\n]*?[-=]\d+[-=]")
_AFTER_KEY = re.compile(r"$|[\d:]| (?! )")
_NUMBER_BEHIND = re.compile(r":[1-9]\d*:")
_ROWS = re.compile(r"\n" + ROW.pattern)
_LIST_HEAD = re.compile(r"Found \d+ (?:match(?:es)? for .{0,300} in .*:|files?\b.*)\r?$")
_COUNTED = re.compile(r"\S+ \(\d+ match(?:es)?\)\r?$")


class Form(Enum):
    """The shapes that `reading` knows, and lists of the files that hold matches."""

    FLAT = "flat"
    UNNUMBERED = "unnumbered"
    HEADED = "headed"
    LIST = "list"


def recognised(sample: Sample) -> tuple[float, Form]:
    """How surely the sample is a search result, 0 to 1 or `NOT_MINE`, and its shape."""
    return _recognised(Sample(sample.text, sample.tool, sample.source))


# What was scored is most often compressed next.
@lru_cache(maxsize=2)
def _recognised(sample: Sample) -> tuple[float, Form]:
    pieces = _pieces(sample.text)
    if sum(map(len, pieces)) < _LEAST:
        pieces = [_kept(sample.text[:_LONG_LINES], _LINES)]
    lines = [line for piece in pieces for line in piece]
    if len(lines) < _LEAST:
        return NOT_MINE, Form.FLAT
    asked = searched.is_search(sample)
    joined = "\n".join(["", *lines])
    tests: tuple[tuple[Form, Callable[[], float]], ...] = (
        (Form.FLAT, lambda: _flat(lines, joined, asked)),
        (Form.LIST, lambda: _list(lines, joined)),
        (Form.HEADED, lambda: _headed(pieces, joined, sample, asked)),
        (Form.UNNUMBERED, lambda: _unnumbered(lines, joined, asked)),
    )
    for form, likelihood in tests:
        found = likelihood()
        if found > 0:
            return found, form
    return NOT_MINE, Form.FLAT


def _pieces(text: str) -> list[list[str]]:
    """Whole lines that say something from the head, the middle and the end."""
    if len(text) <= 3 * _PROBE:
        return [_kept(text, 3 * _LINES)]
    found = [_kept(text[:_PROBE].rpartition("\n")[0] or text[:_WIDTH], _LINES)]
    for place in (len(text) // 2, len(text) - _PROBE):
        found.append(_kept(text[place : place + _PROBE].partition("\n")[2], _LINES))
    return found


def _kept(piece: str, most: int) -> list[str]:
    lines = piece.split("\n")
    return [line[:_WIDTH] for line in lines if line.strip("- \t\r")][:most]


def _flat(lines: Sequence[str], joined: str, asked: bool) -> float:
    if len(_NUMBER_BEHIND.findall(joined)) < (1 if asked else _LEAST):
        return NOT_MINE
    found = [(match, line) for line in lines if (match := NUMBERED.match(line))]
    known = {match[1] for match, _ in found if shapes.is_path(match[1])}
    rows = [(match, line) for match, line in found if match[1] in known]
    if len(rows) < _LEAST and not (asked and rows):
        return NOT_MINE
    context = sum(1 for line in lines if _CONTEXT.match(line)) if asked or len(known) else 0
    share = min(1.0, (len(rows) + context) / len(lines))
    if share < _MOST or len(rows) < (0 if asked else _FEW * len(lines)):
        return NOT_MINE
    if not asked:
        if not _ascending([(match[1], int(match[2][:9])) for match, _ in rows]):
            return NOT_MINE
        told = sum(1 for match, line in rows if _DIAGNOSIS.match(line, match.end()))
        if told > _SOME * len(rows):
            return NOT_MINE
        if not searched.common([line[match.end() :] for match, line in rows]):
            return 0.7
    return 0.95 if share > _SURE else 0.8


def _ascending(numbered: Sequence[tuple[str, int]]) -> bool:
    """Whether numbers rise within each file, as a search that reads it prints them."""
    pairs = list(pairwise(numbered))
    same = [(before, behind) for (path, before), (other, behind) in pairs if path == other]
    return sum(behind <= before for before, behind in same) <= _FEW * len(same)


def _list(lines: Sequence[str], joined: str) -> float:
    """Files that hold matches: with counts, or under the header that only a search prints. The
    latter are paths alone, which a listing's compressor may know better."""
    if " match" not in joined and not joined.startswith("\nFound "):
        return NOT_MINE
    counted = sum(1 for line in lines if _COUNTED.match(line))
    known = counted > _MOST * len(lines) or _LIST_HEAD.match(lines[0]) is not None
    if not known or sum(map(bool, map(shapes.listed_path, lines))) < _MOST * len(lines):
        return NOT_MINE
    return 0.85 if counted > _MOST * len(lines) else 0.55


class _Steps(NamedTuple):
    """How the line numbers of rows go on, from one to the next below it."""

    headings: int
    matches: int
    rows: int
    steps: int
    gaps: int
    falls: int


def _steps(pieces: Sequence[Sequence[str]]) -> _Steps:
    headings = matches = count = 0
    differences: list[int] = []
    for piece in pieces:
        rows = [ROW.match(line) for line in piece]
        for line, row, behind in zip(piece, rows, [*rows[1:], None], strict=False):
            if row is None:
                headings += behind is not None and bool(shapes.heading_path(line))
                continue
            count += 1
            matches += row[4] in ":|"
            if behind is not None:
                differences.append(int(behind[2][:9]) - int(row[2][:9]))
    gaps = sum(difference > 1 for difference in differences)
    falls = sum(difference <= 0 for difference in differences)
    return _Steps(headings, matches, count, len(differences), gaps, falls)


def _counts(rows: Sequence[tuple[str, str, str, str]]) -> bool:
    """Whether nothing but the lines of a file that was read is numbered: none is left out."""
    if any(mark not in ":|" for *_, mark in rows):
        return False
    numbers = [int(number[:9]) for _, number, _, _ in rows]
    return all(behind - before <= 1 for before, behind in pairwise(numbers))


def _headed(pieces: Sequence[Sequence[str]], joined: str, sample: Sample, asked: bool) -> float:
    count = sum(map(len, pieces))
    rows = _ROWS.findall(joined)
    if len(rows) < max(_LEAST, _SOME * count):
        return NOT_MINE
    if not asked and count - len(rows) <= _SOME * len(rows) and _counts(rows):
        return NOT_MINE
    found = _steps(pieces)
    others = count - found.rows - found.headings
    if found.rows < max(_LEAST, _SOME * count) or others > _SOME * count or not found.matches:
        return NOT_MINE
    if found.falls > _STRAY * found.steps:
        return NOT_MINE
    mixed = found.matches < found.rows
    if found.headings > 1 or (found.headings and (asked or pieces[0][0].startswith("Found "))):
        gaps = found.gaps + found.headings
        return 0.92 if gaps > _SOME * found.rows or mixed or asked else NOT_MINE
    if asked and (mixed or found.gaps):
        return 0.9
    reads = call_of(sample.tool, sample.source).reads
    return (
        0.65
        if found.steps > _LEAST and found.gaps > _HALF * found.steps and not reads
        else NOT_MINE
    )


def _unnumbered(lines: Sequence[str], joined: str, asked: bool) -> float:
    least = (_MOST if asked else _SURE) * len(lines)
    if joined.count(":") < least:
        return NOT_MINE
    found = [match for line in lines if (match := UNNUMBERED.match(line))]
    paths = [match[1] for match in found if shapes.is_path(match[1])]
    if len(paths) < least:
        return NOT_MINE
    named = sum(1 for path in paths if not path.isalpha() and " " not in path)
    if asked:
        return 0.85 if named > _MOST * len(paths) else NOT_MINE
    sure = [path for path in paths if ("/" in path or "\\" in path) and " " not in path]
    told = sum(_AFTER_KEY.match(match.string, match.end()) is not None for match in found)
    dotted = sum(1 for path in sure if "." in path.rsplit("/", 1)[-1])
    if len(sure) < len(paths) or told > _SOME * len(lines) or dotted < _SURE * len(paths):
        return NOT_MINE
    return 0.6 if len(set(paths)) < 0.8 * len(paths) else NOT_MINE
