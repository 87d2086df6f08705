"""`headroom service`, with a systemctl that starts and ends what a unit names."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from headroom import background
from headroom.wrapping import users_settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no systemd but on Linux")

SYSTEMCTL = """\
#!/bin/bash
echo "$*" >> "$HOME/calls"
unit="$HOME/.config/systemd/user/headroom.service"
case "$2" in
  enable)
    [ -e "$HOME/no-bus" ] && { echo "Failed to connect to bus" >&2; exit 1; }
    eval "line=($(sed -n 's/^ExecStart=//p' "$unit"))"
    setsid "${line[@]}" > /dev/null 2>&1 < /dev/null &
    echo $! > "$HOME/process" ;;
  disable)
    [ -e "$HOME/process" ] || exit 0
    process=$(cat "$HOME/process"); rm "$HOME/process"
    kill "$process"
    for _ in $(seq 100); do kill -0 "$process" 2> /dev/null || exit 0; sleep 0.1; done ;;
esac
"""
BIN = Path(sys.executable).parent


@pytest.fixture
def run(machine, port, tmp_path):
    """`headroom` as the user runs it, on a machine with systemd."""
    programs = tmp_path / "bin"
    programs.mkdir()
    path = programs / "systemctl"
    path.write_text(SYSTEMCTL, "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    environ = {
        **os.environ,
        "HOME": str(machine.home),
        "PATH": os.pathsep.join([str(programs), str(BIN), "/usr/bin", "/bin"]),
        "XDG_CONFIG_HOME": str(machine.home / ".config"),
    }
    own = machine.home / ".config" / "headroom" / "headroom.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f"[proxy]\nport = {port}\n", "utf-8")

    def done(*arguments, code=0, **more):
        found = subprocess.run(
            [BIN / "headroom", *arguments],
            env={**environ, **more},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert found.returncode == code, found.stdout + found.stderr
        assert "Traceback" not in found.stderr
        return found.stdout + found.stderr

    return done


@pytest.fixture
def calls(machine):
    return lambda: [line.split()[1] for line in (machine.home / "calls").read_text().splitlines()]


@pytest.fixture
def unit(machine):
    return machine.home / ".config" / "systemd" / "user" / "headroom.service"


def running():
    found = background.find(users_settings({}))
    return found and found.process


def test_the_service_takes_the_place_of_the_proxy_in_the_background(run, calls, unit, machine):
    before = background.ensure(users_settings({}), {}).process
    said = run("service", "install")
    assert "The proxy runs as a service now" in said
    assert "loginctl enable-linger" in said
    assert running() == int((machine.home / "process").read_text()) != before
    assert calls() == ["daemon-reload", "enable"]
    assert "is healthy" in run("service", "status")

    assert "is gone" in run("service", "uninstall")
    assert calls()[2:] == ["disable"]
    assert (unit.exists(), running()) == (False, None)


def test_installing_it_again_starts_it_anew(run, calls):
    run("service", "install")
    first = running()
    run("service", "install")
    assert running() not in (None, first)
    assert calls() == ["daemon-reload", "enable", "disable", "daemon-reload", "enable"]
    run("service", "uninstall")


def test_a_dry_run_shows_the_unit_and_does_nothing(run, unit, machine):
    said = run("service", "install", "--dry-run")
    assert '+ExecStart="' in said
    assert "would run: systemctl --user enable --now headroom.service" in said
    assert not unit.exists()
    assert not (machine.home / "calls").exists()


def test_where_systemd_refuses_all_is_as_it_was(run, unit, machine, calls):
    (machine.home / "no-bus").touch()
    background.ensure(users_settings({}), {"policy": "safe"})
    said = run("service", "install", code=1)
    assert "Failed to connect to bus" in said
    assert "headroom proxy start" in said
    assert not unit.exists()
    assert background.find(users_settings({})).flags["policy"] == "safe"
    assert "not installed" in run("service", "status", code=1)
    assert calls() == ["daemon-reload", "enable", "disable"]


def test_settings_that_change_while_it_runs_start_it_anew(run, machine, calls):
    run("service", "install")
    first = running()
    assert "The proxy is restarted" in run("wrap", "claude", "--policy", "safe")
    assert running() == int((machine.home / "process").read_text()) != first
    assert calls()[2:] == ["disable", "daemon-reload", "enable"]
    assert "as it was before" in run("unwrap", "--all")
    assert running() is None


def test_variables_of_the_shell_become_the_services_and_a_token_does_not(run, home):
    said = run("service", "install", "--dry-run", HEADROOM_POLICY="safe")
    assert f'+Environment="HEADROOM_HOME={home}"' in said
    assert '+Environment="HEADROOM_POLICY=safe"' in said
    said = run("service", "install", "--dry-run", HEADROOM_PROXY_TOKEN="s3cr3t", code=1)
    assert "HEADROOM_PROXY_TOKEN is set" in said
    assert "s3cr3t" not in said


def test_a_service_that_is_not_there_is_not_taken_away(run):
    assert "the service is not installed" in run("service", "uninstall", code=1)


def test_agents_that_need_a_proxy_are_told_of_when_it_goes(run):
    run("service", "install")
    run("wrap", "claude")
    assert "→ headroom proxy start" in run("service", "uninstall")
    run("unwrap", "claude")
