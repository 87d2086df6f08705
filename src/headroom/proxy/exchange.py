"""One client request, from its head to the last byte of its answer.

The order is the whole story: who asks, what for, what goes upstream, what comes back, what it
came to. Each step is a room of its own; here they only meet.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from headroom.counting import Compression, Tally
from headroom.counting import Exchange as Counted
from headroom.errors import SettingsError, UpstreamError
from headroom.proxy import headers as crossing
from headroom.proxy import log, reading, sessions, upstream
from headroom.proxy.guard import Guard
from headroom.proxy.incoming import Body, Disconnected, Head, Receive, Send, body_of
from headroom.proxy.memory import SessionMemory
from headroom.proxy.planning import TOOL_TOKENS, give_up_tool
from headroom.proxy.preparation import Preparation, Prepared
from headroom.proxy.projects import Projects
from headroom.proxy.relay import Relay
from headroom.proxy.retrieving import Retrievals
from headroom.proxy.routes import Provider, recognise, upstream_url
from headroom.proxy.signing import Signer
from headroom.settings import ProxySettings
from headroom.wire import Answer

_TAKES_NO_TOOL = (400, 404, 422)


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests of a process share."""

    settings: ProxySettings
    guard: Guard
    projects: Projects
    preparation: Preparation
    upstream: upstream.Upstream
    signer: Signer
    tally: Tally

    def base_of(self, provider: Provider) -> str:
        """The base URL of a provider's upstream."""
        base: str = getattr(self.settings.upstreams, provider.value)
        return base


class Exchange:
    """`drop` closes the client's connection without an answer of ours."""

    def __init__(self, services: Services, head: Head, send: Send, drop: Callable[[], None]):
        self._services = services
        self._head = head
        self._send = send
        self._drop = drop
        self._values = head.values()
        self._route = recognise(head.path, self._values)
        self._prepared = Prepared(b"")
        self._answer: Answer | None = None
        self._response: upstream.Answer | None = None
        self._sent = b""
        self._gone = False
        self._watcher: asyncio.Task[None] | None = None
        self._begun = time.perf_counter()
        self._waited = 0.0
        self._asked = self._first_byte = 0.0
        self._retrievals: Retrievals | None = None
        self._bytes_in = 0
        self._error = ""
        self._streamed = False

    async def run(self, receive: Receive) -> None:
        """Serve it to the end; whatever happens, it is counted."""
        try:
            body = await self._body(receive)
            if task := asyncio.current_task():
                body = self._watched(body, receive, task.cancel)
            await self._serve(body)
        except Disconnected:
            self._error = log.CLIENT_LEFT
        except asyncio.CancelledError:
            self._error = log.CLIENT_LEFT
            if not self._gone:
                # The time to finish is over. Nothing is said in upstream's name.
                self._error = "shut down"
                self._drop()
                raise
        except UpstreamError as error:
            self._error = "upstream gone"
            log.LOGGER.warning("%s", error)
            self._drop()
        finally:
            if self._watcher is not None:
                self._watcher.cancel()
            if self._response is not None:
                await upstream.let_go(self._response)
            self._count()

    async def _body(self, receive: Receive) -> Body:
        settings = self._services.settings
        asked = time.perf_counter()
        body = await body_of(receive, settings.max_body_bytes, settings.body_seconds, self._drop)
        self._waited = time.perf_counter() - asked
        self._bytes_in = len(body.data)
        return body

    def _watched(self, body: Body, receive: Receive, cancel: Callable[[], object]) -> Body:
        """The body; the client is watched once all of it has been read."""

        def begin() -> None:
            self._watcher = asyncio.create_task(self._watch(receive, cancel))

        if body.rest is None:
            begin()
            return body
        return Body(body.data, _followed(body.rest, begin))

    async def _watch(self, receive: Receive, cancel: Callable[[], object]) -> None:
        """The client's leaving ends the exchange, and with it upstream's work."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        cancel()

    async def _serve(self, body: Body) -> None:
        self._response = await self._first_leg(body)
        if self._prepared.alone and self._prepared.context is not None:
            memory = self._prepared.context.project.memory
            await self._without_tool(body, self._response, self._prepared.alone, memory)
        relay = self._relay(self._response)
        if relay is None:
            await self._pass(self._response)
        else:
            await relay.run(self._response)

    async def _without_tool(
        self, body: Body, response: upstream.Answer, beginning: str, memory: SessionMemory
    ) -> None:
        """Ask again without our tool where it may be why upstream refuses: the client, which
        sent none, could not know."""
        if response.status not in _TAKES_NO_TOOL:
            memory.is_taken(beginning)
        elif memory.may_be_refused(beginning):
            response.close()
            self._response = await self._first_leg(body, with_tool=False)
            if self._response.status not in _TAKES_NO_TOOL:
                give_up_tool(beginning, memory)

    async def _first_leg(self, body: Body, *, with_tool: bool = True) -> upstream.Answer:
        prepare = self._services.preparation.prepare
        self._prepared = await prepare(self._route, self._values, body, lossless=not with_tool)
        if isinstance(self._prepared.body, bytes):
            self._sent = self._prepared.body
        self._asked = time.perf_counter()
        return await self._ask(self._prepared.body)

    async def _next_leg(self, body: bytes) -> upstream.Answer:
        if self._response is not None:
            self._response.release()
        self._response = await self._ask(body)
        return self._response

    async def _ask(self, body: bytes | AsyncIterator[bytes]) -> upstream.Answer:
        services, route = self._services, self._route
        url = upstream_url(
            services.base_of(route.provider), route.provider, route.path, self._head.query
        )
        headers = crossing.to_upstream(
            self._head.spelled,
            recoded=self._prepared.rewritten,
            measured=not isinstance(body, bytes),
        )
        if route.provider is Provider.BEDROCK and isinstance(body, bytes):
            headers = await self._signed(url, headers, body)
        return await services.upstream.send(self._head.method, url, headers, body)

    async def _signed(
        self, url: str, headers: list[tuple[str, str]], body: bytes
    ) -> list[tuple[str, str]]:
        try:
            signed = self._services.signer.signed
            return await asyncio.to_thread(signed, self._head.method, url, headers, body)
        except SettingsError as error:
            # As the client signed it, for our address: upstream will say what is wrong.
            log.LOGGER.warning("%s", error)
            return headers

    def _relay(self, response: upstream.Answer) -> Relay | None:
        """How the answer is looked into; None where it is nothing that can be read."""
        prepared = self._prepared
        found = reading.reader(self._route, response)
        if prepared.context is None or found is None:
            return None
        self._streamed = found.stream
        intercept = prepared.offered and response.status == 200
        retrieval = prepared.context.form.retrieval
        self._answer = retrieval.answer(
            stream=found.stream, intercept=intercept, body=prepared.asked
        )
        settings = self._services.settings
        relay = Relay(
            self._send,
            self._answer,
            found.framing,
            settings.max_decoded_bytes,
            self._heard,
            self._next_leg,
        )
        if intercept:
            relay.retrievals = self._retrievals = Retrievals(
                prepared.context, prepared, self._sent, settings.max_rounds
            )
        return relay

    async def _pass(self, response: upstream.Answer) -> None:
        """The answer's bytes as they come."""
        self._heard()
        # The length of a 304 is that of the body it does not have; the server would wait for it.
        without = (b"content-length",) if response.status == 304 else ()
        headers = crossing.to_client(response.raw_headers, without=without)
        start = {"status": response.status, "headers": headers}
        await self._send({"type": "http.response.start", **start})
        async for chunk in upstream.Upstream.chunks(response):
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _heard(self) -> None:
        self._first_byte = time.perf_counter()

    def _count(self) -> None:
        prepared, ended = self._prepared, time.perf_counter()
        asked = self._asked or ended
        retrievals, sent = self._retrievals, len(self._sent)
        done = Counted(
            time.time(),
            status=self._response.status if self._response else 0,
            project=prepared.context.project.name if prepared.context else self._route.project,
            session=prepared.session,
            agent=sessions.agent_of(self._values),
            provider=self._route.provider.value,
            format=self._route.form,
            model=prepared.model or self._route.model,
            path=self._route.kind,
            streamed=self._streamed,
            compression=Compression.of(prepared.result) if prepared.result else Compression(),
            retrievals=retrievals.calls if retrievals else 0,
            retrieved_tokens=retrievals.tokens if retrievals else 0,
            rounds=retrievals.rounds if retrievals else 0,
            tool_tokens=TOOL_TOKENS if prepared.offered else 0,
            our_seconds=asked - self._begun - self._waited,
            first_byte_seconds=self._first_byte - asked if self._first_byte else None,
            upstream_seconds=ended - asked if self._asked else None,
            bytes_in=self._bytes_in,
            bytes_saved=self._bytes_in - sent if sent else 0,
            usage=self._answer.usage if self._answer else None,
            error=self._error,
        )
        self._services.tally.add(done)
        for edit in prepared.result.edits if prepared.result else ():
            log.edited(edit, content=self._services.settings.log_content)
        log.exchange(self._head.method, done)


async def _followed(rest: AsyncIterator[bytes], then: Callable[[], None]) -> AsyncIterator[bytes]:
    async for chunk in rest:
        yield chunk
    then()
