"""One client's request as it came: its head, and its body as far as it may be held.

A body that is larger than may be held is no error: what was read and what still comes are
passed on unread.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from headroom.proxy.connection import EXTENSION, Connection
from headroom.proxy.headers import Header

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Disconnected(Exception):
    """The client has gone."""


class Body(NamedTuple):
    """`data` is what was read; `rest`, where there is more than may be held, gives what follows."""

    data: bytes
    rest: AsyncIterator[bytes] | None = None

    def whole(self) -> bytes | AsyncIterator[bytes]:
        """All of it, as it goes upstream unread."""
        return self.data if self.rest is None else _joined(self.data, self.rest)


async def _joined(data: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield data
    async for chunk in rest:
        yield chunk


class Head(NamedTuple):
    """Method, raw path, query and headers; header names in `headers` are lower-case and those in
    `spelled` as the client wrote them."""

    method: str
    path: str
    query: str
    headers: list[Header]
    spelled: list[Header]

    def values(self) -> dict[str, str]:
        """Header values by lower-case name; the first of several."""
        return {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(self.headers)
        }


def head_of(scope: Scope) -> Head:
    """The head of a request or of a WebSocket's handshake."""
    headers: list[Header] = list(scope["headers"])
    names, spelled = connection_of(scope).names, headers
    if len(names) == len(headers):
        spelled = [(name, value) for name, (_, value) in zip(names, headers, strict=True)]
    return Head(
        scope.get("method", "GET"),
        (scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        spelled,
    )


def connection_of(scope: Scope) -> Connection:
    """The client's connection; where the server does not tell of it, one that is never lost and
    cannot be dropped."""
    found = (scope.get("extensions") or {}).get(EXTENSION)
    return found if isinstance(found, Connection) else Connection(_nothing)


async def body_of(receive: Receive, limit: int, seconds: float, drop: Callable[[], None]) -> Body:
    """The body, held up to `limit` bytes; a client silent for `seconds` is dropped.

    Raises:
        Disconnected: the client went away.
    """
    parts: list[bytes] = []
    size = 0
    more = True
    while more and size <= limit:
        chunk, more = await _chunk(receive, seconds, drop)
        parts.append(chunk)
        size += len(chunk)
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    return Body(data, _rest(receive, seconds, drop) if more else None)


async def _rest(receive: Receive, seconds: float, drop: Callable[[], None]) -> AsyncIterator[bytes]:
    more = True
    while more:
        chunk, more = await _chunk(receive, seconds, drop)
        if chunk:
            yield chunk


async def _chunk(receive: Receive, seconds: float, drop: Callable[[], None]) -> tuple[bytes, bool]:
    timer = asyncio.get_running_loop().call_later(seconds, drop)
    try:
        message = await receive()
    finally:
        timer.cancel()
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message.get("body", b""), bool(message.get("more_body"))


def _nothing() -> None:
    """A server that cannot drop a connection answers as it does for one left open."""
