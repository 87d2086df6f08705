"""An answer that comes as one JSON body for each leg.

A leg in which the model only retrieved is held back; what it said stands before what the last
leg says. Nothing is rewritten but the content, the id and the usage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headroom.errors import WireError
from headroom.markers import TOOL_NAME
from headroom.wire import json_spans, values
from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.anthropic_messages.blocks import Said, goes_on, is_ours, turn_of
from headroom.wire.anthropic_messages.memory import Past
from headroom.wire.anthropic_messages.tally import Tally
from headroom.wire.json_spans import Array, Object, Splice, Text, encoded

_NAME = TOOL_NAME.encode()


@dataclass(frozen=True, slots=True)
class _Leg:
    """One leg's body, and the blocks in it."""

    payload: bytes
    message: Object
    said: tuple[Said, ...]


class WholeAnswer:
    """Implements `Answer` for JSON bodies."""

    def __init__(self, *, intercept: bool, question: str) -> None:
        self._intercept = intercept
        self._past = Past(question)
        self._tally = Tally()
        self._shown: list[Said] = []
        self._id: Text | None = None
        self._leg: _Leg | None = None
        self._turn: Turn | None = None
        self._last: _Leg | None = None

    @property
    def usage(self) -> Usage | None:
        """As billed, over all legs."""
        return self._tally.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """As billed, leg by leg."""
        return self._tally.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for a leg's body."""
        self._tally.note(values.object_in(payload))
        if not self._intercept or not (self._past or _NAME in payload):
            return None
        self._leg = leg = _read(payload)
        if leg is None:
            return None
        if goes_on(leg.message.get("stop_reason")):
            self._turn = turn_of(leg.said)
        if self._turn is not None and self._turn.alone:
            return []
        changed = self._past or any(is_ours(block.value) for block in leg.said)
        return [self._merged(leg)] if changed else None

    def end(self) -> Turn | None:
        """The turn that the leg is, if the model retrieved in it."""
        return self._turn

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """The turn's results are known; after a turn alone another leg follows."""
        self._past.add(turn, results)
        if not turn.alone or self._leg is None:
            return
        self._tally.next_leg()
        self._shown += _shown(self._leg)
        name = self._leg.message.get("id")
        self._id = self._id or (name if isinstance(name, Text) else None)
        self._turn = None
        self._last, self._leg = self._leg, None

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """The error, or what was said so far as a whole answer."""
        if error:
            return [error]
        leg = self._leg or self._last
        if leg is None or (self._turn is None and self._leg is not None):
            return []
        stop = leg.message.get("stop_reason")
        ended = [Splice(stop.start, stop.end, b'"end_turn"')] if isinstance(stop, Text) else []
        return [self._merged(leg, *ended)]

    def memories(self) -> Sequence[Memory]:
        """The hidden turns of all legs."""
        last = _shown(self._leg) if self._leg is not None else ()
        return self._past.memories(block.value for block in (*self._shown, *last))

    def _merged(self, leg: _Leg, *changes: Splice) -> bytes:
        """The leg's body with what the client sees of all legs."""
        said = () if leg is self._last else _shown(leg)
        shown = b",".join(block.raw for block in (*self._shown, *said))
        content, name, usage = (leg.message.get(key) for key in ("content", "id", "usage"))
        merged = [*changes, _put(content, b"[" + shown + b"]")]
        if isinstance(name, Text) and self._id is not None:
            merged.append(_put(name, encoded(self._id)))
        if isinstance(usage, Object) and self._past:
            told = self._tally.told(values.object_in(leg.payload[usage.start : usage.end]))
            merged.append(_put(usage, values.encoded(told)))
        return json_spans.spliced(leg.payload, merged)


def _put(value: Any, new: bytes) -> Splice:
    return Splice(value.start, value.end, new)


def _shown(leg: _Leg) -> list[Said]:
    return [block for block in leg.said if not is_ours(block.value)]


def _read(payload: bytes) -> _Leg | None:
    """A message with its blocks; None where the body is something else."""
    try:
        message = json_spans.parse(payload)
    except WireError:
        return None
    content = message.get("content") if isinstance(message, Object) else None
    if not isinstance(content, Array) or not all(isinstance(b, Object) for b in content):
        return None
    said = tuple(Said(payload[block.start : block.end], block) for block in content)
    return _Leg(payload, message, said)
