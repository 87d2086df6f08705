"""How long a proxy's event loop stands still while a body that it has not seen is made ready.

python -m benchmarks.loop_lag
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path

from benchmarks.proxying import bodies
from headroom import settings
from headroom.proxy.incoming import Body
from headroom.proxy.preparation import Preparation
from headroom.proxy.projects import Projects
from headroom.proxy.routes import recognise

TICK = 0.001
SIZES = (100_000, 1_000_000, 5_000_000)


async def lags(until: asyncio.Event) -> list[float]:
    """The seconds by which each tick came late."""
    late = []
    while not until.is_set():
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - due)
    return sorted(late)


def body_of(size: int) -> bytes:
    """An agent's request of about `size` bytes, however long its session must have been."""
    whole = json.loads(bodies.agent(size, min(size, 2_500_000)))
    for nonce in range(size // 2_500_000 - 1):
        whole["messages"] += json.loads(bodies.agent(nonce + 7, 2_500_000))["messages"]
    return json.dumps(whole, separators=(",", ":")).encode()


async def main() -> None:
    """Print a line for each size, unseen and seen."""
    with tempfile.TemporaryDirectory() as home:
        chosen = settings.load({"HEADROOM_HOME": home}, Path(home))
        projects = Projects(chosen)
        preparation = Preparation(chosen.proxy, projects)
        route = recognise("/v1/messages", {})
        await preparation.prepare(route, {}, Body(bodies.agent(1, 50_000)))
        for size in SIZES:
            body = Body(body_of(size))
            for seen in ("unseen", "seen"):
                until = asyncio.Event()
                ticking = asyncio.create_task(lags(until))
                await asyncio.sleep(0)
                begun = time.perf_counter()
                await preparation.prepare(route, {}, body)
                took = time.perf_counter() - begun
                until.set()
                late = [lag * 1e3 for lag in await ticking]
                print(
                    f"{len(body.data) / 1e6:4.1f} MB {seen:7} {took * 1e3:6.0f} ms; the loop stood"
                    f" still {late[-1]:5.1f} ms at most, median {late[len(late) // 2]:4.1f} ms"
                )
        preparation.close()
        projects.close()


if __name__ == "__main__":
    asyncio.run(main())
