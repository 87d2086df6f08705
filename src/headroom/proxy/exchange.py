"""One client request, from its head to the last byte of its answer.

The order is the whole story: who asks, what for, what goes upstream, what comes back, what it
came to. Each step is a room of its own; here they only meet.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from headroom.errors import SettingsError, UpstreamError
from headroom.guarding import GuardedAnswer
from headroom.proxy import headers as crossing
from headroom.proxy import log, noting, reading, upstream
from headroom.proxy.connection import Connection
from headroom.proxy.course import Asker, Course
from headroom.proxy.incoming import Body, Disconnected, Head, Receive, Send, body_of
from headroom.proxy.memory import SessionMemory
from headroom.proxy.planning import give_up_tool
from headroom.proxy.relay import Relay
from headroom.proxy.retrieving import Retrievals
from headroom.proxy.routes import Provider, recognise, upstream_url
from headroom.proxy.services import Services

_TAKES_NO_TOOL = (400, 404, 422)


class Exchange:
    """`connection` is the client's."""

    def __init__(self, services: Services, head: Head, send: Send, connection: Connection) -> None:
        self._services = services
        self._head = head
        self._send = send
        self._connection = connection
        self._values = head.values()
        self._route = recognise(head.path, self._values)
        self._course = Course(services.now())
        self._response: upstream.Answer | None = None
        self._sent = b""
        self._gone = False

    async def run(self, receive: Receive) -> None:
        """Serve it to the end; whatever happens, it is counted."""
        error = ""
        try:
            self._watch(asyncio.current_task())
            await self._serve(await self._body(receive))
        except Disconnected:
            error = log.CLIENT_LEFT
        except asyncio.CancelledError:
            error = log.CLIENT_LEFT
            if not self._gone:
                # The time to finish is over. Nothing is said in upstream's name.
                error = "shut down"
                self._connection.drop()
                raise
        except UpstreamError as gone:
            error = "upstream gone"
            log.LOGGER.warning("%s", gone)
            self._connection.drop()
        finally:
            self._connection.when_lost(None)
            if self._response is not None:
                self._course.status = self._response.status
                await upstream.let_go(self._response)
            asker = Asker(self._head.method, self._route, self._values)
            self._course.count(asker, self._services, error)

    async def _body(self, receive: Receive) -> Body:
        settings = self._services.settings
        asked = time.perf_counter()
        drop = self._connection.drop
        body = await body_of(receive, settings.max_body_bytes, settings.body_seconds, drop)
        self._course.waited = time.perf_counter() - asked
        self._course.bytes_in = len(body.data)
        return body

    def _watch(self, task: "asyncio.Task[None] | None") -> None:
        """The client's leaving ends the exchange, and with it upstream's work."""

        def leave() -> None:
            self._gone = True
            if task is not None:
                task.cancel()

        self._connection.when_lost(leave)

    async def _serve(self, body: Body) -> None:
        self._response = await self._first_leg(body)
        prepared = self._course.prepared
        if prepared.alone and prepared.context is not None:
            memory = prepared.context.project.memory
            await self._without_tool(body, self._response, prepared.alone, memory)
        relay = self._relay(self._response)
        if relay is None:
            await self._pass(self._response)
        else:
            await relay.run(self._response)
        # It has all of the answer, and may go.
        self._connection.when_lost(None)
        await self._services.preparation.used(self._course.prepared, self._course.now)

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
        prepared = await prepare(self._route, self._values, body, lossless=not with_tool)
        self._course.prepared = prepared
        if isinstance(prepared.body, bytes):
            self._sent = prepared.body
        self._course.asked = time.perf_counter()
        return await self._ask(prepared.body)

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
            recoded=self._course.prepared.rewritten,
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
        course, prepared = self._course, self._course.prepared
        found = reading.reader(self._route, response)
        if prepared.context is None or found is None:
            return None
        course.streamed = found.stream
        intercept = prepared.offered and response.status == 200
        retrieval = prepared.context.form.retrieval
        settings = self._services.settings
        answer = retrieval.answer(stream=found.stream, intercept=intercept, body=prepared.asked)
        edits = prepared.result.edits if prepared.result else ()
        guards = settings.write_guard and edits and response.status == 200
        if guards:
            answer = GuardedAnswer(answer, prepared.context.form.name, edits)
        course.answer = answer
        relay = Relay(
            self._send,
            answer,
            found.framing,
            settings.max_decoded_bytes,
            self._heard,
            self._next_leg,
        )
        if guards:
            memory, session = prepared.context.project.memory, prepared.session
            relay.keep_notes = lambda: noting.keep(answer, session, memory)
        if intercept:
            relay.retrievals = course.retrievals = Retrievals(
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
        more = True
        while more:
            chunk, more = await upstream.read(response)
            await self._send({"type": "http.response.body", "body": chunk, "more_body": more})

    def _heard(self) -> None:
        self._course.first_byte = time.perf_counter()
