"""The engine's contract, with compressors and stores made for each case."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.compressors import Sample
from headroom.conversation import EDITABLE, Block, Conversation, Kind, Message
from headroom.edits import Edit, Fidelity, Proposal, Reason, Skip
from headroom.engine import Engine
from headroom.errors import StoreError
from headroom.ledger import Ledger
from headroom.markers import omission, omissions
from headroom.policy import AGGRESSIVE, BALANCED, PRESETS, SAFE, ToolRule
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for
from headroom.wire import OPENAI_CHAT
from references import decoded, places

COUNTER = counter_for("gpt-4o")
LONG = "\n".join(
    f"line {index} says something of its own, number {index**3}" for index in range(60)
)


class Head:
    """Keeps the first lines and omits the rest."""

    name = "head"

    def __init__(self, keep=2, score=0.5):
        self.keep, self.fixed, self.samples = keep, score, []

    def score(self, sample):
        return self.fixed

    def compress(self, sample, policy):
        self.samples.append(sample)
        lines = sample.text.split("\n")
        if not policy.omit or len(lines) <= self.keep + 2:
            return None
        marker = omission(f"{len(lines) - self.keep} lines omitted", sample.ref)
        return Proposal("\n".join([*lines[: self.keep], marker]), Fidelity.RECOVERABLE)


class Longer:
    name = "longer"

    def score(self, sample):
        return 0.9

    def compress(self, sample, policy):
        return Proposal(sample.text + " and more", Fidelity.LOSSLESS)


class Broken:
    name = "broken"

    def score(self, sample):
        return 0.9

    def compress(self, sample, policy):
        raise ZeroDivisionError("on purpose")


class FullDisk(InMemoryStore):
    def put(self, originals):
        raise StoreError("no space left")


def result(text, call_id="c1", tool="read"):
    return Message("tool", (Block(("m", call_id), Kind.TOOL_RESULT, text, tool, call_id),))


def user(text):
    return Message("user", (Block(("u", text[:9]), Kind.USER_TEXT, text),))


def decide(*messages, compressors=(), store=None, policy=BALANCED, query=""):
    engine = Engine(compressors, COUNTER, policy, store or InMemoryStore())
    return engine.decide(Conversation("m", messages), query)


def test_an_edit_bears_its_original_which_is_stored():
    store = InMemoryStore()
    decided = decide(result(LONG), compressors=[Head()], store=store)
    (edit,) = decided.edits
    assert edit.before == LONG
    assert edit.compressor == "head"
    assert edit.fidelity is Fidelity.RECOVERABLE
    assert store.get(edit.refs[0]).decode() == LONG
    assert omissions(edit.after)[0].ref == edit.refs[0]
    assert decided.tokens_before - decided.tokens_after == edit.tokens_before - edit.tokens_after


def test_every_editable_text_ends_as_an_edit_or_a_skip():
    decided = decide(user("hello"), result(LONG), result("short", "c2"), compressors=[Head()])
    ends = {edit.path for edit in decided.edits} | {skip.path for skip in decided.skips}
    assert ends == {("u", "hello"), ("m", "c1"), ("m", "c2")}
    assert len(decided.edits) + len(decided.skips) == 3


def test_a_longer_proposal_is_passed_over_for_the_next_compressor():
    (edit,) = decide(result(LONG), compressors=[Head(), Longer()]).edits
    assert edit.compressor == "head"


def test_nothing_gained_is_a_skip():
    decided = decide(result(LONG), compressors=[Longer()])
    assert decided.skips == (Skip(("m", "c1"), Reason.NO_GAIN),)
    assert decided.tokens_before == decided.tokens_after


def test_a_compressor_that_raises_leaves_the_text_and_a_traceback():
    decided = decide(result(LONG), compressors=[Broken()])
    (skip,) = decided.skips
    assert skip.reason is Reason.FAILED
    assert "on purpose" in skip.detail


def test_originals_that_cannot_be_stored_mean_no_edit():
    decided = decide(result(LONG), user("hi"), compressors=[Head()], store=FullDisk())
    assert decided.edits == ()
    assert [skip.reason for skip in decided.skips] == [Reason.FAILED, Reason.TOO_SMALL]
    assert "no space left" in decided.skips[0].detail
    assert decided.tokens_before == decided.tokens_after


def test_what_was_stored_before_stays_compressed_when_the_disk_is_full():
    """Invariant 1, on the day it hurts: only the new text passes whole."""

    class Filling(InMemoryStore):
        full = False

        def put(self, originals):
            if self.full and originals != [LONG.encode()]:
                raise StoreError("no space left")
            return super().put(originals)

    store = Filling()
    (before,) = decide(result(LONG, "c1"), compressors=[Head()], store=store).edits
    store.full = True
    later = [result(LONG.upper(), "c2"), result(LONG.upper(), "c3")]
    decided = decide(result(LONG, "c1"), *later, compressors=[Head()], store=store)
    assert decided.edits[0] == before
    assert [edit.compressor for edit in decided.edits] == ["head", "repeats"]
    assert [skip.reason for skip in decided.skips] == [Reason.FAILED]


def test_a_list_that_cannot_be_read_is_given_back():
    class Odd:
        def model_dump(self):
            raise ValueError("on purpose")

    messages = [{"role": "user", "content": [Odd()]}]
    result = Engine([Head()], COUNTER, BALANCED, InMemoryStore()).compress_messages(messages)
    assert result.body is messages
    assert "on purpose" in result.skips[0].detail


def test_without_a_store_nothing_is_omitted():
    engine = Engine([Head()], COUNTER, AGGRESSIVE, None)
    decided = engine.decide(Conversation("m", (result(LONG),)))
    assert decided.edits == ()


def test_the_safe_policy_omits_nothing():
    assert decide(result(LONG), compressors=[Head()], policy=SAFE).edits == ()


@pytest.mark.parametrize(
    "tool",
    [
        "headroom_retrieve",
        "mcp__headroom__headroom_retrieve",
        "mcp_headroom_headroom_retrieve",
        "headroom_headroom_retrieve",
        "headroom-headroom_retrieve",
    ],
)
def test_what_retrieval_returned_is_never_compressed(tool):
    decided = decide(result(LONG, tool=tool), compressors=[Head()])
    assert [skip.reason for skip in decided.skips] == [Reason.EXCLUDED]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("headroom retrieve k3f9a2c1 --lines 1-90", Reason.EXCLUDED),
        ("cd app && uvx headroom retrieve k3f9a2c1", Reason.EXCLUDED),
        ("grep -rn retrieve headroom", None),
    ],
)
def test_what_the_command_line_retrieved_is_never_compressed(command, reason):
    call = Block(("c",), Kind.TOOL_CALL, json.dumps({"command": command}), "bash", "c1")
    messages = [Message("assistant", (call,)), result(LONG, tool="bash")]
    decided = decide(*messages, compressors=[Head()])
    assert [skip.reason for skip in decided.skips] == ([reason] if reason else [])


def test_what_was_compressed_before_stays_as_it_is():
    (edit,) = decide(result(LONG * 3), compressors=[Head(keep=30)]).edits
    again = decide(result(edit.after), compressors=[Head(keep=2)])
    assert [skip.reason for skip in again.skips] == [Reason.EXCLUDED]


def test_the_query_is_the_nearest_user_text_before_the_block():
    head = Head()
    decide(
        user("first question"),
        result(LONG, "c1"),
        user("second question"),
        result(LONG.upper(), "c2"),
        user("third question"),
        compressors=[head],
    )
    assert [sample.query for sample in head.samples] == ["first question", "second question"]


def test_a_given_query_serves_every_block():
    head = Head()
    decide(user("one"), result(LONG), compressors=[head], query="mine")
    assert [sample.query for sample in head.samples] == ["mine"]


def test_a_sample_names_the_tool_and_what_it_was_asked():
    head = Head()
    call = Block(("c",), Kind.TOOL_CALL, '{"path": "a.py"}', "read", "c1")
    decide(Message("assistant", (call,)), result(LONG, "c1", "read"), compressors=[head])
    assert (head.samples[0].tool, head.samples[0].source) == ("read", '{"path": "a.py"}')


def test_the_question_beside_a_pasted_log_is_untouched_and_is_the_query():
    log = "\n".join(f"2026-03-01 10:00:00 INFO served {index}" for index in range(80))
    head = Head()
    (edit,) = decide(user(f"Why is it slow?\n\n{log}\n\nBe brief."), compressors=[head]).edits
    assert edit.after.startswith("Why is it slow?\n\n2026")
    assert edit.after.endswith("\n\nBe brief.")
    assert "Why is it slow?" in head.samples[0].query


def test_lines_shown_before_become_a_reference():
    decided = decide(result(LONG, "c1"), result(f"new first line\n{LONG}", "c2"))
    (edit,) = decided.edits
    assert edit.compressor == "repeats"
    assert edit.fidelity is Fidelity.LOSSLESS
    assert edit.after.startswith("new first line\n[= lines 1-60 of tool result 1")


def test_omitted_lines_are_not_referred_to():
    later = "\n".join(LONG.split("\n")[30:])
    decided = decide(result(LONG, "c1"), result(later, "c2"), compressors=[Head()])
    assert [edit.compressor for edit in decided.edits] == ["head", "head"]


def test_half_a_json_text_is_no_json():
    """What a compressor makes of the whole is taken where it is shorter than references."""
    other = LONG.replace("line 7 says", "line 7 does not say")
    changed = "\n".join(f"{line}!" for line in other.split("\n")[:50]) + "\n" + LONG[-600:]
    decided = decide(result(LONG, "c1"), result(changed, "c2"), compressors=[Head(keep=1)])
    assert decided.edits[-1].compressor == "head"


WORDS = st.sampled_from([f"row {index} of the table holds {index * 31}" for index in range(30)])
RESULTS = st.lists(WORDS, min_size=1, max_size=40).map("\n".join)


@given(st.lists(RESULTS, min_size=1, max_size=6), st.booleans())
def test_a_growing_conversation_never_changes_what_was_sent(texts, omit):
    """Invariant 1: request n is a prefix of request n + 1."""
    policy = BALANCED if omit else SAFE
    before = []
    for end in range(1, len(texts) + 1):
        messages = [result(text, f"c{index}") for index, text in enumerate(texts[:end])]
        decided = decide(*messages, compressors=[Head(keep=6)], policy=policy)
        edits = {edit.path: edit.after for edit in decided.edits}
        sent = [edits.get(("m", f"c{index}"), text) for index, text in enumerate(texts[:end])]
        assert sent[:-1] == before
        before = sent


@given(st.lists(RESULTS, min_size=1, max_size=6))
def test_lossless_edits_decode_from_what_was_sent(texts):
    messages = [result(text, f"c{index}") for index, text in enumerate(texts)]
    edits = {edit.path: edit.after for edit in decide(*messages, policy=SAFE).edits}
    sent = []
    for message, text in zip(messages, texts, strict=True):
        (block,) = message.blocks
        reading = edits.get(block.path, text)
        assert decoded(reading, places(sent)) == text
        sent.append((block, reading))


@given(st.lists(st.one_of(RESULTS, st.text(max_size=600)), max_size=5))
def test_there_are_never_more_tokens_and_whatever_is_gone_comes_back(texts):
    store = InMemoryStore()
    messages = [result(text, f"c{index}") for index, text in enumerate(texts)]
    decided = decide(*messages, compressors=[Head(keep=3)], store=store)
    assert decided.tokens_after <= decided.tokens_before
    for edit in decided.edits:
        assert edit.tokens_after < edit.tokens_before
        for marker in omissions(edit.after):
            assert marker.ref in edit.refs
            assert store.get(marker.ref).decode() in edit.before
    assert len(decided.edits) + len(decided.skips) == len(texts)


def test_a_request_body_is_edited_in_place():
    head = b'{"model" : "m",  "messages":[{"role":"tool","tool_call_id":"c","content":'
    body = head + json.dumps(LONG).encode() + b'}], "stream":true }'
    engine = Engine([Head()], COUNTER, BALANCED, InMemoryStore())
    edits = engine.decide(OPENAI_CHAT.parse(body)).edits
    edited = OPENAI_CHAT.apply(body, edits)
    assert edited.startswith(head)
    assert edited.endswith(b'}], "stream":true }')
    assert json.loads(edited)["messages"][0]["content"] == edits[0].after


def test_texts_inside_a_json_envelope_are_compressed_as_what_they_are():
    store = InMemoryStore()
    text = json.dumps({"output": f'"quoted"\n{LONG}', "metadata": {"exit_code": 1}}, indent=1)
    (edit,) = decide(result(text), compressors=[Head()], store=store).edits
    opened = json.loads(edit.after)
    assert opened["metadata"] == {"exit_code": 1}
    assert opened["output"].startswith('"quoted"\nline 0 says')
    assert store.get(omissions(edit.after)[0].ref).decode() == f'"quoted"\n{LONG}'


def test_a_reference_is_decided_anew_when_what_it_referred_to_is_gone():
    whole = decide(result(LONG, "c1"), result(LONG, "c2")).edits
    assert [edit.path for edit in whole] == [("m", "c2")]
    assert decide(result(LONG, "c2")).edits == ()


def test_one_text_alone_is_compressed_and_kept():
    store = InMemoryStore()
    engine = Engine([Head()], COUNTER, BALANCED, store)
    part = engine.compress_text(Sample(LONG))
    assert store.get(part.ref).decode() == LONG
    assert re.search(r"58 lines omitted", part.text)
    untouched = Engine([], COUNTER, BALANCED, store).compress_text(Sample(LONG))
    assert (untouched.text, untouched.ref) == (LONG, "")


def test_texts_that_are_not_ours_to_edit_are_only_counted():
    kinds = [kind for kind in Kind if kind not in EDITABLE]
    blocks = tuple(Block((kind.value,), kind, LONG) for kind in kinds)
    decided = decide(Message("assistant", blocks), compressors=[Head()])
    assert (decided.edits, decided.skips) == ((), ())
    assert decided.tokens_before == COUNTER.count(LONG) * len(kinds)


def test_edits_and_skips_are_plain_values():
    decided = decide(result(LONG), compressors=[Head()])
    assert isinstance(decided.edits[0], Edit)
    with pytest.raises(AttributeError):
        decided.edits[0].after = "changed"


def test_a_text_met_again_is_not_compressed_again():
    head, ledger, store = Head(), Ledger(), InMemoryStore()
    first = Conversation("m", (user("why?"), result(LONG, "c1")))
    grown = Conversation("m", (*first.messages, result(LONG.upper(), "c2")))
    engine = Engine([head], COUNTER, BALANCED, store, ledger)
    before = engine.decide(first)
    after = engine.decide(grown)
    assert after.edits[0] == before.edits[0]
    assert len(head.samples) == 2
    alone = Engine([Head()], COUNTER, BALANCED, InMemoryStore()).decide(grown)
    assert [edit.after for edit in alone.edits] == [edit.after for edit in after.edits]


def test_one_ledger_serves_engines_of_different_rules():
    ledger, store = Ledger(), InMemoryStore()
    conversation = Conversation("m", (result(LONG),))
    assert Engine([Head()], COUNTER, BALANCED, store, ledger).decide(conversation).edits
    assert not Engine([Head()], COUNTER, SAFE, store, ledger).decide(conversation).edits
    assert not Engine([Head()], COUNTER, BALANCED, None, ledger).decide(conversation).edits


@given(st.lists(RESULTS, min_size=1, max_size=6), st.data())
def test_what_is_remembered_changes_no_byte(texts, data):
    """Requests that share a prefix and part ways, in any order, read as if decided alone."""
    engine = Engine([Head(keep=6)], COUNTER, BALANCED, InMemoryStore(), Ledger())
    messages = [result(text, f"c{index}") for index, text in enumerate(texts)]
    for _ in range(4):
        end = data.draw(st.integers(1, len(texts)))
        other = data.draw(st.booleans())
        request = [*messages[:end], *([result(LONG, "other")] if other else [])]
        remembered = engine.decide(Conversation("m", tuple(request)))
        alone = decide(*request, compressors=[Head(keep=6)])
        assert remembered.edits == alone.edits
        assert remembered.tokens_after == alone.tokens_after


def test_of_a_file_that_may_be_edited_only_whole_lines_are_shown():
    class Folded:
        name = "folded"

        def score(self, sample):
            return 0.9

        def compress(self, sample, policy):
            return Proposal("lines 0 to 59 say something", Fidelity.LOSSLESS)

    read = Block(("c",), Kind.TOOL_CALL, '{"path": "a.py"}', "read", "c1")
    run = Block(("c",), Kind.TOOL_CALL, '{"command": "make"}', "bash", "c1")
    compressors = [Folded(), Head()]
    for call, name in ((read, "head"), (run, "folded")):
        message = Message("assistant", (call,))
        (edit,) = decide(message, result(LONG, "c1", call.tool), compressors=compressors).edits
        assert edit.compressor == name


def test_what_is_shortened_to_lines_shown_before_refers_to_them():
    class Sorted:
        """Says the text in another order."""

        name = "sorted"

        def score(self, sample):
            return 0.9

        def compress(self, sample, policy):
            lines = sorted(set(sample.text.split("\n")))
            return Proposal("\n".join(lines), Fidelity.RECOVERABLE)

    doubled = "\n".join(sorted(LONG.split("\n"), reverse=True) * 2)
    again = "\n".join(line for line in doubled.split("\n") for _ in range(2))
    first, second = decide(result(doubled, "c1"), result(again, "c2"), compressors=[Sorted()]).edits
    assert first.compressor == "sorted"
    assert second.compressor == "sorted+repeats"
    assert second.after.startswith("[= lines 1-60 of tool result 1")
    assert second.refs, "its original is kept"


@pytest.mark.parametrize(
    ("asked", "tool", "source", "omitted"),
    [
        ("Read src/app.py in full.", "read", '{"path": "src/app.py"}', False),
        ("What is in app.py?", "bash", '{"command": "cat -n src/app.py"}', False),
        ("What does the parser do?", "read", '{"path": "src/app.py"}', True),
        ("Why does app.py fail?", "bash", '{"command": "python src/app.py"}', True),
    ],
)
def test_a_file_that_the_user_named_is_shown_whole(asked, tool, source, omitted):
    call = Block(("c",), Kind.TOOL_CALL, source, tool, "c1")
    messages = [user(asked), Message("assistant", (call,)), result(LONG, "c1", tool)]
    assert bool(decide(*messages, compressors=[Head()]).edits) is omitted


def test_noise_goes_behind_a_marker_and_comes_back():
    store = InMemoryStore()
    text = "\n".join(f"\x1b[32m{line}\x1b[0m" for line in LONG.split("\n"))
    (edit,) = Engine([], COUNTER, BALANCED, store).decide(Conversation("m", (result(text),))).edits
    (marker,) = omissions(edit.after)
    assert marker.what == "colour codes omitted"
    assert edit.after.split("\n")[:-1] == LONG.split("\n")
    assert (edit.compressor, edit.fidelity) == ("noise", Fidelity.RECOVERABLE)
    assert store.get(marker.ref).decode() == text


def test_a_compressor_is_given_the_text_without_its_noise():
    head = Head()
    text = "\n".join(f"\x1b[32m{line}\x1b[0m" for line in LONG.split("\n"))
    (edit,) = decide(result(text), compressors=[head]).edits
    assert head.samples[0].text == LONG
    assert edit.compressor == "noise+head"
    assert edit.after.endswith("\n[… colour codes omitted]"), "the marker above has told the ref"


def test_without_leave_to_omit_noise_stays():
    text = "\n".join(f"\x1b[32m{line}\x1b[0m" for line in LONG.split("\n"))
    assert decide(result(text), compressors=[], policy=SAFE).edits == ()


def test_rules_for_single_tools_hold():
    rules = (ToolRule("Read", "exclude"), ToolRule("safe_*", "lossless"), ToolRule("*", budget=9))
    policy = replace(BALANCED, tools=rules)

    class Budget(Head):
        def compress(self, sample, policy):
            self.budget = policy.budget
            return super().compress(sample, policy)

    def decided(tool):
        head = Budget()
        return decide(result(LONG, tool=tool), compressors=[head], policy=policy), head

    assert [skip.reason for skip in decided("Read")[0].skips] == [Reason.EXCLUDED]
    assert decided("safe_logs")[0].edits == ()
    found, head = decided("logs")
    assert len(found.edits) == 1
    assert head.budget == 9


@pytest.mark.parametrize(("score", "whole"), [(0.95, True), (0.5, False)])
def test_json_inside_of_a_text_is_a_part_of_it_for_a_compressor_that_is_sure(score, whole):
    head = Head(score=score)
    value = json.dumps([{"id": number} for number in range(60)])
    text = f"{LONG}\nconst rows = {value};\n{LONG}"
    decide(result(text, tool="fetch"), compressors=[head])
    assert (text in [sample.text for sample in head.samples]) is whole
    wrapped = json.dumps({"output": text, "code": 0})
    assert (text in [sample.text for sample in samples_of(wrapped, score)]) is whole


def test_json_that_is_most_of_a_text_is_no_part_of_it():
    value = json.dumps([{"id": number, "at": number**3} for number in range(900)])
    assert [sample.text for sample in samples_of(f"{LONG}\n{value}\n", 0.95)][-1] == value


def samples_of(text, score):
    head = Head(score=score)
    decide(result(text, tool="fetch"), compressors=[head])
    return head.samples


def test_a_command_that_asks_for_it_raw_gets_it_verbatim():
    call = Block(("c",), Kind.TOOL_CALL, '{"command": "make  # headroom:raw"}', "bash", "c1")
    decided = decide(Message("assistant", (call,)), result(LONG, "c1"), compressors=[Head()])
    assert [skip.reason for skip in decided.skips] == [Reason.EXCLUDED]


def test_a_command_repeated_at_once_because_it_was_cut_comes_back_verbatim():
    def turn(call_id, text=LONG):
        call = Block(("c", call_id), Kind.TOOL_CALL, '{"command": "make"}', "bash", call_id)
        return [Message("assistant", (call,)), result(text, call_id, "bash")]

    other = LONG.replace("line 0 says", "line 0 now says")
    decided = decide(*turn("c1"), *turn("c2", other), *turn("c3", LONG), compressors=[Head()])
    assert [edit.path for edit in decided.edits] == [("m", "c1"), ("m", "c3")]
    assert decided.skips == (Skip(("m", "c2"), Reason.ASKED_AGAIN),)


def test_a_fixed_text_is_never_edited_but_asks():
    head = Head()
    fixed = Block(("u",), Kind.USER_TEXT, f"Why is it slow?\n\n{LONG}", fixed=True)
    decided = decide(Message("user", (fixed,)), result(LONG.upper()), compressors=[head])
    assert [skip.reason for skip in decided.skips] == [Reason.EXCLUDED]
    assert "Why is it slow?" in head.samples[0].query


def test_what_the_client_put_away_is_left_and_what_it_cut_is_only_folded():
    replaced = f"<persisted-output>\nOutput too large.\n{LONG}\n</persisted-output>"
    decided = decide(result(replaced), compressors=[Head()])
    assert [skip.reason for skip in decided.skips] == [Reason.EXCLUDED]
    cut = f"Warning: truncated output (original token count: 11711)\n\n{LONG}"
    assert decide(result(cut), compressors=[Head()]).edits == ()
    (edit,) = decide(result(LONG, "c1"), result(cut, "c2")).edits
    assert edit.compressor == "repeats"


def test_what_the_user_chose_is_known_by_its_name_in_every_version(monkeypatch):
    """Invariant 1 across upgrades: a preset's numbers may change, what it decided holds."""
    store = InMemoryStore()
    ledger = Ledger(store.settled)
    talk = Conversation("m", (result(LONG),))
    before = Engine([Head()], COUNTER, BALANCED, store, ledger).decide(talk)
    newer = replace(BALANCED, budget=9, min_tokens=9)
    monkeypatch.setitem(PRESETS, "balanced", newer)
    after = Engine([Head(keep=9)], COUNTER, newer, store, Ledger(store.settled)).decide(talk)
    assert after.edits == before.edits
    own = replace(newer, budget=12)
    assert Engine([Head(keep=9)], COUNTER, own, store, ledger).decide(talk).edits != before.edits


def test_messages_without_edits_are_the_same_list():
    messages = [{"role": "tool", "tool_call_id": "c", "content": "short"}]
    assert Engine([], COUNTER, BALANCED, None).compress_messages(messages).body is messages


def test_messages_that_cannot_be_read_are_given_back():
    class Broken:
        def model_dump(self, **_):
            raise ValueError("on purpose")

    messages = [Broken()]
    done = Engine([Head()], COUNTER, BALANCED, InMemoryStore()).compress_messages(messages)
    assert done.body is messages
    (skip,) = done.skips
    assert skip.reason is Reason.FAILED
    assert "on purpose" in skip.detail
