"""A byte stream as lines, and lines as a byte stream: what is not understood passes as it is.

Nothing waits here: a line is handed on as soon as it has ended, and one that grows too long in
the pieces in which it comes. It knows nothing of what a line says.
"""

import threading
import time
from collections.abc import Iterator
from typing import NamedTuple, Protocol

LONGEST = 32_000_000
"""Bytes of a line that are held back until it ends; the lines of a longer one pass unread."""
_CHUNK = 65_536
_IDLE_SECONDS = 0.001


class Raw(Protocol):
    """One end of a pipe, without a buffer: what is there is read, what fits is written. Both give
    None where a pipe that does not block has nothing, or no room."""

    def read(self, size: int, /) -> bytes | None: ...

    def write(self, data: memoryview, /) -> int | None: ...

    def close(self) -> None: ...


class Piece(NamedTuple):
    """Bytes of a stream; `whole` where they are one line with its end."""

    data: bytes
    whole: bool


def pieces(stream: Raw, longest: int = LONGEST) -> Iterator[Piece]:
    """All that a stream brings, line by line, until it ends or breaks."""
    held: list[bytes] = []
    size, passing = 0, False
    while chunk := _read(stream):
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            held += (line, b"\n")
            yield Piece(b"".join(held), not passing)
            held.clear()
            size, passing = 0, False
        if rest:
            held.append(rest)
            size += len(rest)
        if size > longest:
            yield Piece(b"".join(held), whole=False)
            held.clear()
            size, passing = longest, True
    if held:
        yield Piece(b"".join(held), whole=False)


def _read(stream: Raw) -> bytes:
    try:
        while (chunk := stream.read(_CHUNK)) is None:
            time.sleep(_IDLE_SECONDS)
    except (OSError, ValueError):
        return b""
    return chunk


class Sink:
    """Where lines go, at once. One thread passes a stream on, others put lines of their own in
    between; a line that is passed on in pieces is not broken by them. Never raises."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._lock = threading.RLock()
        self._inside = False
        self._torn = False
        self.gone = False

    def pass_on(self, data: bytes) -> None:
        """Bytes of the stream, by the one thread that passes it on."""
        if not self._inside:
            self._lock.acquire()
        self._write(data)
        self._inside = not data.endswith(b"\n")
        if not self._inside:
            self._lock.release()

    def put(self, line: bytes) -> None:
        """A whole line, by any thread."""
        with self._lock:
            self._write(b"\n" + line if self._torn else line)
            self._torn = False

    def end(self) -> None:
        """The stream has ended, maybe within a line; lines may still be put."""
        if self._inside:
            self._inside, self._torn = False, True
            self._lock.release()

    def close(self) -> None:
        """Let the reader see the end."""
        with self._lock:
            self.gone = True
            _close(self._raw)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest and not self.gone:
                written = self._raw.write(rest)
                if written is None:
                    time.sleep(_IDLE_SECONDS)
                rest = rest[written or 0 :]
        except (OSError, ValueError):
            self.gone = True


def _close(raw: Raw) -> None:
    try:
        raw.close()
    except OSError:
        return
