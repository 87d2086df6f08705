"""OpenAI and Anthropic message lists in all the ways that programs save them."""

import json

import pytest

from headroom.errors import TranscriptError
from headroom.transcripts.anthropic_messages import AnthropicMessages
from headroom.transcripts.openai_messages import OpenaiMessages
from headroom.wire import recognised

ASKED = {"role": "user", "content": "list the files"}
CALLED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}],
}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "a.py"}
OPENAI = [ASKED, CALLED, RESULT]
USED = {
    "role": "assistant",
    "content": [{"type": "tool_use", "id": "t", "name": "ls", "input": {}}],
}
GIVEN = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "a"}]}
ANTHROPIC = [ASKED, USED, GIVEN]


def lines(*values):
    return "\n".join(map(json.dumps, values)) + "\n"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (json.dumps(OPENAI), [""]),
        (json.dumps(OPENAI, indent=2), [""]),
        (json.dumps({"model": "m", "messages": OPENAI}, indent=1), [""]),
        (json.dumps([OPENAI, {"id": 7, "messages": OPENAI}]), ["", "7"]),
        (lines({"id": "x", "messages": OPENAI}, {"id": "y", "messages": OPENAI}), ["x", "y"]),
        (lines(OPENAI, OPENAI), ["", ""]),
        (lines(*OPENAI), [""]),
        (lines(*OPENAI).replace("\n", "\n\n"), [""]),
    ],
)
def test_a_message_list_reads_in_every_shape(text, ids):
    assert OpenaiMessages().recognises(text)
    assert not AnthropicMessages().recognises(text)
    found = list(OpenaiMessages().conversations(text))
    assert [each.id for each in found] == ids
    for each in found:
        assert each.messages == OPENAI
        assert each.form == recognised(each.messages).name


def test_an_anthropic_list_is_known_by_its_blocks():
    text = json.dumps(ANTHROPIC)
    assert AnthropicMessages().recognises(text)
    (found,) = AnthropicMessages().conversations(text)
    assert found.messages == ANTHROPIC
    assert found.form == recognised(found.messages).name == "anthropic_messages"


def test_a_bodys_system_text_comes_first():
    blocks = [{"type": "text", "text": "be brief"}]
    text = lines(
        {"system": "be kind", "messages": [ASKED]},
        {"system": blocks, "messages": [ASKED]},
        {"system": None, "messages": [ASKED]},
    )
    assert AnthropicMessages().recognises(text)
    first, second, third = (each.messages for each in AnthropicMessages().conversations(text))
    assert first == [{"role": "system", "content": "be kind"}, ASKED]
    assert second == [{"role": "system", "content": blocks}, ASKED]
    assert third == [ASKED]


def test_a_record_that_names_a_system_but_calls_as_openai_does_is_openais():
    assert not AnthropicMessages().recognises(json.dumps({"system": "linux", "messages": OPENAI}))


def test_a_result_that_quotes_the_other_api_does_not_change_whose_list_it_is():
    quoting = {**RESULT, "content": json.dumps(ANTHROPIC)}
    assert not AnthropicMessages().recognises(json.dumps([ASKED, CALLED, quoting]))


def test_texts_alone_are_read_as_openais():
    (found,) = OpenaiMessages().conversations(json.dumps([ASKED]))
    assert found.form == recognised([ASKED]).name


@pytest.mark.parametrize(
    "text",
    ["", "\n", "hello", "1", "null", '{"a": 1}', '[{"a": 1}]', '["x"]', '[[["x"]]]', "[" * 9_999],
)
def test_other_json_is_no_message_list(text):
    assert not OpenaiMessages().recognises(text)
    assert not AnthropicMessages().recognises('{"type": "tool_use"}' + text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (lines(OPENAI) + "{torn", "line 2 is not JSON"),
        (lines(OPENAI, {"a": 1}), "line 2 is no list of messages"),
        (json.dumps([*OPENAI, 3]), 'message 4 of the file is no object with a "role"'),
        (json.dumps([OPENAI, [3]]), "message 1 of item 2 of the file"),
        (lines(OPENAI, {"messages": [{"role": 1}]}), "message 1 of line 2"),
    ],
)
def test_what_is_not_as_expected_is_named_with_its_place(text, told):
    with pytest.raises(TranscriptError, match=told):
        list(OpenaiMessages().conversations(text))
