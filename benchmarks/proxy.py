"""What the proxy adds: time per request beside a bare pass-through in the same run, requests per
second, memory, and the time until it is ready."""

import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.proxying import bodies, load

ROUNDS = 60
MANY = 10_000


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(arguments: list[str], port: int, home: str = "") -> Iterator[tuple[int, float]]:
    """A process that listens on `port`; its id, and the seconds until it did."""
    begun = time.perf_counter()
    environ = {**os.environ, "HEADROOM_HOME": home} if home else None
    process = subprocess.Popen([sys.executable, "-m", *arguments], env=environ)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            break
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"{arguments[0]} ended") from None
            time.sleep(0.005)
    if home:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/ready").read()
    try:
        yield process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(20)


def resident(pid: int) -> float:
    """Megabytes of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1_000  # type: ignore[index]


def median(times: list[float]) -> float:
    """In milliseconds; `times` are in seconds."""
    return statistics.median(times) * 1_000


def timed(port: int, sent: list[bytes], skip: int) -> float:
    """Median milliseconds of these requests, one client, the first `skip` not counted."""
    return median(asyncio.run(load.one_by_one(port, sent))[skip:])


def main() -> None:
    """Print the tables."""
    upstream, bare, proxy = free_port(), free_port(), free_port()
    url = f"http://127.0.0.1:{upstream}"
    command = ["headroom", "proxy", "--port", str(proxy), "--anthropic-upstream", url]
    command += ["--log-level", "warning"]
    seen = bodies.agent(0)
    kinds = {
        "small body": ([bodies.small(n) for n in range(ROUNDS + 20)], 20),
        "agent body of 100 KB, seen": ([seen] * (ROUNDS + 5), 5),
        "agent body of 100 KB, unseen": ([bodies.agent(n) for n in range(1, ROUNDS + 6)], 5),
    }
    with (
        tempfile.TemporaryDirectory() as home,
        running(["benchmarks.proxying.upstream", str(upstream)], upstream),
        running(["benchmarks.proxying.bare", str(bare), url], bare),
        running(command, proxy, home) as (pid, ready),
    ):
        print(f"ready after {ready:.2f} s, {resident(pid):.0f} MB")
        print("| body | bytes | straight ms | bare pass-through ms | proxy ms | added ms |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for name, (sent, skip) in kinds.items():
            figures = [timed(port, sent, skip) for port in (upstream, bare, proxy)]
            print(
                f"| {name} | {len(sent[-1]):,} | "
                + " | ".join(f"{figure:.2f}" for figure in figures)
                + f" | {figures[2] - figures[1]:.2f} |"
            )
        for name, port in (("bare pass-through", bare), ("proxy", proxy)):
            rate = asyncio.run(load.many(port, 16, 200, bodies.small))
            print(f"16 clients, small bodies, {name}: {rate:,.0f} requests/s")
        asyncio.run(load.many(proxy, 16, MANY // 16, bodies.small))
        print(f"after {MANY:,} more: {resident(pid):.0f} MB")


if __name__ == "__main__":
    main()
