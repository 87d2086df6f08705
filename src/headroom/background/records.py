"""What is kept in the home folder of proxies in the background: for each port who was started, the
log it writes, and a lock.

    HOME/proxies/8787.json    HOME/proxies/8787.lock    HOME/logs/proxy-8787.log

A record helps to find a proxy and to start it again as it was; that it runs, only its port can
tell. What cannot be read is as good as none.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from headroom.background.locks import hold
from headroom.background.values import BackgroundError

_LARGEST_LOG = 5_000_000
_PAUSE, _LONGEST_PAUSE = 0.01, 0.25


@dataclass(frozen=True, slots=True)
class Record:
    """A proxy that was started in the background, `started_at` seconds since 1970. `flags` are
    those of the command, by name; no secret is among them."""

    port: int
    process: int
    url: str
    version: str
    started_at: float
    flags: Mapping[str, object]
    log: str


@dataclass(frozen=True, slots=True)
class Records:
    """The records under one home folder."""

    home: Path

    def log(self, port: int) -> Path:
        """The file that a proxy on this port writes to."""
        return self.home / "logs" / f"proxy-{port}.log"

    def open_log(self, port: int) -> int:
        """A handle that appends to the log, for the user alone. A log that grew large is put
        aside first, in the place of the one before.

        Raises:
            BackgroundError: it cannot be opened.
        """
        path = self.log(port)
        try:
            _private(path.parent)
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_size > _LARGEST_LOG:
                    path.replace(path.with_suffix(".old.log"))
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error

    def ports(self) -> list[int]:
        """The ports of which there is a record."""
        names = (path.stem for path in (self.home / "proxies").glob("*.json"))
        return sorted(int(name) for name in names if name.isdecimal())

    def read(self, port: int) -> Record | None:
        """The port's record; None where there is none that can be read."""
        try:
            said: dict[str, Any] = orjson.loads(self._path(port).read_bytes())
            record = Record(**said)
        except (OSError, ValueError, TypeError):
            return None
        fits = (
            record.port == port
            and isinstance(record.process, int)
            and isinstance(record.url, str)
            and isinstance(record.flags, dict)
            and isinstance(record.log, str)
        )
        return record if fits else None

    def write(self, record: Record) -> None:
        """Keep a record in the place of the port's former one.

        Raises:
            BackgroundError: it cannot be written.
        """
        path = self._path(record.port)
        new = path.with_suffix(".new")
        try:
            _private(path.parent)
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(orjson.dumps(asdict(record), option=orjson.OPT_INDENT_2))
            new.replace(path)
        except OSError as error:
            raise _unusable(path, error) from error

    def remove(self, port: int) -> None:
        """Forget the port's record; its log stays."""
        with contextlib.suppress(OSError):
            self._path(port).unlink()

    @contextlib.contextmanager
    def locked(self, port: int, seconds: float) -> Iterator[None]:
        """Only one process at a time starts or ends the port's proxy. The lock goes with its
        process, however that ends.

        Raises:
            BackgroundError: another one holds it for longer than `seconds`.
        """
        path = self.home / "proxies" / f"{port}.lock"
        try:
            _private(path.parent)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            _await(handle, port, seconds)
            yield
        finally:
            os.close(handle)

    def _path(self, port: int) -> Path:
        return self.home / "proxies" / f"{port}.json"


def _await(handle: int, port: int, seconds: float) -> None:
    ends, pause = time.monotonic() + seconds, _PAUSE
    while not hold(handle):
        if time.monotonic() > ends:
            raise BackgroundError(
                f"another command has been starting or ending the proxy on port {port} for "
                f"{seconds:g} seconds; try again when it is done"
            )
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _private(folder: Path) -> None:
    for path in (folder.parent, folder):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _unusable(path: Path, error: OSError) -> BackgroundError:
    return BackgroundError(
        f"cannot write {path}: {error.strerror or error}; set HEADROOM_HOME to a folder of your own"
    )
