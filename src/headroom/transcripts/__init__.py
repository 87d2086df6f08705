"""Transcripts: conversations that agents and programs have written to files.

Adding a reader is a file here and a line in `READERS`; the first that recognises a file reads it.
"""

import gzip
import zlib
from dataclasses import replace
from pathlib import Path

from headroom.errors import TranscriptError
from headroom.transcripts._api import Reader, Transcript
from headroom.transcripts.anthropic_messages import AnthropicMessages
from headroom.transcripts.claude_code import ClaudeCode
from headroom.transcripts.openai_messages import OpenaiMessages

READERS: tuple[Reader, ...] = (ClaudeCode(), AnthropicMessages(), OpenaiMessages())

_GZIP = b"\x1f\x8b"
_ENDINGS = (".gz", ".jsonl", ".json")


def read(path: Path | str) -> list[Transcript]:
    """The conversations in a file, gzipped or not. One that has no id gets the file's name,
    with its place behind it where the file holds several.

    Raises:
        TranscriptError: there is no such file, no reader knows its form, or it holds nothing.
    """
    path = Path(path)
    text = _text(path)
    reader = next((reader for reader in READERS if reader.recognises(text)), None)
    if reader is None:
        known = "; ".join(f"{reader.name}: {reader.expects}" for reader in READERS)
        raise TranscriptError(f"{path} is no transcript that can be read ({known})")
    try:
        found = [each for each in reader.conversations(text) if each.messages]
    except TranscriptError as error:
        raise TranscriptError(f"{path}, read as {reader.name}: {error}") from error
    if not found:
        raise TranscriptError(f"{path} holds no conversation ({reader.expects} was expected)")
    return [
        each if each.id else replace(each, id=_name(path, place, len(found)))
        for place, each in enumerate(found, 1)
    ]


def _text(path: Path) -> str:
    """The file's text; what is not UTF-8 becomes a replacement sign, for it was never sent."""
    try:
        raw = path.read_bytes()
        if raw.startswith(_GZIP):
            raw = gzip.decompress(raw)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TranscriptError(f"{path} looks gzipped but does not unpack: {error}") from error
    except OSError as error:
        raise TranscriptError(f"cannot read {path}: {error.strerror}") from error
    return raw.decode("utf-8-sig", errors="replace")


def _name(path: Path, place: int, count: int) -> str:
    name = path.name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name if count == 1 else f"{name}-{place}"


__all__ = ["READERS", "Reader", "Transcript", "read"]
