"""The scripted upstream keeps its own promises; every other test here rests on them."""

import asyncio
import base64
import http.client
import json

import aiohttp
import pytest
from botocore.eventstream import EventStreamBuffer

from scripted_upstream import Fault, Hold, Reply, ToolCall, in_thread, running

HI = [{"role": "user", "content": "Hi."}]
CHAT = {"model": "m", "messages": HI}
MESSAGES = {"model": "m", "max_tokens": 9, "messages": HI}
TOOL = {"name": "t", "input_schema": {"type": "object"}}


def post(url, path, body):
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request("POST", path, json.dumps(body).encode())
    with connection.getresponse() as answer:
        got = answer.status, answer.read()
    connection.close()
    return got


def test_the_same_requests_get_the_same_bytes():
    def once():
        with in_thread([Reply(text="One."), Reply(text="Two.")]) as upstream:
            return [
                post(upstream.url, "/v1/messages", {**MESSAGES, "stream": stream})
                for stream in (False, True, True)
            ]

    first = once()
    assert first == once()
    assert b"One." in first[0][1]
    assert first[1] != first[2]  # the last reply again, under another id


def test_requests_are_kept_as_they_came():
    with in_thread([Reply(text="Hi.")]) as upstream:
        connection = http.client.HTTPConnection(upstream.url.removeprefix("http://"))
        connection.putrequest("POST", "/a%2Fb/v1/messages?x=%20", skip_accept_encoding=True)
        connection.putheader("X-Odd-CASE", "1")
        body = b'{ "messages": [],\n "model": "m"}'
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        with connection.getresponse() as answer:
            answer.read()
        connection.close()
        (request,) = upstream.requests
    assert (request.method, request.target) == ("POST", "/a%2Fb/v1/messages?x=%20")
    assert (b"X-Odd-CASE", b"1") in request.headers
    assert request.body == body


@pytest.mark.parametrize(("kind", "events"), [("cut", 3), ("half", 3), ("error", 4)])
def test_a_stream_breaks_where_the_script_says(kind, events):
    async def read():
        got = b""
        replies = [Reply(text="x" * 400, fault=Fault(kind, 3))]
        async with running(replies) as upstream, aiohttp.ClientSession() as session:
            url = f"{upstream.url}/v1/messages"
            async with session.post(url, json={**MESSAGES, "stream": True}) as answer:
                try:
                    async for piece in answer.content.iter_any():
                        got += piece
                except aiohttp.ClientPayloadError:
                    return got, True
        return got, False

    got, broken = asyncio.run(read())
    assert got.count(b"\n\n") == events
    assert broken == (kind != "error")
    assert got.endswith(b"\n\n") == (kind != "half")


def test_a_reset_comes_before_any_status():
    with in_thread([Reply(fault=Fault("reset"))]) as upstream, pytest.raises(ConnectionError):
        post(upstream.url, "/v1/messages", MESSAGES)


def test_a_client_that_leaves_is_noticed_and_a_hold_ends_when_it_is_told_to():
    async def leave():
        go_on = asyncio.Event()
        replies = [Reply(text="Hello.", hold=Hold(go_on, 2))]
        async with running(replies) as upstream, aiohttp.ClientSession() as session:
            url = f"{upstream.url}/v1/messages"
            async with session.post(url, json={**MESSAGES, "stream": True}) as answer:
                await answer.content.readuntil(b"\n\n")
                answer.close()
            await upstream.until(lambda upstream: bool(upstream.dropped))
            go_on.set()
            async with session.post(url, json={**MESSAGES, "stream": True}) as answer:
                whole = await answer.read()
            return upstream.dropped, whole

    dropped, whole = asyncio.run(asyncio.wait_for(leave(), 20))
    assert [request.number for request in dropped] == [1]
    assert b"message_stop" in whole


def test_the_prompt_cache_reads_what_an_earlier_request_wrote():
    mark = {"cache_control": {"type": "ephemeral"}}
    first = {"role": "user", "content": [{"type": "text", "text": "long " * 400, **mark}]}
    bare = {"role": "user", "content": "long " * 400}
    later = {"role": "user", "content": [{"type": "text", "text": "more", **mark}]}
    with in_thread([Reply(text="Hi.")]) as upstream:
        post(upstream.url, "/v1/messages", {**MESSAGES, "messages": [first]})
        post(upstream.url, "/v1/messages", {**MESSAGES, "messages": [bare, later]})
        changed = {**bare, "content": "Long " * 400}
        post(upstream.url, "/v1/messages", {**MESSAGES, "messages": [changed, later]})
        written, read, broken = upstream.spent
    assert written.read == 0
    assert read.read == written.written > 500
    assert broken.read == 0


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        (
            "/v1/messages",
            {
                "tools": [TOOL],
                "messages": [
                    *HI,
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "t"}]},
                    *HI,
                ],
            },
            b"without `tool_result`",
        ),
        (
            "/v1/messages",
            {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a"}]}]},
            b"unexpected `tool_use_id`",
        ),
        ("/v1/messages", {"messages": HI, "tools": [TOOL, TOOL]}, b"must be unique"),
        ("/v1/chat/completions", {"messages": [{"role": "tool", "tool_call_id": "a"}]}, b"'tool'"),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}, *HI]},
            b"did not have response messages: a",
        ),
        (
            "/v1/responses",
            {"input": [{"type": "function_call_output", "call_id": "a", "output": ""}]},
            b"No tool call found",
        ),
        ("/v1/responses", {"input": "Hi.", "previous_response_id": "resp_x"}, b"resp_x"),
        (
            "/v1beta/models/m:generateContent",
            {"contents": [{"role": "user", "parts": [{"functionResponse": {"name": "t"}}]}]},
            b"function response parts",
        ),
        (
            "/model/m/converse",
            {"messages": [{"role": "user", "content": [{"toolResult": {"toolUseId": "a"}}]}]},
            b"Expected toolResult",
        ),
    ],
)  # fmt: skip
def test_a_history_that_a_provider_would_refuse_is_refused(path, body, words):
    with in_thread([Reply(text="Hi.")]) as upstream:
        status, got = post(upstream.url, path, {"model": "m", **body})
    assert status == 400
    assert words in got


@pytest.mark.parametrize("verb", ["converse-stream", "invoke-with-response-stream"])
def test_aws_event_streams_have_right_lengths_and_checksums(verb):
    reply = Reply(text="Hello.", tool_calls=[ToolCall("t", {"a": 1})], write=7)
    with in_thread([reply]) as upstream:
        _, got = post(upstream.url, f"/model/m/{verb}", {"messages": [], "toolConfig": {}})
    buffer = EventStreamBuffer()
    buffer.add_data(got)
    events = [(event.headers[":event-type"], json.loads(event.payload)) for event in buffer]
    if verb.startswith("converse"):
        assert [name for name, _ in events][-2:] == ["messageStop", "metadata"]
    else:
        inner = [json.loads(base64.b64decode(data["bytes"]))["type"] for _, data in events]
        assert inner[0] == "message_start"
        assert inner[-1] == "message_stop"


def test_a_websocket_can_be_refused():
    async def connect():
        async with running([], websockets=False) as upstream, aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(f"{upstream.url}/v1/responses")
        return caught.value.status

    assert asyncio.run(connect()) == 426
