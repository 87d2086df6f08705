"""What settings refuse together."""

import pytest

from headroom.errors import SettingsError
from headroom.settings import load


def proxy(**said):
    return load({}, overrides=said).proxy


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "LOCALHOST"])
def test_this_machines_addresses_need_no_token(host):
    proxy(host=host).check()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "box.local", "127.1"])
def test_an_address_that_others_reach_needs_a_token(host):
    with pytest.raises(SettingsError, match="HEADROOM_PROXY_TOKEN"):
        proxy(host=host).check()
    proxy(host=host, token="long-enough").check()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8787", "http://localhost:8787/v1", "http://[::1]:8787"]
)
def test_an_upstream_that_is_the_proxy_itself_is_refused(url):
    with pytest.raises(SettingsError, match="openai_upstream points at port 8787"):
        proxy(openai_upstream=url).check()
    proxy(openai_upstream=url, port=8788).check()


def test_another_server_of_this_machine_may_be_upstream():
    proxy(openai_upstream="http://127.0.0.1:11434", anthropic_upstream="https://localhost").check()
    with pytest.raises(SettingsError, match="anthropic_upstream points at port 443"):
        proxy(anthropic_upstream="https://localhost", port=443).check()


def test_sizes_are_millions_and_thousands_of_bytes():
    found = proxy(max_body_mb=1.5, max_decoded_mb=2, max_header_kb=8)
    sizes = (found.max_body_bytes, found.max_decoded_bytes, found.max_header_bytes)
    assert sizes == (1_500_000, 2_000_000, 8_000)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8787"),
        ("::1", "http://[::1]:8787"),
        ("0.0.0.0", "http://127.0.0.1:8787"),
    ],
)
def test_a_client_of_this_machine_is_told_a_url_that_reaches(host, url):
    assert proxy(host=host).url == url
