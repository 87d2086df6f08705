"""`headroom proxy start`, `stop` and `status`, run as a user runs them."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from headroom import __version__


def run(*arguments, code=0, **how):
    command = [sys.executable, "-m", "headroom", "proxy", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=60, **how)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number = probe.getsockname()[1]
    yield number
    found = json.loads(_status(number))
    if found[0]["process"]:
        os.kill(found[0]["process"], signal.SIGKILL)


def _status(port):
    command = [sys.executable, "-m", "headroom", "proxy", "status", "--json", "--port", str(port)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).stdout


def test_from_start_to_stop(port, home):
    url = f"http://127.0.0.1:{port}"
    out, said = run("status", "--port", port, code=3)
    assert (out, said) == (f"{url}  not running\n", "")

    out, said = run("start", "--port", port)
    assert out == ""
    assert said.startswith(f"headroom proxy {__version__} runs on {url} (process ")
    assert "runs already" in run("start", "--port", port)[1]
    assert run("start", "--port", port, "--quiet") == ("", "")

    assert f"{url}  healthy  version {__version__}  up " in run("status", "--port", port)[0]
    told = json.loads(run("status", "--port", port, "--json")[0])[0]
    assert (told["port"], told["url"], told["healthy"]) == (port, url, True)
    assert told["log"] == str(home / "logs" / f"proxy-{port}.log")
    assert f"(process {told['process']})" in said

    assert run("stop", "--port", port) == (
        "",
        f"the proxy on port {port} (process {told['process']}) has ended\n",
    )
    assert run("stop", "--port", port) == ("", f"no proxy runs on port {port}\n")
    run("status", "--port", port, code=3)


def test_options_that_the_running_one_was_not_started_with_are_said(port):
    run("start", "--port", port, "--policy", "safe")
    again = "It was started with other options"
    assert again not in run("start", "--port", port, "--policy", "safe")[1]
    assert again in run("start", "--port", port, "--policy", "aggressive")[1]


def test_status_lists_all_that_were_started_and_tells_of_the_settings_port(port, home):
    run("start", "--port", port)
    asked = {**os.environ, "HEADROOM_PORT": str(port)}
    (one,) = json.loads(run("status", "--json", env=asked)[0])
    assert one["port"] == port
    with socket.create_server(("127.0.0.1", 0)) as probe:
        other = probe.getsockname()[1]
    out, _ = run("status", code=3, env={**os.environ, "HEADROOM_PORT": str(other)})
    assert [line.split("  ")[:2] for line in out.splitlines()] == [
        [f"http://127.0.0.1:{other}", "not running"],
        [f"http://127.0.0.1:{port}", "healthy"],
    ]


def test_a_projects_folder_neither_steers_nor_hinders_it(port, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "headroom.toml").write_text("nonsense = 1\n", "utf-8")
    (project / "token").write_text("s3cr3t\n", "utf-8")
    environ = {**os.environ, "HEADROOM_HOME": "own"}
    for action in ("start", "status", "stop"):
        run(action, "--port", port, "--token-file", "token", cwd=project, env=environ)
    assert (project / "own" / "logs" / f"proxy-{port}.log").exists()
    assert "s3cr3t" not in (project / "own" / "logs" / f"proxy-{port}.log").read_text("utf-8")


def test_why_it_could_not_start_is_said(port):
    said = run("start", "--port", port, "--host", "203.0.113.7", "--token-file", "/none", code=1)[1]
    assert "cannot read the token in /none" in said
    environ = {**os.environ, "HEADROOM_PROXY_TOKEN": "s3cr3t"}
    said = run("start", "--port", port, "--host", "203.0.113.7", code=1, env=environ)[1]
    assert "the proxy ended at once with code 1; it said:" in said
    assert "cannot listen on 203.0.113.7" in said


@pytest.mark.parametrize("action", ["start", "stop", "status"])
def test_an_option_before_the_command_is_refused_and_not_lost(action):
    said = run("--port", "9000", action, code=2)[1]
    assert f"write --port behind `{action}`" in said
