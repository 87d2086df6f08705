"""The conversations on one WebSocket: what each frame becomes on its way.

A frame that asks for a response is made ready like a request's body, with all that came before
it on the connection known. The events that answer it are read like a stream's. What cannot be
read passes.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from headroom import wire
from headroom.attempts import Failure, attempt
from headroom.counting import Compression
from headroom.counting import Exchange as Counted
from headroom.proxy import log, sessions
from headroom.proxy.exchange import Services
from headroom.proxy.incoming import Head
from headroom.proxy.planning import TOOL_TOKENS
from headroom.proxy.preparation import Context, Prepared, Readable, restored
from headroom.proxy.retrieving import Retrievals
from headroom.proxy.routes import Route
from headroom.wire import Answer
from headroom.wire.openai_responses.frames import Thread, ends, lane_of

SendText = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class _Asked:
    """A frame that upstream is answering."""

    prepared: Prepared
    answer: Answer
    begun: float
    asked: float
    retrievals: Retrievals | None = None
    first_byte: float = 0.0
    bytes_in: int = 0


class Talk:
    """One connection's. Frames go in and out as text."""

    def __init__(self, services: Services, head: Head, route: Route) -> None:
        self._services = services
        self._route = route
        self._values = head.values()
        form = wire.by_name(route.form)
        self._context = Context(form, services.projects.get(route.project)) if form else None
        self._thread = Thread()
        self._lanes: dict[str, _Asked] = {}

    async def asked(self, text: str) -> str:
        """The client's frame as it goes upstream."""
        if self._context is None:
            return text
        context, begun = self._context, time.perf_counter()
        data = text.encode("utf-8", "surrogatepass")
        preparation = self._services.preparation
        read = await preparation.in_time(lambda: self._read(context, data), len(data))
        if read is None or isinstance(read, Failure):
            return text
        prepared = await preparation.shortened(self._route, self._values, context, read)
        retrieval = context.form.retrieval
        asked = _Asked(
            prepared,
            retrieval.answer(stream=True, intercept=prepared.offered, body=prepared.asked),
            begun,
            time.perf_counter(),
            bytes_in=len(data),
        )
        sent = prepared.body if isinstance(prepared.body, bytes) else data
        if prepared.offered:
            asked.retrievals = Retrievals(
                context, prepared, sent, self._services.settings.max_rounds
            )
        lane = lane_of(data)
        if lane in self._lanes:
            self._count(self._lanes[lane], "cut")
        self._lanes[lane] = asked
        return text if sent is data else sent.decode("utf-8", "surrogatepass")

    async def answered(self, text: str, send: SendText) -> Sequence[str]:
        """What the client gets for upstream's frame; `send` takes further frames upstream."""
        if self._context is None or not self._lanes:
            return (text,)
        data = text.encode("utf-8", "surrogatepass")
        lane = lane_of(data)
        asked = self._lanes.get(lane)
        if asked is None:
            return (text,)
        asked.first_byte = asked.first_byte or time.perf_counter()
        attempt(lambda: self._thread.hear(data))
        shown = asked.answer.feed(data)
        texts = (text,) if shown is None else tuple(map(_text, shown))
        return texts if not ends(data) else (*texts, *await self._ended(lane, asked, send))

    def close(self) -> None:
        """Count what was cut off."""
        for asked in self._lanes.values():
            self._count(asked, "cut")
        self._lanes.clear()

    def _read(self, context: Context, data: bytes) -> Readable | None:
        """A frame that asks for a response, with what it goes on from."""
        asked = wire.read(data)
        named = sessions.named_by_client(self._values, asked)
        data, tree = restored(context, named, data, asked)
        followed = self._thread.follow(tree)
        if followed is None:
            return None
        talk, inherits = followed.conversation, followed.inherits_tools
        return Readable(data, tree, asked, talk, named, inherits)

    async def _ended(self, lane: str, asked: _Asked, send: SendText) -> Sequence[str]:
        """The end of a leg: the next one is asked for, or the answer is over."""
        turn, retrievals = asked.answer.end(), asked.retrievals
        owed: Sequence[bytes] = ()
        if turn is not None and retrievals is not None:
            results = await retrievals.results(turn)
            asked.answer.resume(turn, results)
            if turn.alone and not retrievals.exhausted:
                frame = await retrievals.next_body(turn, results)
                self._thread.follow(wire.read(frame))
                await send(_text(frame))
                return ()
            if turn.alone:
                owed = asked.answer.give_up(b"")
        if retrievals is not None:
            retrievals.remember(asked.answer)
        del self._lanes[lane]
        self._count(asked, "")
        return tuple(map(_text, owed))

    def _count(self, asked: _Asked, error: str) -> None:
        prepared, retrievals, ended = asked.prepared, asked.retrievals, time.perf_counter()
        done = Counted(
            time.time(),
            status=200,
            project=self._context.project.name if self._context else "",
            session=prepared.session,
            agent=sessions.agent_of(self._values),
            provider=self._route.provider.value,
            format=self._route.form,
            model=prepared.model,
            path="websocket",
            streamed=True,
            compression=Compression.of(prepared.result) if prepared.result else Compression(),
            retrievals=retrievals.calls if retrievals else 0,
            retrieved_tokens=retrievals.tokens if retrievals else 0,
            rounds=retrievals.rounds if retrievals else 0,
            tool_tokens=TOOL_TOKENS if prepared.offered else 0,
            our_seconds=asked.asked - asked.begun,
            first_byte_seconds=asked.first_byte - asked.asked if asked.first_byte else None,
            upstream_seconds=ended - asked.asked,
            bytes_in=asked.bytes_in,
            usage=asked.answer.usage,
            error=error,
        )
        self._services.tally.add(done)
        log.exchange("WS", done)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
