"""`headroom mcp install` and `uninstall`, as a user calls them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.agents import Options, Proxy
from headroom.agents.cursor import Cursor
from headroom.plans import Machine, Runner, System

OTHER = '{"mcpServers": {"mine": {"command": "mine"}}} // and nothing else\n'


@dataclass
class User:
    home: Path

    def write(self, name, text=""):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def mcp(self, *arguments, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "headroom", "mcp", *arguments],
            cwd=self.home,
            env={
                "HOME": str(self.home),
                "USERPROFILE": str(self.home),
                "HEADROOM_HOME": str(self.home.parent / "own"),
                "PATH": "",
                "SYSTEMROOT": os.environ.get("SYSTEMROOT", ""),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def told(self, *arguments, code=0):
        """What is said of each client."""
        said = json.loads(self.mcp(*arguments, "--json", code=code))
        return {one["agent"]: one for one in said}

    def files(self):
        return {path: path.read_bytes() for path in self.home.rglob("*") if path.is_file()}


@pytest.fixture
def user(tmp_path):
    (tmp_path / "somebody").mkdir()
    return User(tmp_path / "somebody")


def server(path):
    return json.loads(path.read_text("utf-8"))["mcpServers"]["headroom"]


def test_every_client_found_gets_the_server_and_loses_it_byte_for_byte(user):
    user.write(".cursor/mcp.json", OTHER)
    user.write(".continue/config.yaml", "name: Mine\n")
    before = user.files()
    assert {one["what"] for one in user.told("install").values()} == {"registered"}
    assert b'"headroom"' in (user.home / ".cursor/mcp.json").read_bytes()
    whole = server(user.home / ".continue/mcpServers/headroom.json")
    assert whole["args"][-2:] == ["mcp", "serve"]
    assert set(user.told("uninstall")) == {"cursor", "continue"}
    assert user.files() == before


def test_a_second_time_changes_nothing(user):
    path = user.write(".cursor/mcp.json", OTHER)
    user.mcp("install")
    once = path.read_bytes()
    assert user.told("install")["cursor"]["what"] == "registered already"
    assert path.read_bytes() == once


def test_one_that_is_wrapped_has_it_already(user):
    machine = Machine(user.home, System.LINUX, {}, lambda _: None, lambda _: None)
    proxy = Proxy("http://127.0.0.1:8787", ("headroom",), user.home / "headroom.toml")
    runner = Runner(user.home.parent / "own" / "changes")
    runner.apply(Cursor().plan(machine, proxy, Options()))
    before = user.files()
    assert user.told("install")["cursor"]["what"] == "registered by `headroom wrap`"
    assert user.files() == before


def test_only_those_named_get_it_found_or_not(user):
    user.write(".cursor/mcp.json", OTHER)
    assert set(user.told("install", "--agent", "continue")) == {"continue"}
    assert (user.home / ".cursor/mcp.json").read_text("utf-8") == OTHER


def test_what_would_change_is_shown_and_not_done(user):
    path = user.write(".cursor/mcp.json", OTHER)
    said = user.mcp("install", "--dry-run")
    assert '+{"mcpServers": {"mine": {"command": "mine"}, "headroom"' in said
    assert path.read_text("utf-8") == OTHER


def test_one_that_cannot_be_read_stops_no_other(user):
    broken = user.write(".gemini/settings.json", "{oops")
    user.write(".cursor/mcp.json", "{}")
    told = user.told("install", code=1)
    assert "not JSON" in told["gemini"]["problems"][0]
    assert told["cursor"]["what"] == "registered"
    assert broken.read_text("utf-8") == "{oops"


def test_one_that_takes_no_servers_is_told_of(user):
    assert user.told("install", "--agent", "aider")["aider"]["what"] == "takes no MCP servers"


def test_where_nothing_is_found_or_registered_that_is_said(user):
    assert "No client was found" in user.mcp("install")
    assert "not registered" in user.mcp("uninstall")
    assert user.told("uninstall", "--agent", "cursor")["cursor"]["what"] == "was not registered"


def test_a_change_that_the_user_made_since_stays(user):
    path = user.write(".cursor/mcp.json", "{}")
    user.mcp("install")
    said = json.loads(path.read_text("utf-8"))
    said["mcpServers"]["later"] = {"command": "later"}
    path.write_text(json.dumps(said), "utf-8")
    user.mcp("uninstall")
    assert json.loads(path.read_text("utf-8"))["mcpServers"] == {"later": {"command": "later"}}
