"""What all SDKs' tests share: the two ways, what is compared, and the things that agents read."""

import asyncio
import contextlib
import functools
import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from headroom import settings
from headroom.markers import TOOL_NAME, omissions
from headroom.proxy import create_app
from headroom.proxy.connection import ClientProtocol, ServerConfig
from scripted_upstream import Reply, Request, Script, ToolCall, in_thread

KEY = "sk-not-a-key"
QUESTION = "Did the service start, and is anything wrong with it?"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LOG_LINES = 680
FACT = "request 700413 of user 313 served in 77 ms"
RARE = "pool: max_connections changed from 100 to 10 by deploy-bot"
FOLLOW_UP = "And what else?"
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


@functools.cache
def log() -> str:
    """A server's log of about 20,000 tokens; one line tells all, and one holds `FACT`."""
    lines = []
    for number in range(LOG_LINES):
        served = f"request {number * 7919 % 600_000} of user {number * 31 % 300} served in"
        lines.append(f"http: {served} {number * 13 % 76} ms")
    lines[613] = RARE
    lines[350] = f"http: {FACT}"
    stamp = "2026-03-01 10:{:02d}:{:02d} INFO  "
    return "\n".join(stamp.format(n // 60, n % 60) + line for n, line in enumerate(lines))


def reader(request: Request) -> Reply:
    """A model that reads the log by a tool of the client, and looks for `FACT` until it has it."""
    return _seeker(request, beside=False)


def busy_reader(request: Request) -> Reply:
    """The same, but it asks for what was omitted beside another call of the client's tool."""
    return _seeker(request, beside=True)


def _seeker(request: Request, *, beside: bool) -> Reply:
    results = request.results
    if not results:
        return Reply(text="I read the log.", tool_calls=[ToolCall("read_log", {"name": "app"})])
    if any(FACT in result for result in results):
        return Reply(text=f"Found: {FACT}.")
    if len(results) > 4:
        return Reply(text="I could not find it.")
    refs = [found.ref for found in omissions(results[0])]
    calls = [ToolCall(TOOL_NAME, {"ref": refs[0], "match": "request 700413 "})] if refs else []
    if beside:
        calls.append(ToolCall("read_log", {"name": "small"}))
    return Reply(thinking="Something is left out.", tool_calls=calls)


def tool_output(name: str) -> str:
    """What the client's own tool gives."""
    return log() if name == "app" else "nothing here"


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
        with in_thread(script) as upstream, proxied(upstream.url, self.folder) as url:
            through = Run(play(url), upstream.requests)
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


@contextlib.contextmanager
def proxied(upstream: str, folder: Path) -> Iterator[str]:
    """A proxy with its own store before `upstream`; its address."""
    names = ("ANTHROPIC", "OPENAI", "CHATGPT", "GEMINI", "BEDROCK")
    environ = {f"HEADROOM_{name}_UPSTREAM": upstream for name in names}
    environ |= {"HEADROOM_HOME": str(folder / "proxy"), "HEADROOM_DEADLINE_MS": "60000"}
    chosen = settings.load(environ, folder)
    listening = socket.create_server(("127.0.0.1", 0))
    server = _Server(
        ServerConfig(
            create_app(chosen),
            http=ClientProtocol,
            ws="websockets-sansio",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
        )
    )
    thread = threading.Thread(target=server.run, args=([listening],), name="proxy")
    thread.start()
    try:
        assert server.ready.wait(10), "the proxy did not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.leave()
        thread.join()
        listening.close()


class _Server(uvicorn.Server):
    """Says when it listens, and ends at once when it is told to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._left = asyncio.Event()
        self.ready.set()

    async def main_loop(self) -> None:
        await self._left.wait()

    def leave(self) -> None:
        self._loop.call_soon_threadsafe(self._left.set)


def without(value: Any, *names: str) -> Any:
    """`value` without the fields called so, wherever they stand."""
    if isinstance(value, Mapping):
        return {key: without(item, *names) for key, item in value.items() if key not in names}
    if isinstance(value, (list, tuple)):
        return [without(item, *names) for item in value]
    return value


def packed(body: bytes) -> bytes:
    """`body` in gzip, the same every time."""
    return gzip.compress(body, mtime=0)
