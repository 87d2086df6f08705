"""What a script is made of: requests as they came, replies as they are to be given.

Plain values. How an API spells them is its own module's matter.
"""

import asyncio
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

CREATED = 1_767_225_600
"""The time that every reply bears: seconds since 1970."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model makes. Without an `id` it gets one that is made of what it says;
    `freeform` is the input of a tool that takes bare text."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    freeform: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """How an answer breaks, after `after` events (of a body: half of it).

    reset: the connection is torn down before a status is sent. cut: it is closed. half: it is
    closed in the middle of the next event. malformed: the next event is not JSON. error: the
    API's own error event comes, and then the end.
    """

    kind: Literal["reset", "cut", "half", "malformed", "error"]
    after: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing more is sent after `after` events until `until` is set."""

    until: asyncio.Event
    after: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says: thinking, text, calls, and `more` texts and calls in that order.

    `stop` is the API's own word for why it stopped, `usage` overrides fields of the API's usage.
    Another `status` than 200 makes it an error with `text` as its message. `body` is sent in
    place of all that. `delta` is how many characters one event carries, `write` how many bytes
    one write does (0: an event each), `coding` how the body is coded where the client accepts it.
    """

    text: str = ""
    thinking: str = ""
    tool_calls: Sequence[ToolCall] = ()
    more: Sequence[str | ToolCall] = ()
    stop: str = ""
    usage: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delta: int = 24
    write: int = 0
    coding: Literal["", "gzip", "zstd"] = ""
    fault: Fault | None = None
    hold: Hold | None = None

    @property
    def parts(self) -> list[str | ToolCall]:
        """Texts and calls in the order in which they are said."""
        text = [self.text] if self.text else []
        return [*text, *self.tool_calls, *self.more]

    @property
    def calls(self) -> list[ToolCall]:
        """Every call."""
        return [part for part in self.parts if isinstance(part, ToolCall)]

    def deltas(self, text: str) -> list[str]:
        """`text` as events carry it."""
        return [text[at : at + self.delta] for at in range(0, len(text), self.delta)]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came. `api` says in a word whose shape it has, `json` is its body unpacked
    and decoded (None where it is none), `target` the path with the query, both still encoded."""

    number: int
    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    api: str = "other"
    json: Any = None
    on_socket: bool = False

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str:
        """The first value of a header, whatever its spelling; empty without one."""
        for key, value in self.headers:
            if key.decode("latin-1").lower() == name:
                return value.decode("latin-1")
        return ""

    @property
    def tools(self) -> list[str]:
        """The names of the tools on offer, in order."""
        return list(_tool_names(self.json)) if isinstance(self.json, dict) else []

    @property
    def results(self) -> list[str]:
        """The text of every tool result in the conversation, in order."""
        return list(_results(self.json))


Script = Sequence[Reply] | Callable[[Request], Reply]
"""The n-th reply for the n-th request that wants one (the last goes on), or whatever a function
makes of the request."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply in an API's shape: the whole body, and the same as events with `frame` to write
    one of them. `error` is the event by which the API breaks a stream off."""

    whole: Any
    events: Sequence[tuple[str, Any]]
    frame: Callable[[str, Any], bytes]
    error: tuple[str, Any]
    content_type: str = "text/event-stream"


def compact(value: object) -> str:
    """JSON as providers write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def tokens(value: object) -> int:
    """A quarter of the bytes of the JSON of `value`."""
    return math.ceil(len(compact(value).encode("utf-8", "surrogatepass")) / 4)


def named(prefix: str, *what: object, size: int = 24) -> str:
    """An id made of what it names."""
    text = "\0".join(map(str, what)).encode("utf-8", "surrogatepass")
    return prefix + hashlib.sha256(text).hexdigest()[:size]


def call_id(prefix: str, request: Request, at: int, call: ToolCall) -> str:
    """The id of the call at place `at` of a reply."""
    return call.id or named(prefix, request.number, at, call.name)


def sse(name: str, data: object) -> bytes:
    """A server-sent event; `name` may be empty."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data if isinstance(data, str) else compact(data)}\n\n".encode()


def words(content: Any) -> str:
    """All text in a message's content, whatever its shape."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(words, content)))
    if isinstance(content, dict):
        return next((words(content[key]) for key in _TEXT_KEYS if content.get(key)), "")
    return ""


_TEXT_KEYS = ("text", "content", "output", "result", "parts", "response", "json")


def _tool_names(body: Mapping[str, Any]) -> Iterator[str]:
    for tool in body.get("tools") or (body.get("toolConfig") or {}).get("tools") or ():
        inner = tool.get("function") or tool.get("custom") or tool.get("toolSpec") or tool
        for each in (
            tool.get("functionDeclarations") or tool.get("function_declarations") or (inner,)
        ):
            yield each.get("name") or each.get("type", "")


def _results(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _results(item)
    elif isinstance(value, dict):
        kind = str(value.get("type", ""))
        if kind == "tool_result" or kind.endswith("_call_output") or value.get("role") == "tool":
            yield words(value.get("content", value.get("output")))
        elif "functionResponse" in value or "toolResult" in value:
            yield words(value.get("functionResponse", value.get("toolResult")))
        else:
            for item in value.values():
                yield from _results(item)
