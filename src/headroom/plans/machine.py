"""The machine as a plan sees it: its kind, the user's home and variables, what is installed."""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class System(str, Enum):
    """The kinds of machine that we know."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Machine:
    """`which` finds a program; `read` gives a file's bytes, or None where there is no such file.
    Both only look, so that a plan can be made for any machine."""

    home: Path
    system: System
    environ: Mapping[str, str]
    which: Callable[[str], Path | None]
    read: Callable[[Path], bytes | None]

    @classmethod
    def here(cls, environ: Mapping[str, str]) -> "Machine":
        """This machine, for a user with these variables."""

        def which(program: str) -> Path | None:
            found = shutil.which(program, path=environ.get("PATH"))
            return Path(found) if found else None

        return cls(Path.home(), _SYSTEMS.get(sys.platform, System.LINUX), environ, which, _read)

    def folder(self, variable: str, default: str) -> Path:
        """The folder that a variable names, else one below the home folder."""
        said = self.environ.get(variable)
        return Path(said).expanduser() if said else self.home / default

    def exists(self, path: Path) -> bool:
        """Whether there is such a file."""
        return self.read(path) is not None


_SYSTEMS = {"darwin": System.MACOS, "win32": System.WINDOWS}


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
