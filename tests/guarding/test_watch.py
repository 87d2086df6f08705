import json
from dataclasses import replace

import pytest
from answers import APIS, Spoken, dumped, hear
from renditions import golden

from headroom.edits import Edit, Fidelity
from headroom.guarding import LET_THROUGH, PUT_BACK, Finding, GuardedAnswer
from headroom.guarding.call import GuardedCall
from headroom.guarding.guarded import READERS
from headroom.guarding.watch import Guard
from headroom.markers import TOOL_NAME
from headroom.wire import by_name

EDIT = golden()["code/rust"]
LINES = EDIT.after.split("\n")
ROW = next(row for row, line in enumerate(LINES) if line.startswith("[… "))
SHOWN = "\n".join(LINES[ROW - 1 : ROW + 2])
GAP_START = EDIT.before.split("\n").index(LINES[ROW - 1])
WRITTEN = json.dumps({"file_path": "/a", "content": SHOWN}, ensure_ascii=False)


def guard(form):
    return Guard(READERS[form], [EDIT])


def chunk(calls=None, finish=None):
    delta = {"tool_calls": calls} if calls else {}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def call(index, text, **named):
    body = {"arguments": text, **({"name": named["name"]} if "name" in named else {})}
    told = {"id": named["id"]} if "id" in named else {}
    return {"index": index, **told, "function": body}


def given(watch, payloads):
    out = []
    for payload in payloads:
        raw = dumped(payload)
        seen = watch.look(raw)
        out += [raw] if seen is None else seen
    return [json.loads(each) for each in out]


def arguments(chunks):
    found = {}
    for each in chunks:
        for told in each["choices"][0]["delta"].get("tool_calls", ()):
            found.setdefault(told["index"], []).append(told["function"]["arguments"])
    return {index: "".join(texts) for index, texts in found.items()}


def is_mended(text):
    content = json.loads(text)["content"]
    return "[…" not in content and content in EDIT.before and content.count("\n") > 3


def test_calls_that_are_said_side_by_side_are_told_apart():
    cut = WRITTEN.index("[…") + 5
    watch = guard("openai_chat")
    chunks = given(
        watch,
        [
            chunk([call(0, "", id="a", name="Write"), call(1, "", id="b", name="Task")]),
            chunk([call(0, WRITTEN[:cut]), call(1, WRITTEN[:cut])]),
            chunk([call(0, WRITTEN[cut:]), call(1, WRITTEN[cut:])]),
            chunk(finish="tool_calls"),
        ],
    )
    told = arguments(chunks)
    assert is_mended(told[0])
    assert told[1] == WRITTEN
    assert watch.findings == [Finding("a", "Write", PUT_BACK, 1)]
    assert len(chunks) == 4


def test_what_is_held_goes_out_with_the_chunk_that_ends_the_answer():
    cut = WRITTEN.index("[…") + 1
    first = chunk([call(0, WRITTEN[:cut], id="a", name="Write")])
    last = chunk([call(0, WRITTEN[cut : cut + 9])], "length")
    chunks = given(guard("openai_chat"), [first, last])
    assert len(chunks) == 2
    assert arguments(chunks)[0] == WRITTEN[: cut + 9]
    assert chunks[1]["choices"][0]["finish_reason"] == "length"


def test_another_call_under_the_same_index_is_another_call():
    watch = guard("openai_chat")
    payloads = [chunk([call(0, WRITTEN, id=name, name="Write")]) for name in ("a", "b")]
    chunks = given(watch, [*payloads, chunk(finish="tool_calls")])
    assert [is_mended(arguments([each])[0]) for each in chunks[:2]] == [True, True]
    assert [finding.call_id for finding in watch.findings] == ["a", "b"]


def test_calls_without_ids_in_chunks_of_their_own_are_each_counted():
    watch = guard("gemini")
    for text in (SHOWN, SHOWN + "\n// again"):
        said = Spoken("write_file", json.dumps({"file_path": "/a", "content": text}))
        for payload in APIS["gemini"].stream(said, []):
            watch.look(dumped(payload))
    assert [finding.what for finding in watch.findings] == [PUT_BACK, PUT_BACK]


def test_fragments_of_a_call_that_was_never_named_pass():
    delta = {"type": "input_json_delta", "partial_json": WRITTEN}
    event = {"type": "content_block_delta", "index": 9, "delta": delta}
    watch = guard("anthropic_messages")
    assert watch.look(dumped(event)) is None
    assert watch.findings == []


def test_a_character_that_is_torn_between_fragments_is_whole_again():
    text = json.dumps({"file_path": "/a", "content": "\U0001f600 and so on\n" + SHOWN})
    cut = text.index("\\ude00")
    half, other = text[:cut], text[cut:]
    start = {"type": "tool_use", "id": "t", "name": "Write", "input": {}}
    events = [{"type": "content_block_start", "index": 0, "content_block": start}]
    for piece in (half, other):
        delta = {"type": "input_json_delta", "partial_json": piece}
        events.append({"type": "content_block_delta", "index": 0, "delta": delta})
    out = given(guard("anthropic_messages"), [*events, {"type": "content_block_stop", "index": 0}])
    told = "".join(each.get("delta", {}).get("partial_json", "") for each in out)
    assert json.loads(told)["content"].startswith("\U0001f600 and so on\n" + LINES[ROW - 1])
    assert "[…" not in json.loads(told)["content"]


def test_an_indentation_that_the_client_has_and_the_original_has_not_is_reported():
    """What was given cannot be taken back; all times that the arguments are told agree."""
    text = SHOWN.replace("\n[…", "\n\\t\\t    […".replace("\\t", "\t"))
    arguments = json.dumps({"file_path": "/a", "content": text}, ensure_ascii=False)
    said = Spoken("write", arguments, "c")
    watch, api = guard("openai_responses"), APIS["openai_responses"]
    texts = api.read(given(watch, list(api.stream(said, [arguments.index("[…")]))))
    assert set(texts) == {arguments}
    assert watch.findings == [Finding("c", "write", LET_THROUGH, 1)]


def failing(form, monkeypatch, on=b"FAIL"):
    """An answer whose reader breaks at a payload that holds a word."""
    reader = READERS[form]

    def pieces(tree, payload):
        yield from reader.pieces(tree, payload)
        if on in payload:
            raise KeyError(on)

    broken = replace(reader, pieces=pieces, concerns=lambda _: True)
    monkeypatch.setitem(READERS, form, broken)
    inner = by_name(form).retrieval.answer(stream=True, intercept=False, body=None)
    return GuardedAnswer(inner, form, [EDIT])


@pytest.mark.parametrize("form", ["anthropic_messages", "openai_chat", "bedrock_converse"])
def test_should_looking_fail_nothing_that_was_held_back_is_lost(form, monkeypatch):
    api, at = APIS[form], WRITTEN.index("[…")
    text = WRITTEN[: at + 9] + "FAIL" + WRITTEN[at + 9 :] + WRITTEN
    answer = failing(form, monkeypatch)
    out = []
    for event in api.stream(Spoken("Write", text), [at + 4, at + 8, at + 15, at + 40]):
        payload = dumped(event)
        seen = answer.feed(payload)
        out += [payload] if seen is None else seen
    assert api.read([json.loads(each) for each in out]) == [text]
    assert list(answer.release()) == list(answer.give_up(b"")) == []
    assert (answer.findings, answer.notes()) == ([], [])


def test_should_releasing_fail_what_was_held_back_goes_out_as_it_is(monkeypatch):
    answer = failing("anthropic_messages", monkeypatch)
    at = WRITTEN.index("[…")
    for event in [*APIS["anthropic_messages"].stream(Spoken("Write", WRITTEN), [at + 5])][:4]:
        answer.feed(dumped(event))

    def broken(self):
        raise ValueError

    monkeypatch.setattr(GuardedCall, "close", broken)
    [event] = answer.release()
    assert json.loads(event)["delta"]["partial_json"] == WRITTEN[at : at + 5]
    assert list(answer.release()) == []


@pytest.mark.parametrize("index", [None, 0.0, "0", True, [], 10**30])
def test_an_index_of_another_kind_is_never_held(index):
    at = WRITTEN.index("[…") + 4
    told = [call(index, WRITTEN[:at], id="a", name="Write")]
    sides = [chunk(told), {"choices": [{**chunk(told)["choices"][0], "index": index}]}]
    event = {"index": index, "type": "content_block_delta"}
    use = {"type": "tool_use", "id": "t", "name": "Write", "input": {}}
    block = {"index": index, "type": "content_block_start", "content_block": use}
    delta = {"type": "input_json_delta", "partial_json": WRITTEN[:at]}
    for form, payloads in (
        ("openai_chat", sides),
        ("anthropic_messages", [block, {**event, "delta": delta}]),
    ):
        watch = guard(form)
        out = [each for payload in payloads for each in given(watch, [payload])]
        owed = watch.release()
        assert out == payloads if type(index) is not int else len(owed) in (1, 2)


@pytest.mark.parametrize("is_ascii", [False, True])
def test_a_marker_in_json_inside_of_json_is_found_without_a_ref(is_ascii):
    gap = "[… 3 lines, 2-4]"
    edit = Edit(("a",), "a\nb\nc\nd\ne", f"a\n{gap}\ne", "code", Fidelity.LOSSLESS, (), 0, 0)
    inner = json.dumps([{"newText": f"a\n{gap}\nz"}], ensure_ascii=is_ascii)
    text = json.dumps({"edits": inner}, ensure_ascii=False)
    heard = hear(APIS["anthropic_messages"], Spoken("multi_edit", text), [edit], [])
    assert heard.findings == {LET_THROUGH: 1}
    assert heard.texts == [text]


def test_a_file_tool_of_a_server_named_after_agents_is_watched():
    said = Spoken("mcp__agentfs__write_file", WRITTEN)
    assert is_mended(hear(APIS["openai_chat"], said, [EDIT], [40]).texts[0])


def test_a_shell_call_of_the_responses_api_is_looked_at():
    command = ["bash", "-lc", f"cat > a.rs <<'EOF'\n{SHOWN}\nEOF"]
    item = {"type": "local_shell_call", "call_id": "s", "action": {"command": command}}
    [told] = given(guard("openai_responses"), [{"output": [item], "id": "r"}])
    assert "\n".join(told["output"][0]["action"]["command"][2].split("\n")[1:-1]) in EDIT.before


@pytest.mark.parametrize("form", ["anthropic_messages", "openai_chat", "bedrock_converse"])
def test_behind_a_hidden_retrieval_the_numbers_are_those_of_the_client(form):
    api, hidden = APIS[form], Spoken(TOOL_NAME, '{"ref": "qwertyui"}', "h")
    inner = by_name(form).retrieval.answer(stream=True, intercept=True, body=None)
    answer = GuardedAnswer(inner, form, [EDIT])
    for event in api.stream(hidden, [5]):
        answer.feed(dumped(event))
    turn = answer.end()
    assert turn is not None
    assert turn.alone
    answer.resume(turn, ["the original"])
    out = []
    for event in api.stream(Spoken("Write", WRITTEN, "w"), range(1, len(WRITTEN), 7)):
        payload = dumped(event)
        seen = answer.feed(payload)
        out += [payload] if seen is None else seen
    assert is_mended(api.read([json.loads(each) for each in out])[0])
    assert answer.findings == [Finding("w", "Write", PUT_BACK, 1)]
    assert answer.memories() == inner.memories()


def test_a_held_end_that_is_given_up_is_looked_at_too():
    api = APIS["anthropic_messages"]
    inner = by_name(api.form).retrieval.answer(stream=True, intercept=True, body=None)
    answer = GuardedAnswer(inner, api.form, [EDIT])
    for event in api.stream(Spoken(TOOL_NAME, '{"ref": "qwertyui"}', "h"), [5]):
        answer.feed(dumped(event))
    answer.resume(answer.end(), ["the original"])
    owed = [json.loads(each)["type"] for each in answer.give_up(b"")]
    assert owed[-1] == "message_stop"
