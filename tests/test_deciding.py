"""One conversation decided by several at once: slow compressors, deadlines, neighbours."""

import threading
from hashlib import sha256 as hashed

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.conversation import Block, Conversation, Kind, Message
from headroom.edits import Fidelity, Proposal, Reason
from headroom.engine import Engine
from headroom.errors import StoreError
from headroom.ledger import MAX_AGE, Ledger
from headroom.markers import omission, omissions
from headroom.policy import BALANCED
from headroom.stores import InMemoryStore, SqliteStore
from headroom.tokens import counter_for

COUNTER = counter_for("gpt-4o")
TEXTS = [
    "\n".join(f"part {part}, line {index} says {index**3 + part}" for index in range(60))
    for part in range(4)
]


class Head:
    """Keeps the first lines and omits the rest."""

    name = "head"

    def __init__(self, keep=2):
        self.keep, self.texts = keep, []

    def score(self, sample):
        return 0.5

    def compress(self, sample, policy):
        self.texts.append(sample.text)
        lines = sample.text.split("\n")
        if not policy.omit or len(lines) <= self.keep + 2:
            return None
        marker = omission(f"{len(lines) - self.keep} lines omitted", sample.ref)
        return Proposal("\n".join([*lines[: self.keep], marker]), Fidelity.RECOVERABLE)


class Stuck(Head):
    """Stays inside of one text until it is let go."""

    def __init__(self, at):
        super().__init__()
        self.at, self.inside, self.go = at, threading.Event(), threading.Event()

    def compress(self, sample, policy):
        if sample.text == self.at:
            self.inside.set()
            assert self.go.wait(20)
        return super().compress(sample, policy)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def conversation(*texts):
    blocks = [
        Block(("m", index), Kind.TOOL_RESULT, text, "run", f"c{index}")
        for index, text in enumerate(texts)
    ]
    return Conversation("m", tuple(Message("tool", (block,)) for block in blocks))


def engine(compressor=None, store=None, ledger=None):
    store = store or InMemoryStore()
    return Engine([compressor or Head()], COUNTER, BALANCED, store, ledger or Ledger(store.settled))


def outcomes(result):
    """What became of each text, by its index."""
    ends = {edit.path[1]: edit.after for edit in result.edits}
    ends.update((skip.path[1], skip.reason) for skip in result.skips)
    return [ends[index] for index in sorted(ends)]


def test_what_is_settled_is_told_without_compressing():
    head, store = Head(), InMemoryStore()
    first = engine(head, store)
    talk = conversation(*TEXTS)
    assert first.deciding(talk).settled() is None
    result = first.decide(talk)
    head.texts.clear()
    assert first.deciding(talk).settled() == result
    assert head.texts == []


def test_what_is_new_is_told_in_characters():
    judge = engine()
    judge.decide(conversation(*TEXTS[:2]))
    deciding = judge.deciding(conversation(*TEXTS[:3]))
    assert deciding.settled() is None
    assert deciding.new_characters == len(TEXTS[2])


def test_a_restart_changes_nothing_whatever_the_compressors_have_become(tmp_path):
    store = SqliteStore(tmp_path)
    sent = engine(Head(keep=2), store).decide(conversation(*TEXTS[:2]))
    store.close()
    store, newer = SqliteStore(tmp_path), Head(keep=9)
    grown = engine(newer, store).decide(conversation(*TEXTS[:3]))
    assert grown.edits[:2] == sent.edits
    assert newer.texts == [TEXTS[2]]
    store.close()


def test_after_the_deadline_the_rest_stays_as_it_is_for_good():
    asked = []

    def late():
        asked.append(True)
        return len(asked) > 2

    store = InMemoryStore()
    result = engine(store=store).decide(conversation(*TEXTS), late=late)
    assert [skip.reason for skip in result.skips] == [Reason.LATE] * 2
    assert len(asked) == 3, "it is asked no more once it has passed"
    again = engine(store=store).decide(conversation(*TEXTS, "and more"))
    assert outcomes(again)[:4] == outcomes(result)


def test_a_deadline_passes_while_a_compressor_is_busy():
    """What was finished holds, the text at hand and the rest do not, for either thread."""
    stuck, store = Stuck(TEXTS[1]), InMemoryStore()
    judge = engine(stuck, store)
    deciding, ends = judge.deciding(conversation(*TEXTS)), []
    worker = threading.Thread(target=lambda: ends.append(deciding.decide()))
    worker.start()
    assert stuck.inside.wait(20)
    left = deciding.leave()
    stuck.go.set()
    worker.join()
    assert outcomes(left)[1:] == [Reason.LATE] * 3
    assert left.edits[0].after.startswith("part 0, line 0")
    assert outcomes(ends[0]) == outcomes(left)
    assert stuck.texts == TEXTS[:2], "it stops at the next text"
    assert outcomes(engine(store=store).decide(conversation(*TEXTS))) == outcomes(left)


class Watched(InMemoryStore):
    """Remembers what was put together; refuses more than `most` at once."""

    def __init__(self, most=100, **options):
        super().__init__(**options)
        self.most, self.puts = most, []

    def put(self, originals):
        self.puts.append(len(originals))
        if len(originals) > self.most:
            raise StoreError("too much at once")
        return super().put(originals)


def test_the_originals_of_a_request_are_kept_together_before_anything_is_settled():
    store = Watched()

    class Watching(Ledger):
        puts = ()

        def settle(self, made):
            self.puts = tuple(store.puts)
            return super().settle(made)

    ledger = Watching(store.settled)
    result = engine(store=store, ledger=ledger).decide(conversation(*TEXTS))
    assert ledger.puts == tuple(store.puts) == (4,)
    assert [store.get(edit.refs[0]).decode() for edit in result.edits] == TEXTS


def test_many_originals_are_kept_in_several_goes():
    long = ["\n".join(f"part {part}, line {at}: {at**5}" for at in range(2_000)) for part in "abcd"]
    store = Watched()
    assert len(engine(store=store).decide(conversation(*long)).edits) == 4
    assert store.puts == [2, 2]


def test_what_cannot_be_kept_together_is_kept_one_by_one():
    together = engine(store=Watched()).decide(conversation(*TEXTS, TEXTS[0]))
    store = Watched(most=1)
    assert engine(store=store).decide(conversation(*TEXTS, TEXTS[0])) == together
    assert store.puts == [5, 1, 1, 1, 1, 1]


def test_two_originals_of_one_request_never_share_a_ref():
    store = InMemoryStore(digest=lambda content: b"same" * 4 + hashed(content).digest()[:16])
    result = engine(store=store).decide(conversation(*TEXTS))
    assert len({edit.refs for edit in result.edits}) == 4
    for edit, text in zip(result.edits, TEXTS, strict=True):
        assert store.get(edit.refs[0]).decode() == text
        assert omissions(edit.after)[0].ref == edit.refs[0]


def test_a_deadline_that_knows_nothing_of_the_thread_leaves_all():
    stuck = Stuck(TEXTS[1])
    judge, ends = engine(stuck), []
    worker = threading.Thread(target=lambda: ends.append(judge.decide(conversation(*TEXTS))))
    worker.start()
    assert stuck.inside.wait(20)
    left = judge.leave(conversation(*TEXTS))
    stuck.go.set()
    worker.join()
    assert outcomes(left) == [Reason.LATE] * 4
    assert outcomes(ends[0]) == outcomes(left)


def test_the_last_text_loses_as_well():
    stuck = Stuck(TEXTS[0])
    deciding, ends = engine(stuck).deciding(conversation(TEXTS[0])), []
    worker = threading.Thread(target=lambda: ends.append(deciding.decide()))
    worker.start()
    assert stuck.inside.wait(20)
    left = deciding.leave()
    stuck.go.set()
    worker.join()
    assert outcomes(ends[0]) == outcomes(left) == [Reason.LATE]


def test_a_request_that_is_to_pass_leaves_what_is_new():
    judge = engine()
    judge.decide(conversation(TEXTS[0]))
    left = judge.leave(conversation(*TEXTS), reason=Reason.EXCLUDED)
    assert len(left.edits) == 1
    assert [skip.reason for skip in left.skips] == [Reason.EXCLUDED] * 3
    assert outcomes(judge.decide(conversation(*TEXTS))) == outcomes(left)


def test_what_is_left_is_counted_by_a_guess():
    said = Message("assistant", (Block(("a",), Kind.ASSISTANT_TEXT, "I look."),))
    talk = Conversation("m", (said, *conversation(TEXTS[0]).messages))
    left = engine().leave(talk)
    assert not left.exact
    assert left.tokens_before == left.tokens_after > 100


def test_what_follows_a_lost_text_is_decided_on_what_was_sent():
    """A neighbour left the first text whole; the second then repeats lines that are shown."""
    store = InMemoryStore()
    neighbour = engine(store=store)

    class Slow(Head):
        def compress(self, sample, policy):
            if sample.text == TEXTS[0]:
                neighbour.leave(conversation(TEXTS[0]))
            return super().compress(sample, policy)

    result = engine(Slow(), store).decide(conversation(TEXTS[0], TEXTS[0]))
    assert [skip.reason for skip in result.skips] == [Reason.LATE]
    assert result.edits[0].compressor == "repeats"
    assert result.edits[0].after.startswith("[= lines 1-60 of tool result 1")


def test_what_a_thread_has_made_behind_a_lost_text_rests_on_nothing():
    store, stuck = InMemoryStore(), Stuck(TEXTS[2])
    deciding, ends = engine(stuck, store).deciding(conversation(*TEXTS)), []
    worker = threading.Thread(target=lambda: ends.append(deciding.decide()))
    worker.start()
    assert stuck.inside.wait(20)
    engine(store=store).leave(conversation(TEXTS[0]))
    left = deciding.leave()
    stuck.go.set()
    worker.join()
    assert outcomes(left) == [Reason.LATE] * 4
    assert outcomes(ends[0]) == outcomes(left)


def test_originals_of_a_long_session_stay_alive():
    clock, store = Clock(), InMemoryStore()
    refreshed = []

    class Asked(InMemoryStore):
        def refresh(self, refs):
            refreshed.append(refs)
            return super().refresh(refs)

    store = Asked()
    judge = engine(store=store, ledger=Ledger(store.settled, clock))
    result = judge.decide(conversation(*TEXTS))
    judge.decide(conversation(*TEXTS))
    assert refreshed == []
    clock.now = MAX_AGE + 1
    judge.decide(conversation(*TEXTS))
    judge.decide(conversation(*TEXTS))
    assert refreshed == [[edit.refs[0] for edit in result.edits]]


def test_originals_that_are_gone_are_kept_again_and_what_was_sent_stays():
    clock, store = Clock(), InMemoryStore()
    judge = engine(Head(keep=2), store, Ledger(store.settled, clock))
    sent = judge.decide(conversation(*TEXTS))
    store.purge(refs=[sent.edits[1].refs[0]])
    clock.now = MAX_AGE + 1
    deciding = judge.deciding(conversation(*TEXTS))
    assert deciding.settled() is None
    assert deciding.new_characters == len(TEXTS[1])
    assert deciding.decide().edits == sent.edits
    assert store.get(sent.edits[1].refs[0]).decode() == TEXTS[1]


def test_a_newer_version_keeps_an_original_that_it_would_not_omit():
    clock, store = Clock(), InMemoryStore()
    older = Engine([Head()], COUNTER, BALANCED, store, Ledger(store.settled, clock))
    sent = older.decide(conversation(TEXTS[0]))
    store.purge(refs=sent.edits[0].refs)
    newer = Engine([], COUNTER, BALANCED, store, Ledger(store.settled, clock))
    assert newer.decide(conversation(TEXTS[0])).edits == sent.edits
    assert store.get(sent.edits[0].refs[0]).decode() == TEXTS[0]


def test_a_store_that_cannot_be_asked_is_counted_and_nothing_changes():
    clock = Clock()

    class Locked(InMemoryStore):
        def refresh(self, refs):
            raise StoreError("the store stayed busy")

    store = Locked()
    ledger = Ledger(store.settled, clock)
    judge = engine(store=store, ledger=ledger)
    sent = judge.decide(conversation(*TEXTS))
    clock.now = MAX_AGE + 1
    assert judge.deciding(conversation(*TEXTS)).settled() == sent
    assert ledger.troubles.store_errors == 1


LINES = st.sampled_from([f"row {index} of the table holds {index * 31}" for index in range(30)])
RESULTS = st.lists(LINES, min_size=1, max_size=40).map("\n".join)


@settings(max_examples=60)
@given(st.lists(RESULTS, min_size=1, max_size=5), st.data())
def test_workers_that_share_a_store_never_change_what_was_sent(texts, data):
    """Requests that grow, each to any of three workers, with deadlines, restarts and neighbours
    who decide the same while one is at it."""
    store, sent = InMemoryStore(), []

    def worker():
        return engine(Head(keep=6), store)

    workers = [worker() for _ in range(3)]
    for end in range(1, len(texts) + 1):
        talk = conversation(*texts[:end])
        which = data.draw(st.integers(0, 2))
        if data.draw(st.booleans()):
            workers[which] = worker()
        if data.draw(st.booleans()):
            workers[(which + 1) % 3].leave(conversation(*texts[: data.draw(st.integers(1, end))]))
        late = data.draw(st.booleans())
        result = workers[which].decide(talk, late=lambda late=late: late)
        after = {edit.path: edit.after for edit in result.edits}
        now = [after.get(("m", at), text) for at, text in enumerate(texts[:end])]
        assert now[: len(sent)] == sent
        sent = now


@pytest.mark.parametrize("reason", [Reason.LATE, Reason.EXCLUDED])
def test_a_conversation_without_texts_is_nothing_to_decide(reason):
    deciding = engine().deciding(Conversation("m", (Message("user", ()),)))
    assert deciding.settled() == deciding.decide() == deciding.leave(reason)
