"""Takes one value a request and brings it to disk from a thread of its own.

Rule: adding never waits and never fails. What the disk refuses stays in memory, is shown with
the rest and is tried again; what does not fit into memory is counted as uncounted.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from headroom.attempts import Failure, attempt
from headroom.counting.books import Books, Told
from headroom.counting.record import Exchange
from headroom.counting.rollup import Rollup, merged
from headroom.counting.sqlite import Counted, CountsFile, counted, in_memory, last_failure, reading
from headroom.counting.totals import By, Summary, summary
from headroom.edits import Edit
from headroom.errors import StoreError

_PAUSE = 0.2
"""Seconds in which requests gather, to be written together."""
_AGAIN = 5.0
"""Seconds after which what the disk refused is tried again."""
_TIDY = 3_600.0
_KEYS = 1_000
"""Sums that wait for the disk, by when it was and who; of more, sessions are not told apart."""
_DAY = 86_400.0


@dataclass(slots=True)
class _Pending:
    """What is not on disk yet; the sums are whole where the list of requests was cut."""

    exchanges: list[Exchange] = field(default_factory=list)
    sums: Rollup = field(default_factory=lambda: Rollup(limit=_KEYS))
    requests: int = 0


class _Done(NamedTuple):
    exchange: Exchange
    tell: Callable[[], Told | None] | None
    edits: Sequence[Edit]


@dataclass(frozen=True, slots=True)
class _Mark:
    """Stands in the queue behind what is to be on disk before `reached` is set."""

    reached: threading.Event = field(default_factory=threading.Event)
    last: bool = False


class Tally:
    """Counts the requests of one process in the file `counts.db` of a directory.

    Several processes may count in one file. `days` is how long who made a request is kept;
    `capacity` bounds the requests that wait for the disk. `books` complete requests by those before
    them, and have the prices that bills are made at.
    """

    def __init__(
        self,
        directory: Path,
        *,
        days: float = 30.0,
        capacity: int = 4_000,
        now: Callable[[], float] = time.time,
        books: Books | None = None,
    ) -> None:
        self._directory = Path(directory)
        self._days, self._capacity, self._now = days, capacity, now
        self._books = books or Books()
        self._queue: queue.SimpleQueue[_Done | _Mark] = queue.SimpleQueue()
        self._hurry = threading.Event()
        self._lock = threading.Lock()
        # Held while requests go from memory to disk: whoever sums both sees each of them once.
        self._moving = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._pending = _Pending()
        self._dropped = 0
        self._trouble = ""
        self._tidied = float("-inf")

    @property
    def trouble(self) -> str:
        """Why the disk refuses what is counted at present; empty where it takes it."""
        return self._trouble or self._books.trouble

    @property
    def unsaved(self) -> int:
        """Requests that only this process knows, because the disk refused them."""
        return self._pending.requests if self._trouble else 0

    def add(
        self,
        done: Exchange,
        tell: Callable[[], Told | None] | None = None,
        edits: Sequence[Edit] = (),
    ) -> None:
        """Count one request which had these edits; `tell` says what is known of it, and is called
        by another thread. Never waits, never raises; on disk within half a second."""
        if self._closed or self._queue.qsize() >= self._capacity:
            with self._lock:
                self._dropped += 1
            return
        if self._thread is None:
            self._start()
        self._queue.put(_Done(done, tell, edits))

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait, at most so long, until what was added is on disk; whether it is."""
        if self._thread is None or self._closed:
            return not self._trouble
        mark = _Mark()
        self._queue.put(mark)
        self._hurry.set()
        return mark.reached.wait(seconds) and not self._trouble

    def close(self, seconds: float = 5.0) -> None:
        """Bring what is left to disk, in so many seconds at most, and end."""
        self._closed = True
        if self._thread is not None:
            self._queue.put(_Mark(last=True))
            self._hurry.set()
            self._thread.join(seconds)

    def summary(self, since: float | None = None, by: By | None = None) -> Summary:
        """What all processes counted, with what waits in this one. Reads the disk: not for an
        event loop."""
        found = summary(self, since, by, self._books.prices)
        return replace(found, unsaved=self.unsaved, trouble=self.trouble)

    def counted(self, since: float | None, group: Sequence[str]) -> Counted:
        """The sums on disk with those that wait for it. Reads the disk: not for an event loop."""
        with self._moving:
            found = [self._on_disk(since, group)]
            if self._pending.sums.spans:
                with in_memory(self._pending.sums) as connection:
                    found.append(counted(connection, since, group))
        return Counted(merged(f.spans for f in found), merged(f.details for f in found))

    def last_failure(self, since: float | None) -> str:
        """The type and place of the last failure on disk; empty where there is none."""
        try:
            with reading(self._directory) as connection:
                return last_failure(connection, since) if connection is not None else ""
        except StoreError:
            return ""

    def _on_disk(self, since: float | None, group: Sequence[str]) -> Counted:
        try:
            with reading(self._directory) as connection:
                if connection is not None:
                    return counted(connection, since, group)
        except StoreError as error:
            self._trouble = str(error)
        return Counted({}, {})

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="counts", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        file = CountsFile(self._directory)
        while not self._round(file):
            pass
        file.close()
        self._books.close()

    def _round(self, file: CountsFile) -> bool:
        """Bring to disk what has gathered; whether it was the last."""
        batch = self._gathered()
        marks = self._move(batch, file)
        self._books.show([(one.exchange, one.edits) for one in batch if isinstance(one, _Done)])
        for mark in marks:
            mark.reached.set()
        return any(mark.last for mark in marks)

    def _move(self, batch: list[_Done | _Mark], file: CountsFile) -> list[_Mark]:
        """Bring a batch to disk, and what waits there; the marks in it."""
        with self._moving:
            self._take([self._completed(one) for one in batch if isinstance(one, _Done)])
            self._save(file)
        return [one for one in batch if isinstance(one, _Mark)]

    def _completed(self, one: _Done) -> Exchange:
        """The request with what it can be told to have come to; as it is where that fails."""
        made = attempt(lambda: self._told(one))
        return one.exchange if isinstance(made, Failure) else made

    def _told(self, one: _Done) -> Exchange:
        told = one.tell() if one.tell is not None else None
        return one.exchange if told is None else self._books.completed(one.exchange, told)

    def _gathered(self) -> list[_Done | _Mark]:
        try:
            batch = [self._queue.get(timeout=_AGAIN if self._trouble else None)]
        except queue.Empty:
            return []
        self._hurry.wait(_PAUSE)
        self._hurry.clear()
        # Not more than stood there now: a busy proxy would never end this.
        batch += [self._queue.get() for _ in range(self._queue.qsize())]
        return batch

    def _take(self, batch: list[Exchange]) -> None:
        pending = self._pending
        for done in batch:
            pending.sums.add(done)
        with self._lock:
            dropped, self._dropped = self._dropped, 0
        if dropped:
            pending.sums.add_uncounted(self._now(), dropped)
        pending.exchanges = [*pending.exchanges, *batch][-self._capacity :]
        pending.requests += len(batch)

    def _save(self, file: CountsFile) -> None:
        saving = self._pending
        try:
            if saving.sums.spans:
                file.write(saving.exchanges, saving.sums)
                self._pending = _Pending()
            if self._now() >= self._tidied + _TIDY:
                file.forget(self._now() - self._days * _DAY)
                self._tidied = self._now()
        except StoreError as error:
            self._trouble = str(error)
        else:
            self._trouble = ""
