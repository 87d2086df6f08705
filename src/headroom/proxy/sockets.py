"""A client's WebSocket to a provider: frames relayed both ways, each as it comes.

Where upstream speaks no WebSocket, the client is told so by the one status that makes it fall
back to HTTP at once. What is done to single frames is the talk's.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from headroom.errors import UpstreamError
from headroom.proxy import headers as crossing
from headroom.proxy.guard import Refusal
from headroom.proxy.headers import Header
from headroom.proxy.incoming import Head, Receive, Scope, Send
from headroom.proxy.routes import Route, recognise, upstream_url
from headroom.proxy.services import Services
from headroom.proxy.talk import Talk
from headroom.proxy.upstream import CLOSING, HandshakeRefused, Socket

_HANDSHAKE = "sec-websocket-"
_OF_ITS_BODY = (b"content-length", b"content-type", b"content-encoding")
_SPEAKS_NONE = (404, 405, 501)
_FALL_BACK = 426
_NORMAL = 1000


async def serve(
    services: Services,
    head: Head,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """One WebSocket that may be opened, from its handshake to its close."""
    await receive()  # the handshake
    route = recognise(head.path, head.values())
    try:
        upstream = await _opened(services, route, head, scope)
    except HandshakeRefused as error:
        refused = _FALL_BACK if error.status in _SPEAKS_NONE else error.status
        reason = Refusal(refused, "upstream refused the WebSocket")
        return await deny(send, reason, _crossing((error.headers or {}).items()))
    except UpstreamError as error:
        return await deny(send, Refusal(_FALL_BACK, str(error)))
    told = _crossing(upstream._response.headers.items())
    await send({"type": "websocket.accept", "subprotocol": upstream.protocol, "headers": told})
    talk = Talk(services, head, route)
    inward = asyncio.create_task(_to_upstream(receive, upstream, talk))
    outward = asyncio.create_task(_to_client(upstream, send, talk))
    try:
        await asyncio.wait({inward, outward}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        inward.cancel()
        outward.cancel()
        await asyncio.gather(inward, outward, return_exceptions=True)
        await upstream.close()
        talk.close()
    return None


async def deny(send: Send, refusal: Refusal, headers: Sequence[Header] = ()) -> None:
    """Answer a handshake with a status in place of a WebSocket."""
    start = {"type": "websocket.http.response.start", "status": refusal.status}
    kind = (b"content-type", b"text/plain; charset=utf-8")
    await send({**start, "headers": [kind, *headers]})
    await send({"type": "websocket.http.response.body", "body": refusal.reason.encode()})


def _crossing(headers: Iterable[tuple[str, str]]) -> list[Header]:
    """Upstream's headers of a handshake, without those of its connection and its body."""
    spelled = [
        (name.encode(), value.encode("utf-8", "surrogateescape"))
        for name, value in headers
        if not name.lower().startswith(_HANDSHAKE)
    ]
    return crossing.to_client(spelled, without=_OF_ITS_BODY)


async def _opened(services: Services, route: Route, head: Head, scope: Scope) -> Socket:
    headers = [
        (name, value)
        for name, value in crossing.to_upstream(head.spelled)
        if not name.lower().startswith(_HANDSHAKE)
    ]
    base = services.base_of(route.provider)
    url = upstream_url(base, route.provider, route.path, head.query)
    return await services.upstream.open_socket(
        url, headers, scope.get("subprotocols") or (), services.settings.max_body_bytes
    )


async def _to_upstream(receive: Receive, upstream: Socket, talk: Talk) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            await upstream.close(code=_sendable(message.get("code")))
            return
        text = message.get("text")
        if text is None:
            await upstream.send_bytes(message.get("bytes") or b"")
        else:
            await upstream.send_str(await talk.asked(text))


async def _to_client(upstream: Socket, send: Send, talk: Talk) -> None:
    async for message in upstream:
        if isinstance(message.data, str):
            for text in await talk.answered(message.data, upstream.send_str):
                await send({"type": "websocket.send", "text": text})
        elif isinstance(message.data, bytes):
            await send({"type": "websocket.send", "bytes": message.data})
        elif message.type in CLOSING:
            break
    closed: dict[str, Any] = {"type": "websocket.close", "code": _sendable(upstream.close_code)}
    await send(closed)


def _sendable(code: int | None) -> int:
    """A code that may be sent: some only tell how a connection ended."""
    return code if code is not None and code not in (1005, 1006, 1015) else _NORMAL
