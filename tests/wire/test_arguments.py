import json

import pytest

from headroom.guarding.guarded import READERS
from headroom.wire import FORMATS, json_spans
from headroom.wire.arguments import Role


def told(form, payload):
    """What a payload says of calls: role, key, id, tool, text, spelling."""
    reader = READERS[form]
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    found = list(reader.pieces(json_spans.parse(raw), raw))
    usual = reader.usual.match(raw) if reader.usual else None
    assert bool(found) <= (usual is not None or reader.concerns(raw))
    if usual is not None:
        [piece] = found
        assert piece.key == reader.prefix + usual["key"].decode()
        assert json.loads(usual["text"]) == piece.text
    for piece in found:
        if piece.role in (Role.PART, Role.WHOLE):
            own = raw[piece.start : piece.end]
            assert own.decode() == piece.text if piece.bare else json.loads(own) == piece.text
            assert json.loads(piece.spelled(piece.text)) == json.loads(own)
    return [(p.role.value, p.key, p.call_id or p.text, p.tool) for p in found]


def test_every_wire_format_has_a_reader():
    assert set(READERS) == {form.name for form in FORMATS}


ANTHROPIC_DELTA = (
    b'{"type":"content_block_delta","index":3,'
    b'"delta":{"type":"input_json_delta","partial_json":"{\\"a\\": \\"\\\\n[\\u2026"} }'
)
CALL = {"index": 1, "id": "c", "function": {"name": "Write", "arguments": '{"a'}}
FUNCTION = {"type": "function_call", "call_id": "c", "name": "shell", "arguments": "{}"}
CUSTOM = {"type": "custom_tool_call", "call_id": "d", "name": "apply_patch", "input": "*** B"}


@pytest.mark.parametrize(
    ("form", "payload", "expected"),
    [
        ("anthropic_messages", ANTHROPIC_DELTA, [("part", "3", '{"a": "\\n[…', "")]),
        (
            "anthropic_messages",
            {
                "type": "content_block_start",
                "index": 1,
                "content_block": {"type": "tool_use", "id": "t", "name": "Edit", "input": {}},
            },
            [("open", "1", "t", "Edit")],
        ),
        (
            "anthropic_messages",
            {"type": "message", "content": [{"type": "server_tool_use", "input": {"a": 1}}]},
            [],
        ),
        (
            "anthropic_messages",
            {"type": "content_block_stop", "index": 1},
            [("close", "1", "", "")],
        ),
        (
            "openai_chat",
            {"choices": [{"index": 0, "delta": {"tool_calls": [CALL]}, "finish_reason": None}]},
            [("open", "0.1", "c", "Write"), ("part", "0.1", '{"a', "")],
        ),
        (
            "openai_chat",
            b'{"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":2,"function":'
            b'{"arguments":"ab\\"c"}}]},"logprobs":null,"finish_reason":null}]}',
            [("part", "0.2", 'ab"c', "")],
        ),
        (
            "openai_chat",
            {"choices": [{"delta": {"function_call": {"name": "f", "arguments": "{"}}}]},
            [("open", "0.f", "", "f"), ("part", "0.f", "{", "")],
        ),
        (
            "openai_chat",
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
            [("close", "0.", "", "")],
        ),
        (
            "openai_chat",
            {"choices": [{"delta": {"content": "x", "tool_calls": None}, "finish_reason": None}]},
            [],
        ),
        (
            "openai_responses",
            b'{"type":"response.custom_tool_call_input.delta","sequence_number":7,'
            b'"item_id":"i","output_index":4,"delta":"+[","obfuscation":"x"}',
            [("part", "4", "+[", "")],
        ),
        (
            "openai_responses",
            {"type": "response.completed", "response": {"output": [FUNCTION, CUSTOM]}},
            [
                *(("close", "0", "", ""), ("open", "0", "c", "shell"), ("whole", "0", "{}", "")),
                *(("close", "1", "", ""), ("open", "1", "d", "apply_patch")),
                ("whole", "1", "*** B", ""),
            ],
        ),
        (
            "gemini",
            [
                {
                    "candidates": [
                        {"content": {"parts": [{"functionCall": {"name": "w", "args": {"a": 1}}}]}}
                    ]
                }
            ],
            [("open", "0.0.0", "", "w"), ("whole", "0.0.0", '{"a": 1}', "")],
        ),
        (
            "bedrock_converse",
            b'{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\\"a"}},"p":"a"}}',
            [("part", "2", '{"a', "")],
        ),
        (
            "bedrock_converse",
            {"contentBlockDelta": {"delta": {"toolUse": {"input": "x"}}, "contentBlockIndex": 2}},
            [("part", "2", "x", "")],
        ),
        (
            "bedrock_converse",
            {"contentBlockStop": {"contentBlockIndex": 2}},
            [("close", "2", "", "")],
        ),
    ],
)
def test_arguments_are_found_where_they_are(form, payload, expected):
    assert told(form, payload) == expected


@pytest.mark.parametrize(
    ("form", "payload"),
    [
        ("anthropic_messages", ANTHROPIC_DELTA),
        (
            "openai_chat",
            {"id": "x", "choices": [{"delta": {"tool_calls": [CALL]}}], "usage": {"a": 1}},
        ),
        (
            "openai_responses",
            {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "x"},
        ),
        (
            "bedrock_converse",
            {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"toolUse": {"input": "x"}}}},
        ),
    ],
)
def test_a_further_event_adds_a_text_and_nothing_else(form, payload):
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    key = told(form, raw)[-1][1]
    more = READERS[form].more(raw, key, 'a "text"\n')
    assert told(form, more) == [("part", key, 'a "text"\n', "")]
    assert "usage" not in json.loads(more)


@pytest.mark.parametrize("index", [None, 0.5, "0", True, {}])
@pytest.mark.parametrize(
    ("form", "payload"),
    [
        ("openai_chat", {"choices": [{"delta": {"tool_calls": [{**CALL, "index": "?"}]}}]}),
        ("openai_chat", {"choices": [{"index": "?", "message": {"tool_calls": [CALL]}}]}),
        ("openai_chat", {"choices": [{"index": "?", "finish_reason": "stop"}]}),
        ("anthropic_messages", {"type": "content_block_stop", "index": "?"}),
        ("anthropic_messages", {"type": "content_block_stop"}),
        ("bedrock_converse", {"contentBlockStop": {"contentBlockIndex": "?"}}),
        ("bedrock_converse", {"contentBlockStop": {}}),
    ],
)
def test_where_an_index_is_no_number_nothing_is_told(form, payload, index):
    raw = json.dumps(payload).replace('"?"', json.dumps(index))
    assert told(form, raw.encode()) == []
