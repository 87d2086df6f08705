"""`headroom mcp serve` up to the moment it serves: what it refuses, and what it says."""

import socket
import subprocess
import sys

WITHOUT_SDK = "import sys; sys.modules['mcp'] = None; sys.modules['mcp_types'] = None;"
MAIN = "from headroom.cli import main; main()"


def run(*arguments, code=1, before=""):
    command = [sys.executable, "-c", before + MAIN, "mcp", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stderr.decode()


def test_without_the_sdk_it_names_the_extra_in_one_line():
    for arguments in (["serve"], ["serve", "--http"]):
        said = run(*arguments, before=WITHOUT_SDK)
        assert "pip install 'headroom-ai[mcp]'" in said


def test_the_group_and_its_help_need_no_sdk():
    run("--help", code=0, before=WITHOUT_SDK)
    run("serve", "--help", code=0, before=WITHOUT_SDK)


def test_an_address_that_others_reach_needs_a_token():
    assert "HEADROOM_PROXY_TOKEN" in run("serve", "--http", "--host", "0.0.0.0")


def test_a_port_that_is_taken_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = run("serve", "--http", "--port", port)
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "--port" in said


def test_a_root_that_is_not_there_is_said(tmp_path):
    assert f"the root {tmp_path / 'none'} is not there" in run(
        "serve", "--root", str(tmp_path / "none")
    )
