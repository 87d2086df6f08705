import configparser
import plistlib
from pathlib import Path, PurePosixPath

import pytest

from headroom import service
from headroom.plans import Machine, Plan, PlanError, System

HOME = Path("/home/ana")
LOG = HOME / "logs" / "service.log"
ODD = ("/opt/my tools/100%/head$room", "--say", 'a "word"')


def planned(
    system: System,
    argv: tuple[str, ...] = ("/usr/bin/headroom",),
    *,
    systemd: bool = True,
    variables: dict[str, str] | None = None,
) -> Plan:
    def which(program: str) -> Path | None:
        return Path("/bin", program) if systemd else None

    machine = Machine(HOME, system, {}, which, lambda path: None)
    return service.plan(machine, argv, LOG, variables or {})


def test_systemd_starts_it_at_log_in_and_again_when_it_fails() -> None:
    found = planned(System.LINUX)
    (patch,) = found.patches
    assert patch.path == HOME / ".config/systemd/user/headroom.service"
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(str(patch.changes[0].value))
    assert unit["Service"]["ExecStart"] == '"/usr/bin/headroom" "proxy"'
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Install"]["WantedBy"] == "default.target"
    assert [command.argv[2] for command in found.commands] == ["daemon-reload", "enable"]
    assert found.commands[1].undo == ("systemctl", "--user", "disable", "--now", "headroom.service")


def test_what_systemd_reads_in_a_word_stands_for_itself() -> None:
    (patch,) = planned(System.LINUX, ODD).patches
    assert 'ExecStart="/opt/my tools/100%%/head$$room" "--say" "a \\"word\\"" "proxy"\n' in str(
        patch.changes[0].value
    )


def test_launchd_gets_a_property_list_that_says_the_same() -> None:
    found = planned(System.MACOS, ODD)
    (patch,) = found.patches
    said = plistlib.loads(str(patch.changes[0].value).encode())
    assert said["ProgramArguments"] == [*ODD, "proxy"]
    assert said["RunAtLoad"] is True
    assert said["KeepAlive"] == {"SuccessfulExit": False}
    assert PurePosixPath(patch.path).name == "ai.headroom.proxy.plist"
    (command,) = found.commands
    assert (command.argv[1], command.undo[1]) == ("load", "unload")


def test_windows_gets_a_task_at_log_on_with_the_users_own_rights() -> None:
    found = planned(System.WINDOWS, ("C:\\my tools\\headroom.exe",))
    create, run = found.commands
    assert create.argv[create.argv.index("/TR") + 1] == '"C:\\my tools\\headroom.exe" proxy'
    assert create.argv[create.argv.index("/SC") + 1] == "ONLOGON"
    assert create.argv[create.argv.index("/RL") + 1] == "LIMITED"
    assert (create.undo[1], run.undo[1]) == ("/Delete", "/End")
    assert found.patches == ()


def test_without_systemd_it_is_said_what_else_can_be_done() -> None:
    with pytest.raises(PlanError, match="headroom proxy start"):
        planned(System.LINUX, systemd=False)


def test_variables_of_the_settings_become_the_services_own() -> None:
    own = {"HEADROOM_HOME": '/data/my 100%/"kept"', "HEADROOM_PORT": "9000"}
    (patch,) = planned(System.LINUX, variables=own).patches
    said = str(patch.changes[0].value)
    assert 'Environment="HEADROOM_HOME=/data/my 100%%/\\"kept\\""\n' in said
    assert 'Environment="HEADROOM_PORT=9000"\n' in said
    (patch,) = planned(System.MACOS, variables=own).patches
    assert plistlib.loads(str(patch.changes[0].value).encode())["EnvironmentVariables"] == own
    (note,) = planned(System.WINDOWS, variables=own).notes
    assert "HEADROOM_HOME, HEADROOM_PORT" in note
    assert planned(System.WINDOWS).notes == ()
