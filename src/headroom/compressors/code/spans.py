"""The spans of a file that may give way: bodies, tables, comments, each with its rows.

A row belongs to the innermost body around it; signatures, the rows of a class, and the first
lines of docstrings and comments belong to none and always stay. It decides nothing.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from headroom.compressors.code.definitions import Definition
from headroom.compressors.code.layout import NO_DEPTH, Layout

BODY = "body"
TABLE = "table"
COMMENT = "comment"
LICENSE = "license"
TEST = "test"

_NONE = -1
_SHOWN_OF_TABLE = 2
_SHOWN_OF_COMMENT = 2
_SHOWN_OF_LICENSE = 2
_DOCSTRING = re.compile(r"[rRbBuU]?(\"\"\"|''')(.*)")
_LICENSE = re.compile(r"licen[sc]e|copyright|SPDX|\(c\)", re.IGNORECASE)
_TABLE = re.compile(
    r"(?!import\b|from\b|export \{|use\b|const \(|var \(|type\b).*[=:(,\[]\s*[^=]{0,200}$"
)
_ENUM = re.compile(r"(?:[\w()]+\s+){0,6}?enum\b")
_ENUM_LONGER = 3
_TEST_NAME = re.compile(r"test|Test|it\b|should |Benchmark|Example")


class Span(NamedTuple):
    """Rows that go together: `runs` of them, each from its first to behind its last.

    A body has its signature in rows `header` to `start`; `functions` and `classes` are the
    names of those around it. `saved` is about how many tokens its going saves; `rank` how much
    the span is asked for.
    """

    header: int
    start: int
    kind: str
    name: str
    runs: tuple[tuple[int, int], ...]
    functions: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    saved: int = 0
    rank: int = 0


def moved(span: Span, by: int) -> Span:
    """The span `by` rows further down."""
    if not by:
        return span
    runs = tuple((start + by, end + by) for start, end in span.runs)
    return span._replace(header=span.header + by, start=span.start + by, runs=runs)


def spans_of(
    layout: Layout, definitions: Sequence[Definition], least: int, table: int, comment: int
) -> list[Span]:
    """All spans of a file in order of their first rows; bodies have `least` rows or more,
    tables and comments `table` and `comment`."""
    owners = [_NONE] * len(layout.rows)
    found = _own(layout, definitions, owners, least)
    for row in layout.one_liners:
        owners[row] = _NONE
    headers = sorted({each.header for each in definitions})
    others = [*_tables(layout, headers, owners, table), *_comments(layout, owners, comment)]
    for start, end, kind in others:
        if owners[start:end].count(_NONE) == end - start:
            owners[start:end] = [len(found)] * (end - start)
            found.append(Span(start, start, kind, "", ()))
    runs = _runs(owners, len(found))
    shown = [
        span._replace(runs=tuple(rows)) for span, rows in zip(found, runs, strict=True) if rows
    ]
    return sorted(shown, key=attrgetter("start"))


def _own(
    layout: Layout, definitions: Sequence[Definition], owners: list[int], least: int
) -> list[Span]:
    """Writes to which body each row belongs; gives the bodies. Outer ones come first, so inner
    ones overwrite them; a signature inside a body belongs to none."""
    bodies: list[Span] = []
    around: list[Definition] = []
    for each in definitions:
        while around and around[-1].end <= each.header:
            around.pop()
        owners[each.header : each.start] = [_NONE] * (each.start - each.header)
        start = each.start if each.holds else _behind_docstring_head(layout, each)
        if not each.holds and each.end - start >= least:
            owners[each.start : start] = [_NONE] * (start - each.start)
            owners[start : each.end] = [len(bodies)] * (each.end - start)
            functions = tuple([outer.name for outer in around if not outer.holds])
            classes = tuple([outer.name for outer in around if outer.holds])
            kind = TEST if _TEST_NAME.match(each.name) else BODY
            bodies.append(Span(each.header, start, kind, each.name, (), functions, classes))
        around.append(each)
    return bodies


def _behind_docstring_head(layout: Layout, each: Definition) -> int:
    """The row behind the first line that a docstring says, or the body's first row."""
    if each.start >= each.end:
        return each.start
    found = _DOCSTRING.match(layout.bare[each.start])
    if found is None:
        return each.start
    return min(each.end, each.start + (1 if found[2].strip() else 2))


def _tables(
    layout: Layout, headers: Sequence[int], owners: Sequence[int], least: int
) -> Iterator[tuple[int, int, str]]:
    """Literals of many rows that hold no definition, the outermost only, and long enums."""
    behind = 0
    for row in layout.openers:
        depth = layout.depths[row]
        if row < behind or owners[row] != _NONE or depth == NO_DEPTH:
            continue
        text = layout.bare[row]
        enum = "enum" in text and _ENUM.match(text) is not None
        if not enum and not _TABLE.match(text[:-1]):
            continue
        end = layout.after(row, depth)
        at = bisect_left(headers, row + enum)
        if at < len(headers) and headers[at] < end:
            continue
        rows = _ENUM_LONGER * least if enum else least
        if end - row > rows and end < len(layout.rows) and layout.bare[end][:1] in "]})":
            behind = end
            yield row + 1 + _SHOWN_OF_TABLE, end, TABLE


def _comments(layout: Layout, owners: Sequence[int], least: int) -> Iterator[tuple[int, int, str]]:
    """Long comments and docstrings outside of bodies; the license is the one before all code."""
    code = next((row for row, depth in enumerate(layout.depths) if depth != NO_DEPTH), 0)
    for start, end in _comment_runs(layout):
        if end - start < least:
            continue
        head = "\n".join(layout.bare[start : start + least])
        if start <= code and _LICENSE.search(head):
            yield start + _SHOWN_OF_LICENSE, end, LICENSE
        else:
            yield start + _SHOWN_OF_COMMENT, end, COMMENT
    for start, end in layout.strings:
        if end - start >= least and _DOCSTRING.match(layout.bare[start]):
            yield start + _SHOWN_OF_COMMENT, end, COMMENT


def _comment_runs(layout: Layout) -> Iterator[tuple[int, int]]:
    """Rows of comments that follow each other."""
    rows = sorted(layout.comment)
    for _, group in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
        run = [row for _, row in group]
        yield run[0], run[-1] + 1


def _runs(owners: Sequence[int], count: int) -> list[list[tuple[int, int]]]:
    """For each of `count` spans the rows that it owns, as runs."""
    runs: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    row = 0
    for owner, group in groupby(owners):
        end = row + len(list(group))
        if owner != _NONE:
            runs[owner].append((row, end))
        row = end
    return runs
