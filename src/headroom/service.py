"""The proxy as a service of the user's: started at log-in, started again when it fails.

A pure plan for each system; nothing here runs anything. It needs no administrator, but on a
Windows that lets only one make tasks for log-on; there a task also ends with the battery's rules.
"""

import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import list2cmdline

from headroom.plans import Command, FileFormat, FilePatch, Machine, Plan, PlanError, System, change

NAME = "service"
LABEL = "ai.headroom.proxy"
_UNIT = "headroom.service"
_TASK = "Headroom proxy"
_WHY = "starts the proxy at log-in"


def plan(
    machine: Machine, headroom: Sequence[str], log: Path, variables: Mapping[str, str]
) -> Plan:
    """What installs the service. `headroom` is how the program is called, `log` where it may
    write what it says, on systems that keep no log of a service; `variables` are its own.

    Raises:
        PlanError: this system has no services for users.
    """
    argv = (*headroom, "proxy")
    if machine.system is System.MACOS:
        return _launchd(machine, argv, log, variables)
    if machine.system is System.WINDOWS:
        return _task(argv, variables)
    if machine.which("systemctl") is None:
        raise PlanError(
            "there is no systemd here to run a service; start the proxy with `headroom proxy "
            "start`, from your shell's profile for instance"
        )
    return _systemd(machine, argv, variables)


def _systemd(machine: Machine, argv: Sequence[str], variables: Mapping[str, str]) -> Plan:
    folder = machine.folder("XDG_CONFIG_HOME", ".config") / "systemd" / "user"
    own = "".join(f"Environment={_assigned(*pair)}\n" for pair in variables.items())
    text = f"""\
[Unit]
Description=Headroom, which compresses what agents send to LLMs
Documentation=https://pypi.org/project/headroom-ai/

[Service]
ExecStart={" ".join(map(_quoted, argv))}
{own}WorkingDirectory=%h
Restart=on-failure
RestartSec=2
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
"""
    enable = ("systemctl", "--user", "enable", "--now", _UNIT)
    disable = ("systemctl", "--user", "disable", "--now", _UNIT)
    return Plan(
        NAME,
        "The proxy's service",
        (_whole(folder / _UNIT, text),),
        (
            Command(("systemctl", "--user", "daemon-reload"), why="tells systemd of it"),
            Command(enable, disable, "starts it, now and at log-in"),
        ),
        ("To have it run while you are logged out: loginctl enable-linger",),
    )


def _launchd(
    machine: Machine, argv: Sequence[str], log: Path, variables: Mapping[str, str]
) -> Plan:
    path = machine.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    said = {
        "Label": LABEL,
        "ProgramArguments": list(argv),
        "EnvironmentVariables": dict(variables),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "WorkingDirectory": str(machine.home),
        "StandardOutPath": str(log),
        "StandardErrorPath": str(log),
        "Umask": 0o077,
    }
    load = Command(
        ("launchctl", "load", "-w", str(path)),
        ("launchctl", "unload", "-w", str(path)),
        "starts it, now and at log-in",
    )
    text = plistlib.dumps(said, sort_keys=False).decode()
    return Plan(NAME, "The proxy's service", (_whole(path, text),), (load,))


def _task(argv: Sequence[str], variables: Mapping[str, str]) -> Plan:
    create = ("schtasks", "/Create", "/TN", _TASK, "/TR", list2cmdline(argv), "/SC", "ONLOGON")
    made = Command(
        (*create, "/RL", "LIMITED", "/F"), ("schtasks", "/Delete", "/TN", _TASK, "/F"), _WHY
    )
    run = Command(("schtasks", "/Run", "/TN", _TASK), ("schtasks", "/End", "/TN", _TASK), "now")
    note = f"The task has them only if they are set for your user (setx): {', '.join(variables)}"
    return Plan(NAME, "The proxy's service", (), (made, run), (note,) if variables else ())


def _whole(path: Path, text: str) -> FilePatch:
    return FilePatch(path, FileFormat.WHOLE, (change(to=text),), _WHY)


def _quoted(argument: str) -> str:
    """A word of a command, in which systemd reads `$` too."""
    return _assigned(argument.replace("$", "$$"))


def _assigned(*parts: str) -> str:
    """As systemd reads it: `%` stands for itself when doubled."""
    said = "=".join(parts)
    return '"{}"'.format(said.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%"))
