"""The conversations on one WebSocket: what each frame becomes on its way.

A frame that asks for a response is made ready like a request's body, with all that came before
it on the connection known. The events that answer it are read like a stream's. What cannot be
read passes.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from headroom import wire
from headroom.attempts import Failure, attempt
from headroom.guarding import GuardedAnswer
from headroom.proxy import noting, sessions
from headroom.proxy.course import Asker, Course
from headroom.proxy.incoming import Head
from headroom.proxy.preparation import Context, Readable, restored
from headroom.proxy.retrieving import Retrievals
from headroom.proxy.routes import Route
from headroom.proxy.services import Services
from headroom.wire.openai_responses.frames import Thread, ends, lane_of

SendText = Callable[[str], Awaitable[None]]
_CUT = "cut"
_OPENED = 200
"""The status of what is answered on a connection that upstream has opened."""


class Talk:
    """One connection's. Frames go in and out as text."""

    def __init__(self, services: Services, head: Head, route: Route) -> None:
        self._services = services
        self._route = route
        self._values = head.values()
        form = wire.by_name(route.form)
        self._context = Context(form, services.projects.get(route.project)) if form else None
        self._thread = Thread()
        self._asker = Asker("WS", replace(route, kind="websocket"), self._values)
        self._lanes: dict[str, Course] = {}

    async def asked(self, text: str) -> str:
        """The client's frame as it goes upstream."""
        if self._context is None:
            return text
        course = Course(self._services.now(), streamed=True, status=_OPENED)
        context = self._context
        data = text.encode("utf-8", "surrogatepass")
        preparation = self._services.preparation
        read = await preparation.in_time(lambda: self._read(context, data), len(data))
        if read is None or isinstance(read, Failure):
            return text
        prepared = await preparation.shortened(self._route, self._values, context, read)
        sent = prepared.body if isinstance(prepared.body, bytes) else data
        course.bytes_in, course.prepared = len(data), prepared.made_of(data)
        answer = context.form.retrieval.answer(
            stream=True, intercept=prepared.offered, body=prepared.asked
        )
        edits = prepared.result.edits if prepared.result else ()
        guards = self._services.settings.write_guard and edits
        course.answer = GuardedAnswer(answer, context.form.name, edits) if guards else answer
        if prepared.offered:
            most = self._services.settings.max_rounds
            course.retrievals = Retrievals(context, prepared, sent, most)
        course.asked = time.perf_counter()
        self._take(lane_of(data), course)
        return text if sent is data else sent.decode("utf-8", "surrogatepass")

    async def answered(self, text: str, send: SendText) -> Sequence[str]:
        """What the client gets for upstream's frame; `send` takes further frames upstream."""
        if self._context is None or not self._lanes:
            return (text,)
        data = text.encode("utf-8", "surrogatepass")
        lane = lane_of(data)
        course = self._lanes.get(lane)
        if course is None or course.answer is None:
            return (text,)
        course.first_byte = course.first_byte or time.perf_counter()
        attempt(lambda: self._thread.hear(data))
        shown = course.answer.feed(data)
        texts = (text,) if shown is None else tuple(map(_text, shown))
        return texts if not ends(data) else (*texts, *await self._ended(lane, course, send))

    def close(self) -> None:
        """Count what was cut off."""
        for course in self._lanes.values():
            course.count(self._asker, self._services, _CUT)
        self._lanes.clear()

    def _take(self, lane: str, course: Course) -> None:
        """A new frame in a lane; what was still answered there is cut off."""
        if (before := self._lanes.get(lane)) is not None:
            before.count(self._asker, self._services, _CUT)
        self._lanes[lane] = course

    def _read(self, context: Context, data: bytes) -> Readable | None:
        """A frame that asks for a response, with what it goes on from."""
        asked = wire.read(data)
        named = sessions.named_by_client(self._values, asked)
        full, tree = restored(context, named, data, asked)
        followed = self._thread.follow(tree)
        if followed is None:
            return None
        talk, inherits = followed.conversation, followed.inherits_tools
        return Readable(full, tree, data, asked, talk, named, inherits)

    async def _ended(self, lane: str, course: Course, send: SendText) -> Sequence[str]:
        """The end of a leg: the next one is asked for, or the answer is over."""
        answer, retrievals = course.answer, course.retrievals
        owed: Sequence[bytes] = ()
        if answer is not None and retrievals is not None:
            frame, owed = await retrievals.following(answer)
            if frame is not None:
                self._thread.follow(wire.read(frame))
                await send(_text(frame))
                return ()
            await retrievals.remember(answer)
        context = self._context
        if answer is not None and context is not None:
            await noting.keep(answer, course.prepared.session, context.project.memory)
            await self._services.preparation.used(course.prepared, course.now)
        if self._lanes.get(lane) is course:
            del self._lanes[lane]
            course.count(self._asker, self._services)
        return tuple(map(_text, owed))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
