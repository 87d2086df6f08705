"""Originals in one SQLite file, shared safely by threads, forks and processes.

Content is kept once, under its hash, compressed where that helps; refs belong to a scope and
point at content. What is put is on disk when `put` returns. This file decides what is written
and when it may go; it knows nothing of what originals mean.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from headroom.errors import Corrupt, SettingsError, StoreError
from headroom.stores._api import Entry, Retention, StoreStats, Verification
from headroom.stores._database import BUSY_SECONDS, Database, check_file
from headroom.stores._naming import (
    ACCESS_GRAIN,
    BY_REQUEST,
    Digest,
    free_ref,
    never_stored,
    purged,
    sha256,
    tidy,
)
from headroom.stores._packing import LARGEST, Packed, pack, unpack
from headroom.stores._purging import Named, bury, erase_settled, purge_expired
from headroom.stores.settled import SqliteSettled

FILE_NAME = "store.db"
# A request waits for what is settled and for accesses written down, but never for long.
_MOMENT_SECONDS = 0.1


class SqliteStore:
    """The store of one scope in the file `store.db` of a directory.

    The file is made on first use, readable by its owner alone. `settled` are the facts of the
    same scope in the same file. A put waits `busy_seconds` for other writers. `now` and `digest`
    are for tests.
    """

    def __init__(
        self,
        path: Path,
        *,
        scope: str = "default",
        retention: Retention = Retention(),  # noqa: B008 (it is frozen)
        now: Callable[[], float] = time.time,
        digest: Digest = sha256,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._database = Database(Path(path) / FILE_NAME, busy_seconds=busy_seconds)
        self._quick = Database(self.path, busy_seconds=_MOMENT_SECONDS, durable=False)
        self.settled = SqliteSettled(self._quick, scope, retention, now)
        self._scope = scope
        self._retention = retention
        self._now = now
        self._digest = digest

    def ref(self, original: bytes) -> str:
        """The ref `original` has, or will have once it is put.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._database.session() as connection:
            return self._ref_of(connection, self._digest(original))

    def put(self, originals: Sequence[bytes]) -> list[str]:
        """Keep originals, all or none, and return their refs. They are durable on return.

        Raises:
            StoreError: they could not be kept.
        """
        if any(len(original) > LARGEST for original in originals):
            raise StoreError(f"an original is larger than the {LARGEST:,} bytes a store can keep")
        digests = [self._digest(original) for original in originals]
        contents = dict(zip(digests, originals, strict=True))
        fresh = self._now() - ACCESS_GRAIN
        with self._database.session() as connection:
            known = self._known(connection, contents)
        if all(digest in known and known[digest][1] >= fresh for digest in contents):
            refs = {digest: ref for digest, (ref, _) in known.items()}
        else:
            # Compressed before the write lock is taken, for other processes' sake.
            packed = {d: pack(content) for d, content in contents.items() if d not in known}
            refs = self._write(contents, packed)
        return [refs[digest] for digest in digests]

    def get(self, ref: str) -> bytes:
        """The original, byte for byte. Counts as an access for retention.

        Raises:
            NotFound: no original under this ref in this scope; the text says whether it was
                purged.
            Corrupt: the stored bytes are damaged.
            StoreError: the store cannot be read.
        """
        ref = tidy(ref)
        with self._database.session() as connection:
            row = connection.execute(
                "SELECT refs.digest, refs.accessed, packed, data FROM refs "
                "LEFT JOIN contents USING (digest) WHERE scope = ? AND ref = ?",
                (self._scope, ref),
            ).fetchone()
            if row is None:
                gone = connection.execute(
                    "SELECT purged, reason FROM tombstones WHERE scope = ? AND ref = ?",
                    (self._scope, ref),
                ).fetchone()
                raise never_stored(ref) if gone is None else purged(ref, *gone)
            digest, accessed, is_packed, data = row
        if accessed < self._now() - ACCESS_GRAIN:
            # A neighbour that writes for long holds the reader up for a moment only.
            with suppress(StoreError), self._quick.session() as connection:
                self._touch(connection, ref)
        if data is None:
            raise Corrupt(f"the bytes of the original {ref!r} are missing from {self.path}")
        original = self._original(digest, is_packed, data)
        if original is None:
            raise Corrupt(f"the stored bytes of {ref!r} in {self.path} are damaged")
        return original

    def refresh(self, refs: Sequence[str]) -> list[str]:
        """Count an access to each of these refs, and return those that have no original here.

        Raises:
            StoreError: it could not be done within a moment.
        """
        names = list(dict.fromkeys(refs))
        fresh = self._now() - ACCESS_GRAIN
        with self._quick.session() as connection:
            accessed = self._accessed(connection, names)
        idle = [ref for ref in names if accessed.get(ref, fresh) < fresh]
        if idle:
            with self._quick.transaction() as connection:
                for ref in idle:
                    self._touch(connection, ref)
                # A neighbour may have purged some of them in between.
                accessed = self._accessed(connection, names)
        return [ref for ref in names if ref not in accessed]

    def verify(self) -> Verification:
        """Read back every original of every scope and compare it with its hash.

        Raises:
            StoreError: the file itself is damaged or cannot be read.
        """
        with self._database.session() as connection:
            check_file(connection)
            named = connection.execute(
                "SELECT digest, scope, ref FROM refs ORDER BY digest"
            ).fetchall()
        corrupt, missing = [], []
        for digest, refs in groupby(named, key=itemgetter(0)):
            names = [ref if scope == self._scope else f"{scope}/{ref}" for _, scope, ref in refs]
            with self._database.session() as connection:
                row = connection.execute(
                    "SELECT packed, data FROM contents WHERE digest = ?", (digest,)
                ).fetchone()
            if row is None:
                missing.extend(names)
            elif self._original(digest, *row) is None:
                corrupt.extend(names)
        return Verification(len(named), tuple(corrupt), tuple(missing))

    def stats(self) -> StoreStats:
        """Figures over the whole file, all scopes.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._database.session() as connection:
            count, size, stored = connection.execute(
                "SELECT count(*), ifnull(sum(size), 0), ifnull(sum(stored_size), 0) FROM contents"
            ).fetchone()
            oldest, newest = connection.execute(
                "SELECT min(stored), max(stored) FROM refs"
            ).fetchone()
        return StoreStats(count, size, stored, oldest, newest, self.path)

    def entries(self, limit: int = 100) -> list[Entry]:
        """The originals of all scopes, most recently accessed first.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._database.session() as connection:
            rows = connection.execute(
                "SELECT ref, scope, size, stored, accessed FROM refs JOIN contents USING (digest) "
                "ORDER BY accessed DESC, ref LIMIT ?",
                (limit,),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def purge(
        self,
        *,
        older_than: float | None = None,
        refs: Sequence[str] | None = None,
        everything: bool = False,
    ) -> int:
        """Remove originals now, and return how many. Their bytes are overwritten.

        `older_than`: not accessed for so many seconds, in any scope. `refs`: of this scope.
        `everything`: all of the file. Settled facts go alike, but by `refs` none goes.

        Raises:
            SettingsError: not exactly one of the three was given.
            StoreError: the store cannot be written.
        """
        if (older_than is not None) + (refs is not None) + everything != 1:
            raise SettingsError("purge takes one of older_than, refs or everything")
        now = self._now()
        with self._database.erasing() as connection:
            if refs is None:
                since = now - older_than if older_than is not None else float("inf")
                named = connection.execute(
                    "SELECT scope, ref, digest FROM refs WHERE accessed < ?", (since,)
                ).fetchall()
            else:
                named = [
                    name
                    for ref in dict.fromkeys(map(tidy, refs))
                    for name in self._named(connection, ref)
                ]
            bury(connection, named, now, BY_REQUEST)
            if refs is None:
                erase_settled(connection, since)
        return len(named)

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.file

    def close(self) -> None:
        """Give the file back. The store can still be used: it opens the file again."""
        self._database.close()
        self._quick.close()

    def _accessed(self, connection: sqlite3.Connection, refs: Sequence[str]) -> dict[str, float]:
        found = {}
        for ref in refs:
            row = connection.execute(
                "SELECT accessed FROM refs WHERE scope = ? AND ref = ?", (self._scope, ref)
            ).fetchone()
            if row is not None:
                found[ref] = float(row[0])
        return found

    def _known(
        self, connection: sqlite3.Connection, digests: Iterable[bytes]
    ) -> dict[bytes, tuple[str, float]]:
        """Ref and last access of those digests that this scope has."""
        known = {}
        for digest in digests:
            row = connection.execute(
                "SELECT ref, accessed FROM refs WHERE digest = ? AND scope = ?",
                (digest, self._scope),
            ).fetchone()
            if row is not None:
                known[digest] = (row[0], row[1])
        return known

    def _ref_of(self, connection: sqlite3.Connection, digest: bytes) -> str:
        known = self._known(connection, [digest])
        if digest in known:
            return known[digest][0]

        def owner(ref: str) -> bytes | None:
            # A purged ref stays its original's: it must never bring back another.
            row = connection.execute(
                "SELECT digest FROM refs WHERE scope = ?1 AND ref = ?2 "
                "UNION ALL SELECT digest FROM tombstones WHERE scope = ?1 AND ref = ?2",
                (self._scope, ref),
            ).fetchone()
            return None if row is None else bytes(row[0])

        return free_ref(digest, owner)

    def _write(self, contents: dict[bytes, bytes], packed: dict[bytes, Packed]) -> dict[bytes, str]:
        now = self._now()
        refs = {}
        with self._database.transaction() as connection:
            for digest, content in contents.items():
                # Known a moment ago and purged since by another process: packed here.
                self._add(connection, digest, content, packed.get(digest))
                ref = refs[digest] = self._ref_of(connection, digest)
                connection.execute(
                    "INSERT INTO refs VALUES (?, ?, ?, ?, ?) "
                    "ON CONFLICT (scope, ref) DO UPDATE SET accessed = excluded.accessed",
                    (self._scope, ref, digest, now, now),
                )
                connection.execute(
                    "DELETE FROM tombstones WHERE scope = ? AND ref = ?", (self._scope, ref)
                )
            purge_expired(connection, self._retention, now)
        return refs

    @staticmethod
    def _add(
        connection: sqlite3.Connection, digest: bytes, content: bytes, packed: Packed | None
    ) -> None:
        known = connection.execute("SELECT 1 FROM contents WHERE digest = ?", (digest,)).fetchone()
        if known is None:
            packed = packed or pack(content)
            connection.execute(
                "INSERT INTO contents VALUES (?, ?, ?, ?, ?)",
                (digest, len(content), len(packed.data), packed.compressed, packed.data),
            )

    def _named(self, connection: sqlite3.Connection, ref: str) -> list[Named]:
        return connection.execute(
            "SELECT scope, ref, digest FROM refs WHERE scope = ? AND ref = ?", (self._scope, ref)
        ).fetchall()

    def _touch(self, connection: sqlite3.Connection, ref: str) -> None:
        # The original is at hand: that its access cannot be written down (a disk that is full
        # or read-only) is no reason to withhold it.
        with suppress(sqlite3.OperationalError):
            connection.execute(
                "UPDATE refs SET accessed = ? WHERE scope = ? AND ref = ?",
                (self._now(), self._scope, ref),
            )

    def _original(self, digest: bytes, is_packed: int, data: bytes) -> bytes | None:
        """The content, or None when it is not what its hash says."""
        original = unpack(Packed(bool(is_packed), data))
        return None if original is None or self._digest(original) != digest else original
