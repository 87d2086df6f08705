"""The same scene played two ways, straight at the scripted upstream and through the proxy, and what
is held against each other."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client_scenes import FACT, RARE, busy_reader, log_reader, reader

from headroom.markers import TOOL_NAME, omissions
from running import proxied
from scripted_upstream import Request, Script, in_thread

_MOVING = {
    "accept-encoding",
    "amz-sdk-invocation-id",
    "authorization",
    "connection",
    "content-length",
    "host",
    "x-amz-content-sha256",
    "x-amz-date",
}
_HISTORIES = ("messages", "input", "contents")
_TOOLS = ("tools", "toolConfig")


def _as_it_is(history: Any) -> Any:
    return history


@dataclass(frozen=True, slots=True)
class Run:
    """One way: what the client got, and what upstream got."""

    outcome: Any
    requests: list[Request]

    @property
    def asked(self) -> list[Request]:
        """The requests with a body."""
        return [request for request in self.requests if request.body]


@dataclass(frozen=True, slots=True)
class Twice:
    """`twice(script, play)` calls `play` with two addresses, each before a fresh upstream with
    the same script, and wants the same outcome of both."""

    folder: Path

    def __call__(self, script: Script, play: Callable[[str], Any]) -> tuple[Run, Run]:
        with in_thread(script) as upstream:
            straight = Run(play(upstream.url), upstream.requests)
        with in_thread(script) as upstream, proxied(upstream.url, self.folder) as proxy:
            through = Run(play(proxy.url), upstream.requests)
        assert through.outcome == straight.outcome
        return straight, through

    def unedited(self, script: Script, play: Callable[[str], Any]) -> Run:
        """The same where nothing is to be edited: upstream hears the very same."""
        straight, through = self(script, play)
        assert [heard(request) for request in through.requests] == [
            heard(request) for request in straight.requests
        ]
        return through

    def offered(self, script: Script, play: Callable[[str], Any]) -> Run:
        """The same where nothing but the tool is to be added."""
        straight, through = self(script, play)
        assert [without_tool(request.json) for request in through.requests] == [
            request.json for request in straight.requests
        ]
        assert all(TOOL_NAME in request.tools for request in through.asked)
        return through

    def compressed(self, play: Callable[[str], Any]) -> Run:
        """An agent reads the log once: upstream hears a short one, the client the same answers."""
        straight, through = self(log_reader, play)
        assert RARE in str(through.outcome[-1])
        assert len(through.requests[1].body) < len(straight.requests[1].body) / 4
        assert omissions(through.requests[1].results[0])
        return through

    def retrieved(
        self,
        talk: Callable[[str], Any],
        said: Callable[[Any], Sequence[Any]],
        *,
        model: Script = reader,
        plainly: Callable[[Any], Any] = _as_it_is,
    ) -> Run:
        """An agent asked twice, whose model looks for what was omitted alone: in one more request
        than straight, and what `talk` got does not show it. `said` is what was said in that."""
        shown: list[str] = []
        straight, through = self(model, _overheard(talk, said, shown))
        assert FACT in through.outcome[-1]
        assert FACT not in through.requests[1].results[0]
        assert TOOL_NAME not in shown[1]
        assert len(through.requests) == len(straight.requests) + 1
        extends(through.requests, plainly)
        return through

    def joined(
        self,
        talk: Callable[[str], Any],
        said: Callable[[Any], Sequence[Any]],
        *,
        model: Script = busy_reader,
        plainly: Callable[[Any], Any] = _as_it_is,
    ) -> Run:
        """The same where the model looks beside calls of the client's tool: the result is in the
        client's next request. What is said last is the same both ways."""
        shown: list[str] = []
        _, through = self(model, _overheard(talk, lambda got: said(got)[-1], shown))
        assert FACT in through.outcome
        assert TOOL_NAME not in shown[1]
        assert len(through.requests[2].results) == 3
        extends(through.requests, plainly)
        return through


def _overheard(
    talk: Callable[[str], Any], said: Callable[[Any], Any], shown: list[str]
) -> Callable[[str], Any]:
    """What was said in a talk; all that the client got in it goes to `shown`."""

    def play(url: str) -> Any:
        got = talk(url)
        shown.append(str(got))
        return said(got)

    return play


def extends(requests: Sequence[Request], plainly: Callable[[Any], Any]) -> None:
    """Every request begins with the history of the one before it, under the same tools."""
    for earlier, later in itertools.pairwise(requests):
        key = next(name for name in _HISTORIES if name in earlier.json)
        before = earlier.json[key]
        assert plainly(later.json[key][: len(before)]) == plainly(before)
        tools = next(name for name in _TOOLS if name in earlier.json)
        assert later.json[tools] == earlier.json[tools]


def heard(request: Request) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """All of a request that must cross the proxy unchanged, the headers in spelling and order."""
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in request.headers
        if name.decode("latin-1").lower() not in _MOVING
    ]
    return request.method, request.target, headers, request.body


def without_tool(body: Any) -> Any:
    """The body as it was before the retrieve tool was put into it."""
    if not isinstance(body, dict):
        return body
    if "toolConfig" in body:
        return {**body, "toolConfig": without_tool(body["toolConfig"])}
    if "tools" not in body:
        return body
    kept = [_declaring_less(tool) for tool in body["tools"] if not _is_ours(tool)]
    return {**body, "tools": kept}


def _is_ours(tool: dict[str, Any]) -> bool:
    inner = tool.get("function") or tool.get("toolSpec") or tool
    return inner.get("name") == TOOL_NAME


def _declaring_less(tool: dict[str, Any]) -> dict[str, Any]:
    """Google's tools are lists of functions."""
    return {
        key: [item for item in value if not _is_ours(item)]
        if key == "functionDeclarations"
        else value
        for key, value in tool.items()
    }
