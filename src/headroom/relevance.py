"""What a question names, as terms, and which texts speak of them.

Its rule: an identifier (a digit, a capital inside, or a joining sign) is a term of its own and
also in its parts; words that every question has are none. It knows nothing of how texts are
shortened.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, repeat
from math import log

_TERM = re.compile(r"[^\W_][\w./:@#-]*[^\W_]|\d", re.UNICODE)
_WORD = re.compile(r"[^\W\d_]+\Z")
_STOP_WORDS = """
the and for with from this that what which who why how are was were has have had not all any can
does did but you your our its their there show find get list give tell about into please when
where will would should could than then them these those null true false
"""
_STOP = frozenset(_STOP_WORDS.split())
_MOST_TERMS = 60
_SATURATION = 1.2
_BY_LENGTH = 0.4
_MANY_PLACES = 200
_ENDING = re.compile(r"(?<=\w{4})(?:ings?|edly|ed|[eo]rs?|ions?|ies|ily|ly|es|s|e|y)\Z")
_INFLECTED = re.compile(r"[^\W\d_]{0,4}(?![^\W_])")
_ENDED = re.compile(r"(?![^\W_])")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def terms_of(*texts: str) -> list[str]:
    """The distinct terms of the texts in lower case, joined ones also in their parts."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _TERM.findall(text):
            term = match.lower()
            found[term] = None
            if not is_word(term):
                found.update(dict.fromkeys(re.findall(r"[^\W_]{3,}", term)))
    wanted = [t for t in found if t not in _STOP and (len(t) > 2 or t.isdigit())]
    return wanted[:_MOST_TERMS]


def is_word(term: str) -> bool:
    """Whether a term is a plain word, which names less than an identifier does."""
    return _WORD.match(term) is not None


class Bm25:
    """How much each of some documents (or sentences) says about some terms.

    A plain word also meets its inflections (`drum`, `drums`, `drumming`); an identifier or a
    number only itself. The documents are searched as one text, a term at a time, so that the
    cost grows with their length and never with their vocabulary.
    """

    def __init__(self, documents: Sequence[str]) -> None:
        self._text = lowered("\n".join(documents))
        lengths = [len(document) + 1 for document in documents]
        self._starts = [0, *accumulate(lengths)][: len(lengths)]
        mean = max(1.0, sum(lengths) / max(1, len(lengths)))
        self._norms = [_SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * n / mean) for n in lengths]

    def scores(self, terms: Iterable[str]) -> list[float]:
        """A score for each document, 0 where it holds none of the terms."""
        found = [0.0] * len(self._starts)
        for stem, rest in dict.fromkeys(pair for term in terms for pair in _searches(term)):
            counts = self._counts(stem, rest)
            rarity = log(1 + (len(found) - len(counts) + 0.5) / (len(counts) + 0.5))
            for behind, count in counts.items():
                found[behind - 1] += rarity * count / (count + self._norms[behind - 1])
        return found

    def _counts(self, stem: str, rest: re.Pattern[str] | None) -> Counter[int]:
        """How often each document, counted from 1, holds a word of `stem` and `rest`."""
        text = self._text
        places: list[int] = []
        at = text.find(stem)
        while at >= 0:
            if len(places) > _MANY_PLACES:
                places += [found.start() for found in _pattern(stem, rest).finditer(text, at)]
                break
            end = at + len(stem)
            if rest is None or (rest.match(text, end) and not text[at - 1 : at].isalnum()):
                places.append(at)
            at = text.find(stem, end)
        return Counter(map(bisect_right, repeat(self._starts), places))


def _pattern(stem: str, rest: re.Pattern[str] | None) -> re.Pattern[str]:
    """What finds the words of `stem` and `rest`. The stem comes first and once more behind the
    sign before it, for a pattern that begins with letters is searched for quickly."""
    known = re.escape(stem)
    return re.compile(rf"{known}(?<![^\W_]{known}){rest.pattern}" if rest else known)


def lowered(text: str) -> str:
    """Lower case of the same length: one capital alone would become two characters."""
    return text.replace("\u0130", "I").lower()


def _searches(term: str) -> list[tuple[str, re.Pattern[str] | None]]:
    """What to look for: a stem, and what may follow it to the end of the word. Where words are
    written without spaces, pairs of letters."""
    term = lowered(term)
    if _UNSPACED.match(term):
        return [(term[at : at + 2], None) for at in range(max(1, len(term) - 1))]
    if not is_word(term):
        return [(term, _ENDED)] if term else []
    return [(_ENDING.sub("", term), _INFLECTED)]
