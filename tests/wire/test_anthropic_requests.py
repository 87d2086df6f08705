import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages_api import (
    ASKED,
    RETRIEVAL,
    Proxy,
    call,
    compact,
    hidden,
    replies,
    result,
    text,
    thinking,
)

from headroom.conversation import EDITABLE, Kind
from headroom.markers import TOOL_NAME
from headroom.wire import ANTHROPIC_MESSAGES, json_spans
from headroom.wire._api import Turn, read
from strategies import VALUES

TOOL = {"name": "read", "input_schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"tools": [TOOL, {"type": "bash_20250124", "name": "bash"}]}, [TOOL_NAME, "read", "bash"]),
        ({"tools": [], "model": "m"}, [TOOL_NAME]),
        ({"model": "m"}, [TOOL_NAME]),
        ({}, [TOOL_NAME]),
        ({"tools": None}, []),
    ],
)
def test_the_tool_is_offered_first(body, names):
    for spelled in (compact(body), json.dumps(body, indent=1).encode()):
        changed = json_spans.spliced(spelled, RETRIEVAL.offer(read(spelled)))
        assert RETRIEVAL.offered(read(changed)) == names
        rest = {k: v for k, v in json.loads(changed).items() if k != "tools"}
        assert rest == {k: v for k, v in body.items() if k != "tools"}


def test_the_tools_behind_ours_keep_their_bytes():
    body = b'{"tools": [ {"name":"read", "x":1.0} ] }'
    changed = json_spans.spliced(body, RETRIEVAL.offer(read(body)))
    assert changed.endswith(b', {"name":"read", "x":1.0} ] }'.removeprefix(b" "))


def test_retrieved_text_bears_the_name_of_the_tool():
    proxy = Proxy(stream=True)
    proxy.request(compact({"messages": replies(proxy, [[hidden(1)], [text("it is 42")]])}))
    found = [
        block.tool
        for message in ANTHROPIC_MESSAGES.parse(proxy.sent[-1]).messages
        for block in message.blocks
        if block.kind is Kind.TOOL_RESULT
    ]
    assert found == [TOOL_NAME]


def fixed_texts(body):
    blocks = [b for message in ANTHROPIC_MESSAGES.view(body).messages for b in message.blocks]
    return [b.text for b in blocks if b.kind in EDITABLE and b.fixed]


def test_a_first_message_with_a_fingerprint_is_never_edited():
    messages = [
        {"role": "user", "content": [text("first"), text("too")]},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "second"},
    ]
    billing = [text("x-anthropic-billing-header: cc_version=1.2.3.abc;"), text("You are an agent")]
    assert fixed_texts({"system": billing, "messages": messages}) == ["first", "too"]
    assert fixed_texts({"system": billing[1:], "messages": messages}) == []


def test_search_results_and_documents_are_not_read():
    body = {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "search_result", "source": "s", "title": "t", "content": [text("a")]},
                    {"type": "document", "source": {"type": "text", "data": "b"}, "title": "c"},
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": [{"type": "search_result", "content": [text("d")]}],
                    },
                    text("e"),
                ],
            },
            {"role": "system", "content": [text("f")], "output_config": {}},
            {"role": "robot", "content": "g"},
        ]
    }
    blocks = [(b.kind, b.text) for m in ANTHROPIC_MESSAGES.view(body).messages for b in m.blocks]
    assert blocks == [(Kind.USER_TEXT, "e"), (Kind.SYSTEM_TEXT, "f")]


KINDS = [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "error",
    "ping",
    "new",
]
BLOCKS = st.one_of(
    VALUES, st.sampled_from([hidden(1), call(2), text("a"), thinking("b"), {"type": []}])
)
INDICES = st.one_of(st.integers(0, 2), VALUES)
EVENTS = st.fixed_dictionaries(
    {"type": st.one_of(st.sampled_from(KINDS), VALUES)},
    optional={
        "index": INDICES,
        "content_block": BLOCKS,
        "delta": st.one_of(
            VALUES,
            st.dictionaries(
                st.sampled_from(["type", "text", "partial_json", "citation", "stop_reason"]), VALUES
            ),
        ),
        "usage": st.one_of(
            VALUES,
            st.dictionaries(
                st.sampled_from(["input_tokens", "output_tokens", "server_tool_use"]), VALUES
            ),
        ),
        "message": VALUES,
        "content": st.one_of(VALUES, st.lists(BLOCKS, max_size=3)),
        "stop_reason": VALUES,
    },
)
PAYLOADS = st.one_of(
    st.binary(max_size=20), st.one_of(VALUES, EVENTS).map(lambda v: json.dumps(v).encode())
)


@given(
    st.lists(PAYLOADS, max_size=12),
    st.booleans(),
    st.booleans(),
    st.lists(st.text(max_size=3), max_size=2),
    st.binary(max_size=5),
)
def test_no_answer_can_raise(payloads, stream, intercept, results, error):
    answer = RETRIEVAL.answer(stream=stream, intercept=intercept)
    for payload in payloads:
        given = answer.feed(payload)
        assert given is None or all(isinstance(out, bytes) for out in given)
        if turn := answer.end():
            answer.resume(turn, results)
            json.loads(turn.said)
    answer.give_up(error)
    assert all(memory.anchor for memory in answer.memories())
    assert answer.usage is None or answer.usage.output is not None


CONTENTS = st.one_of(VALUES, st.lists(BLOCKS, max_size=4))
MESSAGES = st.one_of(
    VALUES,
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": CONTENTS}),
)
REMEMBERED = st.one_of(
    st.binary(max_size=9),
    st.lists(
        st.one_of(
            VALUES,
            st.fixed_dictionaries({"said": CONTENTS, "results": CONTENTS, "alone": st.booleans()}),
        ),
        max_size=3,
    ).map(lambda turns: json.dumps(turns).encode()),
)


@given(
    st.fixed_dictionaries(
        {"messages": st.one_of(VALUES, st.lists(MESSAGES, max_size=5))},
        optional={"tools": st.one_of(VALUES, st.lists(VALUES, max_size=3))},
    ),
    REMEMBERED,
)
def test_no_request_can_raise(tree, data):
    body = compact(tree)
    parsed = read(body)
    known = dict.fromkeys(RETRIEVAL.anchors(parsed), data)
    turn = Turn((), b"[]", alone=True)
    for changes in (
        RETRIEVAL.restore(parsed, known),
        RETRIEVAL.offer(parsed),
        RETRIEVAL.carry_on(parsed, turn, []),
    ):
        json.loads(json_spans.spliced(body, changes))
    RETRIEVAL.offered(parsed)
    RETRIEVAL.answer(stream=True, intercept=True, body=parsed)
    assert RETRIEVAL.restore(parsed, {}) == []


def test_restoring_nothing_and_editing_nothing_give_the_same_bytes():
    body = json.dumps(
        {"messages": [*ASKED, {"role": "assistant", "content": "x"}]}, indent=3
    ).encode()
    assert json_spans.spliced(body, RETRIEVAL.restore(read(body), {})) == body
    assert ANTHROPIC_MESSAGES.apply(body, ()) is body


def test_a_memory_goes_only_where_its_call_is():
    assistant = {"role": "assistant", "content": [call(2)]}
    body = compact({"messages": [*ASKED, assistant]})
    said = [{"said": [hidden(1), call(3)], "results": [result(1)], "alone": False}]
    assert RETRIEVAL.restore(read(body), {"call:toolu_2": compact(said)}) == []


def test_what_stands_beside_blocks_that_cannot_be_placed_stays():
    content = [7, call(2)]
    body = compact({"messages": [{"role": "assistant", "content": content}]})
    said = [{"said": [text("a"), hidden(1)], "results": [result(1)], "alone": True}]
    known = {"call:toolu_2": compact(said)}
    restored = json_spans.spliced(body, RETRIEVAL.restore(read(body), known))
    assert [m["content"] for m in json.loads(restored)["messages"]] == [
        [hidden(1)],
        [result(1)],
        content,
    ]


def test_nothing_is_offered_to_a_body_without_places():
    assert RETRIEVAL.offer({"tools": []}) == []
