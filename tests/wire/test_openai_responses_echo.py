"""What a Responses answer repeats of its request: the client reads what it sent."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responses_upstream import call, events, heard, message, response

from headroom.wire import json_spans
from headroom.wire.openai_responses import OPENAI_RESPONSES
from headroom.wire.openai_responses.echo import as_asked
from headroom.wire.sse import SseFraming
from strategies import VALUES, spelled

RETRIEVAL = OPENAI_RESPONSES.retrieval
EXEC = {"type": "function", "name": "exec_command", "parameters": {"type": "object"}}
SEARCH = {"type": "web_search"}
NARROWED = {
    "type": "allowed_tools",
    "mode": "auto",
    "tools": [{"type": "function", "name": "exec_command"}],
}
REQUESTS = [
    {"input": "x"},
    {"input": "x", "tools": []},
    {"input": "x", "tools": [EXEC]},
    {"input": "x", "tools": [SEARCH, EXEC], "tool_choice": "required"},
    {"input": "x", "tools": [EXEC, SEARCH], "tool_choice": NARROWED},
]
STREAMS = pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])


def sent(request):
    """A request as it goes upstream, our tool in it."""
    raw = json.dumps(request).encode()
    return json.loads(json_spans.spliced(raw, RETRIEVAL.offer(json_spans.parse(raw))))


def payloads(request, items, *, stream):
    """What a server answers that repeats the request's tools."""
    told = {"tools": request.get("tools", []), "tool_choice": request.get("tool_choice", "auto")}
    if not stream:
        return [json.dumps({**told, **response("1", items)}).encode()]
    read = [json.loads(payload) for payload in events("1", items)]
    return [
        json.dumps({**e, "response": {**told, **e["response"]}} if "response" in e else e).encode()
        for e in read
    ]


@STREAMS
@pytest.mark.parametrize("request_", REQUESTS)
def test_an_answer_tells_the_tools_that_the_client_sent_and_no_other_byte_changes(request_, stream):
    items = [message("1", "It is called headroom_retrieve."), call("c", "exec_command")]
    upstream = payloads(sent(request_), items, stream=stream)
    assert b"headroom_retrieve" in upstream[0]
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    assert heard(answer, upstream) == payloads(request_, items, stream=stream)


@STREAMS
@pytest.mark.parametrize("request_", REQUESTS)
def test_an_answer_of_several_legs_tells_them_too(request_, stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    got = heard(answer, payloads(sent(request_), [call("r")], stream=stream))
    answer.resume(answer.end(), ["found"])
    got += heard(answer, payloads(sent(request_), [message("1", "Done.")], stream=stream))
    assert b"headroom_retrieve" not in b"".join(got)
    told = json.loads(got[-1])
    told = told.get("response", told)
    assert told["tools"] == request_.get("tools", [])
    assert told["tool_choice"] == request_.get("tool_choice", "auto")


def test_a_response_that_failed_tells_them_too():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    heard(answer, payloads(sent(REQUESTS[2]), [call("r")], stream=True))
    answer.resume(answer.end(), ["found"])
    (failed,) = answer.give_up(b'{"error":{"message":"slow down"}}')
    assert json.loads(failed)["response"]["tools"] == [EXEC]


def streamed(request, items):
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (json.loads(payload)["type"].encode(), payload)
        for payload in payloads(request, items, stream=True)
    )


@given(st.sampled_from(REQUESTS), st.lists(st.integers(0, 4_000), max_size=12))
def test_a_stream_in_any_pieces_reaches_the_client_as_if_nothing_had_been_offered(request_, cuts):
    items = [message("1", "Let me look."), call("c", "exec_command")]
    data = streamed(sent(request_), items)
    framing, answer = SseFraming(), RETRIEVAL.answer(stream=True, intercept=True)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    shown = b""
    for start, end in itertools.pairwise(edges):
        for frame in framing.feed(data[start:end]):
            told = answer.feed(frame.payload)
            passed = [framing.frame(payload, frame) for payload in told or ()]
            shown += frame.raw if told is None else b"".join(passed)
    assert shown + framing.rest() == streamed(request_, items)


def test_without_interception_a_tool_of_that_name_is_the_clients():
    made = payloads(sent(REQUESTS[2]), [message("1", "x")], stream=True)
    answer = RETRIEVAL.answer(stream=True, intercept=False)
    assert heard(answer, made) == made


@given(spelled(st.fixed_dictionaries({"tools": st.just([EXEC, SEARCH]), "more": VALUES})))
def test_our_tool_is_found_however_a_server_spells_it(body):
    start = json_spans.parse(body)["tools"].start + 1
    space = b" \n"
    ours = json.dumps(sent(REQUESTS[0])["tools"][0], indent=2).encode()
    told = body[:start] + space + ours + b" ,\t" + body[start:].lstrip(b" \n\r\t")
    expected = body[:start] + space + body[start:].lstrip(b" \n\r\t")
    assert as_asked(told) == expected


@pytest.mark.parametrize(
    "payload",
    [
        b'{"tools":[{"type":"function","name":"headroom_retrieve"',
        b'{"tools":[{"type":"custom","name":"headroom_retrieve"}]}',
        b'{"tools":[{"type":"function","name":"headroom_retrieve","x":' + b"[" * 5_000,
        b'{"text":"\\"tools\\":[{\\"type\\":\\"function\\",\\"name\\":\\"headroom_retrieve\\"}]"}',
        b'"tools":[{} headroom_retrieve \xff',
    ],
    ids=["cut", "another kind", "nests too deep", "a text", "no JSON"],
)
def test_what_is_not_our_tool_stays(payload):
    assert as_asked(payload) == payload


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_no_bytes_raise(before, behind):
    as_asked(before + b'"tools":[{"type":"function","name":"headroom_retrieve"}' + behind)
