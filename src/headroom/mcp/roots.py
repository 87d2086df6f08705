"""The files that a client may have read: text inside the folders that the user allowed.

A path is judged by where it leads once symbolic links are followed, and what lies outside is
refused alike whether it exists or not. It reads, and never writes.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from headroom.errors import SettingsError

MAX_BYTES = 16_000_000
"""Bytes that a file may have."""
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


class Roots:
    """The allowed folders. A relative path is looked for in each, in their order.

    Raises:
        SettingsError: a folder is not there.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(_folder(said) for said in folders)

    def read(self, said: str) -> bytes:
        """The bytes of a text file, at most `MAX_BYTES`.

        Raises:
            SettingsError: it is outside the folders, missing, too large or no text; the text
                says which, and what to do.
        """
        path = self._allowed(said)
        if os.path.isdir(path):
            raise SettingsError(f"{said} is a folder; name a file")
        try:
            with open(path, "rb", opener=_opened) as file:
                size = _checked_size(said, os.fstat(file.fileno()))
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise SettingsError(f"cannot read {said}: {error.strerror or error}") from error
        if len(data) > MAX_BYTES:
            raise _too_large(said, max(size, len(data)))
        if b"\0" in data:
            raise SettingsError(f"{said} is a binary file; only text can be compressed")
        return data

    def _allowed(self, said: str) -> Path:
        if not self._folders:
            raise SettingsError(
                "no folder may be read from; the user can allow one: headroom mcp serve --root PATH"
            )
        path = Path(said)
        if ".." in path.parts:
            raise SettingsError(f"{said} has .. in it; name the file from an allowed folder on")
        inside = [found for root in self._folders if (found := _inside(root, path)) is not None]
        if not inside:
            allowed = ", ".join(map(str, self._folders))
            raise SettingsError(f"{said} is not inside {allowed}; only files there can be read")
        return next((found for found in inside if os.path.exists(found)), inside[0])


def default_folders() -> tuple[Path, ...]:
    """The working directory, unless it is a whole disk or a home: desktop programs start servers
    there, and nobody means all of it."""
    here = Path.cwd().resolve()
    return () if here in (Path(here.anchor), Path.home().resolve()) else (here,)


def _folder(said: Path) -> Path:
    try:
        found = said.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise SettingsError(f"the root {said} is not there") from error
    if not found.is_dir():
        raise SettingsError(f"the root {said} is no folder")
    return found


def _inside(root: Path, path: Path) -> Path | None:
    """Where `path` leads, seen from `root`; None if that is outside of it."""
    joined = root / path
    if joined.drive != root.drive:
        # Even to resolve a share's name would call another machine.
        return None
    try:
        found = joined.resolve()
    except (OSError, RuntimeError, ValueError):
        return None
    return found if found.is_relative_to(root) else None


def _opened(path: str, flags: int) -> int:
    # Neither a link that was put there since is followed, nor a pipe waited for.
    return os.open(path, flags | _FLAGS)


def _checked_size(said: str, status: os.stat_result) -> int:
    if not stat.S_ISREG(status.st_mode):
        raise SettingsError(f"{said} is no regular file")
    if status.st_size > MAX_BYTES:
        raise _too_large(said, status.st_size)
    return status.st_size


def _too_large(said: str, size: int) -> SettingsError:
    return SettingsError(
        f"{said} has {size:,} bytes, and at most {MAX_BYTES:,} are read; pass a part of it as text"
    )
