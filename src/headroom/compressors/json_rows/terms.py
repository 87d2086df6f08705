"""What a question names: identifiers, numbers and words, and the rows that hold them.

Its rule: a term that many rows hold names none of them; an identifier (a digit, a capital
inside, or a joining sign) counts before a plain word.
"""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Any

import orjson

_NUMBER = "\\u0000"
_TERM = re.compile(r"[^\W_][\w./:@#-]*[^\W_]|\d", re.UNICODE)
_WORD = re.compile(r"[^\W\d_]+\Z")
_STOP_WORDS = """
the and for with from this that what which who why how are was were has have had not all any can
does did but you your our its their there show find get list give tell about into please when
where will would should could than then them these those null true false
"""
_STOP = frozenset(_STOP_WORDS.split())
_MOST_TERMS = 60


def terms_of(*texts: str) -> list[str]:
    """The distinct terms of the texts in lower case, joined ones also in their parts."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _TERM.findall(text):
            term = match.lower()
            found[term] = None
            if not _WORD.match(term):
                found.update(dict.fromkeys(re.findall(r"[^\W_]{3,}", term)))
    wanted = [t for t in found if t not in _STOP and (len(t) > 2 or t.isdigit())]
    return wanted[:_MOST_TERMS]


def rows_naming(records: list[dict[str, Any]], terms: list[str]) -> list[tuple[int, int]]:
    """The rows that hold a telling term, best first, as (row, weight)."""
    if not terms:
        return []
    texts = [orjson.dumps(r).decode().replace(_NUMBER, "").lower() for r in records]
    ends = list(accumulate(map(len, texts)))
    together = "".join(texts)
    common = max(3, len(records) // 10)
    scores: dict[int, int] = {}
    for term in terms:
        rows = _rows_of(term, together, ends, common)
        worth = 1 if _WORD.match(term) else 3
        for row in rows if len(rows) <= common else ():
            scores[row] = scores.get(row, 0) + worth
    return sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))


def _rows_of(term: str, together: str, ends: list[int], most: int) -> set[int]:
    """The rows that hold the term as a word, given all rows in one text and where each ends;
    no more than show that it is in more than `most`."""
    rows: set[int] = set()
    start = together.find(term)
    while start >= 0 and len(rows) <= most:
        after = start + len(term)
        if not (together[start - 1].isalnum() or together[after].isalnum()):
            row = bisect_right(ends, start)
            rows.add(row)
            after = ends[row]
        start = together.find(term, after)
    return rows
