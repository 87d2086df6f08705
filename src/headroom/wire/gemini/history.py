"""A client's history as the model's turns, and the anchors by which a turn is met again.

A turn is anchored on the ids of the calls that the client was shown; as many calls carry none,
also on a hash of all that was said, of what the user asked before it, and of how often the same
was said to the same question. What a client may change on the way is not hashed: how texts are
cut into parts and contents, thoughts, signatures, spaces around.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from headroom.wire.gemini.content import (
    call_of,
    contents_of,
    is_model,
    parts_of,
    visible_text,
    word,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Contents `first` to `last` of a request, which the model said in one turn."""

    first: int
    last: int
    parts: tuple[Any, ...]
    anchors: tuple[str, ...]


class History:
    """What was said so far: it tells one saying from the next that reads alike."""

    def __init__(self) -> None:
        self._asked = ""
        self._met: Counter[str] = Counter()

    def turns(self, body: dict[str, Any]) -> Iterator[Spoken]:
        """The model's turns in a request's contents, in order."""
        contents = contents_of(body)
        first: int | None = None
        for index, content in enumerate([*contents, None]):
            if is_model(content):
                first = index if first is None else first
                continue
            if first is not None:
                yield self._turn(contents, first, index - 1)
                first = None
            if question := visible_text(parts_of(content)):
                self._asked = _digest(question)

    def anchors(self, parts: Sequence[Any]) -> list[str]:
        """The anchors of the turn that says `parts` next, the surest first."""
        anchors = call_anchors(parts)
        if said := _said(parts):
            place = _digest(f"{said}\0{self._asked}")
            self._met[place] += 1
            anchors.append(f"place:{place}:{self._met[place]}")
        return anchors

    def _turn(self, contents: list[Any], first: int, last: int) -> Spoken:
        spoken = contents[first : last + 1]
        parts = tuple(part for content in spoken for part in parts_of(content))
        return Spoken(first, last, parts, tuple(self.anchors(parts)))


def call_anchors(parts: Sequence[Any]) -> list[str]:
    """One anchor for each call that bears an id."""
    calls = (call_of(part) for part in parts)
    return [f"call:{name}" for call in calls if call is not None and (name := word(call, "id"))]


def _said(parts: Sequence[Any]) -> str:
    text = visible_text(parts).strip()
    calls = [call for part in parts if (call := call_of(part)) is not None]
    if not text and not calls:
        return ""
    made = "\0".join(f"{word(call, 'name')}\0{_arguments(call)}" for call in calls)
    return _digest(f"{text}\0{made}")


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _arguments(call: dict[str, Any]) -> str:
    """The same for the same arguments, however they are spelled."""
    try:
        return orjson.dumps(call.get("args") or {}, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return ""
