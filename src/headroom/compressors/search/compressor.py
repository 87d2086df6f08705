"""The search compressor: grouped by file without loss, then fewer texts and every line number.

The order of work and the decision whether it pays stand here; each step has its own module.
"""

from headroom.compressors._api import Sample
from headroom.compressors.search import lossless, reading, shapes
from headroom.compressors.search.entries import entries
from headroom.compressors.search.recognition import Form, recognised
from headroom.compressors.search.rendering import shortened
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy

_CHARACTERS_PER_TOKEN = 3.3
_LEAST_SAVED = 50
_LEAST_OMITTED = 140
_READERS = {
    Form.FLAT: reading.flat,
    Form.HEADED: reading.headed,
    Form.UNNUMBERED: reading.unnumbered,
}


class SearchResults:
    """What grep, ripgrep and agents' search tools print: each path said once, each match's line
    number kept."""

    name = "search"

    def score(self, sample: Sample) -> float:
        """How surely the sample is a search result; below 0 where it is something else."""
        return recognised(sample)[0]

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """The result by file; above the budget, texts of matches that tell least omitted."""
        likelihood, form = recognised(sample)
        if likelihood < 0:
            return None
        if form is Form.LIST:
            return _lossless(_list(sample.text), sample.text)
        found = _READERS[form](sample.text)
        alike = [entries(group.rows) for group in found.groups]
        whole = lossless.folded(found, alike)
        if whole is None:
            return None
        shortest = min(whole, sample.text, key=len)
        if policy.omit and sample.ref and _tokens(shortest) > policy.budget:
            text = shortened(found, alike, sample, policy.budget)
            if text is not None and len(text) + _LEAST_OMITTED <= len(shortest):
                return Proposal(text, Fidelity.RECOVERABLE)
        return _lossless(whole, sample.text)


def _lossless(text: str | None, original: str) -> Proposal | None:
    if text is None or len(text) + _LEAST_SAVED > len(original):
        return None
    return Proposal(text, Fidelity.LOSSLESS)


def _list(text: str) -> str | None:
    lines = text.split("\n")
    paths = [path for line in lines if (path := shapes.listed_path(line))]
    return lossless.folded_list(text, paths)


def _tokens(text: str) -> float:
    return len(text) / _CHARACTERS_PER_TOKEN
