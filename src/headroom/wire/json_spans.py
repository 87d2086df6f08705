"""JSON read with positions, so that one string can be replaced and no other byte changes.

`parse` gives ordinary dicts and lists whose strings know their byte span. A number too long to be
one stays as its bytes. Nesting costs no recursion. An object that names a key twice is opaque
(readers differ on which one counts), so nothing inside it is ever edited.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import orjson

from headroom.edits import Edit
from headroom.errors import WireError

MAX_DEPTH = 1_000

_TOKEN = re.compile(
    rb"[ \t\n\r]*(?:([{}\[\],:])"
    rb'|("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")'
    rb"|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null))",
    re.DOTALL,
)
_SPACE = re.compile(rb"[ \t\n\r]*")
_WORDS = {b"true": True, b"false": False, b"null": None}


class Text(str):
    """A decoded JSON string that knows the bytes it was read from, quotes included."""

    __slots__ = ("end", "start")
    start: int
    end: int


class Opaque:
    """An object whose meaning is not certain; nothing in it is read or edited."""

    __slots__ = ()


def parse(body: bytes) -> Any:
    """The value in `body`: dicts, lists, `Text`, bool, None, `Opaque`, and numbers.

    Raises:
        WireError: `body` is not JSON, or nests deeper than `MAX_DEPTH`.
    """
    return _Parser(body).run()


def splice(body: bytes, edits: Sequence[Edit]) -> bytes:
    """`body` with the string at each edit's path replaced by the edit's text.

    Raises:
        WireError: a path leads to no string, or to another text than the edit expects.
    """
    tree = parse(body)
    found = sorted((_find(tree, edit), edit) for edit in edits)
    parts: list[bytes] = []
    at = 0
    for (start, end), edit in found:
        parts += (body[at:start], encoded(edit.after))
        at = end
    parts.append(body[at:])
    return b"".join(parts)


def encoded(text: str) -> bytes:
    """`text` as a JSON string. Lone surrogates become escapes, as in the JSON they came from."""
    try:
        return orjson.dumps(text)
    except TypeError:
        return json.dumps(text).encode("ascii")


def _find(tree: Any, edit: Edit) -> tuple[int, int]:
    node = tree
    try:
        for step in edit.path:
            node = node[step]
    except (KeyError, IndexError, TypeError) as error:
        raise WireError(f"no text at {edit.path}") from error
    if not isinstance(node, Text) or node != edit.before:
        raise WireError(f"the text at {edit.path} is not the one that was edited")
    return node.start, node.end


def _decoded(raw: bytes) -> str:
    """The text of a JSON string. The strict reader goes first; the other one takes the escapes
    of lone surrogates, which clients do send."""
    try:
        if b"\\" not in raw:
            return raw[1:-1].decode("utf-8")
        text: str = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            text = json.loads(raw)
        except ValueError as error:
            raise WireError(f"not a string: {error}") from error
    except UnicodeDecodeError as error:
        raise WireError("a string is not valid UTF-8") from error
    return text


def _number(raw: bytes) -> int | float | bytes:
    if len(raw) > 40:
        return raw
    return int(raw) if raw.lstrip(b"-").isdigit() else float(raw)


class _Parser:
    """One pass over the tokens with an explicit stack of open containers."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0
        self._keys: dict[bytes, str] = {}

    def run(self) -> Any:
        stack: list[tuple[Any, list[Any] | None]] = []
        value = self._value(stack)
        while stack:
            container, keys = stack[-1]
            mark = self._mark(b",}" if keys is not None else b",]")
            if mark == b",":
                if keys is not None:
                    keys.append(self._key())
                value = self._value(stack)
            else:
                stack.pop()
                value = _closed(container, keys)
                if not stack:
                    break
                stack[-1][0].append(value)
        if _SPACE.match(self._body, self._at).end() != len(self._body):  # type: ignore[union-attr]
            raise WireError(f"unexpected text at byte {self._at}")
        return value

    def _value(self, stack: list[tuple[Any, list[Any] | None]]) -> Any:
        """Read one value into the innermost container; an opening bracket pushes a new one."""
        while True:
            mark, string, scalar = self._next()
            if string is not None:
                value: Any = Text(_decoded(string))
                value.end = self._at
                value.start = self._at - len(string)
            elif scalar is not None:
                value = _WORDS[scalar] if scalar in _WORDS else _number(scalar)
            elif mark == b"{" or mark == b"[":
                if len(stack) >= MAX_DEPTH:
                    raise WireError(f"nested deeper than {MAX_DEPTH}")
                if self._closes(b"}" if mark == b"{" else b"]"):
                    value = {} if mark == b"{" else []
                else:
                    stack.append(([], [self._key()] if mark == b"{" else None))
                    continue
            else:
                raise WireError(f"unexpected {mark!r} at byte {self._at}")
            if stack:
                stack[-1][0].append(value)
            return value

    def _next(self) -> tuple[bytes | None, bytes | None, bytes | None]:
        token = _TOKEN.match(self._body, self._at)
        if token is None:
            raise WireError(f"not JSON at byte {self._at}")
        self._at = token.end()
        mark, string, scalar = token.groups()
        return mark, string, scalar

    def _mark(self, allowed: bytes) -> bytes:
        mark, _, _ = self._next()
        if mark is None or mark not in allowed:
            raise WireError(f"expected one of {allowed!r} at byte {self._at}")
        return mark

    def _closes(self, bracket: bytes) -> bool:
        at = _SPACE.match(self._body, self._at).end()  # type: ignore[union-attr]
        if self._body[at : at + 1] != bracket:
            return False
        self._at = at + 1
        return True

    def _key(self) -> str:
        _, string, _ = self._next()
        if string is None:
            raise WireError(f"expected a key at byte {self._at}")
        key = self._keys.get(string)
        if key is None:
            key = self._keys[string] = _decoded(string)
        self._mark(b":")
        return key


def _closed(values: list[Any], keys: list[Any] | None) -> Any:
    if keys is None:
        return values
    closed = dict(zip(keys, values, strict=True))
    return closed if len(closed) == len(keys) else Opaque()
