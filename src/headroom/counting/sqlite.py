"""The counts on disk: a row for each request, and their sums by quarters of an hour.

A file of its own: when it is broken or full, no original is touched by that. Rule: no `sqlite3`
exception leaves this file; it becomes a `StoreError` that says what to do. What is older than
the user keeps originals loses its sessions, projects and agents and stays in the sums.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from headroom.counting import schema
from headroom.counting.record import EditCount, Exchange, amount, text
from headroom.counting.rollup import SPAN_SECONDS, WHO, Key, Numbers, Rollup
from headroom.errors import StoreError
from headroom.sqlite_files import use_wal, version_of

FILE_NAME = "counts.db"
_BUSY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums as they were read: the values of `COLUMNS` by group, and the details (count, tokens
    before, tokens after) by group with EDIT or SKIP, label and fidelity."""

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
            connection.executemany(schema.ADD_EXCHANGE, map(_row, exchanges))
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
                self._connection = _opened(self.path)
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
            _check_version(connection, path)
            # A writer that has just made the file has not filled it yet.
            yield connection if version_of(connection) else None
    except (sqlite3.Error, OSError) as error:
        raise StoreError(_advice(error, path)) from error


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
    size = len(group)
    names = "".join(f"{name}, " for name in group if name in WHO)
    where = "" if since is None else f" WHERE span > {int(since) - SPAN_SECONDS}"
    by = f" GROUP BY {names.rstrip(', ')}" if names else ""
    join = " JOIN who ON who.id = spans.who" if names else ""
    spans = connection.execute(f"SELECT {names}{schema.TOTALS} FROM spans{join}{where}{by}")
    join = join.replace("spans.", "details.")
    details = connection.execute(
        f"SELECT {names}kind, label, fidelity, SUM(count), SUM(tokens_before), SUM(tokens_after)"
        f" FROM details{join}{where} GROUP BY {names}kind, label, fidelity"
    )
    return Counted(
        {tuple(row[:size]): row[size:] for row in spans},
        {tuple(row[: size + 3]): row[size + 3 :] for row in details},
    )


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


def _row(done: Exchange) -> tuple[object, ...]:
    found, usage = done.compression, done.usage
    who = (done.project, done.session, done.agent, done.provider, done.format, done.model)
    used = (usage.fresh, usage.cache_read, usage.cache_write, usage.output) if usage else ()
    return (
        *(done.time, *map(text, who), text(done.path), amount(done.status), done.streamed),
        *(amount(found.tokens_before), amount(found.tokens_after), found.exact),
        *(_edits(found.edits), _skips(found.skips)),
        *(amount(found.failures), text(found.failure), amount(found.late)),
        *map(amount, (done.retrievals, done.retrieved_tokens, done.rounds, done.tool_tokens)),
        *(done.our_seconds, done.first_byte_seconds, done.upstream_seconds),
        *(amount(done.bytes_in), amount(done.bytes_saved)),
        *(map(amount, used) if usage else (None,) * 4),
        text(done.error),
    )


def _edits(edits: Iterable[EditCount]) -> str:
    rows = [
        [
            *map(text, (edit.compressor, edit.fidelity)),
            *map(amount, (edit.tokens_before, edit.tokens_after, edit.count)),
        ]
        for edit in edits
    ]
    return orjson.dumps(rows).decode()


def _skips(skips: Mapping[str, int]) -> str:
    counts = {text(reason): amount(count) for reason, count in skips.items()}
    return orjson.dumps(counts).decode()


def _id_of(connection: sqlite3.Connection, who: Key) -> int:
    found = connection.execute(schema.WHO_ID, who).fetchone()
    if found is not None:
        return int(found[0])
    return connection.execute(schema.ADD_WHO, who).lastrowid or 0


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # SQLite gives the files that it makes beside this one the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        use_wal(connection, _BUSY_SECONDS)
        # A commit outlives the process; a power cut may take the last few seconds' counts.
        connection.execute("PRAGMA synchronous = NORMAL")
        _check_version(connection, path)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if version_of(connection) == 0:
                _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    for statement in schema.SCHEMA:
        connection.execute(statement)


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    if version_of(connection) > schema.VERSION:
        raise StoreError(f"{path} was written by a newer headroom; upgrade this one")


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
