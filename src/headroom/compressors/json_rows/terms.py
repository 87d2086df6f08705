"""The rows that hold what a question names.

Its rule: a term that many rows hold names none of them; an identifier (a digit, a capital
inside, or a joining sign) counts before a plain word. Words count in singular and plural alike.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import Any

import orjson

from headroom.relevance import is_word

_NUMBER = "\\u0000"
_PLURAL = 3
_TELLING = 4


def rows_naming(records: list[dict[str, Any]], terms: list[str]) -> list[tuple[int, int]]:
    """The rows that hold a telling term, best first, as (row, weight)."""
    if not terms:
        return []
    texts = [orjson.dumps(r).decode().replace(_NUMBER, "") for r in records]
    rows = _Rows("".join(texts), list(accumulate(map(len, texts))))
    common = max(3, len(records) // 4)
    scores: dict[int, int] = {}
    for term in terms:
        found = rows.holding(term, common)
        worth = 1 if is_word(term) or len(term) < _TELLING else 3
        for row in found if len(found) <= common else ():
            scores[row] = scores.get(row, 0) + worth
    return sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))


def stem_of(term: str) -> str:
    """A word without the sign of its plural."""
    return term[:-1] if len(term) > _PLURAL and term.endswith("s") else term


class _Rows:
    """All rows in one text, and where each ends."""

    def __init__(self, text: str, ends: list[int]) -> None:
        lowered = text.lower()
        self._lowered = lowered
        # A few letters have more than one in lower case: places then count in that alone.
        self._text = text if len(text) == len(lowered) else lowered
        self._ends = ends

    def holding(self, term: str, most: int) -> set[int]:
        """The rows that hold the term as a word or a part of a name (`form` in `FormField`);
        no more than show that it is in more than `most`."""
        rows: set[int] = set()
        stem = stem_of(term)
        start = self._lowered.find(stem)
        while start >= 0 and len(rows) <= most:
            after = start + len(stem)
            if self._begins(start) and self._ends_at(after, plural=stem != term):
                row = bisect_right(self._ends, start)
                rows.add(row)
                after = self._ends[row]
            start = self._lowered.find(stem, after)
        return rows

    def _begins(self, start: int) -> bool:
        before, first = self._text[start - 1], self._text[start]
        return not before.isalnum() or (first.isupper() and not before.isupper())

    def _ends_at(self, after: int, *, plural: bool) -> bool:
        following = self._text[after : after + 2]
        if plural and following[:1] == "s":
            following = following[1:]
        return not following[:1].isalnum() or following[:1].isupper()
