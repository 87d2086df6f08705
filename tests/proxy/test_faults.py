"""What breaks, breaks at the client as it broke upstream: a cut is a cut, and no status is ours."""

import gzip
import socket
import struct
import threading

import pytest
from raw_upstream import STREAM, End, chunk, whole
from talking import BOTH, END, EVENTS, OPENED, PLAIN, START, TOOLS, delta, opened

from running import ask, free_port, proxied, rest_of, sent_at_once, until

ALIVE = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("how", [End.RESET, End.CUT])
@BOTH
def test_an_upstream_that_says_nothing_is_a_connection_that_ends(given, body, how):
    upstream, proxy = given([how])
    with opened(proxy.port, body) as client:
        assert rest_of(client) == b""
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("said", [b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nX-A: b", b"no HTTP\r\n\r\n"])
def test_a_head_that_is_none_is_a_connection_that_ends(given, said):
    upstream, proxy = given([said, End.CUT])
    with opened(proxy.port, PLAIN) as client:
        assert rest_of(client) == b""
    assert len(upstream.requests) == 1


def test_nobody_upstream_is_a_connection_that_ends(tmp_path):
    with proxied(f"http://127.0.0.1:{free_port()}", tmp_path) as proxy:
        assert sent_at_once(proxy.port, ALIVE) == b""


def test_an_upstream_that_falls_silent_is_given_up_after_its_time(given, tmp_path):
    upstream, _ = given([STREAM + chunk(START), End.GONE])
    with proxied(upstream.url, tmp_path, upstream_read_seconds=0.3) as proxy:
        with opened(proxy.port, PLAIN) as client:
            got = rest_of(client)
        upstream.until(lambda u: u.left == 1)
    assert got.endswith(chunk(START))
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("at", [len(START), len(START) + 9, len(EVENTS) - len(END) + 30])
@pytest.mark.parametrize("how", [End.RESET, End.CUT])
@BOTH
def test_a_stream_that_breaks_is_cut_behind_what_had_come(given, body, at, how):
    gate = threading.Event()
    upstream, proxy = given([STREAM + chunk(EVENTS[:at]), gate, how])
    with opened(proxy.port, body) as client:
        got = until(client, START)
        gate.set()
        got += rest_of(client)
    head, _, chunks = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"0\r\n\r\n" not in chunks
    assert EVENTS[:at].startswith(dechunked(chunks))
    if how is End.CUT:
        assert dechunked(chunks) == EVENTS[:at]
    assert len(upstream.requests) == 1


def test_a_body_that_is_shorter_than_it_said_is_cut(given):
    upstream, proxy = given([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", End.CUT])
    with opened(proxy.port, PLAIN) as client:
        head, _, body = rest_of(client).partition(b"\r\n\r\n")
    assert b"content-length: 9" in head
    assert body == b"abc"
    assert len(upstream.requests) == 1


@BOTH
def test_a_json_answer_that_is_cut_is_no_answer(given, body):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n"
    _, proxy = given([head + b'{"id":', End.CUT])
    with opened(proxy.port, body) as client:
        got = rest_of(client)
    assert got == b"" or (got.startswith(b"HTTP/1.1 200") and got.endswith(b'\r\n\r\n{"id":'))


def test_a_packed_stream_that_is_damaged_is_cut_where_it_cannot_be_read(given):
    head = STREAM.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
    whole_part = gzip.compress(START + OPENED)
    _, proxy = given([head + chunk(whole_part), chunk(b"\xff" * 99), chunk(b"")])
    with opened(proxy.port, TOOLS) as client:
        got = rest_of(client)
    assert b"0\r\n\r\n" not in got.partition(b"\r\n\r\n")[2]
    assert sent_at_once(proxy.port, ALIVE)


def test_a_get_whose_kept_connection_broke_is_not_sent_again(given):
    upstream, proxy = given(whole(b"first"), [End.RESET], whole(b"again"))
    ask(proxy.port, "GET", "/v1/models")
    connections = upstream.connections
    assert sent_at_once(proxy.port, ALIVE) == b""
    assert upstream.connections == connections
    assert len(upstream.requests) == 2


@pytest.mark.parametrize(
    "steps",
    [
        [End.GONE],
        [STREAM, End.GONE],
        [STREAM + chunk(START + OPENED + delta("Hel")), End.GONE],
        [b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{", End.GONE],
    ],
    ids=["before the head", "after the head", "in a stream", "in a body"],
)
@pytest.mark.parametrize("how", ["closes", "resets"])
@BOTH
def test_a_client_that_leaves_ends_upstreams_work(given, body, steps, how):
    upstream, proxy = given(steps)
    with opened(proxy.port, body) as client:
        upstream.until(lambda u: len(u.requests) == 1)
        if how == "resets":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    upstream.until(lambda u: u.left == 1)


def test_a_client_that_leaves_after_a_body_too_large_to_hold_ends_upstreams_work(given, tmp_path):
    upstream, _ = given([STREAM + chunk(START), End.GONE])
    with proxied(upstream.url, tmp_path, max_body_mb=1) as proxy:
        with opened(proxy.port, b"x" * 3_000_000) as client:
            until(client, START)
        upstream.until(lambda u: u.left == 1)


def test_a_client_that_leaves_in_the_middle_of_its_body_asks_nothing(given):
    upstream, proxy = given(whole())
    with socket.create_connection(("127.0.0.1", proxy.port), 30) as client:
        client.sendall(
            b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{"
        )
    assert sent_at_once(proxy.port, ALIVE)
    assert [heard.line for heard in upstream.requests] == [b"GET /v1/models HTTP/1.1"]


def test_a_connection_that_upstream_broke_is_not_used_again(given):
    _, proxy = given([STREAM + chunk(START), End.CUT], whole(b"fine"))
    with opened(proxy.port, PLAIN) as client:
        rest_of(client)
    assert ask(proxy.port, "GET", "/v1/models")[2] == b"fine"


def dechunked(chunks: bytes) -> bytes:
    """The data of chunks that may end anywhere."""
    data = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        data += rest[: int(size, 16)]
        chunks = rest[int(size, 16) + 2 :]
    return data
