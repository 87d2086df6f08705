"""Folding without loss: it decodes to the original, and it is worth it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from run_reading import compressed, unfolded

from headroom.compressors import Sample
from headroom.compressors.build_output import BuildOutput, lossless
from headroom.edits import Fidelity
from headroom.policy import BALANCED, SAFE

PIECES = st.sampled_from(
    [
        "tests/test_shop.py::",
        "tests/test_shop.py::TestCart::",
        "test_a",
        " PASSED",
        " ",
        "x",
        "\t",
        "\r",
    ]
)
LINES = st.lists(PIECES, max_size=6).map("".join)


@settings(max_examples=300)
@given(st.lists(st.tuples(LINES, st.integers(1, 5)), max_size=40))
def test_any_folded_text_unfolds_to_the_original(runs):
    text = "\n".join(line for line, times in runs for _ in range(times))
    folded = lossless.fold(text)
    assert folded is None or unfolded(folded) == text


def test_equal_lines_in_a_row_are_written_once():
    assert (
        lossless.fold("start\n" + "waiting\n" * 30)
        == "start\nwaiting\n[= 29 more of the line above]\n"
    )


def test_lines_that_begin_alike_stand_as_they_are():
    lines = [f"tests/test_shop.py::test_{number} PASSED" for number in range(40)]
    assert lossless.fold("\n".join(lines)) is None


def test_a_text_that_uses_the_sign_is_left_alone():
    assert lossless.fold("[= 3 waiting\n" * 30) is None


def test_lines_that_share_nothing_are_left_alone():
    assert lossless.fold("alpha\nbeta\ngamma") is None


def run_of(count):
    lines = [line for number in range(count) for line in (f"test_{number} ok", *["waiting"] * 9)]
    return "\n".join([*lines, f"===== {count} passed in 1.00s ====="])


def test_what_fits_the_budget_is_only_folded():
    text = run_of(100)
    proposal = BuildOutput().compress(Sample(text, ref="abcdefgh"), BALANCED)
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert unfolded(proposal.text) == text


def test_without_leave_to_omit_a_huge_run_is_only_folded():
    text = run_of(3_000)
    proposal = BuildOutput().compress(Sample(text, ref="abcdefgh"), SAFE)
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert unfolded(proposal.text) == text


def test_without_a_ref_nothing_is_omitted():
    text = run_of(3_000)
    proposal = BuildOutput().compress(Sample(text), BALANCED)
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert unfolded(proposal.text) == text


def test_a_short_text_is_left_alone():
    assert compressed("1 passed in 0.01s") is None


def test_a_text_where_nothing_repeats_is_left_alone():
    lines = [f"{chr(97 + number % 26) * 9} {number * 7919}" for number in range(60)]
    assert compressed("\n".join(lines)) is None
