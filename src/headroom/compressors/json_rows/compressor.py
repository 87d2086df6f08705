"""The JSON compressor behind the seam: the lossless fold, rows omitted only beyond the budget.

Its rule: nothing is omitted that the reader could not get back; without a `ref` in the sample
every proposal is lossless.
"""

import re

from headroom.compressors._api import Sample
from headroom.compressors.json_rows.blocks import fold_document
from headroom.compressors.json_rows.fold import shortest
from headroom.compressors.json_rows.omit import Question, costs, estimated, omitted
from headroom.compressors.json_rows.reader import Document, read
from headroom.compressors.json_rows.tables import Tables, find_tables
from headroom.compressors.json_rows.terms import stem_of
from headroom.compressors.json_rows.weight import weight_of_text
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy
from headroom.relevance import terms_of

_OPENS_JSON = re.compile(r'\s*(?:\{\s*(?:"|\})|\[\s*(?:[\[{"\]\d-]|true|false|null))')
_CLOSES_JSON = re.compile(r"[\]}]\s*\Z")
_TAIL = 64
_LEAST_SURE = 16
_SURELY_BEYOND = 1.5
_SURELY_LESS = 0.75


class JsonRows:
    """JSON and JSON lines: tables first, rows omitted only beyond the budget."""

    name = "json_rows"

    def score(self, sample: Sample) -> float:
        """By how the text opens and closes."""
        if not _OPENS_JSON.match(sample.text):
            return -1.0
        return 0.9 if _CLOSES_JSON.search(sample.text[-_TAIL:]) else 0.2

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """The shortest lossless form, or, where that is beyond the budget, one with rows left
        out behind markers."""
        document = read(sample.text)
        if document is None:
            return None
        try:
            return _proposal(document, sample, policy)
        except (TypeError, RecursionError):
            # A lone surrogate, or nesting that only reading could bear: not ours to write.
            return None


def _proposal(document: Document, sample: Sample, policy: Policy) -> Proposal | None:
    tables = find_tables(document.value)
    may_omit = policy.omit and bool(sample.ref)
    wide = find_tables(document.value, values=True) if may_omit else tables
    if may_omit:
        said = _surely_shortened(document, wide, sample, policy.budget)
        if said is not None:
            return Proposal(said, Fidelity.RECOVERABLE)
    folded = fold_document(document, tables)
    best = shortest(sample.text, document, folded)
    size = weight_of_text(best or sample.text)
    if may_omit and size > policy.budget:
        said = omitted(document, wide, costs(folded, wide), _question(sample), policy.budget)
        if said is not None and weight_of_text(said) < size:
            return Proposal(said, Fidelity.RECOVERABLE)
    return None if best is None else Proposal(best, Fidelity.LOSSLESS)


def _surely_shortened(
    document: Document, tables: Tables, sample: Sample, budget: int
) -> str | None:
    """The text with rows left out, where some rows tell that its lossless form is far beyond
    the budget; to make that form would take most of the time."""
    if len(sample.text) < _LEAST_SURE * budget:
        return None
    expected = estimated(document, tables)
    size = expected.total(tables)
    if size < _SURELY_BEYOND * budget:
        return None
    said = omitted(document, tables, expected, _question(sample), budget)
    return said if said is not None and weight_of_text(said) < _SURELY_LESS * size else None


def _question(sample: Sample) -> Question:
    terms = terms_of(sample.query, sample.source)
    lowered = sample.text.lower()
    return Question([t for t in terms if stem_of(t) in lowered or not t.isascii()], sample.ref)
