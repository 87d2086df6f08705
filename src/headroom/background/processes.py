"""What runs under a process id: an id is given to another program once its own has ended, and a
proxy in a container tells an id of the container's.
"""

import subprocess
import sys
from pathlib import Path, PurePath

_PROCESSES = Path("/proc")
_SECONDS = 10.0


def is_proxy(process: int) -> bool | None:
    """Whether a headroom proxy runs under this id; None where the system does not tell."""
    command = command_of(process)
    if command is None:
        return None
    words = command.split()
    return "proxy" in words and any(PurePath(word).stem == "headroom" for word in words)


def command_of(process: int) -> str | None:
    """The process's command line; empty where it has ended, None where the system does not tell."""
    if sys.platform == "win32":
        return None
    if (_PROCESSES / "self" / "cmdline").exists():
        return _from_files(process)
    return _from_command(process)


def _from_files(process: int) -> str | None:
    try:
        words = (_PROCESSES / str(process) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    except OSError:
        return None
    return words.replace(b"\0", b" ").decode("utf-8", "replace").strip()


def _from_command(process: int) -> str | None:
    command = ["ps", "-ww", "-o", "command=", "-p", str(process)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = done.stdout.decode("utf-8", "replace").strip()
    # What has ended, and nobody has asked after, is listed as `(name)` or `<defunct>`.
    return "" if "<defunct>" in said else said
