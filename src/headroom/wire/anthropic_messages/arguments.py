"""Where the arguments of calls are in an answer of Anthropic Messages: pieces of JSON text in a
stream, an object in a whole message. What runs at the provider (`server_tool_use`) is no call."""

import re
from collections.abc import Iterator
from typing import Any

from headroom.wire import values
from headroom.wire.arguments import (
    ArgumentReader,
    Piece,
    Role,
    any_of,
    index_of,
    objects,
    said,
    tree,
    word,
)

_USUAL = re.compile(
    rb'\{\s*"type"\s*:\s*"content_block_delta"\s*,\s*"index"\s*:\s*(?P<key>\d{1,9})\s*,\s*'
    rb'"delta"\s*:\s*\{\s*"type"\s*:\s*"input_json_delta"\s*,\s*'
    rb'"partial_json"\s*:\s*(?P<text>"[^"\\]*(?:\\.[^"\\]*)*")'
)
_concerns = any_of(b'"input_json_delta"', b'"tool_use"', b'"content_block_stop"')


def _pieces(event: Any, payload: bytes) -> Iterator[Piece]:
    kind = word(event, "type")
    if kind.startswith("content_block_"):
        if (index := index_of(event, "index")) is not None:
            yield from _told(kind, str(index), event, payload)
    elif isinstance(event, dict):
        for index, block in objects(event.get("content")):
            yield from _call(str(index), block, payload)


def _told(kind: str, key: str, event: dict[str, Any], payload: bytes) -> Iterator[Piece]:
    if kind == "content_block_delta":
        yield from said(Role.PART, key, _dict(event.get("delta")).get("partial_json"))
    elif kind == "content_block_stop":
        yield Piece(Role.CLOSE, key)
    elif kind == "content_block_start":
        yield from _call(key, event.get("content_block"), payload)


def _call(key: str, block: Any, payload: bytes) -> Iterator[Piece]:
    if word(block, "type") == "tool_use":
        yield Piece(Role.OPEN, key, word(block, "id"), word(block, "name"))
        yield from tree(key, block.get("input"), payload)


def _more(payload: bytes, key: str, text: str) -> bytes:
    delta = {"type": "input_json_delta", "partial_json": text}
    return values.encoded({"type": "content_block_delta", "index": int(key), "delta": delta})


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


ARGUMENTS = ArgumentReader(_USUAL, _concerns, _pieces, _more)
