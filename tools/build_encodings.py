"""Packs the published OpenAI rank tables into the form that `headroom.tokens` loads.

    python tools/build_encodings.py DIRECTORY

DIRECTORY holds `o200k_base.tiktoken[.gz]` and `cl100k_base.tiktoken[.gz]` as OpenAI publishes
them (https://openaipublic.blob.core.windows.net/encodings/). Their SHA-256 is checked before
anything is written, and a test rebuilds the published bytes from what is packed.

An encoding becomes two files: tokens in pure ASCII, which is all that ASCII text can ever
need, and the others, loaded when the first other character is met. Each is zlib over

    singles   256 bytes   the one-byte tokens, in rank order (ranks 0 to 255)
    mine      n bytes     1 where the token of rank 256 + i is in this file, else 0
    tokens                the file's tokens in rank order, between separators

with n, the number of tokens above rank 255, in 4 bytes, little-endian, in front of the zlib.
"""

import base64
import gzip
import hashlib
import sys
import zlib
from pathlib import Path

PUBLISHED = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
DATA = Path(__file__).parent.parent / "src" / "headroom" / "tokens" / "data"
ASCII_SEPARATOR, OTHER_SEPARATOR = b"\x7f", b"\xff"


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
        raise SystemExit("ranks are not 0, 1, 2, …: the packed form cannot hold this table")
    return [base64.b64decode(token) for token, _ in lines]


def pack(tokens: list[bytes], *, ascii_only: bool) -> bytes:
    """One of the two files of an encoding."""
    singles, longer = tokens[:256], tokens[256:]
    if sorted(singles) != [bytes([value]) for value in range(256)]:
        raise SystemExit("the first 256 tokens are not the 256 bytes")
    mine = [token.isascii() == ascii_only for token in longer]
    kept = [token for token, is_mine in zip(longer, mine, strict=True) if is_mine]
    separator = ASCII_SEPARATOR if ascii_only else OTHER_SEPARATOR
    if any(separator in token for token in kept):
        raise SystemExit("a token holds the separator")
    body = b"".join(singles) + bytes(mine) + separator.join(kept)
    return len(longer).to_bytes(4, "little") + zlib.compress(body, 9)


def main(directory: Path) -> None:
    """Write the packed files of every encoding."""
    DATA.mkdir(exist_ok=True)
    for name in PUBLISHED:
        tokens = tokens_of(published(directory, name))
        (DATA / f"{name}.ascii.bin").write_bytes(pack(tokens, ascii_only=True))
        (DATA / f"{name}.other.bin").write_bytes(pack(tokens, ascii_only=False))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
