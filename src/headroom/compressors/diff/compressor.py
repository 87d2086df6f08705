"""The diff compressor: every changed line of source as it was, the rest as far as it helps.

First the lossless form, headers that do not say things twice. Where omitting is allowed, files
that a machine wrote become a line each, and over the budget unchanged lines thin out.
"""

from headroom.compressors._api import Sample
from headroom.compressors.diff import folding, recognition, rendering
from headroom.compressors.diff.plan import planned
from headroom.compressors.diff.reading import files
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy

_SIGNATURES = ("@@ -", "GIT binary patch")
_GAIN = 0.97
_LEAST = 60
_BYTES_PER_TOKEN = 3


class Diff:
    """Unified diffs of any tool, alone or within other text."""

    name = "diff"

    def score(self, sample: Sample) -> float:
        """How surely the sample is a diff; below 0 where it is something else."""
        return recognition.likelihood(sample.text)

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """Folded headers; where omitting is allowed, also without what nobody reads."""
        text = sample.text
        if len(text) < policy.min_tokens * _BYTES_PER_TOKEN or not _is_candidate(text):
            return None
        lines = text.split("\n")
        found = files(lines)
        folded = folding.foldable(lines, found)
        if policy.omit and sample.ref:
            plan = planned(lines, found, sample, policy)
            if plan.gaps:
                shorter = rendering.render(lines, plan, folded, sample.ref)
                if len(shorter) < _GAIN * len(text):
                    return Proposal(shorter, Fidelity.RECOVERABLE)
        saved = sum(len(lines[index]) + 1 for index in folded)
        if saved < max(_LEAST, (1 - _GAIN) * len(text)):
            return None
        return Proposal(rendering.without(lines, folded), Fidelity.LOSSLESS)


def _is_candidate(text: str) -> bool:
    return any(signature in text for signature in _SIGNATURES)
