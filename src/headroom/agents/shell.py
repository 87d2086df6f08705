"""The profile that a new shell reads, and how variables are set in it.

A block of lines at its end sets ours, so they win over what stands before. It must not know what
the variables are for, and no secret is ever among them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from headroom.plans import FileFormat, FilePatch, Machine, System, Value, change, editing

_LOGIN = (".bash_profile", ".bash_login", ".profile")


@dataclass(frozen=True, slots=True)
class _Dialect:
    """A line that sets a variable; inside its quotes `escapes` stand for what they name."""

    line: str
    escapes: tuple[tuple[str, str], ...]
    read: str

    def spelled(self, name: str, value: str) -> str:
        for plain, escaped in self.escapes:
            value = value.replace(plain, escaped)
        return self.line.format(name=name, value=value)

    def variable(self, line: str) -> tuple[str, str] | None:
        pattern = re.escape(self.line.format(name="\0", value="\1"))
        found = re.fullmatch(pattern.replace("\0", r"(\w+)").replace("\1", "(.*)"), line)
        if found is None:
            return None
        value = found[2]
        for plain, escaped in reversed(self.escapes):
            value = value.replace(escaped, plain)
        return found[1], value


_POSIX = _Dialect("export {name}='{value}'", (("'", "'\\''"),), ". {path}")
_FISH = _Dialect("set -gx {name} '{value}'", (("\\", "\\\\"), ("'", "\\'")), "source {path}")
_POWERSHELL = _Dialect("$env:{name} = '{value}'", (("'", "''"),), ". {path}")


@dataclass(frozen=True, slots=True)
class Profile:
    """A shell's profile. `again` is the line that reads it in a shell that is open already."""

    path: Path
    again: str
    dialect: _Dialect

    def patch(self, variables: Mapping[str, str], why: str) -> FilePatch:
        """Our block, setting these."""
        lines: list[Value] = [self.dialect.spelled(*each) for each in variables.items()]
        return FilePatch(self.path, FileFormat.LINES, (change(to=lines),), why)

    def variables(self, machine: Machine) -> dict[str, str]:
        """What our block sets; nothing where there is none."""
        lines = editing.value(FileFormat.LINES, machine.read(self.path))
        written = lines if isinstance(lines, list) else []
        found = [self.dialect.variable(str(line)) for line in written]
        return dict(variable for variable in found if variable)


def profile(machine: Machine) -> Profile | None:
    """The profile of the user's shell; None of one that is not known here."""
    if machine.system is System.WINDOWS:
        path = machine.home / "Documents" / "PowerShell" / "profile.ps1"
        return _profile(machine, path, _POWERSHELL)
    shell = PurePath(machine.environ.get("SHELL") or "bash").name
    if shell == "bash":
        return _profile(machine, _bash(machine), _POSIX)
    if shell == "zsh":
        return _profile(machine, machine.folder("ZDOTDIR", ".") / ".zshrc", _POSIX)
    if shell == "fish":
        path = machine.folder("XDG_CONFIG_HOME", ".config") / "fish" / "config.fish"
        return _profile(machine, path, _FISH)
    if shell in ("sh", "dash", "ash", "ksh"):
        return _profile(machine, machine.home / ".profile", _POSIX)
    return None


def _profile(machine: Machine, path: Path, dialect: _Dialect) -> Profile:
    short = path
    if path.is_relative_to(machine.home):
        short = Path("~") / path.relative_to(machine.home)
    return Profile(path, dialect.read.format(path=short.as_posix()), dialect)


def _bash(machine: Machine) -> Path:
    """Terminals open a login shell on macOS, which reads one file of several, else no such."""
    if machine.system is not System.MACOS:
        return machine.home / ".bashrc"
    there = (machine.home / name for name in _LOGIN if machine.exists(machine.home / name))
    return next(there, machine.home / _LOGIN[0])
