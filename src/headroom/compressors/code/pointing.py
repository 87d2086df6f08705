"""Which rows and spans of a file a question points at.

A span that is asked for by name, or by a line in it, stays whole. A row that holds an asked
identifier stays, unless so many do that the identifier tells nothing.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from headroom.compressors.code.asking import Asked
from headroom.compressors.code.choice import WANTED
from headroom.compressors.code.framing import File, Page
from headroom.compressors.code.spans import Span

_MOST_HITS = 12
_HINTED = 1
_HOLDS_ASKED = 2
_PARTS = re.compile(r"[A-Za-z][a-z]+|[A-Z]{2,}|\d+")


@dataclass(frozen=True, slots=True)
class Pointed:
    """Rows that hold what is asked, and rows that are asked for by their numbers."""

    rows: frozenset[int]
    lines: frozenset[int]


def pointed_at(page: Page, file: File, request: Asked, code: str) -> Pointed:
    """The rows of `file` that `request` points at; `code` is the file's rows as one text."""
    rows: set[int] = set()
    if request.identifiers:
        rows.update(file.start + row for row in _rows_with(request.identifiers, code))
    return Pointed(frozenset(rows), frozenset(_asked_lines(page, file, request)))


def rank(span: Span, pointed: Pointed, request: Asked) -> int:
    """How much a span is asked for: 0 not at all, `WANTED` so that it stays. What stands within
    an asked function is asked; what stands within an asked class goes late."""
    if _holds(span, pointed.lines, span.header):
        return WANTED
    if any(_is_named(name, request) for name in (span.name, *span.functions)):
        return WANTED
    if _holds(span, pointed.rows, span.start) or any(
        _is_named(name, request) for name in span.classes
    ):
        return _HOLDS_ASKED
    return _HINTED if request.stems and _is_hinted(span.name, request.stems) else 0


def _holds(span: Span, rows: frozenset[int], first: int) -> bool:
    """Whether one of the rows stands in the span, from row `first` on."""
    if not rows or not span.runs:
        return False
    return any(first <= row < span.start for row in rows) or any(
        start <= row < end for start, end in span.runs for row in rows
    )


def _is_named(name: str, request: Asked) -> bool:
    """Whether the question has the name: whole, as `handle` of `Server::handle`, as code where it
    is a word that questions are full of, or as the words that a test is called by."""
    if not request.said:
        return False
    lowered = name.lower()
    if f"`{lowered}`" in request.said or f"{lowered}(" in request.said:
        return bool(name)
    if " " in lowered:
        return lowered in request.said
    last = re.split(r"[.:#]+", lowered)[-1]
    return bool(name) and not request.names.isdisjoint((lowered.strip("_"), last.strip("_")))


def _is_hinted(name: str, stems: tuple[str, ...]) -> bool:
    return any(part.lower().startswith(stems) for part in _PARTS.findall(name))


def _rows_with(identifiers: tuple[str, ...], code: str) -> set[int]:
    lowered = code.lower()
    if len(lowered) != len(code):
        return set()
    ends = list(accumulate(len(row) + 1 for row in code.split("\n")))
    rows: set[int] = set()
    for identifier in identifiers:
        found: set[int] = set()
        at = lowered.find(identifier)
        while at >= 0 and len(found) <= _MOST_HITS:
            row = bisect_right(ends, at)
            found.add(row)
            at = lowered.find(identifier, ends[row])
        if len(found) <= _MOST_HITS:
            rows |= found
    return rows


def _asked_lines(page: Page, file: File, request: Asked) -> set[int]:
    """The rows whose numbers are asked for, in this file or without a file's name."""
    places = [place for place in request.places if _names(place.file, file.path)]
    if not places:
        return set()
    return {
        row
        for row in range(file.start, file.end)
        if any(place.first <= page.number(row) <= place.last for place in places)
    }


def _names(wanted: str, path: str) -> bool:
    return not wanted or not path or re.split(r"[/\\]", path)[-1] == wanted
