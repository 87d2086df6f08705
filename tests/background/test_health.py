"""What answers at a URL: a headroom proxy, something else, nothing."""

import socket
import time

import pytest
from background_proxies import answering_with, ok

from headroom.background import health
from headroom.background.health import Health
from running import free_port, proxied


def asked(*answers, **how):
    with answering_with(*answers) as (port, heard):
        return health.ask(f"http://127.0.0.1:{port}", **how), heard


def test_a_proxy_says_its_version_and_its_process(tmp_path):
    with proxied("http://127.0.0.1:9", tmp_path) as proxy:
        found = health.ask(proxy.url)
    assert found is not None
    assert found.version
    assert found.process > 0
    assert found.problems == ()


def test_a_proxy_that_wants_a_token_answers_who_has_it(tmp_path):
    with proxied("http://127.0.0.1:9", tmp_path, token="s3cr3t") as proxy:
        assert health.ask(proxy.url) is None
        assert health.ask(proxy.url, "s3cr3t") is not None


def test_the_token_is_sent_in_its_header_alone():
    _, heard = asked(ok(b"{}"), token="s3cr3t")
    assert b"\r\nx-headroom-token: s3cr3t\r\n" in heard[0]
    _, heard = asked(ok(b"{}"))
    assert b"token" not in heard[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff" * 9,
        b"HTTP/1.1",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        ok(b"<html>"),
        ok(b"[1]"),
        ok(b'"headroom"'),
        ok(b'{"service": "nginx"}'),
        ok(b'{"service": ["headroom"]}'),
        ok(b"[" * 90_000),
        ok(b" " * 200_000 + b'{"service": "headroom"}'),
        b'HTTP/1.1 401 Unauthorized\r\n\r\n{"service": "headroom"}',
    ],
    ids=lambda answer: str(answer[:40]),
)
def test_what_is_no_headroom_proxy_is_none(answer):
    assert asked(answer)[0] is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"", Health("", 0, 0.0)),
        (b', "process": -1, "uptime_seconds": "x", "problems": 3', Health("", 0, 0.0)),
        (b', "process": true, "version": 7', Health("7", 0, 0.0)),
        (
            b', "process": 7, "version": "1.2", "uptime_seconds": 3, "problems": ["full"]',
            Health("1.2", 7, 3.0, ("full",)),
        ),
    ],
)
def test_a_proxy_that_says_odd_things_of_itself_is_still_one(said, found):
    assert asked(ok(b'{"service": "headroom"' + said + b"}"))[0] == found


def test_one_that_takes_the_connection_and_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        assert health.ask(url, seconds=0.1) is None
        assert time.monotonic() - began < 5
        assert health.is_taken(url)


def test_a_port_without_anybody_is_not_taken():
    url = f"http://127.0.0.1:{free_port()}"
    assert health.ask(url) is None
    assert not health.is_taken(url)
