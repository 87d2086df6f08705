"""Who is let in, for how long a client may take, and that secrets leave no trace."""

import base64
import contextlib
import json
import socket

import pytest
from materials import log
from raw_upstream import End, answering, whole
from talking import PLAIN, sent

from running import answer_of, ask, exchange, process, proxied, rest_of, sent_at_once, until

TOKEN = "let-me-in-1234"
GET = "GET {path} HTTP/1.1\r\n{headers}\r\n\r\n"
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Key: {base64.b64encode(b'0123456789abcdef').decode()}"
)


def got(port: int, headers: str, path: str = "/v1/models") -> tuple[int, bytes]:
    """Status and body for a request with these headers alone."""
    request = GET.format(path=path, headers=headers).encode()
    said = sent_at_once(port, request) if "Upgrade" in headers else exchange(port, request)
    line, _, body = answer_of(said)
    return int(line.split()[1]), body


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    own = {"allowed_hosts": ["proxy.lan"], "max_header_kb": 8}
    with answering(whole()) as upstream, proxied(upstream.url, folder, **own) as proxy:
        yield upstream, proxy


OURS = ["localhost", "127.0.0.1", "127.0.0.1:8787", "[::1]:8787", "app.localhost", "PROXY.lan:80"]
PATHS = pytest.mark.parametrize("path", ["/v1/models", "/health", "/stats", "/v1/responses"])


@pytest.mark.parametrize("host", OURS)
def test_it_answers_to_its_own_names(guarded, host):
    _, proxy = guarded
    assert got(proxy.port, f"Host: {host}")[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
@pytest.mark.parametrize("upgrade", ["", UPGRADE], ids=["HTTP", "WebSocket"])
@PATHS
def test_a_name_that_is_not_its_own_is_refused_before_upstream_hears(guarded, host, upgrade, path):
    upstream, proxy = guarded
    upstream.now(whole())
    status, body = got(proxy.port, f"Host: {host}\r\n{upgrade}".strip(), path)
    assert status == 403
    assert b"is not called" in body
    assert upstream.requests == []


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null"]
)
@pytest.mark.parametrize("upgrade", ["", UPGRADE], ids=["HTTP", "WebSocket"])
@PATHS
def test_a_web_page_is_refused_before_upstream_hears(guarded, origin, upgrade, path):
    upstream, proxy = guarded
    upstream.now(whole())
    headers = f"Host: localhost\r\nOrigin: {origin}\r\n{upgrade}".strip()
    status, body = got(proxy.port, headers, path)
    assert status == 403
    assert b"web pages may not" in body
    assert upstream.requests == []


@pytest.mark.parametrize("origin", ["http://localhost:3000", "vscode-webview://abc"])
def test_a_page_of_this_machine_may_ask(guarded, origin):
    assert got(guarded[1].port, f"Host: localhost\r\nOrigin: {origin}")[0] == 200


@pytest.mark.parametrize("upgrade", ["", UPGRADE], ids=["HTTP", "WebSocket"])
def test_headers_that_are_too_large_are_refused(guarded, upgrade):
    upstream, proxy = guarded
    upstream.now(whole())
    large = "\r\n".join(f"X-{number}: {'y' * 1_000}" for number in range(8))
    status, _ = got(proxy.port, f"Host: localhost\r\n{large}\r\n{upgrade}".strip())
    assert status == 431
    assert upstream.requests == []


@pytest.mark.parametrize("piece", [b"X: " + b"y" * 4_000 + b"\r\n", b"y" * 4_000])
def test_headers_without_end_are_cut_off(guarded, piece):
    sent = 0
    with socket.create_connection(("127.0.0.1", guarded[1].port), 30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        with contextlib.suppress(ConnectionError):
            while sent < 50_000_000:
                client.sendall(piece)
                sent += len(piece)
    assert sent < 50_000_000


@pytest.mark.parametrize("upgrade", ["", UPGRADE], ids=["HTTP", "WebSocket"])
@PATHS
def test_a_token_opens_what_is_closed_without_it(tokened, upgrade, path):
    upstream, proxy = tokened
    upstream.now(whole())
    for said in ("x-other: 1", "x-headroom-token: wrong", f"authorization: Bearer {TOKEN}"):
        status, body = got(proxy.port, f"Host: any.name\r\n{said}\r\n{upgrade}".strip(), path)
        assert status == 401
        assert b"x-headroom-token" in body
        assert TOKEN.encode() not in body
    assert upstream.requests == []
    headers = f"Host: any.name\r\nX-Headroom-Token: {TOKEN}"
    assert got(proxy.port, headers, path)[0] == 200
    assert all(TOKEN.encode() not in heard.head for heard in upstream.requests)


@pytest.fixture(scope="module")
def tokened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokened")
    with answering(whole()) as upstream, proxied(upstream.url, folder, token=TOKEN) as proxy:
        yield upstream, proxy


SLOW = {"header_seconds": 0.3, "body_seconds": 0.3}


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ",
        b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{",
    ],
    ids=["nothing", "half a line", "half a head", "half a body", "half a chunk"],
)
def test_a_client_that_does_not_finish_is_let_go_and_others_are_served(tmp_path, begun):
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path, **SLOW) as proxy:
        slow = [socket.create_connection(("127.0.0.1", proxy.port), 30) for _ in range(40)]
        for client in slow:
            client.sendall(begun)
        assert sent(proxy.port, PLAIN)[2] == b"{}"
        for client in slow:
            assert rest_of(client) == b""
            client.close()
        assert sent(proxy.port, PLAIN)[2] == b"{}"
        assert len(upstream.requests) == 2


def test_a_large_body_that_stops_is_dropped_on_both_sides(tmp_path):
    head = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n"
    with (
        answering([End.GONE]) as upstream,
        proxied(upstream.url, tmp_path, max_body_mb=1, **SLOW) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 30) as client,
    ):
        client.sendall(head + b"x" * 2_000_000)
        assert rest_of(client) == b""
    assert upstream.requests == []


def test_a_kept_connection_gets_its_time_anew_for_each_request(tmp_path):
    request = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with (
        answering(whole(b"done")) as upstream,
        proxied(upstream.url, tmp_path, header_seconds=0.3) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 30) as client,
    ):
        client.sendall(request)
        until(client, b"done")
        client.sendall(request[:9])
        assert rest_of(client) == b""


SECRETS = {
    "authorization": "Bearer sk-ant-oat01-PLANTED000000000000001",
    "x-api-key": "PLANTEDplainword0000002",
    "cookie": "session=PLANTED00000000000003",
    "x-goog-api-key": "AIzaPLANTED00000000000004",
    "proxy-authorization": "Basic UExBTlRFRDAwMDAwMDA1PLANTED5",
    "x-custom": "PLANTED-in-some-header-6",
}
QUERY = "?key=AIzaPLANTED00000000000007&x=PLANTEDquery8"
CONTENT = "PLANTEDcontent9 of a message"


@pytest.mark.parametrize("level", ["debug", "info"])
def test_secrets_are_in_no_file_no_line_and_no_figure(tmp_path, level):
    flags = ("--log-level", level)
    headers = [f"{name}: {value}".encode() for name, value in SECRETS.items()]
    call = {"type": "tool_use", "id": "t1", "name": "read_log", "input": {"name": "app"}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": log(lines=400)}
    body = json.dumps(
        {
            "model": "claude-x",
            "tools": [{"name": "read_log", "input_schema": {"type": "object"}}],
            "messages": [
                {"role": "user", "content": CONTENT},
                {"role": "assistant", "content": [call]},
                {"role": "user", "content": [result]},
            ],
        }
    ).encode()
    answers = [
        whole(b'{"id":"PLANTEDanswer10"}', b"content-type: application/json", b"x-a: PLANTED11"),
        [b"PLANTEDgarbage12 is no HTTP\r\n\r\n", End.CUT],
        [b"HTTP/1.1 200 OK\r\nX(PLANTED13): b\r\n\r\n", End.CUT],
        [End.RESET],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nPLANTED14", End.CUT],
        whole(b'{"error":"PLANTED15"}', status=b"401 PLANTED16"),
    ]
    with answering(*answers) as upstream, process(upstream.url, tmp_path, *flags) as proxy:
        for _ in answers:
            ask(proxy.port, "POST", "/v1/messages" + QUERY, *headers, body=body)
        said = [
            ask(proxy.port, "GET", path)[2] for path in ("/stats?by=agent", "/metrics", "/health")
        ]
        said.append(ask(proxy.port, "GET", "/stats?by=session")[2])
        proxy.terminate()
        assert proxy.wait() == 0
        output = proxy.output
    assert upstream.requests
    assert b"PLANTED" not in b"".join(said)
    assert "PLANTED" not in output
    assert output.count("POST messages") == len(answers)
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert b"PLANTED" not in path.read_bytes(), path
