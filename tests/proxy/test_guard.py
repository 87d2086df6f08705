import pytest

from headroom.proxy.guard import Guard, is_loopback


def refused(guard, **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    refusal = guard.refusal(named)
    return refusal.status if refusal else None


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8787", "localhost", "LOCALHOST:1", "[::1]:8787", "127.9.9.9", "a.localhost"]
)
def test_this_machine_may_ask_by_any_of_its_own_names(host):
    assert refused(Guard(), host=host) is None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8787", "10.0.0.7", ""])
def test_a_name_that_a_web_page_may_resolve_to_this_machine_is_refused(host):
    assert refused(Guard(), host=host) == 403
    assert (
        refused(Guard(hosts=("evil.example", "127.0.0.1.evil.example", "10.0.0.7", "")), host=host)
        is None
    )


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", "http://10.0.0.7:8787", "x", "HTTPS://evil.example"),
        "chrome-extension://abcdefghijklmnop",
        "moz-extension://0a1b2c3d-0000-0000-0000-000000000000",
        "safari-web-extension://0A1B2C3D",
        "ms-browser-extension://x",
    ],
)
def test_web_pages_and_extensions_of_browsers_are_refused(origin):
    assert refused(Guard(), host="localhost", origin=origin) == 403


@pytest.mark.parametrize("origin", ["vscode-file://vscode-app", "http://127.0.0.1:8787"])
def test_editors_and_pages_of_this_machine_are_not(origin):
    assert refused(Guard(), host="localhost", origin=origin) is None


def test_with_a_token_every_request_must_carry_it_and_may_come_by_any_name():
    guard = Guard(token="s3cret")
    assert refused(guard, host="localhost") == 401
    assert refused(guard, host="localhost", x_headroom_token="s3cre") == 401
    assert refused(guard, host="box.example", x_headroom_token="s3cret") is None
    assert refused(guard, host="x", x_headroom_token="s3cret", origin="https://evil.example") == 403


def test_a_token_may_hold_any_letters():
    guard = Guard(token="schlüssel")
    assert refused(guard, host="localhost", x_headroom_token="schlüssel") is None
    assert refused(guard, host="localhost", x_headroom_token="schlussel") == 401


def test_a_refusal_says_what_to_do_and_not_the_token():
    assert "allowed_hosts" in Guard().refusal([(b"host", b"box")]).reason
    assert "s3cret" not in Guard(token="s3cret").refusal([(b"host", b"x")]).reason


def test_headers_beyond_the_limit_are_refused():
    assert refused(Guard(max_header_bytes=100), host="localhost", x="y" * 100) == 431


def test_only_addresses_of_this_machine_are_loopback():
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("127.0.0.1.example")
