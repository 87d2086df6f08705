"""ConverseStream: answers event by event; a payload is `{"<event type>": <the event>}`.

As long as nothing is hidden, events pass unread but for the starts of blocks. A leg in which the
model only retrieved keeps back its hidden blocks and its end; the blocks of the next leg are
numbered on from what the client has.
"""

from collections.abc import Sequence
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.bedrock_converse.assembly import (
    DELTA,
    START,
    STOP,
    assembled,
    event_of,
    index_of,
)
from headroom.wire.bedrock_converse.blocks import Content, is_hidden, turn_of
from headroom.wire.bedrock_converse.lived import Lived
from headroom.wire.bedrock_converse.usage import Bill
from headroom.wire.values import decoded, encoded

_TOOL = TOOL_NAME.encode()
_UNREAD = (b'{"contentBlockDelta":', b'{"contentBlockStop":')
_ERROR = "modelStreamErrorException"


class StreamedAnswer:
    """An `Answer` to `converse-stream`."""

    def __init__(self, *, intercept: bool, heard: str) -> None:
        self._intercept = intercept
        self._lived = Lived(heard)
        self._bill = Bill()
        self._leg = _Leg(0)
        self._first = True
        self._over = False

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far."""
        return self._bill.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """What each leg reported."""
        return self._bill.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for an event."""
        if not self._intercept:
            if b'"usage"' in payload:
                self._read_usage(event_of(payload))
            return None
        if self._over:
            self._next_leg()
        leg = self._leg
        leg.payloads.append(payload)
        if leg.is_plain and payload.startswith(_UNREAD) and _TOOL not in payload:
            return None
        event = event_of(payload)
        return self._shown(payload, *event) if event else None

    def _next_leg(self) -> None:
        self._leg = _Leg(self._leg.next_index())
        self._leg.is_plain = False
        self._first = self._over = False
        self._lived.go_on()

    def _shown(self, payload: bytes, name: str, event: dict[str, Any]) -> Sequence[bytes] | None:
        leg = self._leg
        if name in (START, DELTA, STOP):
            return leg.block(name, event)
        if name == "messageStart":
            return None if self._first else []
        if name == "messageStop":
            leg.stop(event.get("stopReason"))
        if name == "metadata":
            self._read_usage((name, event))
        if leg.turn is not None and leg.turn.alone:
            leg.held.append((name, event))
            return []
        if name != "metadata" or self._first:
            return None
        return [encoded({name: {**event, "usage": self._bill.told(event.get("usage"))}})]

    def _read_usage(self, event: tuple[str, dict[str, Any]] | None) -> None:
        if event is not None and event[0] == "metadata":
            self._bill.add(event[1].get("usage"))

    def end(self) -> Turn | None:
        """The leg's turn; None where it was cut before its end."""
        self._over = True
        return self._leg.turn

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """The turn has its results."""
        self._lived.add(turn, results)

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """An exception with upstream's words, or the end that was held back."""
        held, self._leg.held = self._leg.held, []
        if error:
            return [encoded({_ERROR: {"message": _message_of(error)}})]
        owed: list[bytes] = []
        for name, event in held:
            if name == "messageStop":
                event = {**event, "stopReason": "end_turn"}
            elif name == "metadata":
                event = {**event, "usage": self._bill.told(event.get("usage"))}
            owed.append(encoded({name: event}))
        return owed

    def memories(self) -> Sequence[Memory]:
        """What to remember of it."""
        return self._lived.memories(self._leg.content()) if self._lived.begun else []


class _Leg:
    """One leg: what came of it, and where its blocks stand in what the client is shown, which
    has `base` blocks before it. It `is_plain` while they stand where upstream has them."""

    def __init__(self, base: int) -> None:
        self.payloads: list[bytes] = []
        self.held: list[tuple[str, dict[str, Any]]] = []
        self.turn: Turn | None = None
        self.is_plain = True
        self._next = base
        self._places: dict[int, int | None] = {}

    def block(self, name: str, event: dict[str, Any]) -> Sequence[bytes] | None:
        """What the client gets for an event of a block."""
        index = index_of(event)
        if index is None:
            return None
        start = event.get("start")
        if name == START and isinstance(start, dict) and is_hidden(start):
            self._leave_plain()
            self._places[index] = None
        if self.is_plain:
            return None
        place = self._place(index)
        if place is None:
            return []
        if place == index:
            return None
        return [encoded({name: {**event, "contentBlockIndex": place}})]

    def stop(self, reason: Any) -> None:
        """The message has ended."""
        if None in self._places.values():
            self.turn = turn_of(self.content(), reason)

    def content(self) -> Content:
        """All that was said in the leg."""
        return assembled(self.payloads)

    def next_index(self) -> int:
        """The index of the next block that the client is shown."""
        self._leave_plain()
        return self._next

    def _leave_plain(self) -> None:
        if not self.is_plain:
            return
        self.is_plain = False
        for payload in self.payloads:
            name, event = event_of(payload) or ("", {})
            index = index_of(event)
            start = event.get("start")
            hidden = isinstance(start, dict) and is_hidden(start)
            if index is not None and name in (START, DELTA, STOP) and not hidden:
                self._places[index] = index
                self._next = max(self._next, index + 1)

    def _place(self, index: int) -> int | None:
        if index not in self._places:
            self._places[index] = self._next
            self._next += 1
        return self._places[index]


def _message_of(error: bytes) -> str:
    """The words of an error body."""
    body = decoded(error)
    if isinstance(body, dict):
        message = body.get("message", body.get("Message"))
        if isinstance(message, str):
            return message
    return error.decode("utf-8", "replace")[:2_000]
