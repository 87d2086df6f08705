"""An answer that comes as events, over one leg or several.

Text that streams goes on at once. Held back are the events of a call of the retrieve tool, and
the end of a leg that is to go on. Blocks are numbered as if there were one leg and no such call.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from headroom.wire import values
from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.anthropic_messages.blocks import (
    Said,
    goes_on,
    is_call,
    is_ours,
    rebuilt,
    turn_of,
)
from headroom.wire.anthropic_messages.memory import Past
from headroom.wire.anthropic_messages.tally import Tally

# A quotation mark inside a JSON string is escaped, so these bytes are no text of the model's.
_USAGE = b'"usage"'
_USUAL_DELTA = re.compile(
    rb'\{\s*"type"\s*:\s*"content_block_delta"\s*,\s*"index"\s*:\s*(\d{1,9})(?=\s*,)'
)
_STOP = b'{"type":"message_stop"}'

Given = Sequence[bytes] | None


class _Leg:
    """What has been seen of one leg. Indices are upstream's."""

    __slots__ = ("calls", "closed", "ended", "hidden", "payloads", "shown", "stop_reason")

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.shown: dict[int, int] = {}
        self.hidden: set[int] = set()
        self.closed: set[int] = set()
        self.calls = False
        self.ended = False
        self.stop_reason: Any = None

    @property
    def retrieves(self) -> bool:
        """Whether the model called the tool, and said its calls to the end."""
        return bool(self.hidden) and self.hidden <= self.closed and goes_on(self.stop_reason)


class StreamedAnswer:
    """Implements `Answer` for the data of server-sent events, and of AWS event streams."""

    def __init__(self, *, intercept: bool, question: str) -> None:
        self._intercept = intercept
        self._past = Past(question)
        self._tally = Tally()
        self._leg = _Leg()
        self._blocks = 0
        self._shown: list[Said] = []
        self._moved = False
        self._held: list[dict[str, Any]] = []
        self._readers: dict[str, Callable[[dict[str, Any], bytes], Given]] = {
            "message_start": self._start,
            "content_block_start": self._block_start,
            "content_block_delta": self._block_event,
            "content_block_stop": self._block_event,
            "message_delta": self._delta,
            "message_stop": self._stop,
        }

    @property
    def usage(self) -> Usage | None:
        """As billed, over all legs."""
        return self._tally.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """As billed, leg by leg."""
        return self._tally.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for an event's data."""
        if not self._intercept:
            if _USAGE in payload:
                self._tally.note(values.object_in(payload))
            return None
        if usual := _USUAL_DELTA.match(payload):
            self._leg.payloads.append(payload)
            return self._renumbered(payload, usual) if self._moved else None
        event = values.object_in(payload)
        kind = event.get("type")
        reader = self._readers.get(kind) if isinstance(kind, str) else None
        return reader(event, payload) if reader is not None else None

    def end(self) -> Turn | None:
        """The turn that the leg is, if it is whole and the model retrieved in it."""
        if not self._leg.ended or not self._leg.retrieves:
            return None
        return turn_of(rebuilt(self._leg.payloads))

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """The turn's results are known; after a turn alone another leg follows."""
        self._past.add(turn, results)
        if turn.alone:
            self._shown += self._shown_of_leg()
            self._tally.next_leg()
            self._leg = _Leg()
            self._moved = True

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """An error event, or the end that was held back."""
        if error:
            return [_error(error)]
        if not self._held or self._leg.shown.keys() - self._leg.closed:
            return []
        event, *stops = self._held
        delta = event.get("delta")
        told = {**(delta if isinstance(delta, dict) else {}), "stop_reason": "end_turn"}
        self._held = []
        return [
            self._with_usage({**event, "delta": told}),
            *(map(values.encoded, stops) if stops else (_STOP,)),
        ]

    def memories(self) -> Sequence[Memory]:
        """The hidden turns of all legs."""
        if not self._past:
            return []
        return self._past.memories(block.value for block in (*self._shown, *self._shown_of_leg()))

    def _shown_of_leg(self) -> list[Said]:
        return [said for said in rebuilt(self._leg.payloads) if not is_ours(said.value)]

    def _start(self, event: dict[str, Any], payload: bytes) -> Given:
        self._tally.note(event)
        return [] if self._past else None

    def _block_start(self, event: dict[str, Any], payload: bytes) -> Given:
        index, block = event.get("index"), event.get("content_block")
        if type(index) is not int or not isinstance(block, dict):
            return None
        leg = self._leg
        leg.payloads.append(payload)
        if is_ours(block):
            leg.hidden.add(index)
            self._moved = True
            return []
        leg.calls = leg.calls or is_call(block)
        leg.shown[index] = self._blocks
        self._blocks += 1
        return self._at(event, index)

    def _block_event(self, event: dict[str, Any], payload: bytes) -> Given:
        index = event.get("index")
        if type(index) is not int:
            return None
        self._leg.payloads.append(payload)
        if event["type"] == "content_block_stop":
            self._leg.closed.add(index)
        return [] if index in self._leg.hidden else self._at(event, index)

    def _at(self, event: dict[str, Any], index: int) -> Given:
        """The event with the number that its block has for the client."""
        new = self._leg.shown.get(index, index)
        return None if new == index else [values.encoded({**event, "index": new})]

    def _renumbered(self, payload: bytes, usual: re.Match[bytes]) -> Given:
        """As `_at`, without reading the event."""
        index = int(usual[1])
        if index in self._leg.hidden:
            return []
        new = self._leg.shown.get(index, index)
        if new == index:
            return None
        return [b"%b%d%b" % (payload[: usual.start(1)], new, payload[usual.end(1) :])]

    def _delta(self, event: dict[str, Any], payload: bytes) -> Given:
        """The end of a leg in words: why it stopped, and its usage."""
        self._tally.note(event)
        self._held = []
        delta = event.get("delta")
        self._leg.stop_reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if self._leg.retrieves and not self._leg.calls:
            self._held = [event]
            return []
        return [self._with_usage(event)] if self._past else None

    def _with_usage(self, event: dict[str, Any]) -> bytes:
        usage = event.get("usage")
        if self._past and isinstance(usage, dict):
            event = {**event, "usage": self._tally.told(usage)}
        return values.encoded(event)

    def _stop(self, event: dict[str, Any], payload: bytes) -> Given:
        self._leg.ended = True
        if not self._held:
            return None
        self._held.append(event)
        if self._leg.retrieves and not self._leg.calls:
            return []
        held, self._held = self._held, []
        return list(map(values.encoded, held))


def _error(body: bytes) -> bytes:
    """Upstream's error body as the data of an `error` event."""
    if values.object_in(body).get("type") == "error":
        return body
    said = {"type": "api_error", "message": body.decode("utf-8", "replace")}
    return values.encoded({"type": "error", "error": said})
