"""The server: it records, asks the script, and sends, with the faults that the script wants."""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from aiohttp import WSMsgType, web

from scripted_upstream import apis, checks, openai_responses
from scripted_upstream.prompt_cache import Input, PromptCache
from scripted_upstream.sending import send_events, send_whole
from scripted_upstream.values import Reply, Request, Said, Script, compact

_LARGEST = 1 << 30
_T = TypeVar("_T")

_HEALTH = "/health"


class Upstream:
    """A running server. `requests` is all that came, in order, a WebSocket's frames too;
    `dropped` are those whose client left before the answer had ended."""

    def __init__(self, script: Script, websockets: bool) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self.dropped: list[Request] = []
        self._script = script
        self._websockets = websockets
        self._asked = 0
        self._cache = PromptCache()
        self._stored = openai_responses.Stored()
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @property
    def spent(self) -> list[Input]:
        """What each answered request cost, in order."""
        return self._cache.spent

    async def until(self, holds: Callable[["Upstream"], bool]) -> None:
        """Waits until something has come or been dropped that makes `holds` true."""
        while not holds(self):
            await self._changed.wait()

    def call(self, function: Callable[[], _T]) -> _T:
        """What `function` gives in the server's own thread; for callers in another one."""

        async def called() -> _T:
            return function()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()

    def note(self, incoming: web.Request, body: bytes, *, frame: bool = False) -> Request:
        """The request, kept."""
        target = incoming.raw_path
        coding = "" if frame else incoming.headers.get("content-encoding", "")
        request = Request(
            number=len(self.requests) + 1,
            method=incoming.method,
            target=target,
            headers=tuple(incoming.raw_headers),
            body=body,
            api=apis.api_of(target.partition("?")[0]),
            json=apis.decoded(body, coding),
            on_socket=frame,
        )
        # Whoever looks for a proxy on a port that was another's a moment ago asks for its health.
        if target != _HEALTH:
            self.requests.append(request)
        self._wake()
        return request

    def drop(self, request: Request) -> None:
        """The client of `request` has left."""
        self.dropped.append(request)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def handle(self, incoming: web.Request) -> web.StreamResponse:
        """Any request."""
        if incoming.headers.get("upgrade", "").lower() == "websocket":
            return await self._on_socket(incoming)
        request = self.note(incoming, await incoming.read())
        try:
            return await self._answer(incoming, request)
        except (ConnectionError, asyncio.CancelledError):
            self.drop(request)
            raise

    async def _answer(self, incoming: web.Request, request: Request) -> web.StreamResponse:
        generating = request.api in apis.GENERATING or request.api == "responses"
        if request.method != "POST" or not generating or not isinstance(request.json, dict):
            body: Any = apis.fixed(request)
            if request.api == "responses compact":
                history = self._stored.history(request.json) or []
                body = openai_responses.compacted(request, history)
            return await send_whole(incoming, Reply(), compact(body).encode())
        reply = self._reply(request)
        if reply.fault and reply.fault.kind == "reset":
            _reset(incoming)
        if reply.body is not None:
            return await send_whole(incoming, reply, reply.body)
        said = self._said(request, reply)
        if not isinstance(said, Said):
            return await _refuse(incoming, request, *said, reply)
        if apis.streams(request):
            return await send_events(incoming, reply, said)
        return await send_whole(incoming, reply, compact(said.whole).encode())

    def _reply(self, request: Request) -> Reply:
        if callable(self._script):
            return self._script(request)
        self._asked += 1
        return self._script[min(self._asked, len(self._script)) - 1]

    def _said(self, request: Request, reply: Reply) -> Said | tuple[int, str]:
        """The reply in the API's shape, or the status and words of its refusal."""
        if reply.status != 200:
            return reply.status, reply.text or "refused by the script"
        if request.api != "responses":
            problem = checks.of(request.api)(request.json)
            return (400, problem) if problem else self._spelled(request, reply)
        history = self._stored.history(request.json)
        if history is None:
            previous = request.json["previous_response_id"]
            return 400, f"Previous response with id '{previous}' not found."
        if problem := checks.responses(history):
            return 400, problem
        said = openai_responses.said(request, reply, self._cache, history)
        self._stored.keep(said.whole["id"], [*history, *said.whole["output"]])
        return said

    def _spelled(self, request: Request, reply: Reply) -> Said:
        return apis.GENERATING[request.api].said(request, reply, self._cache)

    async def _on_socket(self, incoming: web.Request) -> web.StreamResponse:
        if not self._websockets:
            self.note(incoming, b"")
            return web.Response(status=426, text="no WebSocket here")
        connection = web.WebSocketResponse(max_msg_size=0, compress=True)
        await connection.prepare(incoming)
        self.note(incoming, b"", frame=True)
        async for frame in connection:
            if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                data = frame.data.encode() if isinstance(frame.data, str) else frame.data
                await self._on_frame(connection, self.note(incoming, data, frame=True))
        return connection

    async def _on_frame(self, connection: web.WebSocketResponse, request: Request) -> None:
        if not isinstance(request.json, dict) or request.json.get("type") != "response.create":
            return
        quiet = request.json.get("generate") is False
        reply = Reply() if quiet else self._reply(request)
        said = self._said(request, reply)
        if not isinstance(said, Said):
            await connection.send_str(compact(openai_responses.refusal(*said)))
            return
        for number, (_, event) in enumerate(said.events):
            if reply.hold and reply.hold.after == number:
                await reply.hold.until.wait()
            if reply.fault and reply.fault.after == number:
                await connection.close()
                return
            await connection.send_str(compact(event))


async def _refuse(
    incoming: web.Request, request: Request, status: int, message: str, reply: Reply
) -> web.StreamResponse:
    body, headers = apis.error(request.api, status, message)
    refusal = Reply(status=status, headers={**headers, **reply.headers}, coding=reply.coding)
    return await send_whole(incoming, refusal, json.dumps(body).encode())


def _reset(incoming: web.Request) -> None:
    transport = incoming.transport
    if transport is not None:
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    raise ConnectionResetError("the script wants a reset")


@asynccontextmanager
async def running(script: Script, *, websockets: bool = True) -> AsyncIterator[Upstream]:
    """A server on a free port of this machine, in the running loop."""
    upstream = Upstream(script, websockets)
    app = web.Application(client_max_size=_LARGEST)
    app.router.add_route("*", "/{rest:.*}", upstream.handle)
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        handler_cancellation=True,
        shutdown_timeout=0.1,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        upstream.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield upstream
    finally:
        await runner.cleanup()


@contextmanager
def in_thread(script: Script, *, websockets: bool = True) -> Iterator[Upstream]:
    """The same in a thread of its own, for clients that block theirs."""
    started: Future[tuple[Upstream, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with running(script, websockets=websockets) as upstream:
            started.set_result((upstream, stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="scripted upstream")
    thread.start()
    upstream, stop = started.result(timeout=10)
    try:
        yield upstream
    finally:
        upstream.call(stop.set)
        thread.join()
