"""What upstream hears is what the client said."""

import gzip
import json
import sys

import pytest
from raw_upstream import whole

from running import answer_of, ask, exchange, sent_at_once

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ODD = (
    b'{ "model" :"m-1",\n\t"messages": [ {"role":"user","content":"\\u00e9 \\ud83d\\ude00 '
    + "é 😀".encode()
    + b'"} ] , "n":1.0, "n":1e0, "x": -0 , "stream" : false }\r\n'
)
PATHS = (
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/v1beta/models/gemini-x:generateContent",
    "/model/some.model/converse",
    "/v1/anything",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [ODD, b"", b"\x00\xff not JSON", b"[1]", b'{"messages":'])
def test_a_body_without_edits_arrives_byte_for_byte(given, path, body):
    upstream, proxy = given(whole())
    ask(proxy.port, "POST", path, body=body)
    assert [heard.body for heard in upstream.requests] == [body]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzip.compress(ODD)),
        (b"zstd", zstd.compress(ODD)),
        (b"gzip", gzip.compress(ODD)[:-9]),
        (b"br", b"\x0b\x02\x80{}\x03"),
        (b"gzip, zstd", zstd.compress(gzip.compress(ODD))),
        (b"gzip", ODD),
    ],
    ids=["gzip", "zstd", "cut gzip", "brotli", "twice", "not gzip at all"],
)
def test_a_packed_body_without_edits_stays_packed_as_it_was(given, coding, body):
    said = b"Content-Encoding: " + coding
    upstream, proxy = given(whole())
    ask(proxy.port, "POST", "/v1/messages", said, body=body)
    (heard,) = upstream.requests
    assert heard.body == body
    assert said in heard.headers


def test_a_packed_body_that_is_edited_goes_unpacked_and_says_so(given):
    body = json.loads(ODD) | {"tools": [{"name": "a", "input_schema": {"type": "object"}}]}
    packed = gzip.compress(json.dumps(body).encode())
    upstream, proxy = given(whole())
    ask(proxy.port, "POST", "/v1/messages", b"Content-Encoding: gzip", body=packed)
    (heard,) = upstream.requests
    assert heard.values(b"content-encoding") == []
    said = json.loads(heard.body)
    assert [tool["name"] for tool in said["tools"]] == ["headroom_retrieve", "a"]
    assert said | {"tools": body["tools"]} == body


def test_headers_keep_order_spelling_and_number_and_none_is_added(given):
    said = [
        b"X-Second: 2",
        b"x-API-key: sk-ant-secret",
        b"anthropic-BETA: one",
        b"Authorization: Bearer abc",
        b"anthropic-BETA: two",
        b"X-First: \xc3\xa9",
        b"Cookie: a=b; c=d",
        b"Cookie: e=f",
    ]
    upstream, proxy = given(whole())
    ask(proxy.port, "GET", "/v1/models", *said)
    (heard,) = upstream.requests
    assert heard.headers == [b"Host: " + upstream.url[7:].encode(), *said]


def test_a_header_that_comes_twice_in_two_spellings_loses_neither_value(given):
    upstream, proxy = given(whole())
    ask(proxy.port, "GET", "/v1/models", b"X-One: 1", b"x-one: 2")
    assert upstream.requests[0].values(b"x-one") == [b"1", b"2"]


def test_headers_of_the_clients_connection_do_not_reach_upstream(given):
    hops = [
        b"Keep-Alive: timeout=5",
        b"TE: trailers",
        b"Proxy-Authorization: Basic abc",
        b"Proxy-Connection: keep-alive",
        b"Upgrade: h2c",
        b"Connection: X-Hop, keep-alive",
        b"X-Hop: 1",
        b"Expect: 100-continue",
        b"X-Headroom-Anything: ours",
        b"X-Stays: 1",
    ]
    upstream, proxy = given(whole())
    ask(proxy.port, "POST", "/v1/messages", *hops, body=b"{}")
    (heard,) = upstream.requests
    assert heard.headers[1:] == [b"X-Stays: 1", b"Content-Length: 2"]


@pytest.mark.parametrize(
    ("accepts", "heard"),
    [
        (None, []),
        (b"gzip, deflate, br, zstd", [b"gzip, deflate, zstd"]),
        (b"gzip;q=0.5,br;q=1", [b"gzip;q=0.5"]),
        (b"br", [b"identity"]),
        (b"identity", [b"identity"]),
    ],
)
def test_only_codings_that_can_be_read_are_asked_for(given, accepts, heard):
    said = [b"Accept-Encoding: " + accepts] if accepts else []
    upstream, proxy = given(whole())
    ask(proxy.port, "POST", "/v1/messages", *said, body=b"{}")
    assert upstream.requests[0].values(b"accept-encoding") == heard


@pytest.mark.parametrize(
    "target",
    [
        "/v1/models",
        "/v1/models/a%2Fb/../c//d?x=1&&y=%20+&z=%c3%A9&x=2",
        "/v1/files/%41;v=1?after=a%3Db",
        "/v1/things|{a}?a=[1]&b='^",
        "/some/unknown/path?key=value",
        "/",
    ],
)
def test_paths_and_queries_are_not_respelled(given, target):
    upstream, proxy = given(whole())
    ask(proxy.port, "GET", target)
    assert upstream.requests[0].line == f"GET {target} HTTP/1.1".encode()


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"]
)
def test_every_method_passes(given, method):
    upstream, proxy = given(whole(b"" if method == "HEAD" else b"{}"))
    status, _, _ = ask(proxy.port, method, "/")
    assert upstream.requests[0].line == f"{method} / HTTP/1.1".encode()
    assert status == b"HTTP/1.1 200 OK"


def test_a_body_in_chunks_arrives_whole(given):
    head = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, ODD[at : at + 1]) for at in range(len(ODD)))
    upstream, proxy = given(whole(b"done"))
    said = answer_of(exchange(proxy.port, head + chunks + b"0\r\n\r\n"))
    assert upstream.requests[0].body == ODD
    assert said[2] == b"done"


def test_requests_that_come_at_once_on_one_connection_are_answered_in_order(given):
    _, proxy = given(*(whole(b"%d" % number) for number in range(3)))
    one = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    got = sent_at_once(proxy.port, one + one + last)
    assert [part[:1] for part in got.split(b"\r\n\r\n")[1:]] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("seen", [b"/p/shop/v1/messages", b"/v1/v1/messages", b"/messages"])
def test_spellings_of_a_path_reach_the_providers_own(given, seen):
    upstream, proxy = given(whole())
    ask(proxy.port, "POST", seen.decode() + "?beta=true", body=b"{}")
    assert upstream.requests[0].line == b"POST /v1/messages?beta=true HTTP/1.1"
