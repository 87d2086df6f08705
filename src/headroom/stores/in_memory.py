"""Originals in this process's memory, with the contract of the store on disk.

For tests, and for callers who want nothing written: what it holds ends with the process.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from headroom.errors import SettingsError
from headroom.stores._api import Entry, Retention, StoreStats, Verification
from headroom.stores._naming import (
    BY_REQUEST,
    DAY,
    PROTECTED,
    Digest,
    free_ref,
    never_stored,
    purged,
    sha256,
    tidy,
)
from headroom.stores.settled import InMemorySettled


@dataclass(frozen=True, slots=True)
class _Kept:
    digest: bytes
    content: bytes
    stored: float
    accessed: float


@dataclass(frozen=True, slots=True)
class _Gone:
    digest: bytes
    at: float
    by: str


class InMemoryStore:
    """The store of one scope, in memory, and its `settled` facts. Safe to share between threads."""

    def __init__(
        self,
        *,
        scope: str = "default",
        retention: Retention = Retention(),  # noqa: B008 (it is frozen)
        now: Callable[[], float] = time.time,
        digest: Digest = sha256,
    ) -> None:
        self.settled = InMemorySettled(retention, now)
        self._scope = scope
        self._retention = retention
        self._now = now
        self._digest = digest
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._gone: dict[str, _Gone] = {}

    def ref(self, original: bytes) -> str:
        """The ref `original` has, or will have once it is put."""
        with self._lock:
            return self._ref_of(self._digest(original))

    def put(self, originals: Sequence[bytes]) -> list[str]:
        """Keep originals and return their refs."""
        now = self._now()
        refs = []
        with self._lock:
            for original in originals:
                digest = self._digest(original)
                ref = self._ref_of(digest)
                kept = self._kept.get(ref) or _Kept(digest, original, now, now)
                self._kept[ref] = replace(kept, accessed=now)
                self._gone.pop(ref, None)
                refs.append(ref)
            self._retain(now)
        return refs

    def get(self, ref: str) -> bytes:
        """The original, byte for byte. Counts as an access for retention.

        Raises:
            NotFound: no original under this ref; the text says whether it was purged.
        """
        ref = tidy(ref)
        with self._lock:
            kept = self._kept.get(ref)
            if kept is None:
                gone = self._gone.get(ref)
                raise never_stored(ref) if gone is None else purged(ref, gone.at, gone.by)
            self._kept[ref] = replace(kept, accessed=self._now())
            return kept.content

    def refresh(self, refs: Sequence[str]) -> list[str]:
        """Count an access to each of these refs, and return those that have no original here."""
        now = self._now()
        with self._lock:
            for ref in refs:
                if ref in self._kept:
                    self._kept[ref] = replace(self._kept[ref], accessed=now)
            return [ref for ref in dict.fromkeys(refs) if ref not in self._kept]

    def verify(self) -> Verification:
        """Compare every original with its hash."""
        with self._lock:
            corrupt = tuple(
                ref for ref, kept in self._kept.items() if self._digest(kept.content) != kept.digest
            )
            return Verification(len(self._kept), corrupt, ())

    def stats(self) -> StoreStats:
        """Figures over the whole store."""
        with self._lock:
            size = sum(len(kept.content) for kept in self._kept.values())
            times = [kept.stored for kept in self._kept.values()]
            oldest, newest = min(times, default=None), max(times, default=None)
            return StoreStats(len(self._kept), size, size, oldest, newest, None)

    def entries(self, limit: int = 100) -> list[Entry]:
        """The originals, most recently accessed first."""
        with self._lock:
            recent = sorted(self._kept.items(), key=lambda item: (-item[1].accessed, item[0]))
        return [
            Entry(ref, self._scope, len(kept.content), kept.stored, kept.accessed)
            for ref, kept in recent[:limit]
        ]

    def purge(
        self,
        *,
        older_than: float | None = None,
        refs: Sequence[str] | None = None,
        everything: bool = False,
    ) -> int:
        """Remove originals now, and return how many: those not accessed for `older_than`
        seconds, those under `refs`, or `everything`.

        Raises:
            SettingsError: not exactly one of the three was given.
        """
        if (older_than is not None) + (refs is not None) + everything != 1:
            raise SettingsError("purge takes one of older_than, refs or everything")
        now = self._now()
        with self._lock:
            if refs is None:
                since = now - older_than if older_than is not None else float("inf")
                going = [ref for ref, kept in self._kept.items() if kept.accessed < since]
            else:
                going = [ref for ref in dict.fromkeys(map(tidy, refs)) if ref in self._kept]
            self._bury(going, now, BY_REQUEST)
        if refs is None:
            self.settled.erase(since)
        return len(going)

    def close(self) -> None:
        """Nothing to give back; here so that stores can be closed alike."""

    def _ref_of(self, digest: bytes) -> str:
        def owner(ref: str) -> bytes | None:
            holder = self._kept.get(ref) or self._gone.get(ref)
            return None if holder is None else holder.digest

        return free_ref(digest, owner)

    def _retain(self, now: float) -> None:
        oldest_first = sorted(self._kept, key=lambda ref: self._kept[ref].accessed)
        idle = [ref for ref in oldest_first if self._kept[ref].accessed < now - PROTECTED]
        since = now - self._retention.days * DAY
        self._bury(
            [ref for ref in idle if self._kept[ref].accessed < since], now, self._retention.by_age
        )
        excess = sum(len(kept.content) for kept in self._kept.values()) - self._retention.max_bytes
        for ref in idle:
            if excess > 0 and ref in self._kept:
                excess -= len(self._kept[ref].content)
                self._bury([ref], now, self._retention.by_size)

    def _bury(self, refs: Sequence[str], now: float, by: str) -> None:
        for ref in refs:
            self._gone[ref] = _Gone(self._kept.pop(ref).digest, now, by)
