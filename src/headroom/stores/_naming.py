"""What every store agrees on: refs, their length, and what is said when there is no original.

This file knows nothing of how originals are kept.
"""

import hashlib
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime, timezone

from headroom.errors import NotFound

Digest = Callable[[bytes], bytes]

SHORTEST_REF = 8
HOUR = 3600.0
DAY = 24 * HOUR
# An access is written down when the last one known is older than this: reading the same
# original again and again costs no write.
ACCESS_GRAIN = 600.0
# Younger accesses protect from every purge but one asked for: their markers are in use.
PROTECTED = HOUR + ACCESS_GRAIN

# What settled facts may take of the bytes that retention allows the whole store.
SETTLED_SHARE = 0.1
# A use of a settled fact is written down when the last one known is older than this.
USE_GRAIN = 6 * HOUR

BY_REQUEST = "its owner"


def sha256(content: bytes) -> bytes:
    """The hash that names originals."""
    return hashlib.sha256(content).digest()


def free_ref(digest: bytes, owner: Callable[[str], bytes | None]) -> str:
    """The shortest ref for `digest` that is not another's; `owner` tells whose a ref is."""
    name = b32encode(digest).decode("ascii").rstrip("=").lower()
    for length in range(SHORTEST_REF, len(name)):
        if owner(name[:length]) in (None, digest):
            return name[:length]
    return name


def tidy(ref: str) -> str:
    """A ref as a model may write it, in the one form that refs have."""
    return ref.strip().strip("\"'").lower()


def never_stored(ref: str) -> NotFound:
    """For a ref that names nothing."""
    return NotFound(
        f"there is no original {ref!r} in this project: it was never stored here. "
        "Asking again will not help."
    )


def purged(ref: str, at: float, by: str) -> NotFound:
    """For a ref whose original was removed at the time `at`."""
    day = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d")
    return NotFound(
        f"the original {ref!r} was purged on {day} by {by}. It cannot be brought back; "
        "run the tool again if its output is still needed."
    )
