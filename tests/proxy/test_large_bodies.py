"""Bodies larger than may be held, packed or not: they pass unread, and memory stays bounded."""

import gzip
import hashlib
import json
import re
import socket
import sys
from pathlib import Path

import pytest
from raw_upstream import answering, chunk, whole
from talking import TOOLS

from running import answer_of, ask, process, proxied, rest_of, until

LIMITS = {"HEADROOM_MAX_BODY_MB": "1", "HEADROOM_MAX_DECODED_MB": "2"}
MB = 1_000_000
linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


def most_memory(pid: int) -> int:
    """The most bytes that a process has held so far."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


@linux
def test_a_body_larger_than_may_be_held_streams_through(tmp_path):
    part = bytes(range(256)) * 1024
    head = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    size = 0
    with (
        answering(whole(b"taken")) as upstream,
        process(upstream.url, tmp_path, environ=LIMITS) as proxy,
    ):
        ask(proxy.port, "POST", "/v1/messages", body=TOOLS)
        before = most_memory(proxy.popen.pid)
        with socket.create_connection(("127.0.0.1", proxy.port), 30) as client:
            client.sendall(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            for _ in range(256):
                client.sendall(chunk(part))
                size += len(part)
            client.sendall(chunk(b""))
            _, _, said = answer_of(rest_of(client))
        grown = most_memory(proxy.popen.pid) - before
        body = upstream.requests[-1].body
    assert said == b"taken"
    assert hashlib.sha256(body).digest() == hashlib.sha256(part * 256).digest()
    assert size > 60 * MB
    assert grown < 25 * MB


def test_a_body_beyond_the_limit_keeps_its_length_and_coding(tmp_path):
    body = json.dumps({"messages": [{"role": "user", "content": "x" * 3_000_000}]}).encode()
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path, max_body_mb=1) as proxy:
        ask(proxy.port, "POST", "/v1/messages", b"X-A: 1", body=body)
        (heard,) = upstream.requests
    assert heard.body == body
    assert heard.values(b"content-length") == [b"%d" % len(body)]
    assert heard.values(b"transfer-encoding") == []


def test_a_body_at_the_limit_is_still_read(tmp_path):
    said = json.loads(TOOLS) | {"padding": ""}
    body = json.dumps(said | {"padding": "x" * (MB - len(json.dumps(said)))}).encode()
    assert len(body) == MB
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path, max_body_mb=1) as proxy:
        ask(proxy.port, "POST", "/v1/messages", body=body)
        assert b"headroom_retrieve" in upstream.requests[0].body


def test_an_upstream_that_refuses_a_large_body_early_is_heard(tmp_path):
    refusal = whole(b'{"too":"large"}', status=b"413 Too Large")
    head = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n"
    with (
        answering(refusal, early=True) as upstream,
        proxied(upstream.url, tmp_path, max_body_mb=1) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 30) as client,
    ):
        client.sendall(head + b"x" * 1_100_000)
        assert until(client, b'{"too":"large"}').startswith(b"HTTP/1.1 413")


@linux
def test_a_packed_bomb_passes_unread(tmp_path):
    bomb = gzip.compress(b" " * (300 * MB), 9)
    with answering(whole()) as upstream, process(upstream.url, tmp_path, environ=LIMITS) as proxy:
        ask(proxy.port, "POST", "/v1/messages", body=TOOLS)
        before = most_memory(proxy.popen.pid)
        ask(proxy.port, "POST", "/v1/messages", b"Content-Encoding: gzip", body=bomb)
        assert upstream.requests[-1].body == bomb
        assert most_memory(proxy.popen.pid) - before < 25 * MB


@linux
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
def test_a_bomb_as_an_answer_fills_no_memory(tmp_path, kind):
    bomb = gzip.compress(b"data: x\n\n" * (30 * MB), 9)
    headers = [b"content-type: " + kind.encode(), b"content-encoding: gzip"]
    with (
        answering(whole(), whole(bomb, *headers)) as upstream,
        process(upstream.url, tmp_path, environ=LIMITS) as proxy,
    ):
        ask(proxy.port, "POST", "/v1/messages", body=TOOLS)
        before = most_memory(proxy.popen.pid)
        said = ask(proxy.port, "POST", "/v1/messages", body=TOOLS)
        if kind == "application/json":
            assert said[2] == bomb
        assert most_memory(proxy.popen.pid) - before < 40 * MB
        assert b"ready" in ask(proxy.port, "GET", "/ready")[2]
        assert "xception" not in proxy.output
