"""The wire contract, run on every registered format."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.conversation import EDITABLE, Kind
from headroom.edits import Edit, Fidelity
from headroom.errors import WireError
from headroom.wire import ANTHROPIC_MESSAGES, FORMATS, OPENAI_CHAT, recognised
from strategies import BODIES, spelled

EACH = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def blocks(conversation):
    return [block for message in conversation.messages for block in message.blocks]


def at(tree, path):
    for step in path:
        tree = tree[step]
    return tree


def edits_of(conversation):
    return [
        Edit(block.path, block.text, f"{block.text}!", "x", Fidelity.LOSSLESS, (), 1, 1)
        for block in blocks(conversation)
        if block.kind in EDITABLE
    ]


@EACH
@given(data=st.data())
def test_no_edits_give_the_same_bytes(form, data):
    body = data.draw(spelled(BODIES[form.name]))
    form.parse(body)
    assert form.apply(body, ()) is body


@EACH
@given(data=st.data())
def test_every_text_stands_where_its_path_says(form, data):
    body = data.draw(spelled(BODIES[form.name]))
    tree = json.loads(body)
    for block in blocks(form.parse(body)):
        if block.kind is not Kind.TOOL_CALL:
            assert at(tree, block.path) == block.text


@EACH
@given(data=st.data())
def test_edits_change_their_texts_and_nothing_else(form, data):
    body = data.draw(spelled(BODIES[form.name]))
    edits = edits_of(form.parse(body))
    applied = json.loads(form.apply(body, edits))
    expected = json.loads(body)
    for edit in edits:
        at(expected, edit.path[:-1])[edit.path[-1]] = edit.after
    assert applied == expected


@EACH
@given(data=st.data())
def test_lists_and_bytes_are_read_and_edited_alike(form, data):
    tree = data.draw(BODIES[form.name])
    body = json.dumps(tree).encode()
    conversation = form.parse(body)
    messages = json.loads(body)[form.key]
    as_list = form.parse_messages(messages)
    assert [b.text for b in blocks(as_list)] == [b.text for b in blocks(conversation)]
    edits = edits_of(as_list)
    assert form.apply_messages(messages, edits) == json.loads(form.apply(body, edits))[form.key]
    assert messages == json.loads(body)[form.key], "the input list was changed"


@EACH
def test_a_body_that_is_no_object_is_refused(form):
    with pytest.raises(WireError, match="not a JSON object"):
        form.parse(b"[]")


@EACH
@pytest.mark.parametrize(
    "body",
    [
        {"messages": "none"},
        {"messages": [1, None, "x", {"role": 5, "content": "x"}, {"role": "user"}]},
        {"messages": [{"role": "user", "content": [None, 1, {"type": "text"}, {"txt": "x"}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [1, {"function": {}}, {"id": 4}]}]},
        {"messages": [{"role": "user", "content": {"type": "text", "text": "x"}}]},
        {"input": [1, None, {"type": 3}, {"type": "message", "role": "user", "content": 4}]},
        {"input": {"role": "user"}},
        {"contents": [1, None, {"role": "user", "parts": "x"}, {"parts": [1, {"text": 2}]}]},
        {"contents": "none"},
        {},
    ],
)
def test_odd_bodies_are_passed_over(form, body):
    assert blocks(form.parse(json.dumps(body).encode())) == []


def test_openai_results_bear_the_name_of_their_call():
    conversation = OPENAI_CHAT.view(
        {
            "messages": [
                {"role": "developer", "content": "be brief"},
                {"role": "user", "content": [{"type": "text", "text": "hi"}]},
                {
                    "role": "assistant",
                    "content": "looking",
                    "tool_calls": [
                        {"id": "c1", "function": {"name": "read", "arguments": '{"p": 1}'}}
                    ],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "text"},
                {"role": "assistant", "function_call": {"name": "old", "arguments": "{}"}},
                {"role": "function", "name": "old", "content": "result"},
            ]
        }
    )
    kinds = [(block.kind, block.tool, block.text) for block in blocks(conversation)]
    assert kinds == [
        (Kind.SYSTEM_TEXT, "", "be brief"),
        (Kind.USER_TEXT, "", "hi"),
        (Kind.ASSISTANT_TEXT, "", "looking"),
        (Kind.TOOL_CALL, "read", '{"p": 1}'),
        (Kind.TOOL_RESULT, "read", "text"),
        (Kind.TOOL_CALL, "old", "{}"),
        (Kind.TOOL_RESULT, "old", "result"),
    ]


def test_anthropic_results_hold_a_string_or_a_list_of_parts():
    conversation = ANTHROPIC_MESSAGES.view(
        {
            "model": "claude",
            "system": [{"type": "text", "text": "be brief"}],
            "messages": [
                {"role": "user", "content": "hi"},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "…", "signature": "s"},
                        {"type": "text", "text": "looking"},
                        {"type": "tool_use", "id": "t1", "name": "read", "input": {"p": "é"}},
                        {"type": "tool_use", "id": "t2", "name": "grep", "input": {}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t1", "content": "one"},
                        {
                            "type": "tool_result",
                            "tool_use_id": "t2",
                            "content": [
                                {"type": "image", "source": {}},
                                {"type": "text", "text": "two"},
                            ],
                        },
                        {"type": "text", "text": "go on"},
                    ],
                },
            ],
        }
    )
    assert conversation.model == "claude"
    assert [(b.kind, b.tool, b.text, b.path) for b in blocks(conversation)] == [
        (Kind.SYSTEM_TEXT, "", "be brief", ("system", 0, "text")),
        (Kind.USER_TEXT, "", "hi", ("messages", 0, "content")),
        (Kind.ASSISTANT_TEXT, "", "looking", ("messages", 1, "content", 1, "text")),
        (Kind.TOOL_CALL, "read", '{"p": "é"}', ("messages", 1, "content", 2, "input")),
        (Kind.TOOL_CALL, "grep", "{}", ("messages", 1, "content", 3, "input")),
        (Kind.TOOL_RESULT, "read", "one", ("messages", 2, "content", 0, "content")),
        (
            Kind.TOOL_RESULT,
            "grep",
            "two",
            ("messages", 2, "content", 1, "content", 1, "text"),
        ),
        (Kind.USER_TEXT, "", "go on", ("messages", 2, "content", 2, "text")),
    ]


PLAIN = {"role": "user", "content": "x"}
THINKING = {"role": "assistant", "content": [{"type": "thinking", "thinking": "…"}]}
OPENAI = {"role": "tool", "tool_call_id": "t", "content": "x"}
ANTHROPIC = {
    "role": "user",
    "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}],
}


@pytest.mark.parametrize(
    ("messages", "form"),
    [
        ([], OPENAI_CHAT),
        ([PLAIN, THINKING], OPENAI_CHAT),
        ([PLAIN, OPENAI, THINKING, ANTHROPIC], OPENAI_CHAT),
        ([PLAIN, THINKING, ANTHROPIC, OPENAI], ANTHROPIC_MESSAGES),
        ([1, None, ANTHROPIC], ANTHROPIC_MESSAGES),
    ],
)
def test_the_first_telling_message_decides_the_format(messages, form):
    assert recognised(messages) is form


def test_a_call_nested_too_deep_is_passed_over():
    value = 1
    for _ in range(100_000):
        value = [value]
    part = {"type": "tool_use", "id": "t", "name": "n", "input": value}
    body = {"messages": [{"role": "assistant", "content": [part]}]}
    assert [block.text for block in blocks(ANTHROPIC_MESSAGES.view(body))] == [""]
