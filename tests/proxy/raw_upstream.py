"""An upstream that knows no HTTP library: it keeps what it heard to the byte, and says to the byte
what a test wants.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

PATIENCE = 30.0


class End(Enum):
    """How a connection ends: closed, torn down, or left open until the other side has gone."""

    CUT = "cut"
    RESET = "reset"
    GONE = "gone"


Step = bytes | threading.Event | End
Answer = bytes | Sequence[Step]
"""Pieces to send, events to wait for, and how it ends where it does not go on."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: its head as it came, and its body without chunks."""

    head: bytes
    body: bytes

    @property
    def line(self) -> bytes:
        return self.head.partition(b"\r\n")[0]

    @property
    def headers(self) -> list[bytes]:
        """The header lines in their order and spelling."""
        return self.head.split(b"\r\n")[1:]

    def values(self, name: bytes) -> list[bytes]:
        pairs = (line.split(b": ", 1) for line in self.headers)
        return [value for key, value in pairs if key.lower() == name]


class RawUpstream:
    """`requests` is all that was heard, in `received` bytes and so many `connections`; `left`
    counts answers whose client left during them."""

    def __init__(self, answers: Sequence[Answer], *, early: bool = False) -> None:
        self.requests: list[Heard] = []
        self.connections = self.left = self.received = 0
        self._answers = answers
        self._early = early
        self._changed = threading.Condition()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, name="raw upstream")]
        self._threads[0].start()

    def now(self, *answers: Answer) -> None:
        """Forget what was heard, and give these answers from now on."""
        self.requests.clear()
        self.left = self.connections = self.received = 0
        self._answers = answers

    def until(self, holds: Callable[["RawUpstream"], bool]) -> None:
        """Wait until what was heard makes `holds` true."""
        with self._changed:
            assert self._changed.wait_for(lambda: holds(self), PATIENCE), "it did not come to that"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._open.add(connection)
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = _Reader(connection, self._count, self._early)
            while (heard := reader.request()) is not None and self._answer(connection, heard):
                pass
        self._open.discard(connection)

    def _answer(self, connection: socket.socket, heard: Heard) -> bool:
        """Answer it; whether the connection goes on."""
        with self._changed:
            self.requests.append(heard)
            number = len(self.requests)
            self._changed.notify_all()
        steps = self._answers[min(number, len(self._answers)) - 1]
        for step in [steps] if isinstance(steps, bytes) else steps:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, threading.Event):
                step.wait(PATIENCE)
            elif not self._ended(connection, step):
                return False
        return True

    def _ended(self, connection: socket.socket, how: End) -> bool:
        if how is End.RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how is End.GONE:
            with contextlib.suppress(ConnectionResetError):
                while connection.recv(1 << 16):
                    pass
            with self._changed:
                self.left += 1
                self._changed.notify_all()
        return False

    def _count(self, size: int) -> None:
        with self._changed:
            self.received += size
            self._changed.notify_all()


class _Reader:
    """Requests off a connection, one after another."""

    def __init__(
        self, connection: socket.socket, count: Callable[[int], None], early: bool
    ) -> None:
        self._early = early
        self._connection = connection
        self._count = count
        self._held = b""

    def request(self) -> Heard | None:
        head = self._upto(b"\r\n\r\n")
        if head is None:
            return None
        heard = Heard(head, b"")
        if self._early:
            return heard
        if b"chunked" in b"".join(heard.values(b"transfer-encoding")).lower():
            return Heard(head, b"".join(self._chunks()))
        length = int((heard.values(b"content-length") or [b"0"])[0])
        return Heard(head, self._exactly(length))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._upto(b"\r\n") or b"0", 16):
            yield self._exactly(size)
            self._exactly(2)
        self._upto(b"\r\n")

    def _upto(self, mark: bytes) -> bytes | None:
        while mark not in self._held:
            if not self._more():
                return None
        found, _, self._held = self._held.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        parts = [self._held]
        have = len(self._held)
        while have < size:
            self._held = b""
            if not self._more():
                raise ConnectionResetError("the request was cut")
            parts.append(self._held)
            have += len(self._held)
        data = b"".join(parts)
        self._held = data[size:]
        return data[:size]

    def _more(self) -> bool:
        data = self._connection.recv(1 << 18)
        self._held += data
        self._count(len(data))
        return bool(data)


@contextlib.contextmanager
def answering(*answers: Answer, early: bool = False) -> Iterator[RawUpstream]:
    """An upstream that gives these answers in order, the last one again and again; `early`
    before it has read a body."""
    upstream = RawUpstream(answers, early=early)
    try:
        yield upstream
    finally:
        upstream.close()


def whole(
    body: bytes = b"{}", *headers: bytes, status: bytes = b"200 OK", length: bool = True
) -> bytes:
    """An answer of one piece."""
    lines = [b"HTTP/1.1 " + status, *headers]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunk(data: bytes) -> bytes:
    """A chunk of a body whose length is not known; the last one of no data."""
    return b"%x\r\n%s\r\n" % (len(data), data)


STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
"""The head of an answer of events, in chunks."""
