"""`headroom proxy` up to the moment it serves: its flags, what it refuses and what it says."""

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import click
import pytest

from headroom import settings
from headroom.cli import proxy, proxy_options


def run(*arguments, code=1):
    done = subprocess.run(
        [sys.executable, "-m", "headroom", "proxy", *arguments], capture_output=True, timeout=60
    )
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stderr.decode()


class _Health(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"service": self.server.service}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def taken():
    """A port that a server of some service has."""
    server = HTTPServer(("127.0.0.1", 0), _Health)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def by(service):
        server.service = service
        return server.server_address[1]

    yield by
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_that_others_reach_needs_a_token():
    said = run("--host", "0.0.0.0")
    assert "HEADROOM_PROXY_TOKEN" in said
    assert "--token-file" in said


@pytest.mark.parametrize(
    ("service", "who"),
    [("headroom", "another headroom proxy"), ("nginx", "another program")],
)
def test_a_port_that_is_taken_is_said_with_who_has_it(taken, service, who):
    port = taken(service)
    chosen = settings.load({}, overrides={"port": port}).proxy
    with pytest.raises(settings.values.SettingsError) as refused:
        proxy._refuse_taken(chosen)
    assert f"{who} is already running on port {port}" in str(refused.value)
    assert "--port" in str(refused.value)


def test_a_free_port_is_left_free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    proxy._refuse_taken(settings.load({}, overrides={"port": port}).proxy)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--openai-upstream", "localhost:4000"], "--openai-upstream must be an http or https URL"),
        (["--port", "0"], "--port must be a whole number from 1 to 65535, not 0"),
        (["--workers", "0"], "--workers must be a whole number from 1 to 64, not 0"),
        (["--anthropic-upstream", "http://127.0.0.1:8787"], "where this proxy itself is to listen"),
        (["--token-file", "/no/such/file"], "cannot read the token in /no/such/file"),
    ],
)
def test_a_wrong_option_is_said_with_what_is_meant(arguments, said):
    assert said in " ".join(run(*arguments).replace("│", " ").split())


def test_a_token_file_that_is_empty_is_no_token(tmp_path):
    (tmp_path / "token").write_text("\n", "utf-8")
    assert "there is no token" in run("--token-file", str(tmp_path / "token"))


def test_the_token_is_read_from_its_file_and_never_shown(tmp_path, capsys):
    (tmp_path / "token").write_text("s3cr3t-token\n", "utf-8")
    token = proxy_options._token(tmp_path / "token")
    assert token == "s3cr3t-token"
    proxy._announce(settings.load({}, overrides={"token": token, "host": "0.0.0.0"}))
    said = capsys.readouterr().err
    assert "x-headroom-token" in said
    assert "s3cr3t" not in said


def test_it_says_where_it_is_whom_it_calls_and_how_to_point_a_client_at_it(capsys):
    upstream = "https://openrouter.ai/api"
    chosen = settings.load({}, overrides={"port": 9001, "openai_upstream": upstream})
    proxy._announce(chosen)
    said = capsys.readouterr()
    assert said.out == ""
    for line in (
        "ANTHROPIC_BASE_URL=http://127.0.0.1:9001\n",
        "OPENAI_BASE_URL=http://127.0.0.1:9001/v1\n",
        f"openai     → {upstream}\n",
        str(chosen.home),
    ):
        assert line in said.err


def test_for_a_program_it_says_so_as_one_json_object(capsys):
    proxy._announce(settings.load({}, overrides={"log_format": "json"}))
    said = json.loads(capsys.readouterr().err)
    assert (said["event"], said["url"]) == ("start", "http://127.0.0.1:8787")


def test_what_the_extra_brings_is_named_where_it_is_missing(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("headroom.proxy.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(
        click.ClickException, match=r"pip install 'headroom-ai\[proxy\]'"
    ) as refused:
        proxy._served_by()
    assert "uvicorn" in refused.value.message
