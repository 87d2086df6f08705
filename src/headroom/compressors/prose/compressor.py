"""The prose compressor: documents, retrieved chunks, transcripts.

The order of work and the decision whether it pays stand here; each step has its own module.
Without loss first: what stands above is referred to. Only where that exceeds the budget are
sentences omitted, those that bear least on the question first; where nothing is asked only far
beyond the budget, and then sparingly.
"""

from collections.abc import Sequence

from headroom.calls import Call, call_of
from headroom.compressors._api import Sample
from headroom.compressors.prose import ranking, rendering, selection
from headroom.compressors.prose.instructions import is_instruction
from headroom.compressors.prose.model import SentenceModel
from headroom.compressors.prose.reading import BLOCK, HEAD, SENTENCE, Document, read
from headroom.compressors.prose.recognition import NOT_MINE, likelihood
from headroom.compressors.prose.repeats import folded, may_fold
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy

_CHARACTERS_PER_TOKEN = 4.2
_BYTES_BEYOND = 0.5
_FAR = 3
_FOOTER = 120
_GAIN = 0.9
_LEAST_GAIN = 160
_REPEATED = 40
_SHORT_LINES = 8
_NOT_PROSE = (
    *(".py", ".js", ".ts", ".tsx", ".jsx", ".go", ".rs", ".java", ".c", ".h", ".cc", ".cpp", ".cs"),
    *(".rb", ".php", ".sh", ".sql", ".css", ".json", ".yaml", ".yml", ".toml", ".csv", ".ipynb"),
)


class Prose:
    """Sentences that bear on the question, in their order; a `SentenceModel` may say which."""

    name = "prose"

    def __init__(self, model: SentenceModel | None = None) -> None:
        self._model = model

    def score(self, sample: Sample) -> float:
        """How surely the sample is prose; below 0 where it is something else."""
        call = call_of(sample.tool, sample.source)
        if call.reads and call.path.lower().endswith(_NOT_PROSE):
            return NOT_MINE
        return likelihood(sample.text)

    def may_gain(self, sample: Sample, policy: Policy) -> bool:
        """Whether the text is long and beyond the budget, or says something twice."""
        text = sample.text
        if _is_too_little(text, policy):
            return False
        return (policy.omit and _tokens(text) > policy.budget) or may_fold(text)

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """Repeats folded; beyond the budget what bears least on the question is omitted."""
        text = sample.text
        if _is_too_little(text, policy):
            return None
        call = call_of(sample.tool, sample.source)
        document = read(text, whole_lines=call.reads)
        if not document.units:
            return None
        texts = [text[unit.start : unit.end] for unit in document.units]
        lossless = folded(text, document.units, texts)
        if _may_omit(sample, policy, lossless or text) and not is_instruction(text, texts, call):
            shorter = self._omitted(sample, policy, document, texts, call)
            if shorter is not None and len(shorter) < _GAIN * len(lossless or text):
                return Proposal(shorter, Fidelity.RECOVERABLE)
        if lossless is None or len(lossless) >= len(text):
            return None
        return Proposal(lossless, Fidelity.LOSSLESS)

    def _omitted(
        self,
        sample: Sample,
        policy: Policy,
        document: Document,
        texts: Sequence[str],
        call: Call,
    ) -> str | None:
        """The document without what is said twice and, beyond the budget, without what matters
        least; None where that is not worth a marker."""
        text, units = sample.text, document.units
        twice = _said_twice(text, document)
        room = _room(sample, policy, call)
        size = len(text) - sum([len(texts[index]) for index in twice])
        if size <= room:
            kept = [index not in twice for index in range(len(units))]
        else:
            if sample.query:
                worth = ranking.by_question(texts, document, sample.query, self._model)
            else:
                worth = ranking.by_place(texts, document)
            for index in twice:
                worth[index] = -1.0
            decided = selection.decided(text, units, sample.query)
            kept = selection.chosen(units, worth, room - _FOOTER, decided)
        says = any(
            stays and unit.kind in (SENTENCE, BLOCK)
            for unit, stays in zip(units, kept, strict=True)
        )
        missing = sum([len(t) for t, stays in zip(texts, kept, strict=True) if not stays])
        if not says or missing < _LEAST_GAIN:
            return None
        return rendering.rendered(text, units, kept, sample.ref)


def _tokens(text: str) -> float:
    """About how many tokens `text` costs; letters of more than one byte cost more."""
    if text.isascii():
        return len(text) / _CHARACTERS_PER_TOKEN
    beyond = len(text.encode("utf-8", "surrogatepass")) - len(text)
    return (len(text) - beyond / 2) / _CHARACTERS_PER_TOKEN + _BYTES_BEYOND * beyond


def _is_too_little(text: str, policy: Policy) -> bool:
    return _tokens(text) < policy.min_tokens or _SHORT_LINES * text.count("\n") > len(text)


def _may_omit(sample: Sample, policy: Policy, lossless: str) -> bool:
    return policy.omit and bool(sample.ref) and _tokens(lossless) > policy.budget


def _room(sample: Sample, policy: Policy, call: Call) -> int:
    """How many characters may stay. Where nothing is asked, or an agent may edit what it reads,
    all of it up to a multiple of the budget, and half of what is longer."""
    share = policy.budget / _tokens(sample.text)
    if sample.query and not call.reads:
        return int(share * len(sample.text))
    if _FAR * share >= 1:
        return len(sample.text)
    return int(max(share, 0.5) * len(sample.text))


def _said_twice(text: str, document: Document) -> set[int]:
    """The units whose words stand above, however their lines are broken."""
    unbroken = text.replace("\n", " ")
    first: dict[str, int] = {}
    return {
        index
        for index, (start, end, kind, _, _) in enumerate(document.units)
        if end - start >= _REPEATED
        and kind != HEAD
        and first.setdefault(unbroken[start:end].rstrip(), index) != index
    }
