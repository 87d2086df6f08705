"""Which lines of a client matter, and which line answers which."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.mcp.wrap_requests import CALL, CANCELLED, LIST, Asked, Waiting, answer, read_request


def line(**said):
    return json.dumps(said).encode() + b"\n"


def test_a_call_is_read_with_its_tool_and_its_arguments():
    said = line(id="a", method="tools/call", params={"name": "search", "arguments": {"q": "x"}})
    assert read_request(said) == Asked("a", CALL, "search", {"q": "x"})


@pytest.mark.parametrize("number", [0, 1, -5, "", "1", "7f3a"])
def test_ids_are_numbers_or_texts_and_never_mixed_up(number):
    waiting = Waiting()
    waiting.add(read_request(line(id=number, method="tools/list")))
    other = str(number) if isinstance(number, int) else 77
    assert waiting.answered(line(id=other, result={})) is None
    assert waiting.answered(line(id=number, result={"tools": []})) == (
        Asked(number, LIST),
        {"tools": []},
    )
    assert waiting.answered(line(id=number, result={"tools": []})) is None


@pytest.mark.parametrize(
    "said",
    [
        b"not json tools/call\n",
        b'{"method":"tools/call","params":{"name":"x"}}\n',
        b'{"id":true,"method":"tools/call","params":{"name":"x"}}\n',
        b'{"id":1.5,"method":"tools/list"}\n',
        b'{"id":null,"method":"tools/list"}\n',
        b'{"id":[1],"method":"tools/list"}\n',
        b'{"id":1,"method":"tools/call"}\n',
        b'{"id":1,"method":"tools/call","params":["x"]}\n',
        b'{"id":1,"method":"tools/call","params":{"name":7}}\n',
        b'{"id":1,"method":["tools/call"],"params":{"name":"x"}}\n',
        b'[{"id":1,"method":"tools/call","params":{"name":"x"}}]\n',
        b'{"id":1,"method":"notifications/cancelled","params":{}}\n',
        b'{"id":1,"method":"resources/read","params":{"uri":"tools/call"}}\n',
        b'"tools/call"\n',
        b"tools\xff\xfe\n",
        b"[" * 100_000 + b'"tools/call"',
    ],
)
def test_what_is_no_request_of_interest_is_none(said):
    assert read_request(said) is None


def test_a_method_is_recognised_with_its_slash_escaped():
    assert read_request(rb'{"id":1,"method":"tools\/list"}') == Asked(1, LIST)


def test_a_cancelled_request_is_forgotten():
    waiting = Waiting()
    waiting.add(Asked(1, LIST))
    cancelled = line(method="notifications/cancelled", params={"requestId": 1, "reason": "x"})
    assert read_request(cancelled) == Asked(1, CANCELLED)
    waiting.cancel(1)
    assert waiting.answered(line(id=1, result={})) is None


@pytest.mark.parametrize(
    "said",
    [
        line(id=1, method="sampling/createMessage", params={}),
        line(method="notifications/progress", params={"progressToken": 1}),
        b'[{"id":1,"result":{}}]\n',
        b'{"id":true,"result":{}}\n',
        b'{"id":1.0,"result":{}}\n',
        b'{"id":1,"result":{"content":[{"text":"\xff"}]}}\n',
        b'{"id":1,"result":\n',
    ],
)
def test_a_line_of_the_server_that_is_no_answer_leaves_the_request_open(said):
    waiting = Waiting()
    waiting.add(Asked(1, CALL, "x"))
    assert waiting.answered(said) is None
    assert waiting.answered(line(id=1, result={})) == (Asked(1, CALL, "x"), {})


@pytest.mark.parametrize("more", [{"error": {"code": -32601}}, {"result": None}, {"result": []}])
def test_an_answer_without_a_result_settles_the_request(more):
    waiting = Waiting()
    waiting.add(Asked(1, CALL, "x"))
    assert waiting.answered(line(id=1, **more)) is None
    assert waiting.answered(line(id=1, result={})) is None


def test_requests_that_nobody_answers_do_not_pile_up():
    waiting = Waiting()
    for number in range(10_001):
        waiting.add(Asked(number, CALL, "x"))
    assert waiting.answered(line(id=0, result={})) is None
    assert waiting.answered(line(id=1, result={})) is not None


@given(st.text() | st.just("\ud800 torn"), st.integers(-(2**53), 2**53) | st.text())
def test_our_answer_says_its_text_in_one_line_under_the_same_id(text, number):
    said = answer(Asked(number, CALL), text)
    assert said.count(b"\n") == 1
    assert json.loads(said) == {
        "jsonrpc": "2.0",
        "id": number,
        "result": {"content": [{"type": "text", "text": text}]},
    }


def test_a_request_that_names_its_protocol_version_gets_a_typed_result():
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    asked = read_request(line(id=1, method=CALL, params={"name": "x", "_meta": meta}))
    assert json.loads(answer(asked, ""))["result"]["resultType"] == "complete"
