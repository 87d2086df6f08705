"""An answer as events: SSE data, or WebSocket frames, which are the same events.

What belongs to a call of ours is left out, and the events that end a leg are held back while the
leg is to be continued; all else goes on as it comes, with its numbers moved where something is
missing before it. Most events are pieces of text and are told by one look at their bytes.
"""

import re
from collections.abc import Sequence
from typing import Any

from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.openai_responses.echo import as_asked
from headroom.wire.openai_responses.items import Item, dumps, is_ours, text
from headroom.wire.openai_responses.legs import Leg, Legs
from headroom.wire.openai_responses.numbering import Numbering, place_in
from headroom.wire.values import decoded

EVENT = re.compile(rb'"type"\s*:\s*"response\.([a-z_.]+)"')
ENDS = (b"completed", b"incomplete", b"failed")
_BEGINS = (b"created", b"queued", b"in_progress")


class StreamedAnswer:
    """The events of one answer, over all its legs; `asked` is the user's text it answers."""

    def __init__(self, asked: str = "") -> None:
        self._legs = Legs(asked)
        self._numbers = Numbering()
        self._hidden: set[int] = set()
        self._collected: dict[int, Item] = {}
        self._begun = False
        self._leg: Leg | None = None
        self._held: dict[str, Any] | None = None

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far."""
        return self._legs.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """Of each leg so far."""
        return self._legs.used

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for an event."""
        found = EVENT.search(payload)
        kind = found[1] if found else b""
        if kind not in ENDS and kind not in _BEGINS:
            return self._read(kind, payload)
        told = as_asked(payload)
        given = self._read(kind, told)
        return [told] if given is None and told is not payload else given

    def end(self) -> Turn | None:
        """The leg has ended. One that was cut, or that failed, is no turn."""
        leg = self._leg
        return self._legs.turn() if leg is not None and leg.retrieves else None

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Take the results; another leg follows if the turn is alone."""
        self._legs.answer(results)
        if turn.alone:
            self._numbers.begin()
            self._hidden.clear()
            self._collected.clear()
            self._begun = True
            self._leg = None

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """The end of the answer, or its failure. Nothing for an answer that was cut: the client
        is to see that it was."""
        held, self._held = self._held, None
        if error:
            written = dumps(self._failure(error, held or {}))
        else:
            written = self._ending(held) if held is not None else b""
        return [written] if written else []

    def memories(self) -> Sequence[Memory]:
        """What was hidden."""
        return self._legs.memories()

    def _read(self, kind: bytes, payload: bytes) -> Sequence[bytes] | None:
        """The same for an event of this kind in which our tool is not told of any more."""
        if kind in ENDS:
            return self._end(payload)
        if self._leg is None and kind:
            self._held = None  # the next leg has begun: the last one's end is not the answer's
        if kind.startswith(b"output_item."):
            return self._item(payload)
        if kind in _BEGINS and self._begun:
            self._numbers.drop(payload)
            return []
        if self._hidden and place_in(payload) in self._hidden:
            self._numbers.drop(payload)
            return []
        return self._passed(payload)

    def _passed(self, payload: bytes) -> Sequence[bytes] | None:
        """An event that is shown, renumbered where it must be."""
        written = self._numbers.written(payload) if self._numbers.moved else payload
        return [written] if written != payload else None

    def _item(self, payload: bytes) -> Sequence[bytes] | None:
        event = decoded(payload)
        item = event.get("item") if isinstance(event, dict) else None
        place = event.get("output_index") if isinstance(event, dict) else None
        if not isinstance(item, dict) or not isinstance(place, int):
            return self._passed(payload)
        if event.get("type") == "response.output_item.done":
            self._collected[place] = item
        if is_ours(item) or place in self._hidden:
            self._hidden.add(place)
            self._numbers.drop(payload)
            return []
        self._numbers.show(place)
        return self._passed(payload)

    def _end(self, payload: bytes) -> Sequence[bytes] | None:
        event = decoded(payload)
        response = event.get("response") if isinstance(event, dict) else None
        if not isinstance(response, dict):
            return self._passed(payload)
        collected = [self._collected[place] for place in sorted(self._collected)]
        self._leg = leg = self._legs.add(response, collected)
        if leg.retrieves and leg.alone:
            self._numbers.hold(payload)
            self._held = event
            return []
        if len(self._legs) == 1 and not any(map(is_ours, leg.said)):
            return None
        self._numbers.hold(payload)
        written = self._ending(event)
        return [written] if written else None

    def _ending(self, event: dict[str, Any]) -> bytes:
        """The event that ends the answer, telling all legs as one response."""
        told = {**event, "response": self._legs.whole()}
        if "sequence_number" in event:
            told["sequence_number"] = self._numbers.next
        return dumps(told)

    def _failure(self, error: bytes, held: dict[str, Any]) -> dict[str, Any]:
        """Upstream's refusal of another leg, as a response that failed."""
        body = decoded(error)
        said = body.get("error") if isinstance(body, dict) else None
        said = said if isinstance(said, dict) else {"message": text(said) or text(body)}
        code = text(said.get("code")) or text(said.get("type")) or "server_error"
        message = text(said.get("message")) or "the model could not go on"
        response = self._legs.whole() if len(self._legs) else {"output": []}
        response.update(status="failed", error={"code": code, "message": message})
        event = {"type": "response.failed", "sequence_number": self._numbers.next}
        lane = {"stream_id": held["stream_id"]} if "stream_id" in held else {}
        return {**event, **lane, "response": response}
