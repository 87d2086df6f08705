"""How much a match tells, by what the reader is after and by what kind of line it is.

What defines a searched name, and the few lines that hold what the question names, must be
shown. Then: definitions, uses, imports, comments; source before tests, documents and what a
tool wrote. It sees lines and paths only, and decides no sizes.
"""

import re
from collections.abc import Sequence

from headroom.compressors._api import Sample
from headroom.compressors.search.definitions import may_define, told
from headroom.compressors.search.entries import Entry
from headroom.compressors.search.searched import identifiers
from headroom.compressors.search.shapes import LONGEST
from headroom.relevance import is_word, terms_of

_TESTS = re.compile(
    r"(?:^|[/\\_.-])(?:tests?|specs?|__tests__|testdata|fixtures?|mocks?|bench)(?=[/\\_.-])"
)
_DOCUMENTS = re.compile(r"\.(?:md|mdx|rst|txt|adoc|ipynb|svg|html)$|(?:^|/)(?:changelog|history)")
_WRITTEN = re.compile(
    r"(?:^|[/\\])(?:node_modules|dist|build|vendor|third_party|site-packages|target|\.git)[/\\]"
    r"|\.min\.|\.lock$|-lock\.|\.map$|\.generated\.|_pb2?\."
)
_OF_TESTS = ("test", "spec", "fixture", "mock", "bench")
_OF_DOCUMENTS = ("md", "rst", "txt", "adoc", "ipynb", "svg", "html", "changelog", "history")
_COLUMN = re.compile(r"\d{1,4}:(?!\d)")
_SHORT_WORD = 4
_HEAD = 400
_RARE = 0.05
_MANY = 2_000
_READ = 20
_FEW = 3
_MOST_RARE = 12


Rank = tuple[bool, float]
"""Whether it is shown whatever the budget, and how much it tells."""


class Ranking:
    """The ranks of one result's matches."""

    def __init__(self, sample: Sample, texts: Sequence[str]) -> None:
        self._names = identifiers(sample, texts)
        self._hasty = len(texts) > _MANY
        self._terms = _useful(terms_of(sample.query), texts, self._names)

    def ranks(self, path: str, entries: Sequence[Entry]) -> list[Rank]:
        """The rank of each of a file's entries."""
        base = _of_file(path)
        low = path.lower()
        named = sum(term in low for term in self._terms)
        score = base + named
        if not self._hasty:
            return [self._rank(entry[0].text, score) for entry in entries]
        first = [self._rank(entry[0].text, score) for entry in entries[:_READ]]
        return first + [self._hasty_rank(entry[0].text, score) for entry in entries[_READ:]]

    def _hasty_rank(self, text: str, base: float) -> Rank:
        """Of a line far down in a file of a very large result, where few can be shown."""
        if may_define(text) or (self._terms and any(term in text.lower() for term in self._terms)):
            return self._rank(text, base)
        return False, base

    def _rank(self, text: str, base: float) -> Rank:
        if text[:1].isdigit():
            text = _COLUMN.sub("", text, count=1)
        kind, name, sure = told(text)
        score = base + kind
        must = False
        if name and self._names:
            must = name.strip("$_") in self._names and (sure or base >= 0)
            score += any(wanted in name for wanted in self._names)
        if self._terms:
            low = text[:_HEAD].lower()
            for term, rare in self._terms.items():
                if term in low:
                    must = must or rare
                    score += 1.0 if is_word(term) else 2.0
        return must and len(text) <= LONGEST, score


def _useful(terms: Sequence[str], texts: Sequence[str], names: frozenset[str]) -> dict[str, bool]:
    """The terms that tell some lines from others, each with whether a line that holds it must
    be shown: it is an identifier that few lines hold."""
    if not terms:
        return {}
    searched = {name.lower() for name in names}
    lows = [text[:_HEAD].lower() for text in texts]
    whole = "\n".join(lows)
    useful: dict[str, bool] = {}
    for term in terms:
        if term in searched or term not in whole or (is_word(term) and len(term) < _SHORT_WORD):
            continue
        count = sum(term in low for low in lows)
        few = count <= min(_MOST_RARE, max(_FEW, _RARE * len(lows)))
        useful[term] = few and not is_word(term)
    return useful


def _of_file(path: str) -> float:
    """Less for tests, documents and what a tool wrote."""
    if _WRITTEN.search(path):
        return -3.0
    low = path.lower()
    if any(map(low.__contains__, _OF_DOCUMENTS)) and _DOCUMENTS.search(low):
        return -2.0
    return -1.5 if any(map(low.__contains__, _OF_TESTS)) and _TESTS.search(low) else 0.0
