"""The texts of the latest requests' edits, kept on disk for a person to look at.

A file of its own, `edits.db`: counts and originals do without it, and it may be removed. Rule: it
is bounded, in requests, bytes and days. An edit comes again with every later request of its
session and is kept once, so that adding it again costs a look-up. No `sqlite3` exception leaves
this file.
"""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from headroom.counting.record import amount, text
from headroom.edits import Edit
from headroom.errors import StoreError
from headroom.sqlite_files import check_version, connected, opened, version_of

FILE_NAME = "edits.db"
_VERSION = 1
_BUSY_SECONDS = 2.0
_LEVEL = 3
_DAY = 86_400.0
_SLACK = 16
"""Requests above the bound, and parts of the bytes below it, so that not each one tidies."""
_SCHEMA = (
    # A number is never given twice: what one process knows by it cannot become another edit.
    "CREATE TABLE edits (id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE,"
    " first TEXT, compressor, fidelity, tokens_before, tokens_after, before_size, after_size,"
    " split, size, packed BLOB)",
    "CREATE INDEX edits_by_size ON edits (size)",
    "CREATE TABLE requests (id INTEGER PRIMARY KEY, name TEXT UNIQUE, time, places BLOB)",
    f"PRAGMA user_version = {_VERSION}",
)
_ADD_EDIT = f"INSERT INTO edits VALUES (NULL, {', '.join('?' * 11)})"
_FIGURES = (
    *("compressor", "fidelity", "tokens_before", "tokens_after", "before_size", "after_size"),
)
_EDIT = f"SELECT {', '.join(_FIGURES)}, first, split, packed FROM edits WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is kept: so many requests, bytes (as they lie on disk) and days. Of a single text so
    many characters are kept."""

    requests: int = 500
    bytes: int = 32_000_000
    days: float = 30.0
    characters: int = 400_000


@dataclass(frozen=True, slots=True)
class ShownEdit:
    """One edit of a request. Sizes are characters of the whole texts; of a text that is larger than
    what is kept, its beginning is. `is_new`: no request before this one had the edit."""

    path: str
    compressor: str
    fidelity: str
    tokens_before: int
    tokens_after: int
    before_size: int
    after_size: int
    is_new: bool
    _split: int = field(repr=False)
    _packed: bytes = field(repr=False)

    def texts(self) -> tuple[str, str]:
        """The text before and after, as far as they are kept.

        Raises:
            StoreError: what is kept is damaged.
        """
        try:
            data = zlib.decompress(self._packed)
        except zlib.error as error:
            raise StoreError(f"the text of an edit in {FILE_NAME} is damaged: {error}") from error
        return _decoded(data[: self._split]), _decoded(data[self._split :])


class ShownEdits:
    """The file `edits.db` of a directory; it is made, readable by its owner alone, by the first
    edit. One thread at a time adds, any reads; several processes may share it."""

    def __init__(self, directory: Path, bounds: Bounds = Bounds()) -> None:
        self.path = Path(directory) / FILE_NAME
        self._bounds = bounds
        self._digests = _Digests()
        self._connection: sqlite3.Connection | None = None

    def add(self, name: str, time: float, edits: Sequence[Edit]) -> None:
        """Keep the edits of a request (seconds since 1970). May wait for another process.

        Raises:
            StoreError: the file or its disk refused.
        """
        if not edits:
            return
        with self._session() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            places = self._places(connection, name, edits)
            connection.execute(
                "INSERT OR IGNORE INTO requests (name, time, places) VALUES (?, ?, ?)",
                (name, time, zlib.compress(orjson.dumps(places), _LEVEL)),
            )
            _tidy(connection, self._bounds, time)

    def of(self, name: str) -> list[ShownEdit]:
        """The edits of a request in their order; none where none are kept.

        Raises:
            StoreError: the file cannot be read.
        """
        if not self.path.exists():
            return []
        with _told(self.path), closing(connected(self.path, _BUSY_SECONDS)) as reader:
            check_version(reader, self.path, _VERSION)
            if not version_of(reader):
                return []
            # Of one moment: who tidies meanwhile takes nothing away from under it.
            reader.execute("BEGIN")
            query = "SELECT places FROM requests WHERE name = ?"
            found = reader.execute(query, (name,)).fetchone()
            rows = _places_of(found[0]) if found else []
            return [_shown(reader.execute(_EDIT, (n,)).fetchone(), path, name) for n, path in rows]

    def clear(self) -> None:
        """Forget all texts, also on the disk.

        Raises:
            StoreError: the file or its disk refused.
        """
        if self.path.exists():
            with self._session() as connection:
                connection.execute("DELETE FROM requests")
                connection.execute("DELETE FROM edits")
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give the file back; the next edit opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _places(
        self, connection: sqlite3.Connection, name: str, edits: Sequence[Edit]
    ) -> list[tuple[int, str]]:
        """The number and the path of each edit; those not known are kept now."""
        # One request must not drive all others out.
        room, places = self._bounds.bytes // 2, []
        for edit in edits:
            digest = self._digests.of(edit)
            query = "SELECT id FROM edits WHERE digest = ?"
            found = connection.execute(query, (digest,)).fetchone()
            if found is None:
                kept = _Kept.of(edit, self._bounds.characters, room)
                room -= len(kept.packed)
                row = _row(edit, kept, digest, name)
                number = connection.execute(_ADD_EDIT, row).lastrowid or 0
            else:
                number = found[0]
            places.append((number, text(".".join(map(str, edit.path)))))
        return places

    @contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        with _told(self.path):
            try:
                if self._connection is None:
                    self._connection = opened(self.path, _BUSY_SECONDS, _VERSION, _filled)
                yield self._connection
            except (sqlite3.Error, OSError):
                # What is wrong with a connection may be over with the next.
                self.close()
                raise


class _Digests:
    """What names an edit's content, remembered for the latest: a session's texts come again with
    each request, as the same objects or equal ones."""

    def __init__(self, limit: int = 8_192) -> None:
        self._limit = limit
        self._known: dict[tuple[object, ...], bytes] = {}

    def of(self, edit: Edit) -> bytes:
        counts = (edit.compressor, edit.fidelity.value, edit.tokens_before, edit.tokens_after)
        # Two hashes of 64 bits, keyed anew in each process: nobody can make two texts collide.
        key = (hash(edit.before), len(edit.before), hash(edit.after), len(edit.after), *counts)
        digest = self._known.pop(key, None)
        if digest is None:
            made = hashlib.blake2b(orjson.dumps([len(edit.before), *counts]), digest_size=16)
            made.update(_encoded(edit.before))
            made.update(_encoded(edit.after))
            digest = made.digest()
        self._known[key] = digest
        if len(self._known) > self._limit:
            del self._known[next(iter(self._known))]
        return digest


class _Kept(NamedTuple):
    """What is kept of an edit's texts: both in one, the second from `split` on."""

    packed: bytes
    split: int

    @classmethod
    def of(cls, edit: Edit, characters: int, room: int) -> "_Kept":
        """At most so many characters of each; nothing where that is more bytes than `room`."""
        before, after = _encoded(edit.before[:characters]), _encoded(edit.after[:characters])
        packed = zlib.compress(before + after, _LEVEL)
        return cls(packed, len(before)) if len(packed) <= room else cls(zlib.compress(b""), 0)


def _row(edit: Edit, kept: _Kept, digest: bytes, name: str) -> tuple[object, ...]:
    return (
        *(digest, name, text(edit.compressor), edit.fidelity.value),
        *(amount(edit.tokens_before), amount(edit.tokens_after)),
        *(len(edit.before), len(edit.after), kept.split, len(kept.packed), kept.packed),
    )


def _shown(row: Sequence[Any], path: str, name: str) -> ShownEdit:
    figures, (first, split, packed) = row[:6], row[6:]
    values = dict(zip(_FIGURES, figures, strict=True))
    return ShownEdit(path, **values, is_new=first == name, _split=split, _packed=packed)


def _tidy(connection: sqlite3.Connection, bounds: Bounds, now: float) -> None:
    """Forget the oldest requests where a bound is passed, and the edits that only they had."""
    oldest = now - bounds.days * _DAY
    if not _is_over(connection, bounds, oldest):
        return
    sizes = dict(connection.execute("SELECT id, size FROM edits").fetchall())
    room, kept, last = bounds.bytes - bounds.bytes // _SLACK, set[int](), 0
    rows = connection.execute("SELECT id, time, places FROM requests ORDER BY id DESC")
    for count, (number, time, places) in enumerate(rows.fetchall()):
        edits = {edit for edit, _ in _places_of(places)} - kept
        room -= sum(sizes[edit] for edit in edits) + len(places)
        if count and (count >= bounds.requests or room < 0 or time < oldest):
            last = number
            break
        kept |= edits
    connection.execute("DELETE FROM requests WHERE id <= ?", (last,))
    gone = [(edit,) for edit in sizes.keys() - kept]
    connection.executemany("DELETE FROM edits WHERE id = ?", gone)


def _is_over(connection: sqlite3.Connection, bounds: Bounds, oldest: float) -> bool:
    count, first = connection.execute("SELECT COUNT(name), MIN(id) FROM requests").fetchone()
    size = connection.execute("SELECT TOTAL(size) FROM edits").fetchone()[0]
    begun = connection.execute("SELECT time FROM requests WHERE id = ?", (first,)).fetchone()
    return bool(
        count > bounds.requests + _SLACK or size > bounds.bytes or (begun and begun[0] < oldest)
    )


def _places_of(packed: bytes) -> list[tuple[int, str]]:
    return [(int(number), str(path)) for number, path in orjson.loads(zlib.decompress(packed))]


def _encoded(said: str) -> bytes:
    return said.encode("utf-8", "surrogatepass")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _filled(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, zlib.error, orjson.JSONDecodeError) as error:
        raise StoreError(
            f"the texts of edits in {path} cannot be used ({error}); the file, with its -wal and "
            "-shm files, may be removed: only the dashboard reads it"
        ) from error
