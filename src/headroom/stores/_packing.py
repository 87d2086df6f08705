"""Compression of one original. zlib's fastest level: of the standard library the best trade
between time on every put and size (`benchmarks/store.py` prints the others)."""

import zlib
from dataclasses import dataclass

# SQLite's limit for one value is 1,000,000,000 bytes.
LARGEST = 900_000_000

_LEVEL = 1
_TRIAL = 64 * 1024


@dataclass(frozen=True, slots=True)
class Packed:
    """The bytes that are stored, and whether they are compressed."""

    compressed: bool
    data: bytes


def pack(content: bytes) -> Packed:
    """`content`, compressed where that makes it smaller by a tenth or more."""
    trial = content[:_TRIAL]
    data = zlib.compress(trial, _LEVEL)
    if len(data) > len(trial) * 0.9:
        return Packed(False, content)
    return Packed(True, data if len(trial) == len(content) else zlib.compress(content, _LEVEL))


def unpack(packed: Packed) -> bytes | None:
    """The content, or None when it cannot be read."""
    if not packed.compressed:
        return packed.data
    try:
        return zlib.decompress(packed.data)
    except zlib.error:
        return None
