"""How much each unit of a document is worth to the reader of a question.

What a model says of a sentence is spread to where an answer may stand beside it: its neighbours,
its chunk, a chunk that the question names or that the best sentences speak of, and in talk the
turns around. Without a question the place in its paragraph and facts decide. It omits nothing
and knows no budget.
"""

import re
from collections.abc import Iterable, Sequence
from heapq import nlargest
from itertools import accumulate
from operator import add, sub

from headroom.compressors.prose.model import SentenceModel
from headroom.compressors.prose.reading import NAME, SENTENCE, Document
from headroom.relevance import Bm25, terms_of

_NEAR = 0.15
_CHUNK = 0.5
_TITLE = 0.25
_NAMED = 0.7
_SPOKEN_OF = 0.7
_LEAD = 0.3
_FACT = 0.05
_FOLLOWED = 0.25
_BEST = 6
_MOST_NAMES = 12
_TURNS_AROUND = 25
_ALONE = 0.6
_AROUND = 1.5
_FIGURE = re.compile(r"[0-9٠-٩०-९０-９\"“„«]")  # by their codes: a category takes twice as long
_INNER_NAME = re.compile(r"[a-z,] [A-Z][a-z]")
_NAME = re.compile(r"\b[A-Z][\w'’-]+(?:(?: (?:of|the|and|de|von|van))? [A-Z][\w'’.-]*)*")
_TITLED = re.compile(r"\b(?i:title)\s*[:=]\s*\"?([^\")>\n]{2,120})")
_LABEL = re.compile(
    r"(?:#+|\[\d+\]|(?i:document|doc|passage|chunk|result|source)\s\[?\d+\]?)[ :.)-]*"
)
_QUALIFIED = re.compile(r" \(|, | - |\n")


def by_question(
    texts: Sequence[str], document: Document, query: str, model: SentenceModel | None
) -> list[float]:
    """The worth of each unit (`texts` are what they say) to who asks `query`."""
    units = document.units
    said = _with_speakers(texts, document) if document.is_talk else texts
    index = Bm25(said)
    own = _scaled(model.scores(said, query) if model else index.scores(terms_of(query)))
    told = _told(texts, document, own)
    followed = _scaled(index.scores(_names(told, query)))
    of_chunk = _of_chunks(document, own, query, told)
    near = map(max, [0.0, *own[:-1]], [*own[1:], 0.0])
    worth = [
        score + _NEAR * beside + _FOLLOWED * after + of_chunk[unit.chunk]
        for unit, score, beside, after in zip(units, own, near, followed, strict=True)
    ]
    if document.is_talk:
        around = _scaled(_sums_around(own, _TURNS_AROUND))
        worth = [_ALONE * a + _AROUND * b for a, b in zip(worth, around, strict=True)]
    for lead in _leads([unit.chunk for unit in units], document):
        worth[lead] += _LEAD * (1 + of_chunk[units[lead].chunk])
    facts = [_FACT * _tells(text) for text in texts]
    return list(map(add, worth, facts))


def by_place(texts: Sequence[str], document: Document) -> list[float]:
    """The worth of each unit where nothing is asked: what begins a paragraph, then what has
    numbers, names, negations or quotes."""
    worth = [0.3 * _tells(text) + 0.05 * min(6, len(_INNER_NAME.findall(text))) for text in texts]
    for index in _leads([unit.block for unit in document.units], document):
        worth[index] += 1.0
    for index in _leads([unit.chunk for unit in document.units], document):
        worth[index] += 1.0
    return worth


def _with_speakers(texts: Sequence[str], document: Document) -> list[str]:
    """Each sentence of a turn behind the name of who says it."""
    names = {
        unit.block: text
        for unit, text in zip(document.units, texts, strict=True)
        if unit.kind == NAME
    }
    return [
        names.get(unit.block, "") + text if unit.kind == SENTENCE else text
        for unit, text in zip(document.units, texts, strict=True)
    ]


def _told(texts: Sequence[str], document: Document, own: Sequence[float]) -> str:
    """What the best few sentences say."""
    sentences = [n for n, unit in enumerate(document.units) if own[n] and unit.kind == SENTENCE]
    best = nlargest(_BEST, sentences, key=own.__getitem__)
    return "\n".join([texts[number] for number in best])


def _names(told: str, query: str) -> list[str]:
    """The words of names in the best sentences that the question has not: the second step,
    where an answer takes two."""
    asked = set(terms_of(query))
    return [term for term in terms_of(*_NAME.findall(told)) if term not in asked][:_MOST_NAMES]


def _of_chunks(document: Document, own: Sequence[float], query: str, told: str) -> list[float]:
    """What the units of each chunk share."""
    best = [0.0] * len(document.titles)
    for unit, score in zip(document.units, own, strict=True):
        if score > best[unit.chunk]:
            best[unit.chunk] = score
    titled = _scaled(Bm25(document.titles).scores(terms_of(query)))
    asked = query.lower()
    worth = []
    for title, score, by_title in zip(document.titles, best, titled, strict=True):
        name = _subject(title)
        is_named = 0.0
        if len(name) > 3 and name[:1].isupper():
            is_named = 1.0 if name.lower() in asked else _SPOKEN_OF * (name in told)
        worth.append(_CHUNK * score + _TITLE * by_title + _NAMED * is_named)
    return worth


def _subject(title: str) -> str:
    """What the head of a chunk names, without its number and what only qualifies it."""
    found = _TITLED.search(title)
    name = found[1] if found else _LABEL.sub("", title, count=1)
    return _QUALIFIED.split(name.strip(), maxsplit=1)[0]


def _tells(text: str) -> bool:
    """Whether a sentence has a figure, a quote or a negation."""
    if _FIGURE.search(text) or "n't " in text:
        return True
    return " n" in text and (" not " in text or " no " in text or " never " in text)


def _leads(numbers: Sequence[int], document: Document) -> Iterable[int]:
    """The index of the first sentence of each chunk, or of each block, by their `numbers`."""
    first: dict[int, int] = {}
    for index, (number, unit) in enumerate(zip(numbers, document.units, strict=True)):
        if number not in first and unit.kind == SENTENCE:
            first[number] = index
    return first.values()


def _sums_around(scores: Sequence[float], width: int) -> list[float]:
    """For each score the sum of those up to `width` before and behind it."""
    sums = [0.0] * (width + 1) + list(accumulate(scores))
    sums += sums[-1:] * width
    return list(map(sub, sums[2 * width + 1 :], sums))


def _scaled(scores: Sequence[float]) -> Sequence[float]:
    """The scores with 1 as the highest."""
    most = max(scores, default=0.0)
    return [score / most for score in scores] if most > 0 else scores
