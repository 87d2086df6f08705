"""Responses over a WebSocket, as Codex speaks it: one connection, each frame with the new items
alone. The server keeps what it was sent, so a frame is shortened once and then only gone on from."""

import json

import pytest
from acting import goes_on, post, retrieving, using
from materials import FACT
from scenes import scene
from socket_client import RESPONSES, TOOLS, connection
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from headroom.markers import TOOL_NAME, omissions
from headroom.wire import json_spans
from scripted_upstream import Reply, ToolCall


def frames(run):
    """The frames that upstream was sent."""
    return [request for request in run.requests if request.on_socket and request.body]


def items_of(request):
    tree = json_spans.parse(request.body)
    return [request.body[item.start : item.end] for item in tree["input"]]


def test_a_result_is_shortened_in_its_frame():
    with (
        scene(using("read_log"), Reply(text="It is long."), Reply(text="Yes.")) as run,
        connection(run.url) as client,
    ):
        assert client.ask("Look.").text == "It is long."
        assert client.ask("Sure?").text == "Yes."
    first, second, third = frames(run)
    assert [frame.tools[0] for frame in (first, second, third)] == [TOOL_NAME] * 3
    assert omissions(second.results[0])
    assert third.results == []
    assert [len(frame.json["input"]) for frame in (first, second, third)] == [1, 1, 1]


def test_nothing_but_the_text_and_the_tool_is_changed():
    with scene(Reply(text="Yes.")) as run, connection(run.url) as client:
        client.send(
            RESPONSES.asked("Look."), client_metadata={"a": 1.50}, text={"verbosity": "low"}
        )
    (frame,) = frames(run)
    body = frame.json
    body["tools"] = body["tools"][1:]
    assert body == {
        "type": "response.create",
        "model": "gpt-5.5",
        "store": False,
        "tools": TOOLS,
        "input": [RESPONSES.asked("Look.")],
        "client_metadata": {"a": 1.5},
        "text": {"verbosity": "low"},
    }
    assert b'"client_metadata":{"a":1.5}' in frame.body


def test_what_was_omitted_is_retrieved_on_the_connection():
    script = (
        using("read_log"),
        retrieving(text="Something is missing.", match=FACT),
        Reply(text=f"Found: {FACT}."),
        Reply(text="No."),
    )
    with scene(*script) as run, connection(run.url) as client:
        assert client.ask("Look.").text == f"Something is missing.Found: {FACT}."
        assert client.ask("Anything else?").text == "No."
    asked, result, hidden, last = frames(run)
    assert [item["type"] for item in hidden.json["input"]] == ["function_call_output"]
    assert FACT in hidden.results[0]
    assert last.results == []
    # The server's newest response is the one to go on from, whatever the client was told.
    assert last.json["previous_response_id"] != client.heard[1].id
    assert TOOL_NAME not in json.dumps([heard.said for heard in client.heard])
    assert asked.tools[0] == result.tools[0] == TOOL_NAME


def test_beside_a_call_of_the_clients_the_result_goes_with_the_next_frame():
    beside = [ToolCall("status", {"seed": 7}, id="call_status")]
    script = (using("read_log"), retrieving(beside=beside, match=FACT), Reply(text="Good."))
    with scene(*script) as run, connection(run.url) as client:
        assert client.ask("Look.").text == "Good."
    assert [call.name for call in client.heard[1].calls] == ["status"]
    results = frames(run)[2].results
    assert len(results) == 2
    assert "exit code 7" in results
    assert any(FACT in result for result in results)


def test_a_new_connection_sends_what_the_old_one_did(tmp_path):
    script = (using("read_log"), using("list_records", 3), Reply(text="Yes."))
    with scene(*script, folder=tmp_path) as run, connection(run.url) as client:
        client.ask("Look.")
        known = client.items
    sent = [item for frame in frames(run) for item in items_of(frame)]
    with scene(Reply(text="Again."), folder=tmp_path) as later, connection(later.url) as client:
        client.send(*known, RESPONSES.asked("Once more."))
    (again,) = frames(later)
    mine = [item for item in items_of(again) if b'"function_call_output"' in item]
    assert mine == [item for item in sent if b'"function_call_output"' in item]
    assert len(mine) == 2
    assert omissions(again.results[0])


def test_http_after_a_websocket_sends_what_that_did(tmp_path):
    with scene(using("read_log"), Reply(text="Yes."), folder=tmp_path) as run:
        with connection(run.url) as client:
            client.ask("Look.")
        body = RESPONSES.body([*client.items, RESPONSES.asked("More?")], ("read_log",), False)
        post(run.url, "/v1/responses", body)
    sent = [item for frame in frames(run) for item in items_of(frame)]
    assert goes_on([sent[1]], items_of(run.requests[-1])[2:])


def test_frames_of_all_sorts_pass_as_they_came():
    odd = ["hello", "[]", '{"type":"response.cancel"}', '{"type":7}', "", "\u0000", "x" * 100_000]
    with (
        scene(Reply(text="Yes.")) as run,
        connect(run.url.replace("http", "ws") + "/v1/responses", max_size=None) as client,
    ):
        for text in odd:
            client.send(text)
        client.send(b"\x00\xff")
        run.wait_until(lambda upstream: len(upstream.requests) == len(odd) + 2)
    got = [request.body for request in run.requests[1:]]
    assert got == [*(text.encode() for text in odd), b"\x00\xff"]


def test_where_upstream_speaks_no_websocket_the_client_is_told_426():
    with scene(Reply(text="Yes."), websockets=False) as run, pytest.raises(InvalidStatus) as caught:
        connect(run.url.replace("http", "ws") + "/v1/responses")
    assert caught.value.response.status_code == 426
