"""Content blocks of an answer: which is a call of the retrieve tool, and how a stream's events
make a block again.

A thinking block is worth nothing unless it goes back as it came, so blocks are kept as the bytes
they are made of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.wire import values
from headroom.wire._api import Call, Turn

_CUT_SHORT = frozenset(("max_tokens", "model_context_window_exceeded", "refusal", "pause_turn"))


@dataclass(frozen=True, slots=True)
class Said:
    """One content block: its JSON, and the same decoded."""

    raw: bytes
    value: Mapping[str, Any]


def is_ours(block: Mapping[str, Any]) -> bool:
    """Whether a block is a call of the tool that the proxy serves."""
    return (
        block.get("type") == "tool_use"
        and block.get("name") == TOOL_NAME
        and isinstance(block.get("id"), str)
    )


def is_call(block: Mapping[str, Any]) -> bool:
    """Whether a block waits for a result that is not the provider's own to give."""
    return block.get("type") == "tool_use"


def goes_on(stop_reason: Any) -> bool:
    """Whether a leg that stopped so has said its calls to the end."""
    return not (isinstance(stop_reason, str) and stop_reason in _CUT_SHORT)


def turn_of(said: Sequence[Said]) -> Turn | None:
    """The turn that a whole leg is, if the model called the retrieve tool in it."""
    calls = tuple(_read_call(block.value) for block in said if is_ours(block.value))
    if not calls:
        return None
    alone = all(is_ours(block.value) for block in said if is_call(block.value))
    # The API itself says blank texts, and refuses to read them.
    kept = [block.raw for block in said if not _is_blank(block.value)]
    return Turn(calls, b"[" + b",".join(kept) + b"]", alone)


def rebuilt(payloads: Iterable[bytes]) -> list[Said]:
    """The blocks that a stream's events make up, in order."""
    building: dict[int, _Building] = {}
    for payload in payloads:
        event = values.object_in(payload)
        index = event.get("index")
        if type(index) is not int:
            continue
        if isinstance(block := event.get("content_block"), dict):
            building[index] = _Building(block)
        elif isinstance(delta := event.get("delta"), dict) and index in building:
            building[index].add(delta)
    return [block.done() for block in building.values()]


class _Building:
    def __init__(self, start: dict[str, Any]) -> None:
        self._block = start
        self._pieces: dict[str, list[str]] = {}
        self._citations: list[Any] = []

    def add(self, delta: dict[str, Any]) -> None:
        for name, value in delta.items():
            if name == "citation":
                self._citations.append(value)
            elif name != "type" and isinstance(value, str):
                self._pieces.setdefault(name, []).append(value)

    def done(self) -> Said:
        block = dict(self._block)
        pieces = {name: "".join(parts) for name, parts in self._pieces.items()}
        spelled = _utf8(pieces.pop("partial_json", ""))
        for name, text in pieces.items():
            start = block.get(name)
            block[name] = start + text if isinstance(start, str) else text
        if self._citations:
            start = block.get("citations")
            block["citations"] = [*(start if isinstance(start, list) else ()), *self._citations]
        arguments = values.decoded(spelled)
        if not isinstance(arguments, dict):
            return Said(values.encoded(block), block)
        block["input"] = arguments
        return Said(_with_input(block, spelled), block)


def _with_input(block: dict[str, Any], spelled: bytes) -> bytes:
    """The block with its input spelled as the model spelled it."""
    parts = [
        values.encoded(name) + b":" + (spelled if name == "input" else values.encoded(value))
        for name, value in block.items()
    ]
    return b"{" + b",".join(parts) + b"}"


def _utf8(text: str) -> bytes:
    """The halves of torn characters are joined; a half that stays alone is replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _read_call(block: Mapping[str, Any]) -> Call:
    arguments = block.get("input")
    return Call(block["id"], arguments if isinstance(arguments, dict) else {})


def _is_blank(block: Mapping[str, Any]) -> bool:
    text = block.get("text")
    return block.get("type") == "text" and isinstance(text, str) and not text.strip()
