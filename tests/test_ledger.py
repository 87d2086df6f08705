from headroom.conversation import Block, Kind
from headroom.edits import Edit, Fidelity, Reason, Skip
from headroom.ledger import MAX_AGE, Decision, Ledger
from headroom.seen import Seen
from headroom.tokens import Count

BLOCK = Block(("messages", 3, "content"), Kind.TOOL_RESULT, "the text")
COUNT = Count(2, exact=True)


def edited(after="short"):
    edit = Edit(("m",), "the text", after, "log", Fidelity.LOSSLESS, ("abcdefgh",), 2, 1)
    return Decision(edit, COUNT, Count(1, exact=True))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_decision_comes_back_for_the_block_at_hand():
    ledger = Ledger()
    ledger.put(b"k", edited())
    decision = ledger.get(b"k").at(BLOCK)
    assert decision.outcome.path == BLOCK.path
    assert decision.outcome.before == "the text"
    assert decision.shown(BLOCK) == "short"


def test_a_skip_and_a_text_that_is_not_ours_come_back_too():
    ledger = Ledger()
    ledger.put(b"s", Decision(Skip(("m",), Reason.NO_GAIN), COUNT, COUNT))
    ledger.put(b"n", Decision(None, COUNT, COUNT))
    assert ledger.get(b"s").at(BLOCK).outcome == Skip(BLOCK.path, Reason.NO_GAIN)
    assert ledger.get(b"s").shown(BLOCK) == "the text"
    assert ledger.get(b"n").at(BLOCK).outcome is None


def test_the_text_itself_is_not_kept():
    ledger = Ledger()
    ledger.put(b"k", edited())
    assert ledger.get(b"k").outcome.before == ""


def test_an_unknown_key_is_none():
    assert Ledger().get(b"k") is None


def test_an_old_decision_is_made_again():
    clock = Clock()
    ledger = Ledger(clock)
    ledger.put(b"k", edited())
    clock.now = MAX_AGE
    assert ledger.get(b"k") is not None
    clock.now = MAX_AGE + 1
    assert ledger.get(b"k") is None
    ledger.put(b"k", edited("newer"))
    assert ledger.get(b"k").outcome.after == "newer"


def test_the_least_recently_used_goes_first(monkeypatch):
    monkeypatch.setattr("headroom.ledger._MAX_ENTRIES", 2)
    ledger = Ledger()
    ledger.put(b"a", edited())
    ledger.put(b"b", edited())
    ledger.get(b"a")
    ledger.put(b"c", edited())
    assert ledger.get(b"b") is None
    assert ledger.get(b"a") is not None


def test_long_texts_are_bounded_together(monkeypatch):
    monkeypatch.setattr("headroom.ledger._MAX_CHARACTERS", 100)
    ledger = Ledger()
    failed = Decision(Skip(("m",), Reason.FAILED, "x" * 60), COUNT, COUNT)
    ledger.put(b"a", failed)
    ledger.put(b"a", failed)
    assert ledger.get(b"a") is not None, "the same key twice counts once"
    ledger.put(b"b", edited("y" * 60))
    assert ledger.get(b"a") is None
    assert ledger.get(b"b") is not None


def test_what_was_shown_is_lent_once():
    ledger, seen = Ledger(), Seen()
    ledger.give_back(b"k", seen)
    assert ledger.lend(b"k") is seen
    assert ledger.lend(b"k") is None


def test_only_the_last_conversations_are_kept_ready(monkeypatch):
    monkeypatch.setattr("headroom.ledger._MAX_CONVERSATIONS", 1)
    ledger = Ledger()
    ledger.give_back(b"a", Seen())
    ledger.give_back(b"b", Seen())
    assert ledger.lend(b"a") is None
    assert ledger.lend(b"b") is not None
