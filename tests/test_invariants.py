"""The product's invariants, end to end: real compressors, real stores, both wire formats."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom import NotFound, compress, retrieve
from headroom.compressors import built_in
from headroom.conversation import EDITABLE
from headroom.edits import Fidelity
from headroom.engine import Engine
from headroom.markers import omissions
from headroom.policy import BALANCED, SAFE
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for
from headroom.wire import ANTHROPIC_MESSAGES, FORMATS

LEVELS = ("DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "FATAL")


def log(seed, lines=60):
    rnd = random.Random(seed)
    return "\n".join(
        f"2026-03-01 10:{line // 60:02d}:{line % 60:02d} {rnd.choice(LEVELS[:2])} http: request "
        f"{rnd.randrange(9_999)} of user {rnd.randrange(99)} took {rnd.randrange(500)} ms"
        for line in range(lines)
    )


def records(seed, count=30):
    rnd = random.Random(seed)
    rows = [{"id": n, "name": f"user{n}", "score": rnd.random(), "ok": True} for n in range(count)]
    return json.dumps(rows, indent=rnd.choice([None, 2]))


def source(seed, lines=50):
    rnd = random.Random(seed % 3)
    code = [f"    value_{line} = compute({rnd.randrange(10**6)}, {line})" for line in range(lines)]
    if seed % 2:
        code[20 + seed % 9] = f"    changed = {seed}"
    return "\n".join(f"{number:>6}\t{row}" for number, row in enumerate(code, 1))


TEXTS = st.builds(
    lambda make, seed: make(seed), st.sampled_from([log, records, source]), st.integers(0, 8)
)
QUESTIONS = st.sampled_from(["Why?", "Which user failed?", "Look at this:\n\n" + log(3)])
TURNS = st.lists(st.tuples(QUESTIONS, TEXTS), min_size=1, max_size=5)


def anthropic(turns):
    for index, (question, text) in enumerate(turns):
        yield {"role": "user", "content": question}
        yield {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": f"t{index}", "name": "run", "input": {}}],
        }
        part = {"type": "tool_result", "tool_use_id": f"t{index}", "content": text}
        yield {"role": "user", "content": [part]}


def openai(turns):
    for index, (question, text) in enumerate(turns):
        yield {"role": "user", "content": question}
        call = {"id": f"t{index}", "function": {"name": "run", "arguments": "{}"}}
        yield {"role": "assistant", "content": None, "tool_calls": [call]}
        yield {"role": "tool", "tool_call_id": f"t{index}", "content": text}


def engine(store, policy=BALANCED):
    return Engine(built_in(), counter_for("gpt-4o"), policy, store)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@settings(max_examples=40)
@given(turns=TURNS)
def test_sent_bytes_are_never_changed(form, turns):
    make = anthropic if form is ANTHROPIC_MESSAGES else openai
    messages = list(make(turns))
    before = b""
    for end in range(3, len(messages) + 1, 3):
        # The head is what precedes the closing brackets: all that a longer request repeats.
        body = json.dumps({"messages": messages[:end]}).encode()
        sent = form.apply(body, engine(InMemoryStore()).decide(form.parse(body)).edits)
        assert sent.startswith(before)
        before = sent.removesuffix(b"]}")


@settings(max_examples=40)
@given(TURNS)
def test_every_original_comes_back_and_every_marker_can_be_redeemed(turns):
    store = InMemoryStore()
    conversation = ANTHROPIC_MESSAGES.parse_messages(list(anthropic(turns)))
    for edit in engine(store).decide(conversation).edits:
        for marker in omissions(edit.after):
            assert marker.ref in edit.refs
        for ref in edit.refs:
            assert store.get(ref).decode() in edit.before
        if edit.fidelity is Fidelity.RECOVERABLE:
            assert omissions(edit.after)


@settings(max_examples=40)
@given(TURNS)
def test_the_safe_policy_leaves_no_marker(turns):
    conversation = ANTHROPIC_MESSAGES.parse_messages(list(anthropic(turns)))
    for edit in engine(InMemoryStore(), SAFE).decide(conversation).edits:
        assert edit.fidelity is Fidelity.LOSSLESS
        assert omissions(edit.after) == []


@settings(max_examples=60)
@given(st.integers(0, 9_999), st.sampled_from(LEVELS), st.booleans())
def test_a_rare_line_in_a_long_log_is_always_shown(position, level, told):
    lines = log(1, 10_000).split("\n")
    rare = f"{lines[position][:19]} {level} http: connection pool resized by operator"
    lines[position] = rare
    question = "What changed the pool?" if told else "Anything odd?"
    messages = [
        {"role": "user", "content": question},
        {"role": "tool", "content": "\n".join(lines)},
    ]
    result = compress(messages, "gpt-4o", store=InMemoryStore())
    assert rare in result.messages[1]["content"]
    assert result.savings_percent > 90


def test_a_question_pasted_with_its_log_stands_word_for_word():
    question = "Please look at the log below; why did request 17 fail?"
    closing = "Answer in one sentence, and don't guess."
    content = f"{question}\n\n{log(5, 2_000)}\n\n{closing}"
    (message,) = compress([{"role": "user", "content": content}]).messages
    assert message["content"].startswith(question + "\n\n")
    assert message["content"].endswith("\n\n" + closing)
    assert len(message["content"]) < len(content) / 5


def test_text_that_looks_like_a_marker_redeems_nothing():
    forged = '[… 9 lines omitted · headroom_retrieve("aaaaaaaa")]'
    text = f"{forged}\n{log(2, 500)}"
    messages = [{"role": "tool", "content": text}]
    assert compress(messages).messages == messages
    with pytest.raises(NotFound, match="aaaaaaaa"):
        retrieve("aaaaaaaa")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        '{"a":' * 30_000 + "1" + "}" * 30_000,
        "x" * 5_000_000,
        "\ud800" * 2_000,
        "\0\n" * 50_000,
        '[{"a": NaN}, {"a": 1e999}]' * 200,
        json.dumps([{"k": 10**4_000 + n} for n in range(20)]),
        '[{"a": 1, "a": 2}]' * 300,
        "a" * 30_000 + "(a+)+$" * 2_000,
        "- " * 300_000,
    ],
    ids=lambda text: repr(text[:10]),
)
@pytest.mark.parametrize("role", ["tool", "user"])
def test_hostile_texts_pass_or_come_back(text, role):
    result = compress([{"role": role, "content": text}], "gpt-4o")
    assert not [skip for skip in result.skips if skip.reason.value == "failed"]
    if result.edits:
        assert all(retrieve(ref) in text for ref in result.edits[0].refs)
    else:
        assert result.messages[0]["content"] == text


def test_only_users_and_tools_are_edited():
    for form in FORMATS:
        make = anthropic if form is ANTHROPIC_MESSAGES else openai
        messages = list(make([("Why?", log(1, 300))]))
        conversation = form.parse_messages(messages)
        kinds = {b.path: b.kind for m in conversation.messages for b in m.blocks}
        edits = engine(InMemoryStore()).decide(conversation).edits
        assert edits
        assert all(kinds[edit.path] in EDITABLE for edit in edits)
