"""Where programs keep the user's files, by the kind of machine."""

from pathlib import Path

from headroom.plans import Machine, System

_EDITORS = ("Code", "Code - Insiders", "VSCodium")


def application_data(machine: Machine) -> Path:
    """The folder in which desktop programs have one folder each."""
    if machine.system is System.WINDOWS:
        return machine.folder("APPDATA", "AppData/Roaming")
    if machine.system is System.MACOS:
        return machine.home / "Library" / "Application Support"
    return machine.folder("XDG_CONFIG_HOME", ".config")


def vscode_folders(machine: Machine) -> tuple[Path, ...]:
    """The user's folder of VS Code and of each variant of it that was ever started here."""
    folders = (application_data(machine) / name / "User" for name in _EDITORS)
    return tuple(folder for folder in folders if was_started(machine, folder))


def was_started(machine: Machine, folder: Path) -> bool:
    """Whether the editor with this folder for its user was ever started."""
    kept = ("settings.json", "mcp.json", "globalStorage/storage.json")
    return any(machine.exists(folder / name) for name in kept)
