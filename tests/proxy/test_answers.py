"""What the client gets is what upstream said, when it said it."""

import gzip
import sys
import threading
import zlib

import pytest
from raw_upstream import STREAM, End, chunk, whole
from talking import BOTH, END, EVENTS, OPENED, PLAIN, START, TOOLS, delta, opened, sent

from running import ask, sent_at_once, silent, until

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def test_headers_come_in_their_order_and_number_and_none_is_added(given):
    said = [b"X-B: 1", b"x-a: 2", b"Set-Cookie: a=1; Path=/", b"Set-Cookie: b=2", b"X-B: \xe9"]
    _, proxy = given(whole(b"hello", *said, b"Date: today", b"Server: theirs"))
    status, headers, body = ask(proxy.port, "GET", "/v1/models")
    assert status == b"HTTP/1.1 200 OK"
    assert headers == [
        *(
            b"%s: %s" % (name.lower(), value)
            for name, _, value in (h.partition(b": ") for h in said)
        ),
        b"date: today",
        b"server: theirs",
        b"content-length: 5",
    ]
    assert body == b"hello"


def test_headers_of_upstreams_connection_do_not_reach_the_client(given):
    hops = [b"Connection: X-Hop", b"X-Hop: 1", b"Keep-Alive: timeout=1", b"Upgrade: h2c"]
    _, proxy = given(whole(b"", *hops, b"Proxy-Authenticate: Basic", b"Trailer: X", b"X-Stays: 1"))
    _, headers, _ = ask(proxy.port, "GET", "/v1/models")
    assert headers == [b"x-stays: 1", b"content-length: 0"]


@pytest.mark.parametrize(
    "status",
    [
        b"201 Created",
        b"400 Bad Request",
        b"401 Unauthorized",
        b"403 Forbidden",
        b"404 Not Found",
        b"413 Payload Too Large",
        b"429 Too Many Requests",
        b"500 Internal Server Error",
        b"502 Bad Gateway",
        b"529 Overloaded",
        b"599 Odd",
    ],
)
@BOTH
def test_a_status_comes_with_its_headers_and_body_after_one_request(given, body, status):
    said = b'{"type":"error", "error" : {"type":"some_error"}}'
    kind = b"content-type: application/json"
    upstream, proxy = given(whole(said, kind, b"retry-after: 17", status=status))
    line, headers, got = sent(proxy.port, body)
    assert line.split()[1] == status.split()[0]
    assert headers == [kind, b"retry-after: 17", b"content-length: %d" % len(said)]
    assert got == said
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Again", b"308 For good"])
def test_a_redirect_is_the_clients_to_follow(given, status):
    upstream, proxy = given(whole(b"", b"Location: " + b"http://localhost:1/x", status=status))
    line, headers, _ = sent(proxy.port, PLAIN)
    assert line.split()[1] == status.split()[0]
    assert b"location: http://localhost:1/x" in headers
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    "bodiless",
    [
        b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",
        b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 123\r\n\r\n',
        b"HTTP/1.1 200 OK\r\nContent-Length: 123\r\n\r\n",
    ],
    ids=["204", "304", "HEAD"],
)
def test_an_answer_without_a_body_leaves_the_connection_usable(given, bodiless):
    _, proxy = given(bodiless, whole(b"next"))
    method = b"HEAD" if b"200" in bodiless else b"GET"
    one = method + b" /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    first, second, body = sent_at_once(proxy.port, one + last).split(b"\r\n\r\n")
    assert first.split()[1] == bodiless.split()[1]
    assert second.startswith(b"HTTP/1.1 200")
    assert body == b"next"


def test_hints_before_an_answer_are_not_taken_for_it(given):
    _, proxy = given(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + whole(b"hello"))
    assert ask(proxy.port, "GET", "/")[::2] == (b"HTTP/1.1 200 OK", b"hello")


def test_an_answer_that_ends_with_its_connection_is_whole(given):
    _, proxy = given([b"HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nhello", End.CUT])
    assert ask(proxy.port, "GET", "/")[2] == b"hello"


@pytest.mark.parametrize("size", [1, 7, 10_000])
@BOTH
def test_a_stream_arrives_byte_for_byte_however_it_is_cut_into_chunks(given, body, size):
    parts = [EVENTS[at : at + size] for at in range(0, len(EVENTS), size)]
    _, proxy = given(STREAM + b"".join(map(chunk, parts)) + chunk(b""))
    assert sent(proxy.port, body)[2] == EVENTS


@BOTH
@pytest.mark.parametrize(
    "stream",
    [
        EVENTS + b"data: [DONE]\n\nand more after it",
        EVENTS.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + EVENTS,
        b"data: {not JSON\n\n" + EVENTS,
        b"event: message_start\ndata: [1]\n\ndata\n\n:\n\nid: 7\nretry: 5\n\n" + EVENTS,
        EVENTS[:-9],
        b"no events at all",
        b"",
    ],
    ids=["trailing", "CRLF", "BOM", "malformed", "odd fields", "half an event", "text", "empty"],
)
def test_a_stream_that_is_not_as_it_should_be_arrives_as_it_is(given, body, stream):
    _, proxy = given(STREAM + (chunk(stream) if stream else b"") + chunk(b""))
    assert sent(proxy.port, body)[2] == stream


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        (b"gzip", gzip.compress(EVENTS)),
        (b"zstd", zstd.compress(EVENTS)),
        (b"deflate", zlib.compress(EVENTS)),
        (b"br", b"\x8b\x00\x80 not for us to read"),
        (b"gzip", gzip.compress(EVENTS) + b"trailing"),
        (b"gzip", b"not gzip at all"),
    ],
)
def test_a_packed_answer_that_nobody_looks_into_stays_packed(given, coding, packed):
    head = STREAM.replace(b"\r\n\r\n", b"\r\ncontent-encoding: " + coding + b"\r\n\r\n")
    _, proxy = given(head + chunk(packed) + chunk(b""))
    _, headers, body = sent(proxy.port, PLAIN, b"Accept-Encoding: gzip, zstd, deflate")
    assert b"content-encoding: " + coding in headers
    assert body == packed


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        (b"gzip", gzip.compress(EVENTS)),
        (b"gzip", gzip.compress(EVENTS[:99]) + gzip.compress(EVENTS[99:])),
        (b"zstd", zstd.compress(EVENTS)),
        (b"deflate", zlib.compress(EVENTS)),
    ],
)
def test_a_packed_answer_that_is_looked_into_comes_unpacked_and_says_so(given, coding, packed):
    head = STREAM.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + coding + b"\r\n\r\n")
    _, proxy = given(head + b"".join(chunk(packed[n : n + 5]) for n in range(0, len(packed), 5)))
    with opened(proxy.port, TOOLS) as client:
        head, _, _ = until(client, END.strip()).partition(b"\r\n\r\n")
    assert b"content-encoding" not in head


@pytest.mark.parametrize("coding", [b"br", b"gzip, zstd", b"unknown"])
def test_an_answer_in_a_coding_that_cannot_be_read_passes_as_it_is(given, coding):
    head = STREAM.replace(b"\r\n\r\n", b"\r\ncontent-encoding: " + coding + b"\r\n\r\n")
    _, proxy = given(head + chunk(b"\x01\x02") + chunk(b""))
    _, headers, body = sent(proxy.port, TOOLS)
    assert b"content-encoding: " + coding in headers
    assert body == b"\x01\x02"


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/unknown"])
@BOTH
def test_what_has_come_is_at_the_client_while_upstream_still_thinks(given, body, path):
    gate = threading.Event()
    _, proxy = given([STREAM + chunk(START + OPENED + delta("Hel")), gate, chunk(END), chunk(b"")])
    with opened(proxy.port, body, path) as client:
        until(client, delta("Hel"))
        assert silent(client)
        gate.set()
        until(client, END)


OURS = '{"type":"function","name":"headroom_retrieve","parameters":{"type":"object"}}'
LOOK = '{"type":"function","name":"look","parameters":{"type":"object"}}'
ASKS = b'{"model":"gpt-x","stream":true,"input":"hi","tools":[%s]}' % LOOK.encode()


def response(kind, tools):
    """An event with a response, which repeats the tools of its request."""
    told = f'{{"id":"resp_1","status":"{kind}","output":[],"tools":[{tools}]}}'
    said = f'{{"type":"response.{kind}","response":{told}}}'
    return f"event: response.{kind}\ndata: {said}\n\n".encode()


def test_the_last_event_does_not_wait_for_upstreams_end_where_nothing_was_hidden(given):
    """What a Responses stream repeats of its request is changed all the same: our tool is in it."""
    more, over = threading.Event(), threading.Event()
    both = f"{OURS},{LOOK}"
    begun, done = response("in_progress", both), response("completed", both)
    upstream, proxy = given([STREAM + chunk(begun), more, chunk(done), over, chunk(b"")])
    with opened(proxy.port, ASKS, "/v1/responses") as client:
        until(client, response("in_progress", LOOK))
        more.set()
        until(client, response("completed", LOOK))
        over.set()
        until(client, b"0\r\n\r\n")
    assert b"headroom_retrieve" in upstream.requests[0].body


def test_the_head_of_an_answer_does_not_wait_for_its_body(given):
    gate = threading.Event()
    _, proxy = given([STREAM, gate, chunk(EVENTS), chunk(b"")])
    with opened(proxy.port, PLAIN) as client:
        until(client, b"\r\n\r\n")
        gate.set()
        until(client, b"0\r\n\r\n")


def test_an_answer_larger_than_any_buffer_arrives_whole(given):
    part = bytes(range(256)) * 4096
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (32 * len(part))
    _, proxy = given([head, *[part] * 32])
    assert ask(proxy.port, "GET", "/x")[2] == part * 32
