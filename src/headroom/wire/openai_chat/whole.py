"""An answer that comes as one JSON body a leg.

The body of a leg in which the model retrieved alone is held back; the next one takes its place,
with what the earlier legs said in front.
"""

from collections.abc import Sequence

from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.openai_chat.leg import Leg, sole_choice
from headroom.wire.openai_chat.said import Node
from headroom.wire.openai_chat.story import Story
from headroom.wire.openai_chat.usage import Meter
from headroom.wire.values import decoded, encoded

_NAMES = ("id", "created")


class WholeAnswer:
    """Reads bodies, and takes our calls out of them. `asked` is what the user had asked."""

    def __init__(self, asked: str) -> None:
        self._story = Story(asked)
        self._meter = Meter()
        self._leg = Leg("message")
        self._names: Node = {}
        self._is_first = True
        self._owed: bytes = b""

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far; None while nothing was reported."""
        return self._meter.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """As billed, leg by leg."""
        return self._meter.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """The body as the client gets it: None as it came, nothing while it is held back."""
        body = decoded(payload)
        choice = sole_choice(body, "message") if isinstance(body, dict) else None
        self._owed = b""
        if choice is None:
            return None
        self._meter.note(body.get("usage"))
        seen = self._leg.take(choice)
        self._leg.finish()
        self._names = self._names or {key: body[key] for key in _NAMES if body.get(key)}
        if self._is_first and seen is choice:
            return None
        whole = self._joined(body, seen)
        if self._leg.is_alone:
            ended = {**whole["choices"][0], "finish_reason": "stop"}
            self._owed = encoded({**whole, "choices": [ended]})
            return []
        return [encoded(whole)]

    def end(self) -> Turn | None:
        """A turn if the model called our tool."""
        return self._leg.turn()

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Another leg follows, unless the turn was beside the client's own calls."""
        self._story.resume(turn, results)
        if turn.alone:
            self._leg = Leg("message")
            self._meter.next_leg()
            self._is_first = False

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """The body held back, ended as it stands; nothing with `error`, which upstream's own
        response tells."""
        return [self._owed] if self._owed and not error else []

    def memories(self) -> Sequence[Memory]:
        """What the client was not shown."""
        return self._story.memories(self._leg)

    def _joined(self, body: Node, seen: Node) -> Node:
        """The body with what the earlier legs said in front of its message."""
        message = dict(seen["message"])
        for key, text in self._story.earlier_texts().items():
            if isinstance(said := message.get(key) or "", str):
                message[key] = text + said
        for key, items in message.items():
            if isinstance(items, list) and key != "tool_calls":
                message[key] = [*self._story.earlier_items(key), *items]
        joined = {**body, **self._names, "choices": [{**seen, "message": message}]}
        if isinstance(usage := body.get("usage"), dict):
            joined["usage"] = self._meter.for_client(usage)
        return joined
