"""JSON read with positions, so that one part can be replaced and no other byte changes.

`parse` gives dicts and lists which know their byte span, as their strings do. A number too long
to be one stays as its bytes. Nesting costs no recursion. An object that names a key twice is
opaque (readers differ on which one counts), so nothing inside it is ever edited.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from headroom.edits import Edit
from headroom.errors import WireError

MAX_DEPTH = 1_000

_TOKEN = re.compile(
    rb"[ \t\n\r]*([{}\[\],:]|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)"
)
_SPACES = b" \t\n\r"
_WORDS = {b"true": True, b"false": False, b"null": None}
_MANY = 64


class Text(str):
    """A decoded JSON string that knows the bytes it was read from, quotes included."""

    __slots__ = ("end", "start")
    start: int
    end: int


class Array(list[Any]):
    """A list that knows the bytes it was read from, brackets included. `noted` is room for what
    a reader works out of it once: the trees of growing bodies share what they begin with."""

    __slots__ = ("end", "noted", "start")
    start: int
    end: int
    noted: Any


class Object(dict[str, Any]):
    """A dict that knows the bytes it was read from, braces included."""

    __slots__ = ("end", "start")
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes `start` to `end` of a body, and what takes their place."""

    start: int
    end: int
    new: bytes


class Opaque:
    """An object whose meaning is not certain; nothing in it is read or edited."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a body where reading can go on: behind item `items` of the list that is value
    `values` of the outermost object. `end` is the byte there."""

    end: int
    values: int
    items: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A body with the value in it; `marks` are in the order of the body."""

    body: bytes
    value: Any
    marks: Sequence[Mark]

    def shared_with(self, body: bytes) -> Mark | None:
        """The last mark up to which `body` is the same."""
        found = bisect_left(
            self.marks, True, key=lambda mark: body[: mark.end] != self.body[: mark.end]
        )
        return self.marks[found - 1] if found else None


def parse(body: bytes) -> Any:
    """The value in `body`: dicts, lists, `Text`, bool, None, `Opaque`, and numbers.

    Raises:
        WireError: `body` is not JSON, or nests deeper than `MAX_DEPTH`.
    """
    return _Parser(body).run()


def parsed(body: bytes, earlier: Parsed | None = None, since: Mark | None = None) -> Parsed:
    """The same, to be gone on from: with `earlier`, all before its mark `since` is taken from
    it, and shared.

    Raises:
        WireError: as `parse`.
    """
    parser = _Parser(body)
    if earlier is not None and since is not None:
        parser.resume(earlier, since)
    value = parser.run()
    return Parsed(body, value, parser.marks)


def splice(body: bytes, edits: Sequence[Edit]) -> bytes:
    """`body` with the string at each edit's path replaced by the edit's text.

    Raises:
        WireError: a path leads to no string, or to another text than the edit expects.
    """
    return spliced(body, splices(parse(body), edits))


def splices(tree: Any, edits: Iterable[Edit]) -> list[Splice]:
    """Where in the bytes that `tree` was read from each edit's text goes.

    Raises:
        WireError: a path leads to no string, or to another text than the edit expects.
    """
    return [Splice(*_find(tree, edit), encoded(edit.after)) for edit in edits]


def spliced(body: bytes, changes: Iterable[Splice]) -> bytes:
    """`body` with every splice made. At one place, insertions come in the order given, before
    what is replaced there.

    Raises:
        WireError: two splices overlap.
    """
    parts: list[bytes] = []
    at = 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        if change.start < at:
            raise WireError(f"two changes overlap at byte {change.start}")
        parts += (body[at : change.start], change.new)
        at = change.end
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
        text: str = orjson.loads(raw)
    except orjson.JSONDecodeError as refused:
        if b"\\" not in raw:
            raise WireError(f"not a string: {refused}") from refused
        try:
            text = json.loads(raw)
        except ValueError as error:
            raise WireError(f"not a string: {error}") from error
    return text


def _number(raw: bytes) -> int | float | bytes:
    if len(raw) > 40:
        return raw
    return int(raw) if raw.lstrip(b"-").isdigit() else float(raw)


# What may come next.
_VALUE, _ITEM, _KEY, _NAME, _COLON, _NEXT, _END = range(7)
"""_ITEM and _NAME: a value or a key, or the end of the container that has just begun."""

_IN_A_LIST = 2
"""How many containers are around the items of a list in the outermost one."""

_Open = tuple[list[Any], list[str] | None, int]
"""A container being read: its values, the keys if it is an object, where it began."""
_Tokens = Iterable[tuple[bytes, int]]


class _Parser:
    """One pass over the strings and over what stands between them, with a stack of the containers
    around the one being read."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._around: list[_Open] = []
        self._values: list[Any] = []
        self._keys: list[str] | None = None
        self._start = 0
        self._want = _VALUE
        self._known_keys: dict[bytes, str] = {}
        self._known_tokens: dict[bytes, _Tokens] = {}
        self._begin = 0
        self.marks: list[Mark] = []

    def resume(self, earlier: Parsed, mark: Mark) -> None:
        """Begin behind a mark of an earlier body that is the same up to there."""
        whole, keys = earlier.value, list(earlier.value)[: mark.values + 1]
        listed = whole[keys[-1]]
        outer = (list(whole.values())[: mark.values], keys, whole.start)
        self._around = [([], None, 0), outer]
        self._values, self._keys, self._start = listed[: mark.items], None, listed.start
        self._want, self._begin = _NEXT, mark.end
        self.marks = [known for known in earlier.marks if known.end <= mark.end]

    def run(self) -> Any:
        # With escapes blotted out, every quote left begins or ends a string.
        body = self._body[self._begin :]
        pieces = body.replace(b"\\\\", b"__").replace(b'\\"', b"__").split(b'"')
        if len(pieces) % 2 == 0:
            raise WireError("a string does not end")
        at = self._begin
        for between, inside in zip(pieces[::2], pieces[1::2], strict=False):
            start = at + len(between)
            # Nearly all that stands between strings.
            if between == b":" and self._want == _COLON:
                self._want = _VALUE
            elif between == b"," and self._want == _NEXT:
                self._want = _VALUE if self._keys is None else _KEY
            else:
                self._read(between, at)
            at = start + len(inside) + 2
            self._string(start, at)
        self._read(pieces[-1], at)
        if self._want != _END:
            raise WireError("the text ends too early")
        return self._values[0]

    def _string(self, start: int, end: int) -> None:
        raw, want = self._body[start:end], self._want
        if want <= _ITEM:
            value = Text(_decoded(raw))
            value.start, value.end = start, end
            self._values.append(value)
            self._want = _NEXT if self._around else _END
        elif want <= _NAME and self._keys is not None:
            key = self._known_keys.get(raw)
            if key is None:
                key = self._known_keys[raw] = _decoded(raw)
            self._keys.append(key)
            self._want = _COLON
        else:
            raise WireError(f"unexpected string at byte {start}")

    def _read(self, between: bytes, at: int) -> None:
        """Read what stands between two strings: brackets, marks, numbers and words."""
        tokens = self._known_tokens.get(between)
        if tokens is None:
            tokens = _tokens(between, at)
            if len(between) < _MANY:
                tokens = self._known_tokens[between] = tuple(tokens)
        for token, end in tokens:
            if token in (b"{", b"["):
                self._open(token, at + end)
            elif token in (b"}", b"]"):
                self._close(token, at + end)
            elif token == b":" and self._want == _COLON:
                self._want = _VALUE
            elif token == b"," and self._want == _NEXT:
                self._want = _VALUE if self._keys is None else _KEY
            elif token not in (b":", b",") and self._want <= _ITEM:
                self._values.append(_WORDS[token] if token in _WORDS else _number(token))
                self._want = _NEXT if self._around else _END
            else:
                raise WireError(f"unexpected {token[:9]!r} before byte {at + end}")

    def _open(self, bracket: bytes, end: int) -> None:
        if self._want > _ITEM:
            raise WireError(f"unexpected {bracket!r} at byte {end - 1}")
        if len(self._around) >= MAX_DEPTH:
            raise WireError(f"nested deeper than {MAX_DEPTH}")
        self._around.append((self._values, self._keys, self._start))
        is_object = bracket == b"{"
        self._values, self._keys, self._start = [], [] if is_object else None, end - 1
        self._want = _NAME if is_object else _ITEM

    def _close(self, bracket: bytes, end: int) -> None:
        fits = (bracket == b"]") == (self._keys is None)
        if not fits or not self._around or self._want not in (_ITEM, _NAME, _NEXT):
            raise WireError(f"unexpected {bracket!r} at byte {end - 1}")
        value = _closed(self._values, self._keys, self._start, end)
        self._values, self._keys, self._start = self._around.pop()
        self._values.append(value)
        self._want = _NEXT if self._around else _END
        if len(self._around) == _IN_A_LIST and self._keys is None:
            self.marks.append(Mark(end, len(self._around[1][0]), len(self._values)))


def _tokens(between: bytes, at: int) -> Iterator[tuple[bytes, int]]:
    """The tokens of what holds no strings, each with where it ends."""
    end, stop = 0, len(between.rstrip(_SPACES))
    while end < stop:
        token = _TOKEN.match(between, end)
        if token is None:
            raise WireError(f"not JSON at byte {at + end}")
        end = token.end()
        yield token[1], end


def _closed(values: list[Any], keys: list[str] | None, start: int, end: int) -> Any:
    closed: Array | Object
    if keys is None:
        closed = Array(values)
    else:
        closed = Object(zip(keys, values, strict=True))
        if len(closed) != len(keys):
            return Opaque()
    closed.start, closed.end = start, end
    return closed
