"""What every SQLite file of ours needs when it is opened. It knows no schema and no store."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from headroom.errors import StoreError

_AGAIN = 0.005


def make_private(path: Path) -> None:
    """Make a file, readable by its owner alone, and its folder, where there is none.

    Raises:
        OSError: the disk refused.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # SQLite gives the files that it makes beside this one the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def connected(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection without transactions of its own, which any thread may use, one at a time."""
    return sqlite3.connect(
        path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
    )


def opened(
    path: Path, busy_seconds: float, version: int, fill: Callable[[sqlite3.Connection], None]
) -> sqlite3.Connection:
    """A connection to write with; the file is made where there is none. `fill` brings an older
    schema (0: none) to `version`, in one transaction.

    Raises:
        OSError: the disk refused.
        sqlite3.Error: the file cannot be used.
        StoreError: a newer version wrote it.
    """
    make_private(path)
    connection = connected(path, busy_seconds)
    try:
        use_wal(connection, busy_seconds)
        # A commit outlives the process; a power cut may take the last few seconds'.
        connection.execute("PRAGMA synchronous = NORMAL")
        check_version(connection, path, version)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            # Another process may have made it what it should be in the meantime.
            if version_of(connection) < version:
                fill(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def check_version(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Refuse a file whose schema is newer than `version`.

    Raises:
        StoreError: it is.
    """
    if version_of(connection) > version:
        raise StoreError(f"{path} was written by a newer headroom; upgrade this one")


def use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to a write-ahead log, in so many seconds at most.

    Raises:
        sqlite3.OperationalError: another process held the file all the while.
    """
    # The one statement that SQLite refuses at once when another process does the same.
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_AGAIN)
        else:
            return


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version that the file says it has; 0 in a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
