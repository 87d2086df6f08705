"""One SQLite file, opened lazily and safely: modes, schema version, forks, threads, errors.

Rule: no `sqlite3` exception leaves this file's `session`; it becomes a `StoreError` that says
what to do. This file knows the schema, and nothing of refs, retention or compression.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headroom.errors import StoreError
from headroom.sqlite_files import use_wal, version_of

# What turns version n into version n + 1. `PRAGMA user_version` counts the steps taken.
MIGRATIONS = (
    """
    CREATE TABLE contents (
        digest BLOB PRIMARY KEY,
        size INTEGER NOT NULL,          -- of the original
        stored_size INTEGER NOT NULL,
        packed INTEGER NOT NULL,        -- 1: zlib, 0: as it is
        data BLOB NOT NULL
    );
    CREATE TABLE refs (
        scope TEXT NOT NULL,
        ref TEXT NOT NULL,
        digest BLOB NOT NULL,
        stored REAL NOT NULL,
        accessed REAL NOT NULL,
        PRIMARY KEY (scope, ref)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX refs_by_digest ON refs (digest, scope);
    CREATE INDEX refs_by_access ON refs (accessed);
    CREATE TABLE tombstones (
        scope TEXT NOT NULL,
        ref TEXT NOT NULL,
        digest BLOB NOT NULL,
        purged REAL NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (scope, ref)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE settled (
        scope TEXT NOT NULL,
        key BLOB NOT NULL,
        data BLOB NOT NULL,
        size INTEGER NOT NULL,          -- of key and data
        used REAL NOT NULL,
        PRIMARY KEY (scope, key)
    );
    CREATE INDEX settled_by_use ON settled (used, size);
    """,
)

BUSY_SECONDS = 30.0


class Database:
    """A connection that many threads share in turn, and that a forked child replaces.

    It waits `busy_seconds` for a neighbour's lock. What is committed survives a kill, and a
    power cut too where it is `durable`.
    """

    def __init__(
        self, file: Path, *, busy_seconds: float = BUSY_SECONDS, durable: bool = True
    ) -> None:
        self.file = file
        self._busy_seconds = busy_seconds
        self._durable = durable
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        # Closes the connection: on `close`, with this object, or when the process ends.
        self._release: weakref.finalize[[sqlite3.Connection, int], Database] | None = None

    @contextmanager
    def session(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; statements commit one by one.

        Raises:
            StoreError: SQLite or the file system refused.
        """
        if self._process != os.getpid():
            self._after_fork()
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                yield self._connection
            except (sqlite3.Error, OSError) as error:
                raise StoreError(_advice(error, self.file, self._busy_seconds)) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A session whose statements all take effect, durably, or none of them."""
        with self.session() as connection, _transaction(connection):
            yield connection

    @contextmanager
    def erasing(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose deleted bytes are overwritten, and their room given back."""
        with self.session() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            try:
                with _transaction(connection):
                    yield connection
                # `execute` would take only the first of this pragma's steps.
                connection.executescript("PRAGMA incremental_vacuum")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.execute("PRAGMA secure_delete = OFF")

    def close(self) -> None:
        """Give the file back; the next session opens it again."""
        if self._process != os.getpid():
            self._after_fork()
        with self._lock:
            if self._release is not None:
                self._release()
            self._connection = self._release = None

    def _after_fork(self) -> None:
        # SQLite forbids to use a parent's connection, and closing it here would take the
        # parent's write-ahead log for abandoned: it is left open and forgotten.
        self._connection = self._release = None
        self._lock = threading.RLock()
        self._process = os.getpid()

    def _open(self) -> sqlite3.Connection:
        _create_private(self.file)
        connection = sqlite3.connect(
            self.file, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            if version_of(connection) == 0:
                # Asked of a file in use it would wait for the write lock.
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            use_wal(connection, self._busy_seconds)
            # FULL: a commit reaches the disk before its marker is handed out.
            connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
            _migrate(connection, self.file)
        except BaseException:
            connection.close()
            raise
        self._release = weakref.finalize(self, _close, connection, self._process)
        return connection


_left_to_parent: list[sqlite3.Connection] = []


def _close(connection: sqlite3.Connection, opener: int) -> None:
    if opener == os.getpid():
        connection.close()
    else:
        _left_to_parent.append(connection)


def check_file(connection: sqlite3.Connection) -> None:
    """Raises `sqlite3.DatabaseError` when the file's own structure is damaged."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"malformed: {found}")


def _create_private(file: Path) -> None:
    # Parents too: whoever may rename a folder above may take the store away.
    for folder in [*reversed(file.parent.parents), file.parent]:
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    try:
        # SQLite gives its -wal and -shm files the mode of this one. Only ever opened here when
        # new: closing a second handle would drop the locks this process holds on the file.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if file.stat().st_mode & 0o077 and os.name == "posix":
            file.chmod(0o600)


def _migrate(connection: sqlite3.Connection, file: Path) -> None:
    version = version_of(connection)
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{file} was written by a newer headroom (store version {version}, this one knows "
            f"{len(MIGRATIONS)}). Upgrade headroom, or set HEADROOM_HOME to another directory."
        )
    if version < len(MIGRATIONS):
        with _transaction(connection):
            # Read again: another process may have done it while this one waited.
            for step in range(version_of(connection), len(MIGRATIONS)):
                for statement in MIGRATIONS[step].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {step + 1}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    with connection:  # commits, or rolls back when anything is raised
        yield


def _advice(error: Exception, file: Path, busy_seconds: float) -> str:
    said = str(error)
    if "not a database" in said or "malformed" in said:
        return (
            f"the store {file} is damaged ({said}). Move the file away, with its -wal and -shm "
            "files, to start a new store; what `sqlite3 FILE .recover` saves of it can be kept."
        )
    if "locked" in said:
        return f"the store {file} stayed busy for {busy_seconds:g} s; try again ({said})"
    if "full" in said:
        return f"there is no room for the store {file} ({said}); free disk space or purge it"
    if "readonly" in said or isinstance(error, PermissionError):
        return f"the store {file} cannot be written ({said}); check who owns it and its mode"
    return f"the store {file} cannot be used: {said}"
