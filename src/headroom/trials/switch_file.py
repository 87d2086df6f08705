"""The kill switch's file: which groups are off, since when and why, and from when on their
sessions count.

Rule: no `sqlite3` exception leaves this file; it becomes a `StoreError` that says what to do.
There is no write-ahead log, so that the file's own counter of changes tells of every one.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from headroom.errors import StoreError
from headroom.sqlite_files import version_of
from headroom.trials.losses import Loss
from headroom.trials.session_costs import Group, Session

FILE_NAME = "switch.db"
OFF_SECONDS = 7 * 86_400.0
"""So long a loss is switched off, then it is tried anew."""
BUSY_SECONDS = 2.0
_VERSION = 1
_COUNTER = slice(24, 28)
"""Where in the file SQLite counts its changes (the database header of its file format)."""
_SCHEMA = (
    "CREATE TABLE groups (overall INTEGER, agent TEXT, model TEXT, off_since REAL,"
    " counted_from REAL, found_by TEXT, loss REAL, sessions INTEGER,"
    " PRIMARY KEY (overall, agent, model))",
    f"PRAGMA user_version = {_VERSION}",
)
_READ = (
    "SELECT overall, agent, model, off_since, counted_from, found_by, loss, sessions FROM groups"
)
_WRITE = "INSERT OR REPLACE INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Trip:
    """Something that is switched off, since a time in seconds since 1970."""

    loss: Loss
    since: float

    @property
    def until(self) -> float:
        """When it will be tried anew."""
        return self.since + OFF_SECONDS


@dataclass(frozen=True, slots=True)
class State:
    """By group (None is overall): what was switched off last, and from when on sessions count."""

    trips: Mapping[Group | None, Trip] = field(default_factory=dict)
    counted_from: Mapping[Group | None, float] = field(default_factory=dict)

    def off(self, now: float) -> dict[Group | None, Trip]:
        """What is off at a time."""
        return {group: trip for group, trip in self.trips.items() if now < trip.until}

    def counts(self, session: Session, now: float) -> bool:
        """Whether a session began after its group was last tried anew."""
        return session.first >= max(self._start(session.group, now), self._start(None, now))

    def is_same_for(self, group: Group | None, other: "State") -> bool:
        """Whether nothing has happened to a group between the two."""
        return self.trips.get(group) == other.trips.get(group) and (
            self.counted_from.get(group) == other.counted_from.get(group)
        )

    def _start(self, group: Group | None, now: float) -> float:
        trip = self.trips.get(group)
        ended = trip.until if trip and trip.until <= now else 0.0
        return max(ended, self.counted_from.get(group, 0.0))


def changes(path: Path) -> bytes:
    """What differs after each change of the file; empty where there is none.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(_COUNTER.stop)[_COUNTER]
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unusable(path, error) from error


def read(path: Path, busy_seconds: float = BUSY_SECONDS) -> State:
    """What the file says; an empty state where there is none.

    Raises:
        StoreError: it cannot be read in so many seconds.
    """
    if not path.exists():
        return State()
    with _connected(path, busy_seconds) as connection:
        return _state(connection)


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction for `state_of`, `switch_off` and `switch_on`; the file is made, readable by
    its owner alone, where there is none.

    Raises:
        StoreError: the file cannot be read or written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise _unusable(path, error) from error
    with _connected(path, BUSY_SECONDS) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        if version_of(connection) == 0:
            for statement in _SCHEMA:
                connection.execute(statement)
        yield connection


def state_of(connection: sqlite3.Connection) -> State:
    """What the file says inside of a transaction."""
    return _state(connection)


def switch_off(connection: sqlite3.Connection, trips: Iterable[Trip], state: State) -> None:
    """Note what is off from now on."""
    for trip in trips:
        loss, start = trip.loss, state.counted_from.get(trip.loss.group)
        why = (loss.found_by, loss.loss, loss.sessions)
        connection.execute(_WRITE, (*_columns(loss.group), trip.since, start, *why))


def switch_on(connection: sqlite3.Connection, groups: Iterable[Group | None], now: float) -> None:
    """Note that groups are tried anew, with sessions that begin from now on."""
    rows = ((*_columns(group), None, now, None, None, None) for group in groups)
    connection.executemany(_WRITE, rows)


@contextmanager
def _connected(path: Path, busy_seconds: float) -> Iterator[sqlite3.Connection]:
    try:
        with closing(
            sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
        ) as connection:
            if version_of(connection) > _VERSION:
                raise StoreError(f"{path} was written by a newer headroom; upgrade this one")
            yield connection
    except (sqlite3.Error, OSError) as error:
        raise _unusable(path, error) from error


def _state(connection: sqlite3.Connection) -> State:
    trips: dict[Group | None, Trip] = {}
    counted_from: dict[Group | None, float] = {}
    # Whoever has just made the file has not filled it yet.
    rows = connection.execute(_READ) if version_of(connection) else ()
    for overall, agent, model, since, start, *why in rows:
        group = None if overall else Group(agent, model)
        if since is not None:
            trips[group] = Trip(Loss(group, *why), since)
        if start is not None:
            counted_from[group] = start
    return State(trips, counted_from)


def _columns(group: Group | None) -> tuple[int, str, str]:
    return (1, "", "") if group is None else (0, *group)


def _unusable(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"the kill switch's file {path} cannot be used: {error}. Where it is damaged, remove it: "
        "it holds nothing but what is switched off."
    )
