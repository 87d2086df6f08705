"""A leg's stream put together: the content blocks that its events spell.

A block begins with its start event, or, as texts and reasoning do, with its first delta. Deltas
of a kind that is not known here cannot be said again, and their block is left out.
"""

from collections.abc import Iterable
from typing import Any

from headroom.wire.bedrock_converse.blocks import Content
from headroom.wire.values import decoded, object_in

START, DELTA, STOP = "contentBlockStart", "contentBlockDelta", "contentBlockStop"


def event_of(payload: bytes) -> tuple[str, dict[str, Any]] | None:
    """An event's type and what it says; None where the payload is no event."""
    wrapped = decoded(payload)
    if not isinstance(wrapped, dict) or len(wrapped) != 1:
        return None
    [(name, event)] = wrapped.items()
    return (name, event) if isinstance(event, dict) else None


def index_of(event: dict[str, Any]) -> int | None:
    """The index of the block that an event is about."""
    index = event.get("contentBlockIndex")
    return index if isinstance(index, int) else None


def assembled(payloads: Iterable[bytes]) -> Content:
    """The content that a leg's payloads spell."""
    starts: dict[int, dict[str, Any]] = {}
    deltas: dict[int, list[dict[str, Any]]] = {}
    for payload in payloads:
        name, event = event_of(payload) or ("", {})
        index = index_of(event)
        if index is None or name not in (START, DELTA):
            continue
        pieces = deltas.setdefault(index, [])
        if name == START and isinstance(event.get("start"), dict):
            starts[index] = event["start"]
        elif isinstance(event.get("delta"), dict):
            pieces.append(event["delta"])
    blocks = (_block(starts.get(index, {}), pieces) for index, pieces in deltas.items())
    return [block for block in blocks if block]


def _block(start: dict[str, Any], deltas: list[dict[str, Any]]) -> dict[str, Any]:
    if isinstance(use := start.get("toolUse"), dict):
        return {"toolUse": {**use, "input": _input(deltas)}}
    if isinstance(result := start.get("toolResult"), dict):
        parts = [part for delta in deltas for part in _list(delta.get("toolResult"))]
        return {"toolResult": {**result, "content": parts}}
    if isinstance(image := start.get("image"), dict):
        given = [delta["image"] for delta in deltas if isinstance(delta.get("image"), dict)]
        return {"image": {**image, **(given[-1] if given else {})}}
    if reasoning := [delta["reasoningContent"] for delta in deltas if "reasoningContent" in delta]:
        return _reasoning([part for part in reasoning if isinstance(part, dict)])
    text = _joined(deltas, "text")
    if citations := [delta["citation"] for delta in deltas if "citation" in delta]:
        return {"citationsContent": {"content": [{"text": text}], "citations": citations}}
    return {"text": text} if text else {}


def _reasoning(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """A reasoning block, as it must be given back: unchanged, signature included."""
    if redacted := _joined(parts, "redactedContent"):
        return {"reasoningContent": {"redactedContent": redacted}}
    said = {"text": _joined(parts, "text")}
    if signature := _joined(parts, "signature"):
        said["signature"] = signature
    return {"reasoningContent": {"reasoningText": said}}


def _input(deltas: list[dict[str, Any]]) -> dict[str, Any]:
    uses = [delta["toolUse"] for delta in deltas if isinstance(delta.get("toolUse"), dict)]
    return object_in(_joined(uses, "input").encode("utf-8", "replace"))


def _joined(parts: list[dict[str, Any]], key: str) -> str:
    return "".join(part[key] for part in parts if isinstance(part.get(key), str))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
