"""`headroom wrap` and `headroom unwrap`, run as a user runs them, with a claude that tells what it
was called with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from other_program import listening

BIN = Path(sys.executable).parent
CLAUDE = f"""#!{sys.executable}
import json, os, sys
print(json.dumps([sys.argv[1:], dict(os.environ)]))
sys.exit(7)
"""
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the program is a script")


@pytest.fixture
def user(tmp_path, home):
    """A user whose proxy has a port of its own; it is ended."""
    folder = tmp_path / "user"
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "claude").write_text(CLAUDE, "utf-8")
    (programs / "claude").chmod(0o755)
    with listening() as port:
        pass
    toml = tmp_path / "config" / "headroom" / "headroom.toml"
    toml.parent.mkdir(parents=True)
    toml.write_text(f"# mine\n[proxy]\nport = {port}\n", "utf-8")
    kept = {name: said for name, said in os.environ.items() if "_BASE_URL" not in name}
    environ = {
        **kept,
        "HOME": str(folder),
        "USERPROFILE": str(folder),
        "PATH": os.pathsep.join([str(programs), str(BIN), "/usr/bin", "/bin"]),
    }
    yield User(folder, toml, port, environ)
    toml.write_text("", "utf-8")
    for path in (home / "proxies").glob("*.json"):
        command = [sys.executable, "-m", "headroom", "proxy", "stop", "--port", path.stem]
        subprocess.run(command, env=environ, capture_output=True, timeout=60, check=True)


class User:
    def __init__(self, folder, toml, port, environ):
        self.folder, self.toml, self.port, self.environ = folder, toml, port, environ
        self.url = f"http://127.0.0.1:{port}"
        self.settings = folder / ".claude" / "settings.json"

    def run(self, *arguments, code=0, **more):
        """What it says on stdout, and on stderr."""
        done = subprocess.run(
            [sys.executable, "-m", "headroom", *arguments],
            cwd=self.folder,
            env={**self.environ, **more},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    def files(self):
        paths = [*self.folder.rglob("*"), self.toml]
        return {path: path.read_bytes() for path in paths if path.is_file()}


def test_from_wrap_to_unwrap(user):
    before = user.files()
    out, err = user.run("wrap", "claude")
    lines = out.splitlines()
    assert (lines[0], err) == ("Claude Code goes through Headroom from now on.", "")
    assert f"✓ The proxy is started: {user.url}" in lines
    assert any(line.startswith("  ~/.claude/settings.json ") for line in lines)
    for command in ("claude", "headroom doctor", "headroom stats", "headroom unwrap claude"):
        assert any(line.startswith(f"  {command}  ") for line in lines)
    assert json.loads(user.settings.read_bytes())["env"]["ANTHROPIC_BASE_URL"] == user.url

    assert user.run("wrap", "claude")[0].startswith("Claude Code goes through Headroom already.")

    out, err = user.run("unwrap", "claude")
    assert out.startswith("Claude Code is as it was before.\n  ~/.claude/settings.json  removed\n")
    assert out.endswith("\nThe proxy still runs. End it with: headroom proxy stop\n")
    assert user.files() == before
    assert "claude is not wrapped; nothing is wrapped" in user.run("unwrap", "claude", code=1)[1]
    assert user.run("unwrap", "--all")[0] == "Nothing is wrapped.\n"


def test_settings_that_broke_since_do_not_keep_it_from_being_taken_back(user):
    before = user.files()
    user.run("wrap", "claude", "--no-mcp")
    said = user.toml.read_text("utf-8")
    user.toml.write_text(f"{said}nonsense = 1\n", "utf-8")
    out, _ = user.run("unwrap", "claude")
    assert out.startswith("Claude Code is as it was before.\n")
    assert "nonsense is no key here" in out
    user.toml.write_text(said, "utf-8")
    assert user.files() == before


def test_a_dry_run_is_a_diff_and_changes_nothing(user, home):
    user.settings.parent.mkdir()
    user.settings.write_bytes(b'// mine\n{"env": {"A": "1"}}\n')
    before = user.files()
    out, _ = user.run("wrap", "claude", "--dry-run", "--policy", "safe")
    assert f"--- {user.toml}\n" in out
    assert '+policy = "safe"\n' in out
    assert f"+++ {user.settings}\n" in out
    assert f'"ANTHROPIC_BASE_URL": "{user.url}"' in out
    told = json.loads(user.run("wrap", "claude", "--dry-run", "--json")[0])
    assert told["files"][0]["path"] == str(user.settings)
    assert user.files() == before
    assert not home.exists()


def test_what_was_done_as_json(user):
    told = json.loads(user.run("wrap", "claude", "--json")[0])
    assert (told["agent"], told["found"], told["proxy"]["url"]) == ("claude", True, user.url)
    assert str(user.settings) in told["files"]
    told = json.loads(user.run("unwrap", "claude", "--json")[0])
    assert str(user.settings) in told["claude"]["files"]


@POSIX
def test_one_run_gets_the_users_arguments_and_its_exit_code_is_the_agents(user):
    before = user.files()
    out, err = user.run("wrap", "claude", "--", "-p", "say 'hi'", "--model", "x", code=7)
    argv, environ = json.loads(out)
    assert argv[-4:] == ["-p", "say 'hi'", "--model", "x"]
    settings = json.loads(argv[argv.index("--settings") + 1])
    assert settings["env"]["ANTHROPIC_BASE_URL"] == user.url
    assert environ["HOME"] == str(user.folder)
    assert err == ""
    _, err = user.run("wrap", "claude", "--once", "--policy", "safe", code=7)
    assert err.startswith("headroom: the proxy runs already, with policy balanced")
    assert user.files() == before


@POSIX
def test_a_dry_run_of_one_run_is_its_command(user, home):
    out, _ = user.run("wrap", "claude", "--dry-run", "--", "-p", "say hi")
    assert out.startswith(f"would run: {user.folder}/bin/claude --settings ")
    assert out.endswith("-p 'say hi'\n")
    assert not home.exists()


def test_an_agent_that_is_not_here_is_wrapped_for_later_and_cannot_be_run(user):
    (user.folder / "bin" / "claude").unlink()
    said = user.run("wrap", "claude", "--once", code=1)[1]
    assert said == "headroom: claude was not found on the PATH\n"
    assert "! Claude Code was not found here" in user.run("wrap", "claude")[0]
    user.run("unwrap", "claude")


def test_an_agent_without_a_way_to_the_proxy_is_not_said_to_go_through_it(user):
    out, _ = user.run("wrap", "cursor")
    assert out.startswith("Cursor has Headroom's tools. Its requests go as before.\n")
    assert "The proxy is" not in out
    user.run("unwrap", "cursor")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("wrap", "nosuch"), "'nosuch' is not one of 'claude'"),
        (("wrap", "claude", "--json", "--", "-p"), "--json tells of changes"),
        (("unwrap",), "name an AGENT, or give --all"),
        (("unwrap", "claude", "--all"), "name an AGENT, or give --all"),
    ],
)
def test_misuse_says_how_it_is_meant(user, arguments, said):
    assert said in user.run(*arguments, code=2)[1]


def test_settings_that_cannot_be_meant_stop_it_before_a_file_is_touched(user):
    user.toml.write_text("nonsense = 1\n", "utf-8")
    before = user.files()
    assert "nonsense is no key here" in user.run("wrap", "claude", code=1)[1]
    assert user.files() == before


def test_a_port_that_another_program_has_is_said_and_nothing_changes(user):
    before = user.files()
    with listening(user.port):
        said = user.run("wrap", "claude", code=1)[1]
    assert f"another program has port {user.port}" in said
    assert "--port" in said
    assert user.files() == before


def test_what_the_user_changed_since_stays_and_is_told(user):
    user.run("wrap", "claude")
    said = json.loads(user.settings.read_bytes())
    said["env"]["ANTHROPIC_BASE_URL"] = "https://elsewhere.example.org"
    said["mine"] = True
    user.settings.write_text(json.dumps(said), "utf-8")
    out, _ = user.run("unwrap", "claude", code=1)
    assert out.startswith("Claude Code is as it was before, but for this:\n! ")
    assert "env.ANTHROPIC_BASE_URL was changed since and stays as it is" in out
    assert json.loads(user.settings.read_bytes()) == {
        "env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example.org"},
        "mine": True,
    }
