"""Two hundred streams at once: each gets its own words, all of them, in order and in time."""

import asyncio
import sys
from pathlib import Path

from running import process

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.proxying.streaming import Pace, all_at_once, upstream

STREAMS = 200
PACE = Pace(words=40, seconds=0.25)
STALL = 2.0
"""Seconds on the way that no word may take; the machine may be busy with other things."""


def test_two_hundred_streams_at_once_are_each_whole_and_in_time(tmp_path):
    async def scene():
        async with upstream(PACE) as url:
            with process(url, tmp_path) as proxy:
                return await all_at_once(proxy.port, STREAMS, PACE)

    every = asyncio.run(scene())
    assert [heard.stream for heard in every if not heard.is_whole(PACE)] == []
    assert max(delay for heard in every for delay in heard.delays) < STALL
    # Some retrieved in the middle, and nobody saw it.
    assert all(b"hidden" not in heard.raw for heard in every)
