"""Hidden turns as they are remembered: what the model said, the results it got, and whether the
client had a part in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headroom.errors import WireError
from headroom.wire import json_spans, values
from headroom.wire._api import Memory, Turn
from headroom.wire.anthropic_messages.anchors import anchor_of
from headroom.wire.anthropic_messages.blocks import Said
from headroom.wire.json_spans import Array, Object


@dataclass(frozen=True, slots=True)
class Hidden:
    """A remembered turn: its content blocks and its results, as JSON."""

    said: tuple[Said, ...]
    results: tuple[bytes, ...]
    alone: bool


class Past:
    """The turns of one answer so far. `question` is what `anchors.asked` says of its request."""

    def __init__(self, question: str) -> None:
        self._question = question
        self._turns: list[bytes] = []

    def __bool__(self) -> bool:
        return bool(self._turns)

    def add(self, turn: Turn, results: Sequence[str]) -> None:
        """A turn whose results the model knows, or will know with the client's next request."""
        listed = b"[" + b",".join(result_blocks(turn, results)) + b"]"
        alone = b"true" if turn.alone else b"false"
        self._turns.append(
            b'{"said":' + turn.said + b',"results":' + listed + b',"alone":' + alone + b"}"
        )

    def memories(self, shown: Iterable[Mapping[str, Any]]) -> list[Memory]:
        """All turns as one memory, anchored on the blocks that the client was shown."""
        anchor = anchor_of(shown, self._question) if self._turns else ""
        return [Memory(anchor, b"[" + b",".join(self._turns) + b"]")] if anchor else []


def result_blocks(turn: Turn, results: Sequence[str]) -> list[bytes]:
    """The `tool_result` block of each of the turn's calls."""
    texts = [*results, *("" for _ in turn.calls)]
    return [
        values.encoded({"type": "tool_result", "tool_use_id": call.id, "content": text})
        for call, text in zip(turn.calls, texts, strict=False)
    ]


def recalled(data: bytes) -> list[Hidden]:
    """The turns in a memory's data; none where it is not ours to read."""
    try:
        turns = json_spans.parse(data)
    except WireError:
        return []
    listed = turns if isinstance(turns, list) else []
    found = [_hidden(turn, data) for turn in listed if isinstance(turn, dict)]
    return [turn for turn in found if turn.said and turn.results]


def _hidden(turn: dict[str, Any], data: bytes) -> Hidden:
    said = _objects(turn.get("said"), data)
    results = _objects(turn.get("results"), data)
    return Hidden(said, tuple(result.raw for result in results), turn.get("alone") is True)


def _objects(listed: Any, data: bytes) -> tuple[Said, ...]:
    return tuple(
        Said(data[item.start : item.end], item)
        for item in (listed if isinstance(listed, Array) else ())
        if isinstance(item, Object)
    )
