"""Stack traces: where they are, and which of their frames decide.

The first and the last frame stay, and of those in between the ones of the user's own project
before those of libraries and runtimes. The line that names the exception stands before the
frames or behind them; both are the trace's edges. It knows nothing of budgets.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import NamedTuple

_FRAME = re.compile(
    r"[ \t]*(?:File \"[^\"\n]{1,300}\", line \d+|at [\w$.<>/@\[\] -]{1,200} ?\("
    r"|at \S{1,300}:\d+(?::\d+)?\)?$|from \S{1,200}:\d+:in "
    r"|#\d{1,3} +(?:0x[0-9a-f]+ in |/\S{1,200}\(\d+\))|\S{1,200}\.\w{1,5}:\d+: in \S)"
)
_GO = re.compile(r"(?:[\w./*$·\[\]{}@-]|\(\*?\w{1,60}\)){1,200}\([^\n]{0,300}\)$")
_FIRST_WORDS = frozenset(("file", "at", "from"))
_LIBRARY = re.compile(
    r"site-packages|dist-packages|/lib/python\d|<frozen |node_modules|node:|\(internal/|/_pytest/"
    r"|\bat (?:java|javax|jdk|sun|scala|kotlin|groovy|hudson|jenkins|junit)\.|/usr/local/go/src"
    r"|\bat org\.apache\.(?:maven|catalina|coyote|tomcat|http|hadoop|spark|kafka|camel|ant|tools)\."
    r"|\bat org\.(?:junit|gradle|codehaus|opentest4j|eclipse|testng|spring\w*|jenkinsci)\."
    r"|/pkg/mod/|/rustc/|\.cargo/registry|/unittest/|/hostedtoolcache/|runtime/|testing\.tRunner"
)
_INNER = 3
_GAP = 6


class Opening(Enum):
    """How a frame may begin: told by its line, as a call above its place, or by a number."""

    WHOLE = 1
    CALL = 2
    NUMBERED = 3


class Trace(NamedTuple):
    """One run of frames: the lines where each begins, and the line after its last."""

    starts: list[int]
    end: int


def traces(seen: Sequence[str], lines_at: Sequence[int]) -> Iterator[Trace]:
    """The runs of frames among lines where frames begin, in order."""
    starts = frozenset(lines_at)
    run: list[int] = []
    end = 0
    for number in lines_at:
        if run and number != end:
            yield Trace(run, end)
            run = []
        run.append(number)
        end = _end_of(seen, number, starts)
    if run:
        yield Trace(run, end)


def openings(words: Mapping[str, list[str]]) -> dict[str, Opening]:
    """How frames may begin among lines, each given with its words in lower case."""
    found: dict[str, Opening] = {}
    for line, said in words.items():
        if not said:
            continue
        first = said[0]
        if first in _FIRST_WORDS or said[1:2] == ["in"] or first[0] == "#":
            if _FRAME.match(line):
                found[line] = Opening.WHOLE
        elif first[-1] == ")":
            found[line] = Opening.CALL
        elif first[-1] == ":" and first[:-1].isdigit():
            found[line] = Opening.NUMBERED
    return found


def beginnings(
    seen: Sequence[str],
    opening: Sequence[int],
    words: Mapping[str, list[str]],
    openings: Mapping[str, Opening],
) -> Iterator[int]:
    """Those of the `opening` lines with which a frame begins; the last line is none."""
    named = -2
    for number in opening:
        if number + 1 == len(seen):
            return
        line, following = seen[number], seen[number + 1]
        opened = openings[line]
        if opened is Opening.WHOLE:
            if number != named + 1:
                yield number
        elif opened is Opening.CALL:
            # Go writes a call and, on the next line after a tab, its place.
            if following.startswith("\t") and _GO.match(line) and ":" in following:
                yield number
        elif words[following][:1] == ["at"]:
            named = number
            yield number


def deciding(seen: Sequence[str], trace: Trace) -> list[range]:
    """The frames to show, as lines: first, last, and the project's own nearest to both."""
    spans = [
        range(start, end)
        for start, end in zip(trace.starts, [*trace.starts[1:], trace.end], strict=True)
    ]
    first = islice((span for span in spans if _is_own(seen, span)), _INNER)
    last = islice((span for span in reversed(spans) if _is_own(seen, span)), _INNER)
    return sorted({spans[0], spans[-1], *first, *last}, key=lambda span: span.start)


def _is_own(seen: Sequence[str], span: range) -> bool:
    return not _LIBRARY.search("\n".join(seen[span.start : span.stop]))


def _end_of(seen: Sequence[str], start: int, starts: frozenset[int]) -> int:
    """The line after a frame: it goes on over deeper lines, as its source and its marks."""
    depth = _depth(seen[start])
    end = start + 1
    while end < len(seen) and end - start <= _GAP:
        line = seen[end]
        if not line.strip() or _depth(line) <= depth or end in starts:
            break
        end += 1
    return end


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
