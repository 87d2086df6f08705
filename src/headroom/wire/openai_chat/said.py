"""What the model says in one leg, gathered into the message that a request spells it as.

Pieces of a stream and a whole message are taken alike. Servers add fields of their own; those
that must go back with the next request (reasoning and its signatures) are kept as they came.
"""

from typing import Any

from headroom.markers import TOOL_NAME
from headroom.wire._api import Call
from headroom.wire.values import decoded

_KEPT = frozenset(("content", "refusal", "extra_content", "provider_specific_fields"))
_KEPT_STARTS = ("reasoning", "thinking")
_GROWING = ("text", "summary", "thinking")
_BODIES = {"function": "arguments", "custom": "input"}

Node = dict[str, Any]


def is_kept(key: str) -> bool:
    """Whether a message's field goes back to the model: its text and its reasoning."""
    return key in _KEPT or key.startswith(_KEPT_STARTS)


def word(node: Any, key: str) -> str:
    """The string under `key`, or empty."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def is_ours(call: Any) -> bool:
    """Whether a tool call is one of the retrieve tool."""
    return isinstance(call, dict) and word(call.get("function"), "name") == TOOL_NAME


class Said:
    """The fields of a message but its calls."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._lists: dict[str, list[Any]] = {}
        self._others: Node = {}

    def add(self, part: Node) -> None:
        """Take a delta, or a whole message."""
        for key, value in part.items():
            if not value:
                continue
            if key in self._texts and isinstance(value, str):
                self._texts[key].append(value)
            elif not is_kept(key):
                continue
            elif isinstance(value, str):
                self._texts[key] = [value]
            elif isinstance(value, list):
                grown = self._lists.setdefault(key, [])
                for item in value:
                    _grow(grown, item)
            else:
                self._others[key] = value

    def fields(self) -> Node:
        """What was said so far. A field that came as texts and as lists is its texts."""
        texts = {key: "".join(pieces) for key, pieces in self._texts.items()}
        return {**self._others, **self._lists, **texts}


def _grow(items: list[Any], new: Any) -> None:
    """Add `new`, or what it adds to the last item: texts grow until they are signed."""
    last = items[-1] if items else None
    if not (isinstance(last, dict) and isinstance(new, dict)) or not _goes_on(last, new):
        items.append(new)
        return
    grown = {key: word(last, key) + word(new, key) for key in _GROWING if key in new or key in last}
    items[-1] = {**last, **{key: value for key, value in new.items() if value}, **grown}


def _goes_on(last: Node, new: Node) -> bool:
    alike = all(last.get(key) == new.get(key) for key in ("type", "index"))
    grows = any(isinstance(new.get(key), str) for key in _GROWING)
    return alike and grows and not last.get("signature")


class SpokenCall:
    """One tool call as it is said: its name first, its arguments in pieces or at once.

    `waiting` are its items that came before its name, which tells whether the client sees them.
    """

    def __init__(self, index: int | None) -> None:
        self.index = index
        self.waiting: list[Node] = []
        self.id = ""
        self.name = ""
        self._kind = ""
        self._pieces: list[str] = []
        self._others: Node = {}

    @property
    def is_ours(self) -> bool:
        """Whether the client is not to see it."""
        return self.name == TOOL_NAME and self._kind == "function"

    def add(self, item: Node) -> None:
        """Take a delta's item, or a whole call."""
        self.id = self.id or word(item, "id")
        for key, value in item.items():
            if key in _BODIES and isinstance(value, dict):
                self._kind = self._kind or key
                self.name = self.name or word(value, "name")
                self._pieces.append(word(value, _BODIES[key]))
            elif value and key not in ("index", "id", "type", *_BODIES):
                self._others[key] = value

    def released(self) -> list[Node]:
        """The items that waited, once."""
        released, self.waiting = self.waiting, []
        return released

    def call(self) -> Call:
        """The call with its arguments read."""
        arguments = decoded("".join(self._pieces).encode("utf-8", "replace"))
        return Call(self.id, arguments if isinstance(arguments, dict) else {})

    def as_json(self) -> Node:
        """The call as a request spells it."""
        kind = self._kind or "function"
        body = {"name": self.name, _BODIES[kind]: "".join(self._pieces)}
        return {"id": self.id, "type": kind, kind: body, **self._others}
