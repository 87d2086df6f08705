"""An agent: it asks, uses its tools when the model wants it to, and keeps the history. And the
model's side: replies one after another, each of which may look at what was sent."""

import http.client
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from dialect_parts import Call, Dialect, Heard
from materials import MATERIALS, given

from headroom.markers import TOOL_NAME, omissions
from headroom.wire import json_spans
from scripted_upstream import Reply, Request, ToolCall

Step = Reply | Callable[[Request], Reply]
_MARK = re.compile(rb',"cache_control":\{"type":"ephemeral"\}')


class HttpError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"{status} {body[:300]!r}")
        self.status, self.headers, self.body = status, headers, body


@dataclass
class Agent:
    """One session. `tools` are the names of its own, `use` runs them; `before` is called before
    every request; `heard` is every answer so far."""

    dialect: Dialect
    url: str
    tools: Sequence[str] = tuple(MATERIALS)
    streamed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    history: list[Any] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    use: Callable[[str, dict[str, Any]], str] = given
    before: Callable[[], None] = lambda: None

    def ask(self, text: str) -> Heard:
        """A person's words, and all that follows until the model is done."""
        self.history.append(self.dialect.asked(text))
        heard = self.send()
        while heard.calls:
            self.answer(heard.calls)
            heard = self.send()
        return heard

    def answer(self, calls: Sequence[Call]) -> None:
        """The results of its own tools."""
        outputs = [self.use(call.name, call.arguments) for call in calls]
        self.history += self.dialect.answered(calls, outputs)

    def send(self) -> Heard:
        """One request with the history so far; the answer goes into it."""
        heard = self.repeat(self.streamed)
        self.heard.append(heard)
        self.history += heard.said
        return heard

    def repeat(self, streamed: bool) -> Heard:
        """One request with the history so far, and nothing kept of the answer."""
        self.before()
        body = self.dialect.body(self.history, self.tools, streamed)
        data = post(self.url, self.dialect.path(streamed), body, self.headers)
        return self.dialect.stream(data) if streamed else self.dialect.whole(json.loads(data))


def post(url: str, path: str, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """The body of the answer.

    Raises:
        HttpError: its status is no success.
    """
    data = body if isinstance(body, bytes) else compact(body)
    status, got, answer = exchange(url, path, data, headers or {})
    if status != 200:
        raise HttpError(status, got, answer)
    return answer


def exchange(
    url: str, path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers (names in lower case) and body of the answer to a POST."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request("POST", path, body, {"content-type": "application/json", **headers})
        answer = connection.getresponse()
        got = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, got, answer.read()
    finally:
        connection.close()


def compact(body: Any) -> bytes:
    """A body as agents spell it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def sent(request: Request, dialect: Dialect) -> list[bytes]:
    """The items of a request's history as their bytes, without cache marks."""
    tree = json_spans.parse(request.body)
    return [_MARK.sub(b"", request.body[at.start : at.end]) for at in tree[dialect.key]]


def goes_on(earlier: Sequence[bytes], later: Sequence[bytes]) -> bool:
    """Whether a history is the beginning of another, byte for byte."""
    return list(later[: len(earlier)]) == list(earlier)


def using(name: str, seed: int = 0, at: int = 0, **more: Any) -> Reply:
    """The model calls a tool of the client's; `at` tells calls apart that are the same."""
    call = ToolCall(name, {"seed": seed}, id=f"call_{name}_{seed}_{at}")
    return Reply(tool_calls=[call], **more)


def refs(request: Request) -> list[str]:
    """The refs of all markers in a request's tool results, in order."""
    found = (omission.ref for result in request.results for omission in omissions(result))
    return list(dict.fromkeys(found))


def retrieving(at: int = 0, *, text: str = "", beside: Sequence[ToolCall] = (), **narrow: Any):
    """The model asks for what the marker at place `at` stands for."""

    def reply(request: Request) -> Reply:
        call = ToolCall(
            TOOL_NAME, {"ref": refs(request)[at], **narrow}, id=f"hidden_{at}_{len(request.body)}"
        )
        return Reply(text=text, tool_calls=[call, *beside])

    return reply


def model(*steps: Step) -> Callable[[Request], Reply]:
    """A script: the steps one after another, the last for ever."""
    ahead: Iterator[Step] = iter(steps)
    last: list[Step] = []

    def reply(request: Request) -> Reply:
        last[:] = [next(ahead, last[0] if last else Reply(text="Done."))]
        step = last[0]
        return step(request) if callable(step) else step

    return reply
