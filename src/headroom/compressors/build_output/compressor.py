"""The compressor of test and build output: what failed stays, what went well is counted.

The order of work and the decision whether it pays stand here; each step has its own module.
"""

from headroom.compressors._api import Sample
from headroom.compressors.build_output import lossless, recognition, rendering
from headroom.compressors.build_output.reading import read_run
from headroom.compressors.build_output.selection import CHARACTERS_PER_TOKEN, choose
from headroom.compressors.build_output.views import read
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy

_GAIN = 0.9
_MOST_FOLDED = 2


class BuildOutput:
    """Output of test runners, compilers, linters, installers and CI jobs."""

    name = "build_output"

    def score(self, sample: Sample) -> float:
        """How surely the sample is a run's output; below 0 where it is something else."""
        return recognition.likelihood(sample)

    def may_gain(self, sample: Sample, policy: Policy) -> bool:
        """Whether the text is beyond the budget, or lines in a row are equal."""
        beyond = len(sample.text) > policy.budget * CHARACTERS_PER_TOKEN
        return (policy.omit and beyond) or lossless.may_fold(sample.text)

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """The text folded without loss; where that is over the budget, what decides."""
        text = sample.text
        if len(text) < policy.min_tokens * CHARACTERS_PER_TOKEN:
            return None
        omits = policy.omit and bool(sample.ref)
        room = policy.budget * CHARACTERS_PER_TOKEN
        hopeless = omits and len(text) > _MOST_FOLDED * room
        folded = None if hopeless else lossless.fold(text)
        if folded is not None and len(folded) > _GAIN * len(text):
            folded = None
        kept = None if folded is None else Proposal(folded, Fidelity.LOSSLESS)
        if not omits or len(folded or text) <= room:
            return kept
        run = read_run(read(text))
        shown = rendering.render(run, choose(run, sample.query, policy.budget), sample.ref)
        if shown is None or len(shown) > _GAIN * len(folded or text):
            return kept
        return Proposal(shown, Fidelity.RECOVERABLE)
