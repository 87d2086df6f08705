"""Settled facts: whoever writes one first is right, for every thread and process from then on.

On disk they lie beside the originals, in the same file under the same retention policy, but are
written with less ado: they survive a kill, and may be lost in a power cut. Nothing here knows
what a fact means.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from headroom.stores._api import Retention
from headroom.stores._database import Database
from headroom.stores._naming import DAY, PROTECTED, SETTLED_SHARE, USE_GRAIN
from headroom.stores._purging import purge_settled

_AT_ONCE = 400
_WRITES_UNTIL_PURGE = 200


class SqliteSettled:
    """The settled facts of one scope in the file of a store on disk."""

    def __init__(
        self, database: Database, scope: str, retention: Retention, now: Callable[[], float]
    ) -> None:
        self._database = database
        self._scope = scope
        self._retention = retention
        self._now = now
        self._writes = 0

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The data of those keys that are settled.

        Raises:
            StoreError: the facts cannot be read.
        """
        if not keys:
            return {}
        with self._database.session() as connection:
            known = self._known(connection, list(dict.fromkeys(keys)))
            fresh = self._now() - USE_GRAIN
            idle = [key for key, (_, used) in known.items() if used < fresh]
            # They are at hand: that their use cannot be written down is no reason to refuse.
            with suppress(sqlite3.OperationalError):
                self._touch(connection, idle)
        return {key: data for key, (data, _) in known.items()}

    def settle(self, facts: Mapping[bytes, bytes], *, chained: bool = False) -> dict[bytes, bytes]:
        """Settle those facts that are not, and return what now holds for every key; where they
        are `chained`, up to and with the first that was settled otherwise.

        Raises:
            StoreError: nothing could be settled.
        """
        if not facts:
            return {}
        now = self._now()
        with self._database.transaction() as connection:
            known = self._known(connection, list(facts))
            held = _held(facts, {key: data for key, (data, _) in known.items()}, chained)
            connection.executemany(
                "INSERT INTO settled VALUES (?, ?, ?, ?, ?)",
                [
                    (self._scope, key, data, len(key) + len(data), now)
                    for key, data in held.items()
                    if key not in known
                ],
            )
            if self._writes % _WRITES_UNTIL_PURGE == 0:
                purge_settled(connection, self._retention, now)
            self._writes += 1
        return held

    def close(self) -> None:
        """Give the file back; it is opened again when it is needed."""
        self._database.close()

    def _known(
        self, connection: sqlite3.Connection, keys: Sequence[bytes]
    ) -> dict[bytes, tuple[bytes, float]]:
        known: dict[bytes, tuple[bytes, float]] = {}
        for some in _in_parts(keys):
            rows = connection.execute(
                "SELECT key, data, used FROM settled WHERE scope = ? "
                f"AND key IN ({','.join('?' * len(some))})",
                (self._scope, *some),
            )
            known.update((bytes(key), (bytes(data), used)) for key, data, used in rows)
        return known

    def _touch(self, connection: sqlite3.Connection, keys: Sequence[bytes]) -> None:
        now = self._now()
        for some in _in_parts(keys):
            connection.execute(
                "UPDATE settled SET used = ? WHERE scope = ? "
                f"AND key IN ({','.join('?' * len(some))})",
                (now, self._scope, *some),
            )


class InMemorySettled:
    """Settled facts that end with the process. Safe to share between threads."""

    def __init__(self, retention: Retention, now: Callable[[], float]) -> None:
        self._retention = retention
        self._now = now
        self._lock = threading.Lock()
        # Data and last use, the least recently used first.
        self._facts: dict[bytes, tuple[bytes, float]] = {}
        self._writes = 0

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The data of those keys that are settled."""
        now = self._now()
        found = {}
        with self._lock:
            for key in keys:
                if key in self._facts:
                    found[key] = self._facts.pop(key)[0]
                    self._facts[key] = (found[key], now)
        return found

    def settle(self, facts: Mapping[bytes, bytes], *, chained: bool = False) -> dict[bytes, bytes]:
        """Settle those facts that are not, and return what now holds for every key; where they
        are `chained`, up to and with the first that was settled otherwise."""
        now = self._now()
        with self._lock:
            known = {key: self._facts[key][0] for key in facts if key in self._facts}
            held = _held(facts, known, chained)
            for key, data in held.items():
                self._facts.setdefault(key, (data, now))
            if self._writes % _WRITES_UNTIL_PURGE == 0:
                self._retain(now)
            self._writes += 1
        return held

    def erase(self, since: float) -> None:
        """Remove facts that were not used since then."""
        with self._lock:
            self._facts = {key: fact for key, fact in self._facts.items() if fact[1] >= since}

    def _retain(self, now: float) -> None:
        excess = sum(len(key) + len(data) for key, (data, _) in self._facts.items())
        excess -= int(self._retention.max_bytes * SETTLED_SHARE)
        protected = now - PROTECTED
        due = min(now - self._retention.days * DAY, protected)
        for key, (data, used) in list(self._facts.items()):
            if used >= protected or (used >= due and excess <= 0):
                break
            excess -= len(key) + len(data)
            del self._facts[key]


def _held(
    facts: Mapping[bytes, bytes], known: Mapping[bytes, bytes], chained: bool
) -> dict[bytes, bytes]:
    held = {}
    for key, data in facts.items():
        held[key] = known.get(key, data)
        if chained and held[key] != data:
            break
    return held


def _in_parts(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """SQLite bounds the number of a statement's parameters."""
    for at in range(0, len(keys), _AT_ONCE):
        yield keys[at : at + _AT_ONCE]
