"""A proxy that runs: in a thread of the test's process, or as the process that users start."""

import asyncio
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from headroom import settings
from headroom.proxy import create_app
from headroom.proxy.serving import configured
from headroom.settings import Settings

UPSTREAMS = ("anthropic", "openai", "chatgpt", "gemini", "bedrock")
STARTS_WITHIN = 30.0
ENDS_WITHIN = 30.0


class Proxy:
    """One in a thread. `stop` ends it as a signal would and may be called twice."""

    def __init__(self, chosen: Settings, now: Callable[[], float] = time.time) -> None:
        self.settings = chosen
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.app = create_app(chosen, now)
        self._server = _Server(configured(self.app, chosen.proxy))
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listening],), name="proxy"
        )
        self._thread.start()
        assert self._server.ready.wait(STARTS_WITHIN), "the proxy did not start"

    def ask_to_stop(self) -> None:
        """Begin the end; what runs is finished first."""
        self._server.leave()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.ask_to_stop()
        self._thread.join(ENDS_WITHIN)
        assert not self._thread.is_alive(), "the proxy does not end"
        self._listening.close()


class _Server(uvicorn.Server):
    """Says when it listens, and begins to end at once when it is told to."""

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
        """Safe in any thread, and as often as one likes."""
        with contextlib.suppress(RuntimeError):  # its loop is closed: it has left
            self._loop.call_soon_threadsafe(self._left.set)


def chosen_settings(upstream: str, folder: Path, **proxy: Any) -> Settings:
    """Settings with `upstream` as every provider's and the store under `folder`; keys of the
    `[proxy]` table by name (an upstream of its own as `openai_upstream=…`)."""
    values = {f"{name}_upstream": upstream for name in UPSTREAMS} | proxy
    (folder / "own.toml").touch()
    environ = {"HEADROOM_HOME": str(folder / "home"), "HEADROOM_CONFIG": str(folder / "own.toml")}
    return settings.load(environ, folder, {"deadline_ms": 60_000.0, **values})


@contextlib.contextmanager
def proxied(
    upstream: str, folder: Path, now: Callable[[], float] = time.time, **proxy: Any
) -> Iterator[Proxy]:
    """A proxy in a thread before `upstream`. `now` gives seconds since 1970."""
    running = Proxy(chosen_settings(upstream, folder, **proxy), now)
    try:
        yield running
    finally:
        running.stop()


@dataclass(slots=True)
class Process:
    """`headroom proxy` as a process; `said` is the file with what it wrote."""

    popen: subprocess.Popen[bytes]
    port: int
    said: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.said.read_text("utf-8", "replace")

    def terminate(self) -> None:
        self.popen.terminate()

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        self.popen.kill()
        self.popen.wait(ENDS_WITHIN)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return self.popen.wait(ENDS_WITHIN)


@contextlib.contextmanager
def process(
    upstream: str,
    folder: Path,
    *flags: str,
    environ: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Iterator[Process]:
    """`headroom proxy` before `upstream`, ready to serve; killed at the end if it still runs.
    `before` is called in the new process before it begins."""
    port = free_port()
    command = [sys.executable, "-m", "headroom", "proxy", "--port", str(port)]
    for name in UPSTREAMS:
        command += [f"--{name}-upstream", upstream]
    own = {"HEADROOM_HOME": str(folder / "home")}
    own |= {"HEADROOM_DEADLINE_MS": "60000", **(environ or {})}
    said = folder / f"said-{port}.txt"
    with said.open("wb") as output:
        popen = subprocess.Popen(
            [*command, *flags],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **own},
            cwd=folder,
            preexec_fn=before,
        )
    running = Process(popen, port, said)
    try:
        _await_listening(running)
        yield running
    finally:
        if popen.poll() is None:
            running.kill()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _await_listening(running: Process) -> None:
    """Tries until somebody answers `/ready`, a little apart."""
    never = threading.Event()
    for _ in range(int(STARTS_WITHIN / 0.02)):
        with contextlib.suppress(OSError):
            if exchange(running.port, b"GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n"):
                return
        assert running.popen.poll() is None, running.output
        never.wait(0.02)
    raise AssertionError(f"the proxy did not start:\n{running.output}")


def exchange(port: int, request: bytes, *, seconds: float = 30.0) -> bytes:
    """All bytes that a raw request gets, the connection being closed after it."""
    head, _, body = request.partition(b"\r\n\r\n")
    return sent_at_once(port, head + b"\r\nconnection: close\r\n\r\n" + body, seconds=seconds)


def sent_at_once(port: int, data: bytes, *, seconds: float = 30.0) -> bytes:
    """All bytes that come for these, on a connection that the proxy is to close."""
    with socket.create_connection(("127.0.0.1", port), seconds) as client:
        client.sendall(data)
        return rest_of(client)


def ask(
    port: int, method: str, target: str, *headers: bytes, body: bytes = b""
) -> tuple[bytes, list[bytes], bytes]:
    """Status line, header lines and body (without chunks) of what a raw request gets."""
    lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: localhost", *headers]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return answer_of(exchange(port, b"\r\n".join(lines) + b"\r\n\r\n" + body))


def answer_of(raw: bytes) -> tuple[bytes, list[bytes], bytes]:
    """An answer's bytes taken apart. A connection that is closed after it is no header here."""
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *headers = head.split(b"\r\n")
    chunked = b"transfer-encoding: chunked"
    kept = [line for line in headers if line not in (b"connection: close", chunked)]
    return status, kept, b"".join(_chunks(body)) if chunked in headers else body


def _chunks(body: bytes) -> Iterator[bytes]:
    size, _, rest = body.partition(b"\r\n")
    while size and (length := int(size, 16)):
        yield rest[:length]
        size, _, rest = rest[length + 2 :].partition(b"\r\n")


def until(client: socket.socket, mark: bytes) -> bytes:
    """What comes up to `mark`, which has to come."""
    held = b""
    while mark not in held:
        part = client.recv(1 << 16)
        assert part, f"the connection ended: {held!r}"
        held += part
    return held


def rest_of(client: socket.socket) -> bytes:
    """All that still comes until the other side closes or cuts the connection."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def silent(client: socket.socket) -> bool:
    """Whether nothing more waits to be read right now."""
    return not select.select([client], [], [], 0)[0]
