"""Parts of a request as a cache tells them apart: by what they say, wherever a breakpoint stands.

Rule: bytes as they are, less breakpoints; a bare text is the list of one block that it stands
for. Pure, linear, and never fails: what is no part is passed over.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from headroom.caching.rules import LONG, SHORT
from headroom.wire.json_spans import Array, Object, Text

SIZE = 8
"""Bytes of a digest."""
_MARK = "cache_control"
_MARK_KEY = b'"cache_control"'
_POINT = "cachePoint"
_NEXT = re.compile(rb"[ \t\n\r]*,[ \t\n\r]*")
_OF_A_TEXT = frozenset(("type", "text", _MARK))


class Part(NamedTuple):
    """One part: its index in the list, where it stands in the body, and the lifetime that its
    breakpoint asks for (empty without one)."""

    at: int
    value: Any
    start: int
    end: int
    digest: bytes
    mark: str


def parts(content: Any, body: bytes) -> Sequence[Part]:
    """The parts of a list that was read from `body`, or a text as the one part that it is."""
    if isinstance(content, Text):
        raw = body[content.start : content.end]
        return (Part(0, content, content.start, content.end, _digest(b"text", raw), ""),)
    if not isinstance(content, Array):
        return ()
    try:
        found: Sequence[Part] = content.noted
    except AttributeError:
        found = content.noted = tuple(_listed(content, body))
    return found


def _listed(listed: Array, body: bytes) -> Iterator[Part]:
    for at, part in enumerate(listed):
        if isinstance(part, Object) and _POINT not in part:
            mark = _mark_in(part) or _point(listed[at + 1 : at + 2])
            yield Part(at, part, part.start, part.end, _digest_of(part, body), mark)


def lifetime(mark: Any) -> str:
    """The lifetime that a breakpoint asks for; empty where it is none."""
    if not isinstance(mark, dict):
        return ""
    return LONG if mark.get("ttl") == LONG else SHORT


def _mark_in(part: Object) -> str:
    """Of a part's breakpoint, or of the last one inside a result."""
    inner = part.get("content")
    marks = [lifetime(block.get(_MARK)) for block in (part, *_objects(inner))]
    return next(filter(None, reversed(marks)), "")


def _point(following: list[Any]) -> str:
    """Of a breakpoint that stands in the list itself, behind what it is for."""
    return next((lifetime(part.get(_POINT)) for part in _objects(following)), "")


def _objects(listed: Any) -> list[Object]:
    found = listed if isinstance(listed, list) else ()
    return [part for part in found if isinstance(part, Object)]


def _digest_of(part: Object, body: bytes) -> bytes:
    text = _lone_text(part)
    if text is not None:
        return _digest(b"text", body[text.start : text.end])
    kept, at = [], part.start
    for start, end in sorted(_passed_over(part, body)):
        kept.append(body[at:start])
        at = end
    return _digest(b"part", b"".join((*kept, body[at : part.end])))


def _lone_text(part: Object) -> Text | None:
    """The text of a part that has nothing else."""
    text = part.get("text")
    return text if isinstance(text, Text) and part.keys() <= _OF_A_TEXT else None


def _passed_over(part: Object, body: bytes) -> Iterator[tuple[int, int]]:
    """Where the bytes of a part are that say nothing to the cache."""
    yield from _mark_span(part, body)
    inner = part.get("content")
    if not isinstance(inner, Array):
        return
    blocks = _objects(inner)
    text = _lone_text(blocks[0]) if len(inner) == len(blocks) == 1 else None
    if text is not None:
        yield inner.start, text.start
        yield text.end, inner.end
        return
    for block in blocks:
        yield from _mark_span(block, body)


def _mark_span(block: Object, body: bytes) -> Iterator[tuple[int, int]]:
    """A breakpoint with its key and one of the commas around it."""
    mark = block.get(_MARK)
    if not isinstance(mark, Object):
        return
    key = body.rfind(_MARK_KEY, block.start, mark.start)
    before = body[block.start : key].rstrip()
    if before.endswith(b","):
        yield block.start + len(before[:-1].rstrip()), mark.end
    elif before.endswith(b"{"):
        follows = _NEXT.match(body, mark.end)
        yield key, follows.end() if follows else mark.end


def _digest(kind: bytes, raw: bytes) -> bytes:
    return blake2b(raw, digest_size=SIZE, person=kind).digest()
