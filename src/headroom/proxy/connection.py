"""The server's side of a client's connection: what ASGI cannot say.

A client that never finishes its request is let go, and one that leaves is told of at once; names
of headers keep their spelling; a wish for another protocol than WebSocket's is passed over, as
HTTP allows; and a request that upstream dropped is dropped here too, without a status that nobody
sent. An answer's head leaves with the first of its body.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "headroom.connection"
_UPGRADING = (b"upgrade", b"http2-settings")


class Connection:
    """What a request's scope carries under `EXTENSION`: `drop` closes the connection once what
    was sent is out, `names` are the headers' names as the client wrote them, in order."""

    __slots__ = ("_is_lost", "_then", "drop", "names")

    def __init__(self, drop: Callable[[], None]) -> None:
        self.drop = drop
        self.names: list[bytes] = []
        self._is_lost = False
        self._then: Callable[[], object] | None = None

    def when_lost(self, then: Callable[[], object] | None) -> None:
        """Call `then` once the client has gone, and at once if it has; None: nothing any more."""
        self._then = then
        if self._is_lost and then is not None:
            then()

    def lose(self) -> None:
        """The client has gone."""
        self._is_lost = True
        if self._then is not None:
            self._then()


class HeadFirst(asyncio.Transport):
    """A transport that holds the first bytes of an answer, its head, until there is more of it or
    the loop turns: most answers then are one packet, and none waits."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._is_first = False
        self._held = b""

    def begin(self) -> None:
        """Another answer begins."""
        self._is_first = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write, or hold the head."""
        if self._is_first:
            self._is_first, self._held = False, bytes(data)
            self._loop.call_soon(self.flush)
        elif self._held:
            self._held += data
            self.flush()
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write what is held."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close it once all is out."""
        self.flush()
        self._transport.close()


class ServerConfig(uvicorn.Config):
    """uvicorn's settings, and how long a client may take for the head of a request, and how many
    bytes it may hold."""

    header_seconds = 30.0
    header_bytes = 1 << 16


class ClientProtocol(HttpToolsProtocol):
    """One connection. A request's head must be there so long after its first byte, the first
    one's after the connection was made."""

    _connection: Connection
    _answers: HeadFirst
    _in_head = False
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    # A request for a protocol that is not spoken here was read up to its head's end.
    _is_passed_over = False
    _passed_over_at: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._connection = Connection(self._drop)
        self._answers = HeadFirst(self.transport, self.loop)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)
        self._connection.lose()

    def data_received(self, data: bytes) -> None:
        size = len(data)
        super().data_received(data)
        while (at := self._passed_over_at) is not None:
            # The parser takes what follows for the other protocol, so another one reads on.
            data = self._plain_head() + data[at:]
            self._is_passed_over, self._passed_over_at = False, None
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            super().data_received(data)
        if self._in_head and self._head_timer is None:
            # Nearly every head comes in one piece, and needs no timer.
            self._await_head()
        if self._head_timer is not None:
            self._head_bytes += size
            # Where it is complete the guard says what is wrong with it.
            if self._head_bytes > 2 * self._own.header_bytes:
                self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._connection = Connection(self._drop)
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["extensions"] = {EXTENSION: self._connection}
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._connection.names.append(name)

    def on_headers_complete(self) -> None:
        asked = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        self._is_passed_over = asked and not self._should_upgrade()
        if not self._is_passed_over:
            self._head_is_there()
            super().on_headers_complete()
            if self.cycle is not None:
                self.cycle.transport = self._answers
                self._answers.begin()

    def on_message_complete(self) -> None:
        if not self._is_passed_over:
            super().on_message_complete()
            if not self.pipeline:
                # A long body stopped the reading, and nobody would hear the client leave.
                self.flow.resume_reading()

    def on_response_complete(self) -> None:
        self._answers.flush()
        super().on_response_complete()

    def _unsupported_upgrade_warning(self) -> None:
        stopped = sys.exc_info()[1]
        if self._is_passed_over and isinstance(stopped, httptools.HttpParserUpgrade):
            self._passed_over_at = stopped.args[0]
        else:
            super()._unsupported_upgrade_warning()

    def _plain_head(self) -> bytes:
        """The head that was read, without the wish for another protocol."""
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        for spelled, (name, value) in zip(self._connection.names, self.headers, strict=True):
            if name not in _UPGRADING:
                lines.append(spelled + b": " + value)
        return b"\r\n".join((*lines, b"", b""))

    def _drop(self) -> None:
        # Nothing more is owed: uvicorn would answer for what is not answered.
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        self._answers.close()

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(self._own.header_seconds, self.transport.abort)

    @property
    def _own(self) -> type[ServerConfig] | ServerConfig:
        return self.config if isinstance(self.config, ServerConfig) else ServerConfig

    def _head_is_there(self) -> None:
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
