"""What the tests of bytes say and get: a request that nobody looks into, one whose answer is looked
into, and a stream of events.
"""

import json
import socket

import pytest

from running import ask

PLAIN = json.dumps(
    {"model": "claude-x", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
).encode()
TOOLS = json.dumps(
    json.loads(PLAIN) | {"tools": [{"name": "look", "input_schema": {"type": "object"}}]}
).encode()
"""With tools of the client's the answer is looked into for calls of ours."""
BOTH = pytest.mark.parametrize("body", [PLAIN, TOOLS], ids=["no tools", "tools"])


def event(kind: str, **fields: object) -> bytes:
    data = json.dumps({"type": kind, **fields})
    return f"event: {kind}\ndata: {data}\n\n".encode()


def delta(text: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


START = event("message_start", message={"id": "msg_1", "usage": {"input_tokens": 3}})
OPENED = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
END = (
    event("content_block_stop", index=0)
    + event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 2})
    + event("message_stop")
)
EVENTS = START + OPENED + delta("Hel") + b": a comment\n\n" + delta("lo") + END


def sent(port: int, body: bytes, *headers: bytes) -> tuple[bytes, list[bytes], bytes]:
    return ask(port, "POST", "/v1/messages", *headers, body=body)


def opened(port: int, body: bytes, path: str = "/v1/messages") -> socket.socket:
    """A connection on which a request was sent."""
    client = socket.create_connection(("127.0.0.1", port), 30)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)
    return client


def reading(*results: str, asks: str = "Did it start?") -> bytes:
    """A conversation in which the client's tool gave these results, one a turn."""
    messages: list[dict[str, object]] = [{"role": "user", "content": asks}]
    for number, result in enumerate(results):
        call = {"type": "tool_use", "id": f"t{number}", "name": "look", "input": {"n": number}}
        given = {"type": "tool_result", "tool_use_id": f"t{number}", "content": result}
        messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [given]}]
    return json.dumps(json.loads(TOOLS) | {"messages": messages}).encode()
