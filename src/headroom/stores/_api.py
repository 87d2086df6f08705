"""The seam of a store: originals in, refs out.

A store keeps bytes under the hash of their content and knows nothing of what they mean. Each
store speaks for one scope (a project): what was stored under another scope is not found here,
so that a marker that arrives in a text redeems nothing that its reader could not see before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """Originals by content hash."""

    def ref(self, original: bytes) -> str:
        """The ref `original` has, or will have once it is put: base32 of its SHA-256, the
        shortest prefix of 8 or more characters that names no other original here."""
        ...

    def put(self, originals: Sequence[bytes]) -> list[str]:
        """Keep originals, all or none, and return their refs. They are durable on return.

        Raises:
            StoreError: they could not be kept.
        """
        ...

    def get(self, ref: str) -> bytes:
        """The original, byte for byte. Counts as an access for retention.

        Raises:
            NotFound: no original under this ref; the text says whether it was purged.
            Corrupt: the stored bytes are damaged.
        """
        ...

    def refresh(self, refs: Sequence[str]) -> list[str]:
        """Count an access to each of these refs, quickly and for all at once, and return those
        that have no original here.

        Raises:
            StoreError: it could not be done within a moment.
        """
        ...


class Settled(Protocol):
    """Facts that are settled once and then hold for every process: whoever writes one first is
    right. Keys and data are bytes whose meaning is the writer's. It answers within a moment, or
    refuses: a request waits for it.
    """

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The data of those keys that are settled. Counts as a use for retention.

        Raises:
            StoreError: the facts cannot be read.
        """
        ...

    def settle(self, facts: Mapping[bytes, bytes], *, chained: bool = False) -> dict[bytes, bytes]:
        """Settle those facts that are not, and return what now holds for every key.

        Where they are `chained`, each rests on those before it: after the first that was settled
        otherwise nothing is settled, and nothing returned.

        Raises:
            StoreError: nothing could be settled.
        """
        ...


@dataclass(frozen=True, slots=True)
class Retention:
    """How long originals stay: `days` since the last access, and `max_bytes` on disk, the least
    recently accessed going first. What was put or read within the last hour always stays."""

    days: float = 30.0
    max_bytes: int = 2_000_000_000

    @property
    def by_age(self) -> str:
        """Who purged what was not accessed for long, for the text that says so."""
        return f"the retention policy ({self.days:g} days)"

    @property
    def by_size(self) -> str:
        """Who purged what there was no room for."""
        return f"the retention policy ({self.max_bytes / 1e9:g} GB)"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of every original found; refs as `scope/ref` where they are of another
    scope. `corrupt`: the bytes do not match their hash. `missing`: there are no bytes."""

    checked: int
    corrupt: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether every original can be given back."""
        return not (self.corrupt or self.missing)


@dataclass(frozen=True, slots=True)
class StoreStats:
    """The whole store, all scopes. Times are seconds since 1970, None when it is empty."""

    originals: int
    bytes_original: int
    bytes_stored: int
    oldest: float | None
    newest: float | None
    path: Path | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One original as a listing shows it."""

    ref: str
    scope: str
    size: int
    stored: float
    accessed: float
