"""Where the arguments of calls are in an answer of Chat Completions: a string of JSON text (plain
text for a custom tool), in pieces or whole. Nothing ends a call but the choice's end."""

import re
from collections.abc import Iterator
from typing import Any

from headroom.wire import values
from headroom.wire.arguments import ArgumentReader, Piece, Role, index_of, objects, said, word

_BODIES = (("function", "arguments"), ("custom", "input"))
# Some servers name all fields in every chunk, most of them null.
_SAYS = re.compile(rb'_(?:calls?|reason)"\s*:\s*[^n\s]')


def _concerns(payload: bytes) -> bool:
    return _SAYS.search(payload) is not None


def _pieces(chunk: Any, payload: bytes) -> Iterator[Piece]:
    if not isinstance(chunk, dict):
        return
    for place, choice in objects(chunk.get("choices")):
        number = index_of(choice, "index", place)
        if number is None:
            continue
        for part, role in (("delta", Role.PART), ("message", Role.WHOLE)):
            if isinstance(told := choice.get(part), dict):
                yield from _told(f"{number}.", told, role)
        if choice.get("finish_reason"):
            yield Piece(Role.CLOSE, f"{number}.")


def _told(choice: str, told: dict[str, Any], role: Role) -> Iterator[Piece]:
    for place, call in objects(told.get("tool_calls")):
        if (number := index_of(call, "index", place)) is not None:
            yield from _call(f"{choice}{number}", call, role)
    if isinstance(node := told.get("function_call"), dict):
        key = f"{choice}f"
        if named := word(node, "name"):
            yield Piece(Role.OPEN, key, "", named)
        yield from said(role, key, node.get("arguments"))


def _call(key: str, call: dict[str, Any], role: Role) -> Iterator[Piece]:
    for kind, body in _BODIES:
        if isinstance(node := call.get(kind), dict):
            named = word(node, "name")
            if named or word(call, "id"):
                yield Piece(Role.OPEN, key, word(call, "id"), named)
            yield from said(role, key, node.get(body), plain=kind == "custom")


def _more(payload: bytes, key: str, text: str) -> bytes:
    """A chunk with nothing but the text, under the names of the earlier one."""
    chunk = values.object_in(payload)
    number, _, place = key.partition(".")
    if place == "f":
        delta: dict[str, Any] = {"function_call": {"arguments": text}}
    else:
        named = (each for each in _BODIES if b'"%b"' % each[0].encode() in payload)
        kind, body = next(named, _BODIES[0])
        delta = {"tool_calls": [{"index": int(place), kind: {body: text}}]}
    choice = {"index": int(number), "delta": delta, "finish_reason": None}
    kept = {name: value for name, value in chunk.items() if name not in ("choices", "usage")}
    return values.encoded({**kept, "choices": [choice]})


_USUAL = re.compile(
    rb'[^\[]*"choices"\s*:\s*\[\s*\{\s*"index"\s*:\s*0\s*,\s*"delta"\s*:\s*\{\s*'
    rb'"tool_calls"\s*:\s*\[\s*\{\s*"index"\s*:\s*(?P<key>\d{1,9})\s*,\s*'
    rb'"function"\s*:\s*\{\s*"arguments"\s*:\s*(?P<text>"[^"\\]*(?:\\.[^"\\]*)*")\s*\}\s*\}\s*\]'
    rb'[^\[]*"finish_reason"\s*:\s*null'
)

ARGUMENTS = ArgumentReader(_USUAL, _concerns, _pieces, _more, "0.")
