import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.conversation import Block, Kind
from headroom.decision import Decision, packed, placed, unpacked
from headroom.edits import Edit, Fidelity, Reason, Skip
from headroom.tokens import Count

BLOCK = Block(("messages", 3, "content"), Kind.TOOL_RESULT, "the text")
COUNTS = st.builds(Count, st.integers(0, 10**9), st.booleans())
TEXTS = st.text(st.characters())
SKIPS = st.builds(Skip, st.just(()), st.sampled_from(Reason), TEXTS)


def decision_of(outcome, before, after):
    if isinstance(outcome, Skip):
        return Decision(outcome, before, before)
    text, name, fidelity, refs = outcome
    edit = Edit((), "", text, name, fidelity, tuple(refs), before.tokens, after.tokens)
    return Decision(edit, before, after)


EDITS = st.tuples(TEXTS, TEXTS, st.sampled_from(Fidelity), st.lists(TEXTS, max_size=3))
DECISIONS = st.builds(decision_of, SKIPS | EDITS, COUNTS, COUNTS)


@given(DECISIONS)
def test_a_decision_comes_back_from_its_bytes(decision):
    assert unpacked(packed(decision)) == decision


def test_lone_surrogates_come_back():
    decision = decision_of(
        ("\ud800 x", "log", Fidelity.LOSSLESS, []), Count(9, True), Count(1, True)
    )
    assert unpacked(packed(decision)) == decision


@given(
    st.binary()
    | DECISIONS.map(packed).flatmap(
        lambda data: st.integers(0, len(data)).map(lambda end: data[:end])
    )
)
def test_bytes_that_hold_no_decision_are_none_and_nothing_raises(data):
    decision = unpacked(data)
    assert decision is None or isinstance(decision, Decision)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'["edit",1,true,1,true,7,"log","lossless",[]]',
        b'["edit",1,true,1,true,"x","log","lossy",[]]',
        b'["skip",1,true,"no reason",""]',
        b'["other",1,true]',
        b'["skip","x",true,"late",""]',
    ],
)
def test_what_is_spelled_wrong_is_none(data):
    assert unpacked(data) is None


def test_what_this_version_writes_is_what_all_later_ones_read():
    edit = decision_of(
        ("short", "log", Fidelity.RECOVERABLE, ["a2"]), Count(9, True), Count(4, False)
    )
    assert packed(edit) == b'["edit",9,true,4,false,"short","log","recoverable",["a2"]]'
    skip = decision_of(Skip((), Reason.LATE), Count(9, True), Count(9, True))
    assert packed(skip) == b'["skip",9,true,"late",""]'


def test_of_a_long_failure_the_end_is_kept():
    failed = Decision(
        Skip((), Reason.FAILED, "x" * 9_000 + "ValueError"), Count(1, True), Count(1, True)
    )
    detail = unpacked(packed(failed)).outcome.detail
    assert len(detail) == 2_000
    assert detail.endswith("ValueError")


def test_a_decision_is_placed_about_the_block_at_hand():
    edit = decision_of(("short", "log", Fidelity.LOSSLESS, ["a2"]), Count(9, True), Count(4, True))
    put = placed(edit.outcome, BLOCK)
    assert (put.path, put.before, put.after) == (BLOCK.path, "the text", "short")
    assert edit.shown(BLOCK) == "short"
    skip = Decision(Skip((), Reason.NO_GAIN), Count(9, True), Count(9, True))
    assert placed(skip.outcome, BLOCK) == Skip(BLOCK.path, Reason.NO_GAIN)
    assert skip.shown(BLOCK) == "the text"


def test_a_bare_decision_knows_neither_text_nor_place():
    skip = Skip(("m",), Reason.NO_GAIN)
    counted = Decision(None, Count(9, True), Count(9, True))
    assert Decision(skip, Count(9, True), Count(9, True)).bare().outcome == Skip((), Reason.NO_GAIN)
    assert counted.bare() == counted
