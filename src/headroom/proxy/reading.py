"""How an answer is taken apart, by what upstream says it is. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from headroom.proxy.headers import value_of
from headroom.proxy.routes import Route
from headroom.proxy.upstream import Answer
from headroom.wire import Framing
from headroom.wire.event_stream import EventStreamFraming, InvokeStreamFraming
from headroom.wire.sse import SseFraming


@dataclass(frozen=True, slots=True)
class Reader:
    """`framing` makes a reader of a stream's events; None where the body is one piece."""

    framing: Callable[[], Framing] | None

    @property
    def stream(self) -> bool:
        """Whether the answer comes event by event."""
        return self.framing is not None


def reader(route: Route, response: Answer) -> Reader | None:
    """The reader for an answer; None where it is nothing that can be read."""
    kind = value_of(response.raw_headers, b"content-type").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return Reader(SseFraming)
    if kind == "application/vnd.amazon.eventstream":
        converse = route.form == "bedrock_converse"
        return Reader(EventStreamFraming if converse else InvokeStreamFraming)
    if kind == "application/json":
        return Reader(None)
    return None
