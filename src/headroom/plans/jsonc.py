"""JSON with comments, edited in place: every comment, comma and space that is not ours stays.

A value is read with the places of all its members; an edit is text put between two of them. This
file knows no files.
"""

import json
import re
from dataclasses import dataclass, field

from headroom.plans._api import KeyChange, Unreadable, Value

_TOKEN = re.compile(
    r'(?P<space>[\s﻿]+|//[^\n\r]*|/\*.*?\*/)|(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")'
    r'|(?P<mark>[{}\[\],:])|(?P<word>[^\s{}\[\],:"/]+)',
    re.DOTALL,
)
_DEEPEST = 100
_UNIT = "  "


@dataclass(slots=True)
class _Node:
    """A value and where it stands; `members` are those of an object or a list."""

    start: int
    end: int = 0
    value: Value = None
    members: "list[_Member]" = field(default_factory=list)

    def find(self, key: str) -> "_Member | None":
        return next((member for member in self.members if member.key == key), None)


@dataclass(slots=True)
class _Member:
    """One member of an object (of a list without `key`); `start` is where its key begins, `comma`
    the place behind the comma that follows, 0 without one."""

    key: str | None
    start: int
    node: _Node
    comma: int = 0


class JsonEditor:
    """Edits of JSON texts, by key."""

    def read(self, text: str) -> Value:
        """What the file says; an empty one says `{}`."""
        return _Reader(text).run().value if text.strip() else {}

    def put(self, text: str, change: KeyChange) -> str:
        """The text with the change made."""
        if not text.strip():
            text = "{}\n"
        root = _Reader(text).run()
        node = root
        for depth, key in enumerate(change.keys):
            if not isinstance(node.value, dict):
                raise Unreadable(f"{'.'.join(change.keys[:depth]) or 'the file'} is no object")
            member = node.find(key)
            if member is None:
                value = [change.value] if change.append else change.value
                for name in reversed(change.keys[depth + 1 :]):
                    value = {name: value}
                return _inserted(text, node, key, value)
            node = member.node
        if not change.append:
            # One that says the same keeps how it is written.
            if node.value == change.value and type(node.value) is type(change.value):
                return text
            return text[: node.start] + _written(text, node.start, change.value) + text[node.end :]
        if not isinstance(node.value, list):
            raise Unreadable(f"{change.name} is no list")
        if change.value in node.value:
            return text
        return _inserted(text, node, None, change.value)

    def drop(self, text: str, change: KeyChange) -> str:
        """The text without what the change put there."""
        node = _Reader(text).run()
        for key in change.keys[: None if change.append else -1]:
            member = node.find(key)
            if member is None:
                return text
            node = member.node
        for at, member in enumerate(node.members):
            found = (
                member.node.value == change.value
                if change.append
                else member.key == change.keys[-1]
            )
            if found:
                return _without(text, node, at)
        return text


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def run(self) -> _Node:
        node = self._value(*self._next())
        kind, said, start = self._next()
        if kind:
            raise self._wrong(said, start)
        return node

    def _next(self) -> tuple[str, str, int]:
        """The next token's kind, its text and its place; all empty at the end."""
        while self._at < len(self._text):
            token = _TOKEN.match(self._text, self._at)
            if token is None:
                raise self._wrong(self._text[self._at], self._at)
            self._at = token.end()
            if token.lastgroup != "space":
                return str(token.lastgroup), token[0], token.start()
        return "", "", len(self._text)

    def _value(self, kind: str, said: str, start: int) -> _Node:
        if said in ("{", "["):
            return self._container(said, start)
        if kind not in ("string", "word"):
            raise self._wrong(said, start)
        return _Node(start, self._at, self._scalar(said, start))

    def _scalar(self, said: str, start: int) -> Value:
        try:
            value: Value = json.loads(said)
        except ValueError:
            raise self._wrong(said, start) from None
        return value

    def _container(self, bracket: str, start: int) -> _Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable(f"nested deeper than {_DEEPEST}")
        node, keyed = _Node(start), bracket == "{"
        closing = "}" if keyed else "]"
        kind, said, at = self._next()
        while said != closing or kind != "mark":
            member = self._member(node, keyed, (kind, said, at))
            node.members.append(member)
            kind, said, at = self._next()
            if said == "," and kind == "mark":
                member.comma = self._at
                kind, said, at = self._next()
            elif said != closing:
                raise self._wrong(said, at)
        node.end = self._at
        values = [member.node.value for member in node.members]
        named = zip([str(member.key) for member in node.members], values, strict=True)
        node.value = dict(named) if keyed else values
        self._depth -= 1
        return node

    def _member(self, node: _Node, keyed: bool, token: tuple[str, str, int]) -> _Member:
        kind, said, start = token
        if not keyed:
            return _Member(None, start, self._value(*token))
        if kind != "string":
            raise self._wrong(said, start)
        key = str(self._scalar(said, start))
        if node.find(key):
            raise Unreadable(f"{self._where(start)} names {key!r} a second time")
        colon = self._next()
        if colon[1] != ":":
            raise self._wrong(colon[1], colon[2])
        return _Member(key, start, self._value(*self._next()))

    def _wrong(self, said: str, start: int) -> Unreadable:
        found = repr(said[:20]) if said else "the end"
        return Unreadable(f"not JSON: {self._where(start)} has {found}")

    def _where(self, start: int) -> str:
        return f"line {self._text.count(chr(10), 0, start) + 1}"


def _inserted(text: str, node: _Node, key: str | None, value: Value) -> str:
    """One more member, last, laid out as its neighbours are."""
    if not node.members:
        return _first(text, node, key, value)
    last = node.members[-1]
    start = last.comma or last.node.end
    end = start + len(_rest_of_line(text[start : node.end - 1]))
    if "\n" not in text[node.start : last.start]:
        new = f" {_named(key, json.dumps(value, ensure_ascii=False))}"
        return text[:start] + ("" if last.comma else ",") + new + text[start:]
    indent = _indent(text, last.start)
    new = f"{_newline(text)}{indent}{_named(key, _laid_out(text, indent, value))}"
    if last.comma:
        return text[:end] + new + "," + text[end:]
    return text[:start] + "," + text[start:end] + new + text[end:]


def _first(text: str, node: _Node, key: str | None, value: Value) -> str:
    if "\n" not in text.strip() and text.strip() != "{}":
        new = _named(key, json.dumps(value, ensure_ascii=False))
        return text[: node.end - 1].rstrip() + new + text[node.end - 1 :]
    newline, outer = _newline(text), _indent(text, node.start)
    indent = outer + _unit(text)
    inside = text[node.start + 1 : node.end - 1].rstrip()
    new = f"{newline}{indent}{_named(key, _laid_out(text, indent, value))}{newline}{outer}"
    return text[: node.start + 1] + inside + new + text[node.end - 1 :]


def _without(text: str, node: _Node, at: int) -> str:
    """Without one member and the comma that is then too many. Lines it had alone go with it."""
    member = node.members[at]
    start, end = member.start, member.comma or member.node.end
    if not member.comma and at:
        before = node.members[at - 1]
        cut = before.comma - 1
        kept = text[before.comma : start]
        if not kept.strip():
            return text[:cut] + text[end:]
        kept, rest = kept.rstrip(), text[end:]
        if "//" in kept[kept.rfind("\n") + 1 :] and rest.lstrip(" \t")[:1] not in ("\n", "\r"):
            kept += _newline(text)
        return text[:cut] + kept + rest
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip() == "" and line > node.start:
        return text[: len(text[:line].rstrip(" \t\r\n"))] + text[end:]
    return text[:start] + text[end:].lstrip(" \t")


def _rest_of_line(text: str) -> str:
    """The spaces and comments that belong to what stands before them on its line."""
    rest = re.match(r"(?:[ \t]*(?://[^\n\r]*|/\*[^\n\r]*?\*/))*", text)
    return rest[0] if rest else ""


def _named(key: str | None, value: str) -> str:
    return value if key is None else f"{json.dumps(key, ensure_ascii=False)}: {value}"


def _written(text: str, start: int, value: Value) -> str:
    return _laid_out(text, _indent(text, start), value)


def _laid_out(text: str, indent: str, value: Value) -> str:
    """A value over several lines, of which all but the first begin with `indent`."""
    lines = json.dumps(value, ensure_ascii=False, indent=_unit(text)).split("\n")
    return f"{_newline(text)}{indent}".join(lines)


def _indent(text: str, at: int) -> str:
    line = text.rfind("\n", 0, at) + 1
    found = re.match(r"[ \t]*", text[line:at])
    return found[0] if found else ""


def _unit(text: str) -> str:
    return min(re.findall(r'\n([ \t]+)"', text), key=len, default=_UNIT)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
