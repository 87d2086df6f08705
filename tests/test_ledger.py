import sqlite3

import pytest

from headroom.conversation import Block, Kind
from headroom.decision import Decision, packed
from headroom.edits import Edit, Fidelity, Reason, Skip
from headroom.errors import StoreError
from headroom.ledger import MAX_AGE, Ledger
from headroom.seen import Seen
from headroom.stores import InMemoryStore, SqliteStore
from headroom.tokens import Count
from headroom.walk import Step

BLOCK = Block(("messages", 3, "content"), Kind.TOOL_RESULT, "the text " * 20)
SAID = Block(("messages", 2, "content"), Kind.ASSISTANT_TEXT, "I look")
COUNT = Count(2, exact=True)
LATE = Decision(Skip((), Reason.LATE), COUNT, COUNT)


def edited(after="short"):
    edit = Edit((), "", after, "log", Fidelity.LOSSLESS, ("abcdefgh",), 2, 1)
    return Decision(edit, COUNT, Count(1, exact=True))


def looked_up(ledger, *keys, block=BLOCK):
    return ledger.lookup([Step(block, key) for key in keys])


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Locked:
    """Facts that cannot be read or written while `locked`."""

    def __init__(self, settled):
        self.settled, self.locked, self.asked = settled, True, 0

    def _checked(self):
        self.asked += 1
        if self.locked:
            raise StoreError("the store stayed busy")

    def get(self, keys):
        self._checked()
        return self.settled.get(keys)

    def settle(self, facts, *, chained=False):
        self._checked()
        return self.settled.settle(facts, chained=chained)


def test_what_was_settled_is_found():
    ledger = Ledger()
    assert ledger.settle({b"k": edited(), b"s": LATE}) == [edited(), LATE]
    assert looked_up(ledger, b"k", b"x", b"s") == [edited(), None, LATE]
    assert ledger.holds(b"k")
    assert not ledger.holds(b"x")


def test_the_text_itself_is_not_kept():
    whole = Decision(
        Edit(("m",), "the text", "t", "log", Fidelity.LOSSLESS, (), 2, 1), COUNT, COUNT
    )
    (held,) = Ledger().settle({b"k": whole})
    assert (held.outcome.path, held.outcome.before) == ((), "")


def test_who_settles_first_is_right_and_what_rests_on_another_is_not_settled():
    ledger = Ledger()
    ledger.settle({b"b": LATE})
    assert ledger.settle({b"a": edited(), b"b": edited("b"), b"c": edited("c")}) == [edited(), LATE]
    assert looked_up(ledger, b"a", b"b", b"c") == [edited(), LATE, None]


def test_processes_that_share_a_store_agree():
    settled = InMemoryStore().settled
    one, other = Ledger(settled), Ledger(settled)
    assert looked_up(other, b"b") == [None]
    one.settle({b"b": LATE})
    assert other.settle({b"a": edited(), b"b": edited("b"), b"c": edited("c")}) == [edited(), LATE]
    assert looked_up(other, b"a", b"b", b"c") == [edited(), LATE, None]
    assert looked_up(Ledger(settled), b"a", b"b", b"c") == [edited(), LATE, None]


def test_decisions_survive_the_process(tmp_path):
    store = SqliteStore(tmp_path)
    Ledger(store.settled).settle({b"k": edited("\ud800"), b"s": LATE})
    store.close()
    again = SqliteStore(tmp_path)
    assert looked_up(Ledger(again.settled), b"k", b"s") == [edited("\ud800"), LATE]
    again.close()


def test_what_is_not_ours_to_edit_is_remembered_but_not_stored():
    settled = InMemoryStore().settled
    ledger, counted = Ledger(settled), Decision(None, COUNT, COUNT)
    ledger.settle({b"n": counted})
    assert looked_up(ledger, b"n", block=SAID) == [counted]
    assert settled.get([b"n"]) == {}


def test_the_store_is_asked_once_for_all_that_memory_does_not_have():
    store = Locked(InMemoryStore().settled)
    store.locked = False
    ledger = Ledger(store)
    store.settle({bytes([key]): packed(edited()) for key in range(9)})
    store.asked = 0
    assert None not in looked_up(ledger, *(bytes([key]) for key in range(9)))
    assert None not in looked_up(ledger, *(bytes([key]) for key in range(9)))
    assert store.asked == 1


def test_a_damaged_decision_is_ignored_and_counted():
    settled = InMemoryStore().settled
    ledger = Ledger(settled)
    settled.settle({b"k": b"no decision"})
    assert looked_up(ledger, b"k") == [None]
    assert ledger.settle({b"k": edited()}) == [edited()]
    assert looked_up(ledger, b"k") == [edited()]
    assert ledger.troubles.corrupt == 2


def test_a_locked_store_is_counted_and_left_alone_for_a_while():
    store, clock = Locked(InMemoryStore().settled), Clock()
    ledger = Ledger(store, clock)
    assert ledger.settle({b"k": edited()}) == [edited()]
    assert looked_up(ledger, b"k", b"x") == [edited(), None]
    assert store.asked == 1
    assert (ledger.troubles.store_errors, ledger.troubles.last) == (1, "the store stayed busy")
    clock.now = 2.0
    assert looked_up(ledger, b"x") == [None]
    assert ledger.troubles.store_errors == 2


def test_what_a_locked_store_missed_is_written_later():
    store, clock = Locked(InMemoryStore().settled), Clock()
    ledger = Ledger(store, clock)
    ledger.settle({b"k": edited()})
    store.locked, clock.now = False, 2.0
    ledger.settle({b"l": LATE})
    assert looked_up(Ledger(store), b"k", b"l") == [edited(), LATE]


def test_what_waits_to_be_written_is_bounded(monkeypatch):
    monkeypatch.setattr("headroom.ledger._MAX_UNSAVED", 1)
    store, clock = Locked(InMemoryStore().settled), Clock()
    ledger = Ledger(store, clock)
    ledger.settle({b"a": LATE})
    ledger.settle({b"b": LATE})
    store.locked, clock.now = False, 2.0
    ledger.settle({b"c": LATE})
    assert looked_up(Ledger(store), b"a", b"b", b"c") == [LATE, None, LATE]


def test_originals_are_looked_after_every_now_and_then():
    clock, settled = Clock(), InMemoryStore().settled
    ledger = Ledger(settled, clock)
    ledger.settle({b"k": edited()})
    assert ledger.due([b"k", b"unknown"]) == []
    clock.now = MAX_AGE + 1
    assert ledger.due([b"k"]) == [b"k"]
    assert ledger.due([b"k"]) == []
    restarted = Ledger(settled, clock)
    looked_up(restarted, b"k")
    assert restarted.due([b"k"]) == [b"k"], "nobody knows how long ago"


def test_the_store_hears_of_decisions_that_only_memory_is_asked_for():
    clock, now = Clock(), Clock()
    store = InMemoryStore(now=now)
    ledger = Ledger(store.settled, clock)
    ledger.settle({b"k": LATE})
    clock.now = now.now = 86_400.0
    looked_up(ledger, b"k")
    store.settled.erase(since=80_000.0)
    assert store.settled.get([b"k"])


def test_the_least_recently_used_goes_first(monkeypatch):
    monkeypatch.setattr("headroom.ledger._MAX_ENTRIES", 2)
    ledger = Ledger()
    ledger.settle({b"a": edited(), b"b": edited()})
    looked_up(ledger, b"a")
    ledger.settle({b"c": edited()})
    assert looked_up(ledger, b"a", b"b", b"c") == [edited(), None, edited()]


def test_long_texts_are_bounded_together(monkeypatch):
    monkeypatch.setattr("headroom.ledger._MAX_CHARACTERS", 100)
    ledger = Ledger()
    failed = Decision(Skip((), Reason.FAILED, "x" * 60), COUNT, COUNT)
    ledger.settle({b"a": failed})
    ledger.settle({b"a": failed})
    assert looked_up(ledger, b"a") == [failed], "the same key twice counts once"
    ledger.settle({b"b": edited("y" * 60)})
    assert looked_up(ledger, b"a") == [None]


def path_of(*keys):
    return [Step(BLOCK, key) for key in keys]


def test_what_was_shown_is_lent_once_for_the_longest_beginning():
    ledger, short, long = Ledger(), Seen(), Seen()
    ledger.give_back(b"a", short)
    ledger.give_back(b"b", long)
    assert ledger.lend(path_of(b"a", b"b", b"c")) == (2, long)
    assert ledger.lend(path_of(b"a", b"b", b"c")) == (1, short)
    count, fresh = ledger.lend(path_of(b"a", b"b", b"c"))
    assert count == 0
    assert fresh not in (short, long)


@pytest.mark.parametrize(("bound", "value"), [("_MAX_CONVERSATIONS", 1), ("_MAX_SHOWN", 9)])
def test_only_the_last_conversations_are_kept_ready(monkeypatch, bound, value):
    monkeypatch.setattr(f"headroom.ledger.{bound}", value)
    ledger = Ledger()
    for key in (b"a", b"b"):
        seen = Seen()
        seen.add(BLOCK, "the text")
        ledger.give_back(key, seen)
    assert ledger.lend(path_of(b"a"))[0] == 0
    assert ledger.lend(path_of(b"b"))[0] == 1


def test_a_store_that_another_process_has_locked_costs_a_moment(tmp_path):
    store = SqliteStore(tmp_path)
    ledger = Ledger(store.settled)
    ledger.settle({b"k": LATE})
    neighbour = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    neighbour.execute("BEGIN IMMEDIATE")
    assert ledger.settle({b"l": LATE}) == [LATE]
    assert "busy for 0.1 s" in ledger.troubles.last
    neighbour.execute("ROLLBACK")
    neighbour.close()
    store.close()


def test_the_store_is_not_asked_about_what_is_never_looked_at():
    asked = []

    class Counting(type(InMemoryStore().settled)):
        def get(self, keys):
            asked.extend(keys)
            return super().get(keys)

    settled = InMemoryStore().settled
    settled.__class__ = Counting
    ledger = Ledger(settled, Clock())
    tiny = Block(("messages", 1), Kind.TOOL_RESULT, "ok")
    assert looked_up(ledger, b"k", block=tiny) == [None]
    assert looked_up(ledger, b"l") == [None]
    assert asked == [b"l"]
