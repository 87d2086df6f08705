"""Whatever a body is, upstream gets it and the client gets what upstream says to it."""

import gzip
import hashlib
import json
import socket
import threading
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from acting import compact, exchange
from dialect_parts import Call
from dialects import DIALECTS
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from materials import log
from scenes import aws_keys

from headroom.markers import TOOL_NAME
from running import proxied
from strategies import VALUES

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
SECONDS = 20.0
KEYS = ("messages", "input", "contents")
FIELDS = (
    *KEYS,
    "model",
    "tools",
    "system",
    "stream",
    "metadata",
    "previous_response_id",
    "toolConfig",
)
INSIDE = (
    "role",
    "content",
    "type",
    "text",
    "parts",
    "id",
    "call_id",
    "output",
    "tool_calls",
    "name",
)


class Echo(ThreadingHTTPServer):
    """An upstream that takes everything, and says what it got."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got = b""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.got = self.rfile.read(int(self.headers["content-length"]))
        answer = json.dumps({"digest": hashlib.sha256(self.server.got).hexdigest()}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Says nothing."""


@contextmanager
def echoing(folder, **more):
    with Echo() as echo:
        thread = threading.Thread(target=echo.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with aws_keys(), proxied(echo.url, folder, **more) as proxy:
                yield echo, proxy
        finally:
            echo.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    with echoing(tmp_path_factory.mktemp("echo")) as running:
        yield running


def passed(echo, path, body, headers=None):
    """What upstream got of `body`; the client got the answer to just that."""
    upstream, proxy = echo
    upstream.got = b""
    status, _, answer = exchange(proxy.url, path, body, headers or {})
    assert status == 200
    assert json.loads(answer) == {"digest": hashlib.sha256(upstream.got).hexdigest()}
    return upstream.got


def histories(item):
    """A body with this history under every name that an API has for it."""
    return {"model": "m", **dict.fromkeys(KEYS, item)}


ODD = {
    "nothing but space": b"  \n ",
    "no JSON": b"hello",
    "an array": b'[{"role":"user","content":"x"}]',
    "a number": b"17",
    "null": b"null",
    "cut": compact(histories([{"role": "user", "content": "x"}]))[:-9],
    "more behind it": compact(histories([])) + b"{}",
    "a byte order mark": b"\xef\xbb\xbf" + compact(histories([])),
    "invalid UTF-8": b'{"messages":[{"role":"user","content":"\xff\xfe\x80"}],"input":"\xc3("}',
    "UTF-16": json.dumps(histories([])).encode("utf-16"),
    "lone surrogates": b'{"messages":[{"role":"user","content":"\\ud800 \\udfff"}],"input":"\\ud83d"}',
    "NUL": b'{"messages":[{"role":"user","content":"a\\u0000b"}],"input":"\\u0000"}',
    "raw control characters": b'{"messages":[{"role":"user","content":"a\x00\x01\nb"}]}',
    "duplicate keys": b'{"messages":[],"messages":[{"role":"user","content":"x","content":7}]}',
    "huge numbers": b'{"messages":[{"role":1e999,"content":' + b"9" * 5_000 + b"}]}",
    "NaN": b'{"messages":[{"role":"user","content":NaN}],"input":-Infinity}',
    "deep arrays": b'{"messages":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep objects": b'{"input":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}",
    "deep, without end": b"[" * 200_000,
    "an empty key": b'{"":{"":[]},"messages":[{"":""}]}',
    "history of null": compact(histories(None)),
    "history of numbers": compact(histories([1, None, True, 1.5])),
    "history of arrays": compact(histories([[[]], [{}]])),
    "history of empty objects": compact(histories([{}, {}])),
    "history as an object": compact(histories({"role": "user"})),
    "tools of the wrong kind": compact({**histories([]), "tools": {"a": [1]}, "toolConfig": 7}),
    "ids of the wrong kind": compact(
        histories([
            {"role": "assistant", "content": [{"type": "tool_use", "id": {}, "name": [], "input": 3}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": [], "content": {}}]},
            {"role": "tool", "tool_call_id": {"a": 1}, "content": [None]},
            {"role": "assistant", "tool_calls": [{"id": 3, "function": "x"}, None, []]},
            {"type": "function_call", "call_id": [], "arguments": 3},
            {"type": "function_call_output", "call_id": {}, "output": [[]]},
            {"role": "model", "parts": [{"functionCall": 3}, {"functionResponse": []}, 4]},
            {"role": "user", "content": [{"toolResult": {"content": 3}}, {"toolUse": []}]},
        ])
    ),
}  # fmt: skip


@every_dialect
@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_an_odd_body_passes_as_it_came(echo, dialect, body):
    assert passed(echo, dialect.path(False), body) == body


@every_dialect
@pytest.mark.parametrize(
    "coding", ["gzip", "zstd", "deflate", "br", "gzip, gzip", "nonsense", "GZIP"]
)
def test_a_body_that_is_not_coded_as_it_says_passes_as_it_came(echo, dialect, coding):
    body = b"\x00" + compact(histories([]))
    assert passed(echo, dialect.path(False), body, {"content-encoding": coding}) == body


@every_dialect
def test_a_coded_body_that_is_cut_or_damaged_passes_as_it_came(echo, dialect):
    whole = gzip.compress(compact(histories([{"role": "user", "content": "x" * 9_000}])), mtime=0)
    for body in (whole[:-5], whole[:20] + b"\xff" + whole[21:], zlib.compress(b"{}")[:-1]):
        assert passed(echo, dialect.path(False), body, {"content-encoding": "gzip"}) == body


SIZES = {
    "a string of 20 MB": lambda d: [d.asked("x" * 20_000_000)],
    "a line of words of 4 MB": lambda d: [d.asked("word " * 800_000)],
    "100,000 messages": lambda d: [d.asked(f"message {n}") for n in range(100_000)],
    "an escape a letter": lambda d: [d.asked('\\"\n\t\x01' * 300_000)],
}


@pytest.mark.parametrize(
    ("name", "made"), list(zip(DIALECTS, SIZES.values(), strict=False)), ids=SIZES
)
def test_a_huge_body_passes_in_time(tmp_path, name, made):
    dialect = DIALECTS[name]
    body = compact(dialect.body(made(dialect), (), False))
    with echoing(tmp_path, deadline_ms=150.0) as echo:
        watch = threading.Timer(SECONDS, echo[1].ask_to_stop)
        watch.start()
        try:
            got = passed(echo, dialect.path(False), body)
        finally:
            assert watch.is_alive(), "it took too long"
            watch.cancel()
    assert got == body


JUNK = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INSIDE), inner, max_size=5)
    ),
    max_leaves=15,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=6)


@every_dialect
@settings(
    max_examples=40,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES)
def test_any_json_passes(echo, dialect, body):
    data = json.dumps(body).encode("utf-8")
    got = passed(echo, dialect.path(False), data)
    assert got == data or TOOL_NAME.encode() in got
    assert without_tool(json.loads(got)) == without_tool(body)


def without_tool(value):
    """A tree without the retrieve tool, and without what only holds it."""
    if isinstance(value, list):
        kept = [without_tool(item) for item in value]
        return [item for item in kept if item not in ({"functionDeclarations": []}, None)]
    if isinstance(value, dict):
        inner = value.get("function") or value.get("toolSpec") or value
        if isinstance(inner, dict) and inner.get("name") == TOOL_NAME:
            return None
        return {key: without_tool(item) for key, item in value.items() if item != []}
    return value


def test_a_chunked_body_without_end_is_let_go_without_a_status(tmp_path):
    with (
        echoing(tmp_path, body_seconds=0.3) as (_, proxy),
        socket.create_connection(("127.0.0.1", proxy.port), 20) as client,
    ):
        head = (
            b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        client.sendall(head + b"5\r\nhello\r\n")
        assert client.recv(1_000) == b""


@every_dialect
def test_a_text_beside_odd_ones_is_still_shortened(echo, dialect):
    body = dialect.body(
        [dialect.asked("Look."), *odd_items(dialect), dialect.asked("?")], ("a",), False
    )
    data = compact(body)
    got = passed(echo, dialect.path(False), data)
    assert len(got) < len(data) - 5_000
    assert json.loads(got)[dialect.key][-1] == body[dialect.key][-1]


def odd_items(dialect):
    call = Call("call_1", "a", {})
    return [
        None,
        7,
        {"role": 3},
        *dialect.answered([call], [log()]),
        {"role": "user", "content": 4},
    ]
