"""The ranks of an encoding's tokens, from the package's own data: no network, ever.

Of 200,000 tokens a process meets a few thousand. So the tokens stay as the file has them, one
block of bytes that is looked into by a hash of the piece, and what was asked for is kept in a
dict. `tools/build_encodings.py` writes the files; their form is

    starts    4 bytes each, little-endian: where each bucket begins in the file, and the end
    entries   by bucket: 0xff, the token, 0xfe, its rank in 3 bytes, big-endian

0xff and 0xfe are no bytes of UTF-8 text. A rank may hold them, but is never followed by a piece
and 0xfe without another 0xff between. A piece is never empty.

This file knows nothing of how text is split or counted.
"""

import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from zlib import crc32

from headroom.errors import SettingsError

ENCODINGS = ("o200k_base", "cl100k_base")
BUCKETS = 1 << 15
BEFORE, AFTER = b"\xff", b"\xfe"
NO_TOKEN = 1 << 30
"""The rank of what is no token: behind all others."""

_DATA = Path(__file__).parent / "data"
_LAST_BUCKET = BUCKETS - 1
_STARTS_SIZE = 4 * (BUCKETS + 1)
# Read from `AFTER` on: one call is faster than to cut three bytes out and to read those.
_rank_at = Struct(">I").unpack_from
_RANK_BITS = 0xFFFFFF
_KEPT = 40_000  # pieces; 5 MB at most
_WORTH_KEEPING = 32  # bytes; what is longer seldom comes back


class Ranks(dict[bytes, int]):
    """Rank by piece of text, NO_TOKEN for one that is no token: ask with `ranks[piece]`. Safe to
    share between threads; `len` and iteration know only what was asked for lately.

    Raises:
        SettingsError: there is no such encoding.
    """

    __slots__ = ("_data", "_starts")

    def __init__(self, name: str) -> None:
        if name not in ENCODINGS:
            raise SettingsError(f"unknown encoding {name!r}; choose one of {', '.join(ENCODINGS)}")
        super().__init__()
        self._data = (_DATA / f"{name}.bin").read_bytes()
        self._starts = array("I", self._data[:_STARTS_SIZE])
        if sys.byteorder == "big":
            self._starts.byteswap()

    def __missing__(self, piece: bytes) -> int:
        # Written out: the calls would cost as much as the work.
        data, starts = self._data, self._starts
        bucket = crc32(piece) & _LAST_BUCKET
        at = data.find(b"\xff%b\xfe" % piece, starts[bucket], starts[bucket + 1])
        size = len(piece)
        rank = NO_TOKEN if at < 0 else _rank_at(data, at + size + 1)[0] & _RANK_BITS
        if size <= _WORTH_KEEPING:
            if len(self) >= _KEPT:
                self.clear()
            self[piece] = rank
        return rank

    def tokens(self) -> Iterator[tuple[bytes, int]]:
        """All tokens of the encoding with their ranks, in no order."""
        at, end = self._starts[0], len(self._data)
        while at < end:
            after = self._data.index(AFTER, at + 2)
            yield (
                self._data[at + 1 : after],
                int.from_bytes(self._data[after + 1 : after + 4], "big"),
            )
            at = after + 4


def bucket_of(piece: bytes) -> int:
    """The bucket that would hold a piece."""
    return crc32(piece) & _LAST_BUCKET
