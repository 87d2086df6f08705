"""A long run of mixed requests, well and badly behaved, and whether the proxy grows by them.

    python -m benchmarks.soak --minutes 3

Sessions that grow, streams, retrievals, upstreams that break, clients that leave or never finish.
What the proxy's process holds is printed as it goes; what is compared is the middle and the end.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
import uvloop

from benchmarks.proxying import bodies
from headroom import settings
from headroom.markers import TOOL_NAME, omissions
from headroom.proxy import create_app, log
from headroom.proxy.serving import configured

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

from scripted_upstream import Fault, Reply, Request, ToolCall, running

CLIENTS = 12
TURNS = 8
TOLERATED = {"rss_mb": 1.15, "fds": 1.3, "threads": 1.2, "tasks": 1.5}
"""How much larger a figure may be at the end than in the middle."""
_SLACK = {"rss_mb": 8, "fds": 12, "threads": 4, "tasks": 12}


def script(request: Request) -> Reply:
    """A model that retrieves now and then, and an upstream that breaks now and then."""
    chance = random.Random(len(request.body))
    refs = [mark.ref for result in request.results for mark in omissions(result)]
    if refs and TOOL_NAME in request.tools and chance.random() < 0.1:
        return Reply(text="Let me look.", tool_calls=[ToolCall(TOOL_NAME, {"ref": refs[-1]})])
    if chance.random() < 0.05:
        return Reply(text="x" * 400, fault=Fault(chance.choice(["reset", "cut", "half"]), after=3))
    if chance.random() < 0.03:
        return Reply(status=529, text="Overloaded.")
    return Reply(text="It is as it should be. " * chance.randrange(1, 40))


def conversation(seed: int, turns: int, *, stream: bool) -> bytes:
    """A session with so many results of tools."""
    chance = random.Random(seed)
    messages: list[dict[str, Any]] = [{"role": "user", "content": f"Task {seed}: what is wrong?"}]
    for turn in range(turns):
        call = {"type": "tool_use", "id": f"c{turn}", "name": "read_log", "input": {"n": turn}}
        text = "\n".join(
            f"2026-03-01 10:{n // 60:02}:{n % 60:02} INFO http: request {chance.randrange(10**6)} "
            f"served in {chance.randrange(90)} ms"
            for n in range(200)
        )
        result = {"type": "tool_result", "tool_use_id": f"c{turn}", "content": text}
        messages += [
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ]
    tools = [{"name": "read_log", "input_schema": {"type": "object"}}]
    body = {"model": "claude-x", "stream": stream, "tools": tools, "messages": messages}
    return json.dumps(body).encode()


class Client:
    """One client that does what its dice say until `until`."""

    def __init__(self, port: int, number: int, until: float, done: Counter[str]) -> None:
        self._port = port
        self._url = f"http://127.0.0.1:{port}"
        self._chance = random.Random(number)
        self._until = until
        self._done = done

    async def run(self) -> None:
        """Act, one thing after another."""
        acts: list[tuple[Callable[[aiohttp.ClientSession], Awaitable[None]], int]] = [
            (self._small, 40),
            (self._session, 10),
            (self._leave, 8),
            (self._loris, 2),
            (self._look, 2),
        ]
        kinds, weights = zip(*acts, strict=True)
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < self._until:
                act = self._chance.choices(kinds, weights)[0]
                with suppress(aiohttp.ClientError, OSError):
                    await act(session)
                self._done[act.__name__.strip("_")] += 1

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> None:
        async with session.post(f"{self._url}/v1/messages", data=body) as answer:
            await answer.read()
            self._done[f"status {answer.status}"] += 1

    async def _small(self, session: aiohttp.ClientSession) -> None:
        await self._post(session, bodies.small(self._chance.randrange(10**9)))

    async def _session(self, session: aiohttp.ClientSession) -> None:
        seed, stream = self._chance.randrange(10**9), self._chance.random() < 0.7
        for turns in range(1, TURNS):
            await self._post(session, conversation(seed, turns, stream=stream))

    async def _leave(self, session: aiohttp.ClientSession) -> None:
        body = conversation(self._chance.randrange(10**9), 1, stream=True)
        answer = await session.post(f"{self._url}/v1/messages", data=body)
        await answer.content.readany()
        answer.close()

    async def _loris(self, _: aiohttp.ClientSession) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{")
        await reader.read()
        writer.close()

    async def _look(self, session: aiohttp.ClientSession) -> None:
        for path in ("/stats", "/metrics", "/health"):
            async with session.get(self._url + path) as answer:
                await answer.read()


async def soak(minutes: float, home: str) -> list[dict[str, float]]:
    """What the proxy held, about every ten seconds."""
    done: Counter[str] = Counter()
    held: list[dict[str, float]] = []
    async with running(script) as upstream, proxy(upstream.url, home) as (port, ask):
        until = time.monotonic() + minutes * 60
        clients = [Client(port, n, until, done).run() for n in range(CLIENTS)]
        work = asyncio.gather(*clients)
        while not work.done():
            held.append(await ask())
            print(_line(held[-1], done), flush=True)
            await asyncio.wait({work}, timeout=max(1.0, min(10.0, minutes * 6)))
            upstream.requests.clear()
            upstream.dropped.clear()
            upstream.spent.clear()
        await work
        await asyncio.sleep(3)
        held.append(await ask())
        print(_line(held[-1], done), flush=True)
    print(", ".join(f"{name}: {count:,}" for name, count in sorted(done.items())))
    return held


@asynccontextmanager
async def proxy(upstream: str, home: str) -> AsyncIterator[tuple[int, Callable[[], Any]]]:
    """A proxy in a process of its own: its port, and a call for what it holds."""
    command = [sys.executable, "-m", "benchmarks.soak", "--serve", upstream]
    environ = {**os.environ, "HEADROOM_HOME": home, "HEADROOM_BODY_SECONDS": "2"}
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    )
    assert process.stdin
    assert process.stdout
    port = int(await process.stdout.readline())

    async def ask() -> dict[str, float]:
        process.stdin.write(b"\n")
        return json.loads(await process.stdout.readline())

    try:
        yield port, ask
    finally:
        process.terminate()
        await process.wait()


def serve(upstream: str) -> None:
    """The proxy's process: a line in, what it holds out."""
    uvloop.run(_serve(settings.load(overrides={"anthropic_upstream": upstream})))


async def _serve(chosen: settings.Settings) -> None:
    server = uvicorn.Server(configured(create_app(chosen), chosen.proxy))
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    log.configure("error", "text")
    serving = asyncio.create_task(server.serve([listening]))
    print(listening.getsockname()[1], flush=True)
    while not serving.done():
        line = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
        await asyncio.wait({line, serving}, return_when=asyncio.FIRST_COMPLETED)
        if not line.done() or not line.result():
            break
        gc.collect()
        print(json.dumps(_held()), flush=True)
    server.should_exit = True
    await serving
    os._exit(0)


def _held() -> dict[str, float]:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "rss_mb": int(status["VmRSS"].split()[0]) / 1_000,
        "fds": len(os.listdir("/proc/self/fd")),
        "threads": int(status["Threads"]),
        "tasks": len(asyncio.all_tasks()),
        "objects": len(gc.get_objects()),
    }


def _line(held: dict[str, float], done: Counter[str]) -> str:
    asked = sum(count for name, count in done.items() if name.startswith("status"))
    figures = "  ".join(f"{name} {value:,.0f}" for name, value in held.items())
    return f"{time.strftime('%H:%M:%S')}  answered {asked:,}  {figures}"


def main() -> int:
    """Soak, and say whether anything grew."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--serve", metavar="UPSTREAM")
    said = parser.parse_args()
    if said.serve:
        serve(said.serve)
        return 0
    # The resets that the script wants are no news.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as home:
        held = asyncio.run(soak(said.minutes, home))
    middle, end = held[len(held) // 2], held[-1]
    grown = [
        f"{name}: {middle[name]:,.0f} → {end[name]:,.0f}"
        for name, factor in TOLERATED.items()
        if end[name] > middle[name] * factor + _SLACK[name]
    ]
    print("grown: " + "; ".join(grown) if grown else "nothing grew")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
