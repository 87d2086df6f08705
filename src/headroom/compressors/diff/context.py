"""Unchanged lines that may go: all but the nearest to a change, and what the question names.

It chooses line indexes and writes nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from headroom.compressors.diff.reading import Hunk
from headroom.relevance import is_word, terms_of

NEAREST = (3, 1)
_RUNS = {nearest: re.compile(f" {{{nearest + 1},}}") for nearest in NEAREST}
_WORD_DIFF = re.compile(r"\[-[^\n]*?-\]|\{\+[^\n]*?\+\}")
_LEAST = 30
_FEW = 12
_MOST_TRIES = 200

Span = tuple[int, int]


def unchanged(lines: Sequence[str], hunk: Hunk, nearest: int) -> list[Span]:
    """Runs of unchanged lines farther than `nearest` from a change. A hunk whose lines are not
    as its header says, or that marks words within lines, is not understood: nothing goes."""
    signs = hunk.signs
    if not hunk.whole or " " * (nearest + 1) not in signs or not signs.strip(" \\"):
        return []
    out = []
    first = hunk.start + 1
    for run in _RUNS[nearest].finditer(signs):
        start, end = run.span()
        start += first + (nearest if start else 0)
        end += first - (nearest if end < len(signs) else 0)
        if start < end and not _marks_words("\n".join(lines[start:end])):
            out.append((start, end))
    return out


def _marks_words(text: str) -> bool:
    return ("[-" in text or "{+" in text) and _WORD_DIFF.search(text) is not None


def worth(lines: Sequence[str], spans: Iterable[Span], named: frozenset[int]) -> list[Span]:
    """The spans without the lines `named`; what is shorter than the line that would tell of its
    absence stays."""
    out = []
    for start, end in spans:
        inner = sorted(named.intersection(range(start, end))) if named else ()
        cuts = [start - 1, *inner, end]
        for before, after in pairwise(cuts):
            if sum(map(len, lines[before + 1 : after])) >= _LEAST:
                out.append((before + 1, after))
    return out


def named(lines: Sequence[str], spans: Sequence[Span], query: str) -> frozenset[int]:
    """The lines of the spans that hold a term of the question, if few do."""
    terms = terms_of(query)
    if not terms or not spans:
        return frozenset()
    indexes = [index for start, end in spans for index in range(start, end)]
    bodies = [lines[index].lower() for index in indexes]
    text = "\n".join(bodies)
    ends = list(accumulate(len(body) + 1 for body in bodies))
    found: set[int] = set()
    for term in terms:
        hits = {bisect_right(ends, place) for place in _places(text, term)}
        if len(hits) <= _FEW:
            found.update(indexes[hit] for hit in hits)
    return frozenset(found)


def _places(text: str, term: str) -> list[int]:
    """Where the term stands, once a line, a plain word only between other signs; no more than
    needed to see that it stands in too many lines."""
    places: list[int] = []
    word = is_word(term)
    at = text.find(term)
    for _ in range(_MOST_TRIES):
        if at < 0 or len(places) > _FEW:
            break
        end = at + len(term)
        if not (word and (text[at - 1 : at].isalpha() or text[end : end + 1].isalpha())):
            places.append(at)
            end = text.find("\n", at)
        at = text.find(term, end) if end >= 0 else -1
    return places
