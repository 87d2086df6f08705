"""Packs the published OpenAI rank tables into the form that `headroom.tokens` reads.

    python tools/build_encodings.py DIRECTORY

DIRECTORY holds `o200k_base.tiktoken[.gz]` and `cl100k_base.tiktoken[.gz]` as OpenAI publishes
them (https://openaipublic.blob.core.windows.net/encodings/). Their SHA-256 is checked before
anything is written, and a test rebuilds the published bytes from what is packed. The form is
described in `headroom.tokens._tables`.
"""

import base64
import gzip
import hashlib
import struct
import sys
from itertools import accumulate
from pathlib import Path

from headroom.tokens._tables import AFTER, BEFORE, BUCKETS, bucket_of

PUBLISHED = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
DATA = Path(__file__).parent.parent / "src" / "headroom" / "tokens" / "data"


def published(directory: Path, name: str) -> bytes:
    """The published file of encoding `name`, checked against its hash."""
    packed = directory / f"{name}.tiktoken.gz"
    if packed.exists():
        content = gzip.decompress(packed.read_bytes())
    else:
        content = (directory / f"{name}.tiktoken").read_bytes()
    if hashlib.sha256(content).hexdigest() != PUBLISHED[name]:
        raise SystemExit(f"{name}: this is not the published file (its SHA-256 differs)")
    return content


def tokens_of(content: bytes) -> list[bytes]:
    """The tokens of a published file, in rank order."""
    lines = [line.split() for line in content.splitlines()]
    if [int(rank) for _, rank in lines] != list(range(len(lines))):
        raise SystemExit("ranks are not 0, 1, 2, …: no published table was ever so")
    return [base64.b64decode(token) for token, _ in lines]


def pack(tokens: list[bytes]) -> bytes:
    """The file of an encoding."""
    buckets = [b""] * BUCKETS
    for rank, token in enumerate(tokens):
        if len(token) > 1 and (BEFORE in token or AFTER in token):
            raise SystemExit("a token holds a separator")
        buckets[bucket_of(token)] += BEFORE + token + AFTER + rank.to_bytes(3, "big")
    starts = accumulate(map(len, buckets), initial=4 * (BUCKETS + 1))
    return struct.pack(f"<{BUCKETS + 1}I", *starts) + b"".join(buckets)


def main(directory: Path) -> None:
    """Write the packed files of every encoding."""
    DATA.mkdir(exist_ok=True)
    for name in PUBLISHED:
        (DATA / f"{name}.bin").write_bytes(pack(tokens_of(published(directory, name))))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
