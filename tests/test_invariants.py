"""The product's invariants, end to end: real compressors, real stores, both wire formats."""

import functools
import json
import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom import NotFound, compress, retrieve
from headroom.calls import call_of
from headroom.compressors import built_in
from headroom.conversation import EDITABLE, Kind
from headroom.edits import Fidelity, Reason
from headroom.engine import Engine
from headroom.ledger import Ledger
from headroom.markers import omissions, shows_whole_lines
from headroom.originals import to_text
from headroom.policy import AGGRESSIVE, BALANCED, SAFE
from headroom.retrieval import select
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for
from headroom.wire import ANTHROPIC_MESSAGES, FORMATS, OPENAI_CHAT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = Path(__file__).parent / "cases" / "compressors"
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


def responses(turns):
    for index, (question, text) in enumerate(turns):
        yield {"type": "message", "role": "user", "content": question}
        call = {"type": "function_call", "call_id": f"t{index}", "name": "run", "arguments": "{}"}
        yield call
        yield {"type": "function_call_output", "call_id": f"t{index}", "output": text}


def gemini(turns):
    for question, text in turns:
        yield {"role": "user", "parts": [{"text": question}]}
        yield {"role": "model", "parts": [{"functionCall": {"name": "run", "args": {}}}]}
        answer = {"name": "run", "response": {"output": text}}
        yield {"role": "user", "parts": [{"functionResponse": answer}]}


def converse(turns):
    for index, (question, text) in enumerate(turns):
        yield {"role": "user", "content": [{"text": question}]}
        call = {"toolUseId": f"t{index}", "name": "run", "input": {}}
        yield {"role": "assistant", "content": [{"toolUse": call}]}
        answer = {"toolUseId": f"t{index}", "content": [{"text": text}]}
        yield {"role": "user", "content": [{"toolResult": answer}]}


MAKERS = {
    "anthropic_messages": anthropic,
    "openai_chat": openai,
    "openai_responses": responses,
    "gemini": gemini,
    "bedrock_converse": converse,
}


def engine(store, policy=BALANCED, ledger=None):
    return Engine(built_in(), counter_for("gpt-4o"), policy, store, ledger)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@settings(max_examples=40)
@given(turns=TURNS)
def test_sent_bytes_are_never_changed(form, turns):
    messages = list(MAKERS[form.name](turns))
    before = b""
    for end in range(3, len(messages) + 1, 3):
        # The head is what precedes the closing brackets: all that a longer request repeats.
        body = json.dumps({form.key: messages[:end]}).encode()
        sent = form.apply(body, engine(InMemoryStore()).decide(form.parse(body)).edits)
        assert sent.startswith(before)
        before = sent.removesuffix(b"]}")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@settings(max_examples=25)
@given(turns=TURNS, data=st.data())
def test_workers_with_one_store_never_change_sent_bytes(form, turns, data):
    """Any worker may take the next request, may have been restarted, and may be late."""
    messages, store, before = list(MAKERS[form.name](turns)), InMemoryStore(), b""
    workers = [Ledger(store.settled) for _ in range(2)]
    for end in range(3, len(messages) + 1, 3):
        ledger = data.draw(st.sampled_from([*workers, Ledger(store.settled)]))
        late = data.draw(st.booleans())
        body = json.dumps({form.key: messages[:end]}).encode()
        decided = engine(store, ledger=ledger).decide(form.parse(body), late=lambda late=late: late)
        sent = form.apply(body, decided.edits)
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
        messages = list(MAKERS[form.name]([("Why?", log(1, 300))]))
        conversation = form.parse_messages(messages)
        kinds = {b.path: b.kind for m in conversation.messages for b in m.blocks}
        edits = engine(InMemoryStore()).decide(conversation).edits
        assert edits
        assert all(kinds[edit.path] in EDITABLE for edit in edits)


# ------------------------------------------------- conversations of every kind of text at once


@functools.cache
def recorded():
    """What the golden cases were recorded from: kind, tool, arguments, text."""
    found = []
    for case in sorted(path.parent for path in CASES.glob("*/*/case.toml")):
        about = tomllib.loads((case / "case.toml").read_text("utf-8"))
        source = about.get("source", "")
        arguments = source if source.startswith("{") else json.dumps({"command": source})
        text = (case / "input.txt").read_bytes().decode("utf-8")
        found.append((case.parent.name, about.get("tool", "run"), arguments, text))
    return found


def of_each_kind(seed=0):
    """One recorded text of each kind."""
    mixed = random.Random(seed).sample(recorded(), len(recorded()))
    return {kind: (tool, arguments, text) for kind, tool, arguments, text in mixed}


def conversation(results):
    """Messages in which an assistant asks for these results, and a user a few times for more."""
    messages = [{"role": "user", "content": "Find out what fails in part 7, and where."}]
    for index, (tool, arguments, text) in enumerate(results):
        call = {"id": f"c{index}", "function": {"name": tool, "arguments": arguments}}
        messages += [
            {"role": "assistant", "content": f"I look at {index}.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{index}", "content": text},
        ]
        if index % 5 == 4:
            messages.append({"role": "user", "content": f"And this?\n\n{log(index)}\n\nThanks."})
    return messages


def mixture(seed, size=24):
    """Texts of all kinds in any order, some of them again, whole or in part."""
    rnd = random.Random(seed)
    chosen = rnd.sample(recorded(), size)
    again = [(tool, arguments, text[: len(text) // 2]) for _, tool, arguments, text in chosen[:3]]
    return conversation([entry[1:] for entry in chosen] + again)


def colourful(text):
    return "\n".join(f"\x1b[3{n % 7}m{line}\x1b[0m" for n, line in enumerate(text.split("\n")))


CHANGES = {
    "as it is": str,
    "with Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "cut at its end": lambda text: text[: len(text) // 2],
    "cut at its start": lambda text: text[len(text) // 2 :],
    "in colour": colourful,
    "in an envelope": lambda text: json.dumps({"output": text, "exit_code": 1}),
    "in two envelopes": lambda text: json.dumps({"r": json.dumps({"output": text})}),
    "in one line": lambda text: text.replace("\n", " "),
    "twice": lambda text: f"{text}\n{text}",
    "behind another": lambda text: f"{log(4)}\n{text}",
    "broken": lambda text: f"{text[: len(text) // 2]}\ud800\0{text[len(text) // 2 :]}",
    "numbered": lambda text: "\n".join(
        f"{number:>6}\t{line}" for number, line in enumerate(text.split("\n"), 1)
    ),
}
_ARGUMENTS = re.compile(r'headroom_retrieve\(\\*"([a-z2-7]+)\\*"((?:, \w+=\\*"[^"\n]*?\\*")*)\)\]')
_ARGUMENT = re.compile(r', (\w+)=\\*"([^"\n]*?)\\*"')


def check(result, store):
    """Nothing failed, nothing grew, and every marker gives back what it stands for."""
    assert [skip.detail for skip in result.skips if skip.reason is Reason.FAILED] == []
    for edit in result.edits:
        assert edit.tokens_after < edit.tokens_before
        markers = _ARGUMENTS.findall(edit.after)
        assert len(markers) == len(omissions(edit.after))
        referred = "repeats" in edit.compressor
        assert bool(markers) or referred or edit.fidelity is Fidelity.LOSSLESS
        assert bool(markers) or edit.after.count("[… ") == edit.before.count("[… ")
        for ref, arguments in markers:
            assert ref in edit.refs
            assert select(store.get(ref), **dict(_ARGUMENT.findall(arguments))).strip()
        for ref in edit.refs:
            assert to_text(store.get(ref)) in opened(edit.before)


def opened(text):
    """The text, and what is in the strings of its envelopes."""
    texts = [text]
    while texts[-1].startswith('{"'):
        try:
            texts.append(next(iter(json.loads(texts[-1]).values())))
        except ValueError:
            break
        if not isinstance(texts[-1], str):
            return "\0".join(texts[:-1])
    return "\0".join(texts)


@pytest.mark.parametrize("policy", [BALANCED, AGGRESSIVE], ids=lambda policy: policy.name)
def test_a_growing_conversation_of_every_kind_keeps_what_was_sent(policy):
    ledger, used = Ledger(), set()
    for seed in range(2):
        messages, store = mixture(seed), InMemoryStore()
        parsed = OPENAI_CHAT.parse_messages(messages)
        whole = engine(store, policy).decide(parsed)
        check(whole, store)
        used.update(name for edit in whole.edits for name in edit.compressor.split("+"))
        for size in random.Random(seed).sample(range(2, len(messages)), 4):
            sent = tuple(edit for edit in whole.edits if edit.path[1] < size)
            fork = [*messages[:size], {"role": "user", "content": f"No.\n{log(seed)}"}]
            for shared in (None, ledger):
                for part in (messages[:size], fork):
                    again = engine(InMemoryStore(), policy, shared)
                    edits = again.decide(OPENAI_CHAT.parse_messages(part)).edits
                    assert tuple(edit for edit in edits if edit.path[1] < size) == sent
    if policy is AGGRESSIVE:
        missing = {compressor.name for compressor in built_in()} - used
        assert missing <= {"html"}, "which needs a parser that may not be there"


@pytest.mark.parametrize("change", CHANGES)
def test_texts_of_every_kind_come_back_in_whatever_shape_they_arrive(change):
    for seed, policy in enumerate((BALANCED, AGGRESSIVE)):
        results = of_each_kind(seed).values()
        changed = [(tool, arguments, CHANGES[change](text)) for tool, arguments, text in results]
        store = InMemoryStore()
        parsed = OPENAI_CHAT.parse_messages(conversation(changed))
        check(engine(store, policy).decide(parsed), store)


def test_what_an_agent_may_edit_from_is_shown_in_whole_lines():
    for seed in range(2):
        parsed = OPENAI_CHAT.parse_messages(mixture(seed))
        blocks = {block.path: block for message in parsed.messages for block in message.blocks}
        sources = {b.call_id: b.text for b in blocks.values() if b.kind is Kind.TOOL_CALL}
        for edit in engine(InMemoryStore(), AGGRESSIVE).decide(parsed).edits:
            block = blocks[edit.path]
            if call_of(block.tool, sources.get(block.call_id, "")).reads:
                assert shows_whole_lines(edit.before, edit.after)


QUESTION = (
    "Hi!\n\nI ran it at 10:15 and it failed. Notes:\n- one was slow\n- two I left out\n\nSee:"
)
CLOSING = "1. Do not touch the tests.\n2. Tell me what error: means in the 3rd line."


@pytest.mark.parametrize("around", ["\n\n", "\n", "\n```\n", "\n~~~~\n"])
def test_a_persons_words_around_what_they_pasted_are_never_changed(around):
    for kind, (_, _, text) in of_each_kind(1).items():
        content = f"{QUESTION}{around}{text.strip()}{around}{CLOSING}"
        store = InMemoryStore()
        parsed = OPENAI_CHAT.parse_messages([{"role": "user", "content": content}])
        result = engine(store, AGGRESSIVE).decide(parsed)
        check(result, store)
        for edit in result.edits:
            assert edit.after.startswith(QUESTION + around), kind
            assert edit.after.endswith(around + CLOSING), kind


def test_a_diff_or_a_match_with_json_in_it_keeps_its_lines():
    value = json.dumps([{"id": n, "name": f"user {n}", "ok": True} for n in range(30)])
    change = f"@@ -1,2 +1,3 @@\n import x\n-const old = 1;\n+const rows = {value};\n more();\n"
    files = [f"--- a/src/f{n}.js\n+++ b/src/f{n}.js\n{change}" for n in range(40)]
    matches = [f"src/f{n}.js:{n + 3}: const rows = {value};" for n in range(30)]
    for command, lines in (("git diff", "".join(files)), ("grep -rn rows src", "\n".join(matches))):
        store = InMemoryStore()
        parsed = OPENAI_CHAT.parse_messages(
            conversation([("bash", json.dumps({"command": command}), lines)])
        )
        result = engine(store).decide(parsed)
        check(result, store)
        for edit in result.edits:
            assert "json_rows" not in edit.compressor
