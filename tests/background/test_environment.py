"""What of a shell's environment a proxy is given."""

from pathlib import Path

import pytest

from headroom.background.environment import for_proxy


@pytest.mark.parametrize(
    "said",
    [
        "http://127.0.0.1:8787",
        "http://127.0.0.1:8787/v1",
        "http://localhost:8787/p/shop",
        "http://LOCALHOST:8787/",
        "http://[::1]:8787",
        "localhost:8787",
        "http://user@127.0.0.1:8787",
    ],
)
def test_a_variable_that_is_the_proxys_own_url_is_left_out(said):
    environ = {"ANTHROPIC_BASE_URL": said, "AWS_ENDPOINT_URL": said, "HTTPS_PROXY": said, "A": "b"}
    assert for_proxy(environ, 8787) == {"A": "b"}


@pytest.mark.parametrize(
    "said",
    [
        "http://127.0.0.1:4000",
        "https://gateway.example:8787",
        "http://127.0.0.1",
        "localhost,127.0.0.1:8787",
        "8787",
        "/run/8787.sock",
        "http://[8787",
        "http://127.0.0.1:8787x",
        "",
    ],
)
def test_everything_else_is_kept_as_it_is(said):
    environ = {"AWS_PROFILE": "work", "HEADROOM_PORT": "8787", "SOME": said}
    assert for_proxy(environ, 8787) == environ


def test_a_path_means_the_place_it_meant_to_the_shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environ = {"HEADROOM_HOME": "here", "HEADROOM_CONFIG": "~/own.toml", "OTHER": "here"}
    assert for_proxy(environ, 8787) == {
        "HEADROOM_HOME": str(tmp_path / "here"),
        "HEADROOM_CONFIG": str(Path.home() / "own.toml"),
        "OTHER": "here",
    }
