"""What a durable put costs: the store on this disk, by kind of content, and its parts.

Medians of repeated puts of new content. "fsync" is what the disk itself takes for one.
"""

import bz2
import hashlib
import os
import random
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from headroom.stores import SqliteStore

CHANCE = random.Random(5)
LINE = "2026-01-02T10:{:02}:{:02}.{:03}Z INFO worker-{} request id={} status=200 took {}ms\n"


def log(size: int) -> bytes:
    """New log text of about `size` bytes."""
    lines = (
        LINE.format(n // 60 % 60, n % 60, n * 37 % 1000, n % 30, CHANCE.randbytes(4).hex(), n % 900)
        for n in range(size // 80 + 1)
    )
    return "".join(lines).encode()[:size]


def median(call: Callable[[bytes], object], contents: list[bytes]) -> str:
    """Milliseconds of `call` on each of the contents."""
    times = []
    for content in contents:
        start = time.perf_counter()
        call(content)
        times.append(1e3 * (time.perf_counter() - start))
    return f"{statistics.median(times):.2f} ms (worst {max(times):.1f})"


def fsync(file: Path) -> Callable[[bytes], object]:
    """Write and sync, as one commit must at least."""

    def write(content: bytes) -> None:
        with file.open("ab") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())

    return write


def main() -> None:
    """Print the table."""
    sample = log(1_000_000)
    for name, call in (
        ("SHA-256", lambda content: hashlib.sha256(content).digest()),
        ("zlib 1", lambda content: zlib.compress(content, 1)),
        ("zlib 6", lambda content: zlib.compress(content, 6)),
        ("bz2 1", lambda content: bz2.compress(content, 1)),
    ):
        size = len(call(sample))
        print(f"1 MB of log, {name}: {median(call, [sample] * 5)}, {size:,} bytes")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        print("fsync of 4 KB:", median(fsync(Path(home) / "probe"), [b"x" * 4096] * 30))
        for mode in ("FULL", "NORMAL"):
            store = SqliteStore(Path(home) / mode)
            with store._database.session() as connection:
                connection.execute(f"PRAGMA synchronous = {mode}")
            for size, count in ((4_000, 60), (100_000, 40), (1_000_000, 15)):
                contents = [log(size) for _ in range(count)]
                refs: list[str] = []
                put = median(lambda content: refs.extend(store.put([content])), contents)  # noqa: B023
                again = median(lambda content: store.put([content]), contents)  # noqa: B023
                wanted = dict(zip(contents, refs, strict=True))
                get = median(lambda content: store.get(wanted[content]), contents)  # noqa: B023
                print(f"synchronous={mode}, {size:,} bytes: put {put}; again {again}; get {get}")
            noise = [os.urandom(1_000_000) for _ in range(8)]
            print("  1 MB that does not compress: put", median(lambda c: store.put([c]), noise))  # noqa: B023
            kept = store.stats()
            print(f"  {kept.bytes_original:,} bytes kept in {kept.bytes_stored:,}")
            store.close()


if __name__ == "__main__":
    main()
