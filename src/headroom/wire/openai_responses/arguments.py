"""Where the arguments of calls are in an answer of Responses: JSON text for functions, plain text
for custom tools; and told again whole, when the text, the item and the response are done."""

import re
from collections.abc import Iterator
from typing import Any

from headroom.wire import values
from headroom.wire.arguments import ArgumentReader, Piece, Role, any_of, objects, said, tree, word

_BODIES = {"function_call": "arguments", "custom_tool_call": "input"}
_TEXT = {
    "response.function_call_arguments.": "arguments",
    "response.custom_tool_call_input.": "input",
}
_USUAL = re.compile(
    rb'\{"type":"response\.(?:function_call_arguments|custom_tool_call_input)\.delta"'
    rb'(?:,"(?:sequence_number|obfuscation|item_id)":(?:\d+|"[^"\\]*"))*'
    rb',"output_index":(?P<key>\d{1,9})'
    rb'(?:,"(?:sequence_number|obfuscation|item_id)":(?:\d+|"[^"\\]*"))*'
    rb',"delta":(?P<text>"[^"\\]*(?:\\.[^"\\]*)*")'
)
_concerns = any_of(
    *(b'"function_call"', b'"custom_tool_call"', b'"local_shell_call"'),
    *(b'"response.function_call_arguments.', b'"response.custom_tool_call_input.'),
)


def _pieces(event: Any, payload: bytes) -> Iterator[Piece]:
    kind = word(event, "type")
    if kind == "response.output_item.added":
        item = event.get("item")
        if word(item, "type") in _BODIES:
            key = str(event.get("output_index"))
            yield Piece(Role.OPEN, key, word(item, "call_id"), word(item, "name"))
    elif kind == "response.output_item.done":
        yield from _item(str(event.get("output_index")), event.get("item"), payload)
    elif text := next((body for name, body in _TEXT.items() if kind.startswith(name)), ""):
        yield from _text(event, kind, text)
    elif isinstance(event, dict):
        response = event.get("response", event)
        for index, item in objects(response.get("output") if isinstance(response, dict) else ()):
            yield from _item(str(index), item, payload)


def _text(event: dict[str, Any], kind: str, body: str) -> Iterator[Piece]:
    key, plain = str(event.get("output_index")), body == "input"
    if kind.endswith(".delta"):
        yield from said(Role.PART, key, event.get("delta"), plain=plain)
    else:
        yield Piece(Role.CLOSE, key)
        yield from said(Role.WHOLE, key, event.get(body), plain=plain)


def _item(key: str, item: Any, payload: bytes) -> Iterator[Piece]:
    kind = word(item, "type")
    if kind in _BODIES:
        yield Piece(Role.CLOSE, key)
        yield Piece(Role.OPEN, key, word(item, "call_id"), word(item, "name"))
        yield from said(Role.WHOLE, key, item.get(_BODIES[kind]), plain=kind == "custom_tool_call")
    elif kind == "local_shell_call":
        yield Piece(Role.OPEN, key, word(item, "call_id"), kind)
        yield from tree(key, item.get("action"), payload)


def _more(payload: bytes, key: str, text: str) -> bytes:
    return values.encoded({**values.object_in(payload), "delta": text})


ARGUMENTS = ArgumentReader(_USUAL, _concerns, _pieces, _more)
