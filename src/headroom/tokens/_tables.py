"""The rank tables of an encoding, from the package's own data: no network, ever.

ASCII text can only meet ASCII tokens; the others are loaded when the first other character is
met, which halves the time to a first count. `tools/build_encodings.py` writes the files and
describes their form.

This file knows nothing of how text is split or counted.
"""

import threading
import zlib
from itertools import compress
from pathlib import Path

from headroom.errors import SettingsError

ENCODINGS = ("o200k_base", "cl100k_base")

_DATA = Path(__file__).parent / "data"


class Table:
    """Rank by token, for one encoding. Safe to share between threads."""

    def __init__(self, name: str) -> None:
        if name not in ENCODINGS:
            raise SettingsError(f"unknown encoding {name!r}; choose one of {', '.join(ENCODINGS)}")
        self._name = name
        self._lock = threading.Lock()
        self._complete = False
        self.ascii: dict[bytes, int] = _read(name, "ascii", b"\x7f")

    def all(self) -> dict[bytes, int]:
        """The whole table, in the same dict that `ascii` names, filled on the first call."""
        with self._lock:
            if not self._complete:
                self.ascii.update(_read(self._name, "other", b"\xff"))
                self._complete = True
        return self.ascii


def _read(name: str, part: str, separator: bytes) -> dict[bytes, int]:
    content = (_DATA / f"{name}.{part}.bin").read_bytes()
    count = int.from_bytes(content[:4], "little")
    body = zlib.decompress(memoryview(content)[4:])
    mine = body[256 : 256 + count]
    tokens = body[256 + count :].split(separator)
    # Without strict=True, which costs 3 ms here; a test compares the whole table.
    ranks = dict(zip(tokens, compress(range(256, 256 + count), mine)))  # noqa: B905
    ranks.update((body[rank : rank + 1], rank) for rank in range(256))
    return ranks
