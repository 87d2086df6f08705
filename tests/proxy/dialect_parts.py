"""What the clients of all APIs have in common: what is heard, and how a stream is read.

The readers are strict: an answer whose numbers, ids or order do not fit together fails the test.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

SCHEMA = {"type": "object", "properties": {"seed": {"type": "integer"}}}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client's tool."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as a client understands it. `said` is what goes into its history."""

    text: str
    calls: tuple[Call, ...]
    said: list[Any]
    stop: str
    id: str = ""
    usage: dict[str, Any] = field(default_factory=dict)


class Dialect(Protocol):
    """One API, as its clients speak it. `key` names the history in a request, `spent` the output
    tokens in a usage."""

    name: str
    key: str
    spent: str

    def path(self, streamed: bool) -> str:
        """Where a request goes."""
        ...

    def body(self, history: Sequence[Any], tools: Sequence[str], streamed: bool) -> dict[str, Any]:
        """A request with this history."""
        ...

    def asked(self, text: str) -> Any:
        """A person's message."""
        ...

    def answered(self, calls: Sequence[Call], outputs: Sequence[str]) -> list[Any]:
        """The messages that give calls their results."""
        ...

    def whole(self, body: Any) -> Heard:
        """An answer in one piece."""
        ...

    def stream(self, data: bytes) -> Heard:
        """A stream that has ended."""
        ...

    def around(self, body: Any) -> Any:
        """What must stay the same beside the history: tools, system."""
        ...


def sse(data: bytes) -> list[Any]:
    """The events of a stream; a name that does not fit its event's type fails. `[DONE]` must be
    the last, if it comes."""
    events: list[Any] = []
    blocks = data.replace(b"\r\n", b"\n").split(b"\n\n")
    assert blocks.pop() == b"", "the stream ends inside an event"
    for block in blocks:
        fields = dict(line.split(b": ", 1) for line in block.split(b"\n"))
        said = fields.get(b"data", b"")
        assert not events or events[-1] != "[DONE]", "something follows the end"
        event = "[DONE]" if said == b"[DONE]" else json.loads(said)
        if b"event" in fields:
            assert event["type"] == fields[b"event"].decode()
        events.append(event)
    return events


def arguments_of(text: str) -> dict[str, Any]:
    """The arguments of a call as its pieces spell them."""
    found = json.loads(text or "{}")
    assert isinstance(found, dict)
    return found
