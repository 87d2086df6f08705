"""Clients that ask for another protocol: for HTTP/2 they get HTTP/1.1, for WebSocket that, or what
upstream answers in its place."""

import contextlib
import socket
import threading

import pytest
from raw_upstream import End, whole
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import serve

from running import answer_of, exchange, proxied, sent_at_once, until

JAVA = (
    b"POST /v1/embeddings HTTP/1.1\r\n"
    b"Connection: %s\r\n"
    b"Content-Length: 11\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\n"
    b"Host: localhost\r\n"
    b"Upgrade: h2c\r\n"
    b"User-Agent: Java-http-client/21\r\n"
    b"X-Mine: 1\r\n"
    b"\r\n"
    b"hello world"
)
STAYS = JAVA % b"Upgrade, HTTP2-Settings"
CLOSES = JAVA % b"Upgrade, HTTP2-Settings, close"


def heard_of(upstream):
    (heard,) = upstream.requests
    names = [line.partition(b":")[0] for line in heard.headers]
    return heard.body, names


def test_a_request_that_would_rather_be_http_2_is_served_whole(given):
    upstream, proxy = given(whole(b"fine"))
    status, _, body = answer_of(sent_at_once(proxy.port, CLOSES))
    assert (status, body) == (b"HTTP/1.1 200 OK", b"fine")
    body, names = heard_of(upstream)
    assert body == b"hello world"
    assert b"X-Mine" in names
    assert b"User-Agent" in names
    assert not {b"Upgrade", b"HTTP2-Settings"} & set(names)


@pytest.mark.parametrize("cut", [1, 30, 60, -12, -11, -10, -1])
def test_so_it_is_in_several_pieces(given, cut):
    upstream, proxy = given(whole(b"fine"))
    with socket.create_connection(("127.0.0.1", proxy.port), 30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(STAYS[:cut])
        # Another connection's answer: by then the first piece has been read.
        assert b"200 OK" in exchange(proxy.port, b"GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n")
        client.sendall(STAYS[cut:])
        assert b"200 OK" in until(client, b"fine")
    assert heard_of(upstream)[0] == b"hello world"


def test_the_connection_goes_on_with_the_next_request(given):
    upstream, proxy = given(whole(b"fine"))
    with socket.create_connection(("127.0.0.1", proxy.port), 30) as client:
        for _ in range(3):
            client.sendall(STAYS)
            assert b"200 OK" in until(client, b"fine")
    assert [heard.body for heard in upstream.requests] == [b"hello world"] * 3


def test_requests_one_behind_the_other_are_served_too(given):
    upstream, proxy = given(whole(b"fine"))
    said = sent_at_once(proxy.port, STAYS * 2 + CLOSES)
    assert said.count(b"200 OK") == 3
    assert [heard.body for heard in upstream.requests] == [b"hello world"] * 3


def test_a_body_in_chunks_is_served_whole(given):
    upstream, proxy = given(whole(b"fine"))
    head, _, _ = CLOSES.partition(b"\r\n\r\n")
    head = head.replace(b"Content-Length: 11", b"Transfer-Encoding: chunked")
    said = sent_at_once(proxy.port, head + b"\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    assert b"200 OK" in said
    assert heard_of(upstream)[0] == b"hello world"


def test_a_request_without_a_body_is_served(given):
    upstream, proxy = given(whole(b"fine"))
    head = CLOSES.replace(b"POST", b"GET").replace(b"Content-Length: 11\r\n", b"")
    status, _, body = answer_of(sent_at_once(proxy.port, head.removesuffix(b"hello world")))
    assert (status, body) == (b"HTTP/1.1 200 OK", b"fine")
    assert heard_of(upstream)[0] == b""


def test_the_words_with_which_upstream_refuses_a_websocket_reach_the_client(given):
    kept = (b"Retry-After: 7", b"x-request-id: r1")
    mine = (b"Connection: x-mine", b"x-mine: 1", b"Content-Type: application/json")
    _, proxy = given(whole(b'{"slow":1}', *kept, *mine, status=b"429 Too Many"))
    with pytest.raises(InvalidStatus) as refused, connect(socket_url(proxy)):
        pass
    response = refused.value.response
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "7"
    assert response.headers["x-request-id"] == "r1"
    assert "x-mine" not in response.headers
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.body == b"upstream refused the WebSocket"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (b"404 Not Found", 426),
        (b"405 Method Not Allowed", 426),
        (b"501 Not Implemented", 426),
        (b"426 Upgrade Required", 426),
        (b"401 Unauthorized", 401),
        (b"200 OK", 200),
        (b"503 Busy", 503),
    ],
)
def test_of_an_upstream_that_knows_no_websocket_the_client_falls_back_to_http(given, status, told):
    """426 is the one status at which Codex does so at once. What else upstream says stands."""
    _, proxy = given(whole(b"{}", status=status))
    assert refused_with(proxy) == told


def test_so_it_does_where_upstream_closes_the_connection(given):
    _, proxy = given([End.CUT])
    assert refused_with(proxy) == 426


def refused_with(proxy):
    """The status that a client gets in place of a WebSocket."""
    with pytest.raises(InvalidStatus) as refused, connect(socket_url(proxy)):
        pass
    return refused.value.response.status_code


def test_what_upstream_says_with_a_websocket_reaches_the_client(tmp_path):
    with (
        accepting(("x-codex-turn-state", "s1"), ("X-Odd", "é")) as url,
        proxied(url, tmp_path) as proxy,
        connect(socket_url(proxy)) as client,
    ):
        said = client.response.headers
    assert said["x-codex-turn-state"] == "s1"
    assert said["X-Odd"].encode("latin-1") in ("é".encode(), "é".encode("latin-1"))
    for name in ("Upgrade", "Connection", "Sec-WebSocket-Accept", "Date", "Server"):
        assert len(said.get_all(name)) <= 1, name


def socket_url(proxy):
    return proxy.url.replace("http", "ws") + "/v1/responses"


@contextlib.contextmanager
def accepting(*headers):
    """An upstream that takes every WebSocket, with these headers, and keeps it open."""

    def add(_, __, response):
        for name, value in headers:
            response.headers[name] = value

    def keep(connection):
        for _ in connection:
            pass

    with serve(keep, "127.0.0.1", 0, process_response=add) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
    thread.join(30)
