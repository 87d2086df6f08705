"""Two hundred streams at once for a minute: how long each word was on its way, beside the same
straight from upstream.

    python -m benchmarks.streams --streams 200 --seconds 60
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from urllib.parse import urlsplit

from benchmarks.proxy import free_port
from benchmarks.proxying.streaming import Heard, Pace, all_at_once, upstream

PACE = 0.2


async def main(count: int, seconds: float) -> None:
    """Print both ways' delays."""
    straight = Pace(round(seconds / PACE), PACE, retrieves=count + 1_000_000)
    pace = Pace(round(seconds / PACE), PACE)
    async with upstream(straight) as url:
        port = urlsplit(url).port or 0
        # The first stream is the one whose number any divides; it alone would retrieve.
        report("straight", await all_at_once(port, count, straight), straight, first=1)
    async with upstream(pace) as url:
        with tempfile.TemporaryDirectory() as home:
            port = free_port()
            process = await asyncio.to_thread(started, url, port, home)
            try:
                report("through the proxy", await all_at_once(port, count, pace), pace)
            finally:
                process.terminate()
                process.wait(20)


def started(url: str, port: int, home: str) -> "subprocess.Popen[bytes]":
    """A proxy that serves."""
    command = [sys.executable, "-m", "headroom", "proxy", "--port", str(port)]
    environ = {**os.environ, "HEADROOM_HOME": home, "HEADROOM_LOG_LEVEL": "warning"}
    process = subprocess.Popen([*command, "--anthropic-upstream", url], env=environ)
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ready").read()
            return process
        except urllib.error.URLError:
            continue
    raise RuntimeError("the proxy did not start")


def report(way: str, every: Sequence[Heard], pace: Pace, first: int = 0) -> None:
    """One line; fails where a stream is not whole."""
    broken = [heard.stream for heard in every[first:] if not heard.is_whole(pace)]
    delays = sorted(delay * 1e3 for heard in every for delay in heard.delays)
    worst = delays[int(len(delays) * 0.999)]
    print(
        f"{way:18} {len(every)} streams, {len(delays):,} words: median"
        f" {statistics.median(delays):.2f} ms, 99.9% {worst:.1f} ms, longest"
        f" {delays[-1]:.1f} ms; not whole: {broken or 'none'}"
    )
    if broken:
        raise SystemExit(1)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--streams", type=int, default=200)
    options.add_argument("--seconds", type=float, default=60.0)
    chosen = options.parse_args()
    asyncio.run(main(chosen.streams, chosen.seconds))
