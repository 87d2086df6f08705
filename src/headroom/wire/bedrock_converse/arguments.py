"""Where the arguments of calls are in an answer of Converse: pieces of JSON text in a stream, an
object in a whole message."""

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
from headroom.wire.bedrock_converse.assembly import DELTA, START, STOP

_USUAL = re.compile(
    rb'\{"contentBlockDelta":\{"contentBlockIndex":(?P<key>\d{1,9}),"delta":'
    rb'\{"toolUse":\{"input":(?P<text>"[^"\\]*(?:\\.[^"\\]*)*")\}\}'
)
_concerns = any_of(b'"toolUse"', b'"contentBlockStop"')


def _pieces(event: Any, payload: bytes) -> Iterator[Piece]:
    if not isinstance(event, dict):
        return
    for name, inner in ((name, event.get(name)) for name in (START, DELTA, STOP)):
        if not isinstance(inner, dict):
            continue
        if (index := index_of(inner, "contentBlockIndex")) is not None:
            yield from _told(name, str(index), inner)
    output = event.get("output")
    message = output.get("message") if isinstance(output, dict) else None
    for place, block in objects(message.get("content") if isinstance(message, dict) else ()):
        if isinstance(use := block.get("toolUse"), dict):
            yield Piece(Role.OPEN, str(place), word(use, "toolUseId"), word(use, "name"))
            yield from tree(str(place), use.get("input"), payload)


def _told(name: str, key: str, event: dict[str, Any]) -> Iterator[Piece]:
    if name == STOP:
        yield Piece(Role.CLOSE, key)
        return
    told = event.get("start" if name == START else "delta")
    use = told.get("toolUse") if isinstance(told, dict) else None
    if name == START and isinstance(use, dict):
        yield Piece(Role.OPEN, key, word(use, "toolUseId"), word(use, "name"))
    elif isinstance(use, dict):
        yield from said(Role.PART, key, use.get("input"))


def _more(payload: bytes, key: str, text: str) -> bytes:
    event = {"contentBlockIndex": int(key), "delta": {"toolUse": {"input": text}}}
    return values.encoded({DELTA: event})


ARGUMENTS = ArgumentReader(_USUAL, _concerns, _pieces, _more)
