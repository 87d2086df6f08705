"""The counts on disk: a row for each request, and their sums by quarters of an hour.

A file of its own: when it is broken or full, no original is touched by that. Rule: no `sqlite3`
exception leaves this file; it becomes a `StoreError` that says what to do. What is older than
the user keeps originals loses its sessions, projects and agents and stays in the sums.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from headroom.counting import schema
from headroom.counting.record import Exchange
from headroom.counting.rollup import PRICED, SPAN_SECONDS, WHO, Key, Numbers, Rollup
from headroom.counting.rows import row
from headroom.errors import StoreError
from headroom.sqlite_files import check_version, opened, version_of

FILE_NAME = "counts.db"
_BUSY_SECONDS = 2.0
_DETAIL = ("kind", "label", "fidelity")
_DETAIL_SUMS = "SUM(count), SUM(tokens_before), SUM(tokens_after)"


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums as they were read: the values of `COLUMNS` by group and `PRICED`, and the details
    (count, tokens before, tokens after) by group and EDIT, SKIP or an event's kind, label and
    fidelity."""

    spans: dict[Key, Numbers]
    details: dict[Key, Numbers]


class CountsFile:
    """The file `counts.db` of a directory; it is made, readable by its owner alone, by the first
    write. For one thread at a time."""

    def __init__(self, directory: Path) -> None:
        self.path = Path(directory) / FILE_NAME
        self._connection: sqlite3.Connection | None = None

    def write(self, exchanges: Iterable[Exchange], sums: Rollup) -> None:
        """Add requests and their sums, all or nothing.

        Raises:
            StoreError: the file or its disk refused.
        """
        with self._session() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(schema.ADD_EXCHANGE, map(row, exchanges))
            add_sums(connection, sums)

    def forget(self, before: float) -> None:
        """Drop the requests from before a time, and who made them from their sums.

        Raises:
            StoreError: the file or its disk refused.
        """
        bound = {"before": int(before) // SPAN_SECONDS * SPAN_SECONDS - 1}
        with self._session() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in schema.FOLD:
                connection.execute(statement, bound if ":before" in statement else {})

    def close(self) -> None:
        """Give the file back; the next write opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._connection is None:
                self._connection = opened(self.path, _BUSY_SECONDS, schema.VERSION, _filled)
            yield self._connection
        except (sqlite3.Error, OSError) as error:
            # What is wrong with a connection may be over with the next.
            self.close()
            raise StoreError(_advice(error, self.path)) from error


@contextmanager
def reading(directory: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection to read the counts of a directory with; None where nothing was counted yet.

    Raises:
        StoreError: the file cannot be read.
    """
    path = Path(directory) / FILE_NAME
    if not path.exists():
        yield None
        return
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
            check_version(connection, path, schema.VERSION)
            with _current(connection) as readable:
                yield readable
    except (sqlite3.Error, OSError) as error:
        raise StoreError(_advice(error, path)) from error


@contextmanager
def _current(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection | None]:
    """The connection, or a copy in memory of what an older version wrote: who only reads leaves
    the file to whoever counts in it, which may be that version still."""
    # A writer that has just made the file has not filled it yet.
    if version_of(connection) in (0, schema.VERSION):
        yield connection if version_of(connection) else None
        return
    with closing(sqlite3.connect(":memory:")) as copy:
        connection.backup(copy)
        _upgrade(copy)
        yield copy


@contextmanager
def in_memory(sums: Rollup) -> Iterator[sqlite3.Connection]:
    """Sums that are on no disk yet, to be read as those that are."""
    with closing(sqlite3.connect(":memory:")) as connection:
        _create(connection)
        add_sums(connection, sums)
        yield connection


def add_sums(connection: sqlite3.Connection, sums: Rollup) -> None:
    """Add sums to those that are there."""
    ids = {key: _id_of(connection, key[1:]) for key in sums.spans}
    spans = ((key[0], ids[key], *figures) for key, figures in sums.spans.items())
    connection.executemany(schema.ADD_SPAN, spans)
    size = len(WHO) + 1
    rows = ((key[0], ids[key[:size]], *key[size:], *n) for key, n in sums.details.items())
    connection.executemany(schema.ADD_DETAIL, rows)


def counted(connection: sqlite3.Connection, since: float | None, group: Sequence[str]) -> Counted:
    """The sums from a time on (of the quarter of an hour it is in), by some of `WHO`."""
    where = "" if since is None else f" WHERE span > {int(since) - SPAN_SECONDS}"
    return Counted(
        _read(connection, "spans", (*group, *PRICED), schema.TOTALS, where),
        _read(connection, "details", (*group, *_DETAIL), _DETAIL_SUMS, where),
    )


def _read(
    connection: sqlite3.Connection, table: str, group: Sequence[str], sums: str, where: str
) -> dict[Key, Numbers]:
    """Sums of a table by some of `WHO`, or by columns of its own."""
    size, names = len(group), ", ".join(group)
    join = f" JOIN who ON who.id = {table}.who" if not set(WHO).isdisjoint(group) else ""
    found = connection.execute(f"SELECT {names}, {sums} FROM {table}{join}{where} GROUP BY {names}")
    return {tuple(row[:size]): row[size:] for row in found}


def last_failure(connection: sqlite3.Connection, since: float | None) -> str:
    """The type and place of the last failure; empty where there was none."""
    found = connection.execute(
        "SELECT failure FROM exchanges WHERE failure != '' AND time >= ?"
        " ORDER BY time DESC LIMIT 1",
        (since or 0.0,),
    ).fetchone()
    return str(found[0]) if found else ""


def last_seen(connection: sqlite3.Connection) -> dict[str, float]:
    """When each agent's last request came, in seconds since 1970."""
    found = connection.execute("SELECT agent, MAX(time) FROM exchanges GROUP BY agent")
    return {str(agent): float(when) for agent, when in found}


def _id_of(connection: sqlite3.Connection, who: Key) -> int:
    found = connection.execute(schema.WHO_ID, who).fetchone()
    if found is not None:
        return int(found[0])
    return connection.execute(schema.ADD_WHO, who).lastrowid or 0


def _filled(connection: sqlite3.Connection) -> None:
    """Make the tables, or bring those of an older version up to date."""
    if version_of(connection) == 0:
        _create(connection)
    else:
        _upgrade(connection)


def _create(connection: sqlite3.Connection) -> None:
    for statement in schema.SCHEMA:
        connection.execute(statement)


def _upgrade(connection: sqlite3.Connection) -> None:
    for statement in schema.FROM_1:
        connection.execute(statement)


def _advice(error: Exception, path: Path) -> str:
    said = str(error)
    if "not a database" in said or "malformed" in said:
        return (
            f"the counts in {path} are damaged ({said}); move the file away, with its -wal and "
            "-shm files, to start anew. Originals are not touched by this."
        )
    if "full" in said:
        return f"there is no room for the counts in {path} ({said}); free disk space"
    return f"the counts in {path} cannot be used: {said}"
