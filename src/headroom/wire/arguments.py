"""The seam for a tool call's arguments in an answer: where in a payload they are, how spelled.

Each API has one reader. It names the bytes, so that a text can be changed in place and every other
byte stays; it knows nothing of what arguments mean, or of why one would change them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from headroom.wire import json_spans
from headroom.wire.json_spans import Object, Text


class Role(Enum):
    """What a piece does: begins a call, adds to its arguments, tells them whole, or ends it."""

    OPEN = "open"
    PART = "part"
    WHOLE = "whole"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that a payload says of one call; `key` names the call within an answer; for
    CLOSE a key that ends in "." means all that begin so.

    `start` to `end` are the bytes that hold the text: a JSON string with its quotes, or the
    arguments' own object where they are `bare`. A `plain` text is what it says; any other is
    JSON text. `call_id` and `tool` are empty where the payload does not name them.
    """

    role: Role
    key: str
    call_id: str = ""
    tool: str = ""
    text: str = ""
    start: int = 0
    end: int = 0
    plain: bool = False
    bare: bool = False

    def spelled(self, text: str) -> bytes:
        """The bytes for another text in this one's place."""
        if self.bare:
            return text.encode("utf-8", "surrogatepass")
        return json_spans.encoded(text)


@dataclass(frozen=True, slots=True)
class ArgumentReader:
    """How one API tells the arguments of calls.

    - `usual`: what nearly every fragment looks like: groups `key` and `text` (a JSON string); None
      where arguments come whole.
    - `concerns`: whether any other payload may have something to say of a call. Cheap.
    - `pieces`: what a decoded payload says of calls, in order; the payload is what it was read
      from.
    - `more`: an event that adds a text to the arguments of the call `key`, made like an earlier
      one.
    - `prefix`: what stands before the key that `usual` finds.
    """

    usual: re.Pattern[bytes] | None
    concerns: Callable[[bytes], bool]
    pieces: Callable[[Any, bytes], Iterator[Piece]]
    more: Callable[[bytes, str, str], bytes]
    prefix: str = ""


def any_of(*signs: bytes) -> Callable[[bytes], bool]:
    """Whether a payload holds one of these; a pattern of them takes five times as long."""

    def holds(payload: bytes) -> bool:
        for sign in signs:  # noqa: SIM110
            if sign in payload:
                return True
        return False

    return holds


def said(role: Role, key: str, node: Any, *, plain: bool = False) -> Iterator[Piece]:
    """The piece that a JSON string is; nothing where `node` is none."""
    if isinstance(node, Text):
        yield Piece(role, key, text=str(node), start=node.start, end=node.end, plain=plain)


def tree(key: str, node: Any, payload: bytes) -> Iterator[Piece]:
    """The piece that an object of arguments is; nothing where it is empty or none."""
    if isinstance(node, Object) and node:
        text = payload[node.start : node.end].decode("utf-8", "surrogatepass")
        yield Piece(Role.WHOLE, key, text=text, start=node.start, end=node.end, bare=True)


def word(node: Any, key: str) -> str:
    """The string under `key`, or empty."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def index_of(node: dict[str, Any], key: str, place: int | None = None) -> int | None:
    """The number under `key`, or `place` where there is no such key; None where it is none."""
    value = node.get(key, place)
    return value if type(value) is int else None


def objects(node: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects in a list with their index; nothing if it is no list."""
    for index, item in enumerate(node if isinstance(node, list) else ()):
        if isinstance(item, dict):
            yield index, item
