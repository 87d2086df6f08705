"""A user's file read and replaced: whole or not at all, with its mode, through its symlinks."""

import os
import stat
import tempfile
from pathlib import Path

from headroom.plans._api import PlanError

_LARGEST = 64_000_000


def read(path: Path) -> bytes | None:
    """The file's bytes, None where there is none.

    Raises:
        PlanError: something is there that cannot be read as a file.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise PlanError(f"{path} is larger than {_LARGEST:,} bytes; it was left alone")
        return path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            raise PlanError(f"{path} is a link to a file that is not there") from None
        return None
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror or error}") from error


def check_writable(path: Path) -> None:
    """Refuses a file that its owner has made read-only.

    Raises:
        PlanError: it is.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not mode & stat.S_IWUSR:
        raise PlanError(f"{path} is read-only; make it writable (chmod u+w) and try again")


def check_unchanged(path: Path, content: bytes | None) -> None:
    """Refuses a file that is not any more what a change was made for.

    Raises:
        PlanError: it is not; or it cannot be read.
    """
    if read(path) != content:
        raise PlanError(f"{path} was changed by another program just now; try again")


def write(path: Path, content: bytes) -> None:
    """Replace the file's content at once. A new one is for its owner alone.

    Raises:
        PlanError: it cannot be written. The old content is still there then.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                _like(target, Path(name))
            os.replace(name, target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {error.strerror or error}") from error


def remove(path: Path, made: Path | None) -> None:
    """Remove a file that was made by us, and the folders made for it, if nothing else is in them.
    `made` is the outermost of those.

    Raises:
        PlanError: it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise PlanError(f"{path} cannot be removed: {error.strerror or error}") from error
    folder = path.parent
    while made is not None and folder.is_relative_to(made):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def missing_folder(path: Path) -> Path | None:
    """The outermost folder that will have to be made for the file."""
    found = None
    for folder in path.parents:
        if folder.exists():
            break
        found = folder
    return found


def _like(old: Path, new: Path) -> None:
    known = old.stat()
    os.chmod(new, stat.S_IMODE(known.st_mode))
    if hasattr(os, "chown") and os.geteuid() == 0:
        os.chown(new, known.st_uid, known.st_gid)
