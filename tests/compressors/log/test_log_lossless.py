"""Without leave to omit, repeats are folded so that they unfold to the same text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from headroom.compressors import Sample
from headroom.compressors.log import Log
from headroom.compressors.log.lossless import fold
from headroom.edits import Fidelity
from headroom.policy import SAFE

LINE = st.sampled_from(
    ["", "waiting for the lock", "⟨×", "a\r", "x" * 30, "⟨×2⟩ y", "[log, nothing"]
)
FOLDED = re.compile(r"⟨×(\d+)⟩ (.*)", re.DOTALL)


def unfold(folded):
    out = []
    for line in folded.split("\n")[1:]:
        found = FOLDED.fullmatch(line)
        out += [found[2]] * int(found[1]) if found else [line]
    return "\n".join(out)


@given(st.lists(st.tuples(LINE, st.integers(1, 9))))
def test_what_is_folded_unfolds_to_the_same_text(runs):
    text = "\n".join(line for line, count in runs for _ in range(count))
    folded = fold(text)
    assert folded is None or unfold(folded) == text


def test_the_safe_policy_folds_repeats_and_leaves_the_rest():
    sample = Sample("start\n" + "waiting for the lock of the database\n" * 50 + "done\n")
    proposal = Log().compress(sample, SAFE)
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert unfold(proposal.text) == sample.text
    assert Log().compress(Sample("\n".join(f"line {n} of it" for n in range(100))), SAFE) is None
    assert (
        Log().compress(Sample("x y\n" + "a long line that stands twice\n" * 2 + "z" * 500), SAFE)
        is None
    )
