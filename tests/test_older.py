"""Older texts: made shorter than others, and as they were decided to be for as long as they are sent."""

import functools
import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.compressors import built_in
from headroom.conversation import Block, Conversation, Kind, Message
from headroom.decision import Decision, Judged
from headroom.edits import Edit, Fidelity, Reason
from headroom.engine import Engine
from headroom.errors import StoreError
from headroom.ledger import Ledger
from headroom.markers import omissions
from headroom.older import MOST, OlderJudge
from headroom.originals import to_text
from headroom.policy import BALANCED, SAFE, ToolRule
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for
from headroom.walk import Walk
from headroom.wire import OPENAI_CHAT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = Path(__file__).parent / "cases" / "compressors"
COUNTER = counter_for("gpt-4o")
WORDS = ("river", "stone", "quiet", "amber", "window", "letter", "garden", "market", "winter")
ALL = 10_000
"""More texts than any conversation here has."""


def prose(seed=0, lines=60):
    """What no compressor has anything to say about."""
    rnd = random.Random(seed)
    return "\n".join(" ".join(rnd.choices(WORDS, k=12)) + "." for _ in range(lines))


def conversation(*texts, tool="notes", arguments=""):
    """A question, and an assistant who calls the tool for each of the texts."""
    messages = [{"role": "user", "content": "What do the notes say of the river?"}]
    for index, text in enumerate(texts):
        asked = arguments or json.dumps({"part": index})
        call = {"id": f"c{index}", "function": {"name": tool, "arguments": asked}}
        messages += [
            {"role": "assistant", "content": f"I look at {index}.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{index}", "content": text},
        ]
    return messages


def engine(store=None, policy=BALANCED, ledger=None):
    store = InMemoryStore() if store is None else store
    return Engine(built_in(), COUNTER, policy, store, ledger)


def decided(messages, older=ALL, **made):
    talk = OPENAI_CHAT.parse_messages(messages)
    return engine(**made).deciding(talk, older=older).decide()


def ends(messages, older=ALL, **made):
    """What is sent of each of the tool's results."""
    result = decided(messages, older, **made)
    sent = OPENAI_CHAT.apply_messages(messages, result.edits)
    return [message["content"] for message in sent if message["role"] == "tool"]


def test_an_older_result_shows_its_ends_and_the_way_back():
    text = prose()
    (shown,) = ends(conversation(text))
    lines = text.split("\n")
    *head, marker, last_but_one, last = shown.split("\n")
    assert head == lines[:4]
    assert [last_but_one, last] == lines[-2:]
    assert "54 of 60 lines of an older result omitted" in marker


def test_the_original_comes_back_byte_for_byte():
    store, text = InMemoryStore(), prose().replace("\n", "\r\n") + "\n\ttail \ud800\n"
    (edit,) = decided(conversation(text), store=store).edits
    (marker,) = omissions(edit.after)
    assert edit.refs == (marker.ref,)
    assert to_text(store.get(marker.ref)) == text
    assert (edit.compressor, edit.fidelity) == ("older", Fidelity.RECOVERABLE)
    assert edit.tokens_before == COUNTER.count(text)
    assert edit.tokens_after == COUNTER.count(edit.after)


def test_lines_that_tell_of_trouble_stay_a_few():
    lines = prose().split("\n")
    for at in range(20, 40, 2):
        lines[at] = f"Warning: signal {at} was lost"
    (shown,) = ends(conversation("\n".join(lines)))
    told = [line for line in shown.split("\n") if line.startswith("Warning")]
    assert told == [lines[at] for at in range(20, 32, 2)]


def test_of_a_file_only_the_ends_stay_whatever_words_are_in_it():
    lines = prose().split("\n")
    lines[30] = "raise an error about the river"
    call = json.dumps({"file_path": "notes.txt"})
    (shown,) = ends(conversation("\n".join(lines), tool="Read", arguments=call))
    assert "older result omitted" in shown
    assert lines[30] not in shown


def test_a_long_line_is_left_to_the_original():
    text = "\n".join(["first", "x y z " * 400, *prose(lines=20).split("\n"), "last"])
    (shown,) = ends(conversation(text))
    assert shown.startswith("first\n")
    assert shown.endswith("\nlast")
    assert "x y z" not in shown
    assert COUNTER.count(shown) < MOST


def test_a_text_of_one_long_line_is_a_marker_alone():
    (shown,) = ends(conversation(" ".join(prose().split("\n"))))
    assert shown.startswith("[… 1 of 1 lines of an older result omitted")


def test_what_is_not_among_the_older_texts_stays_as_it_would_be():
    texts = [prose(seed) for seed in range(3)]
    messages = conversation(*texts)
    # A question, then for each result what is said, the call and the result.
    assert ends(messages, older=0) == texts
    shown = ends(messages, older=4)
    assert "older result" in shown[0]
    assert shown[1:] == texts[1:]


def test_little_and_what_would_gain_little_stays():
    lines = prose(lines=12).split("\n")
    few = "\n".join(lines[:8])
    ends_alone = [f"{lines[at]} {lines[at + 1]}" for at in range(0, 12, 2)]
    gains_little = "\n".join([*ends_alone[:4], "Then.", *ends_alone[4:]])
    assert COUNTER.count(few) < MOST < COUNTER.count(gains_little)
    for text in (few, gains_little):
        assert ends(conversation(text)) == [text]


def test_a_users_words_are_never_cut():
    messages = [{"role": "user", "content": prose()}, *conversation(prose(1))[1:]]
    messages.append({"role": "user", "content": prose(2)})
    result = decided(messages)
    assert [edit.path[1] for edit in result.edits] == [2]


@pytest.mark.parametrize("rule", ["exclude", "lossless"])
def test_a_tool_that_is_not_to_be_cut_is_not_cut(rule):
    policy = replace(BALANCED, tools=(ToolRule("notes", rule),))
    assert ends(conversation(prose()), policy=policy) == [prose()]
    assert ends(conversation(prose(), tool="other"), policy=policy) != [prose()]


def test_where_nothing_may_be_omitted_older_texts_are_as_others():
    messages = conversation(prose())
    talk = OPENAI_CHAT.parse_messages(messages)
    for made in (engine(policy=SAFE), Engine(built_in(), COUNTER, BALANCED, None)):
        assert made.deciding(talk, older=ALL).decide().edits == ()


def test_what_a_client_cut_is_not_cut_again():
    text = f"Warning: truncated output (original token count: 9000)\n{prose()}"
    assert ends(conversation(text)) == [text]


def test_what_is_asked_for_again_is_shown_whole():
    messages = conversation(prose(), prose(), prose(1), arguments='{"part": 3}')
    result = decided(messages)
    assert result.edits[0].path[1] == 2
    assert [skip.reason for skip in result.skips if skip.path[1] == 4] == [Reason.ASKED_AGAIN]


def test_what_came_too_late_stays_as_it_is():
    talk = OPENAI_CHAT.parse_messages(conversation(prose()))
    result = engine().deciding(talk, older=ALL).decide(late=lambda: True)
    assert {skip.reason for skip in result.skips} == {Reason.LATE}
    assert result.edits == ()


def log(lines=400):
    return "\n".join(
        f"2026-03-01 10:{line // 60:02d}:{line % 60:02d} INFO http: request {line * 7 % 997} took {line % 13} ms"
        for line in range(lines)
    )


def test_a_compressor_that_keeps_what_decides_has_the_last_word():
    rare = "2026-03-01 10:02:00 NOTICE pool: the limit was set to 7 by hand"
    lines = log().split("\n")
    lines[120] = rare
    result = decided(conversation("\n".join(lines)))
    assert [edit.compressor for edit in result.edits] == ["log"]
    assert rare in result.edits[0].after


def test_older_texts_get_less_room_than_others():
    records = json.dumps(
        [{"id": n, "name": f"user {n * n}", "note": prose(n, 1)} for n in range(60)]
    )
    (older,), (latest,) = (ends(conversation(records), older=each) for each in (ALL, 0))
    assert COUNTER.count(older) < COUNTER.count(latest) < COUNTER.count(records)


class FullStore(InMemoryStore):
    """Names originals, and keeps none."""

    def put(self, originals):
        raise StoreError("the disk is full")


class NamelessStore(InMemoryStore):
    def ref(self, original):
        raise StoreError("no name")


@pytest.mark.parametrize("store", [FullStore(), NamelessStore()], ids=["full", "nameless"])
def test_without_its_original_in_the_store_nothing_is_cut(store):
    assert ends(conversation(prose()), store=store) == [prose()]


class Judge:
    """Decides nothing, and notes what it is asked."""

    policy = BALANCED

    def __init__(self):
        self.asked = []

    def decision(self, block, walk):
        count = COUNTER.measure(block.text)
        return Judged(Decision(None, count, count))

    def keep(self, originals):
        self.asked.append(("keep", originals))

    def refresh(self, refs):
        self.asked.append(("refresh", refs))
        return ["gone"]

    def keep_again(self, block, walk, refs):
        self.asked.append(("again", block, refs))


def test_originals_are_looked_after_as_those_of_other_texts():
    judge = Judge()
    older = OlderJudge(judge, COUNTER, InMemoryStore())
    block = Block((), Kind.TOOL_RESULT, "x")
    assert older.keep([("r", b"o")]) is None
    assert older.refresh(["r"]) == ["gone"]
    older.keep_again(block, Walk(), ["r"])
    assert judge.asked == [("keep", [("r", b"o")]), ("refresh", ["r"]), ("again", block, ["r"])]


def test_an_original_that_was_lost_is_kept_again():
    clock = [0.0]
    store = InMemoryStore()
    ledger = Ledger(store.settled, clock=lambda: clock[0])
    messages = conversation(prose())
    first = decided(messages, store=store, ledger=ledger)
    other = InMemoryStore()
    clock[0] = 10_000.0
    again = decided(messages, store=other, ledger=ledger)
    assert again.edits == first.edits
    assert to_text(other.get(first.edits[0].refs[0])) == prose()


# ------------------------------------------------------------------------ within an epoch


@functools.cache
def recorded():
    """What the golden cases were recorded from: tool, arguments, text."""
    found = []
    for case in sorted(path.parent for path in CASES.glob("*/*/case.toml")):
        about = tomllib.loads((case / "case.toml").read_text("utf-8"))
        source = about.get("source", "")
        arguments = source if source.startswith("{") else json.dumps({"command": source})
        text = (case / "input.txt").read_bytes().decode("utf-8")
        if len(text) < 30_000:
            found.append((about.get("tool", "run"), arguments, text))
    return found


def mixture(seed, size=14):
    rnd = random.Random(seed)
    chosen = [*rnd.sample(recorded(), size - 3), *(("notes", "{}", prose(n)) for n in range(3))]
    rnd.shuffle(chosen)
    messages = [{"role": "user", "content": "Find out what fails, and where."}]
    for index, (tool, arguments, text) in enumerate(chosen):
        call = {"id": f"c{index}", "function": {"name": tool, "arguments": arguments}}
        messages += [
            {"role": "assistant", "content": f"I look at {index}.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{index}", "content": text},
        ]
    return messages


@pytest.mark.parametrize("seed", range(2))
def test_within_an_epoch_a_growing_conversation_keeps_what_was_sent(seed):
    messages, older = mixture(seed), 24
    store = InMemoryStore()
    whole = decided(messages, older, store=store)
    assert any(edit.compressor == "older" for edit in whole.edits)
    assert [skip.detail for skip in whole.skips if skip.reason is Reason.FAILED] == []
    for edit in whole.edits:
        assert edit.tokens_after < edit.tokens_before
        for ref in edit.refs:
            assert store.get(ref)
    shared = Ledger()
    for size in random.Random(seed).sample(range(18, len(messages)), 4):
        sent = [edit for edit in whole.edits if edit.path[1] < size]
        for ledger in (None, shared):
            assert list(decided(messages[:size], older, ledger=ledger).edits) == sent


TEXTS = st.builds(
    lambda make, seed: make(seed),
    st.sampled_from([prose, lambda seed: log(40 + seed)]),
    st.integers(0, 5),
)


@settings(max_examples=25)
@given(texts=st.lists(TEXTS, min_size=2, max_size=5), older=st.integers(1, 16), data=st.data())
def test_sent_bytes_are_never_changed_within_an_epoch(texts, older, data):
    """Any worker may take the next request, or may have been restarted."""
    messages, store, before = conversation(*texts), InMemoryStore(), b""
    workers = [Ledger(store.settled), Ledger(store.settled)]
    for end in range(3, len(messages) + 1, 2):
        ledger = data.draw(st.sampled_from([*workers, Ledger(store.settled)]))
        body = json.dumps({"messages": messages[:end]}).encode()
        talk = OPENAI_CHAT.parse(body)
        result = engine(store, ledger=ledger).deciding(talk, older=older).decide()
        sent = OPENAI_CHAT.apply(body, result.edits)
        assert sent.startswith(before)
        before = sent.removesuffix(b"]}")


def test_a_new_epoch_decides_anew_and_the_one_before_still_holds():
    store = InMemoryStore()
    ledger = Ledger(store.settled)
    messages = conversation(*(prose(seed) for seed in range(3)))
    first, second, again = (
        ends(messages, older, store=store, ledger=ledger) for older in (0, 7, 0)
    )
    assert first == again
    assert [one == two for one, two in zip(first, second, strict=True)] == [False, False, True]


def test_an_edit_says_where_its_text_stands():
    talk = Conversation(
        "m", (Message("tool", (Block(("a", 1), Kind.TOOL_RESULT, prose(), "notes"),)),)
    )
    (edit,) = engine().deciding(talk, older=1).decide().edits
    assert isinstance(edit, Edit)
    assert (edit.path, edit.before) == (("a", 1), prose())
