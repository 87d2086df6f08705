"""The listing compressor: the form of a listing, folded; beyond the budget with gaps.

The order of work and the decision whether it pays stand here; each form has its own module.
"""

from headroom.compressors._api import Sample
from headroom.compressors.listing import omit
from headroom.compressors.listing.gaps import Form, footer
from headroom.compressors.listing.recognition import form_of
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy

_LETTERS_PER_TOKEN = 3
_MARKERS_WORTH = 160


class Listing:
    """Listings of files: each folder and each equal column once, beyond the budget with gaps."""

    name = "listing"

    def score(self, sample: Sample) -> float:
        """How surely the sample is a listing; below 0 where it is something else."""
        return form_of(sample)[1]

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """The listing with what repeats said once; where omitting is allowed and that exceeds
        the budget, with vendored folders counted and deep folders thinned."""
        form, _ = form_of(sample)
        if form is None:
            return None
        cut = form(sample.text)
        most = min(form.most_left * len(sample.text), len(sample.text) - form.least_saved)
        folded = cut.fold({})
        size = len(sample.text) if folded is None else min(len(folded), len(sample.text))
        over = size - policy.budget * _LETTERS_PER_TOKEN
        if policy.omit and sample.ref and over > 0:
            short = _with_gaps(cut, sample, over)
            if short is not None and len(short) <= min(size - _MARKERS_WORTH, most):
                return Proposal(short, Fidelity.RECOVERABLE)
        if folded is None or len(folded) > most:
            return None
        return Proposal(folded, Fidelity.LOSSLESS)


def _with_gaps(cut: Form, sample: Sample, over: int) -> str | None:
    """The listing about `over` characters shorter, as far as may be left out."""
    gaps = omit.choose(cut.entries(), sample.query, sample.source, over)
    folded = cut.fold({gap.start: gap for gap in gaps}) if gaps else None
    return None if folded is None else f"{folded}\n{footer(gaps, sample.ref)}"
