"""Conversations decided beside the event loop, each within its time.

What is known is looked up at once. What is new is a thread's work, and the time runs while it
works: a text that is not decided when it has passed stays as it is, for good. Waiting for others'
work may take as long again.
"""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from headroom.attempts import Failure, attempt
from headroom.deciding import Deciding
from headroom.edits import Reason, Result

_AT_ONCE = 200
"""Characters of new text that are decided on the event loop: too few for an original to be kept,
which may wait long for a store that another program holds."""


@dataclass(slots=True)
class Allowance:
    """The seconds that one request may still spend."""

    seconds: float


class Compressing:
    """The threads of one process."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(min(4, max(2, os.cpu_count() or 2)), "headroom-compress")
        self._leaving = ThreadPoolExecutor(1, "headroom-leave")
        self._alone = ThreadPoolExecutor(1, "headroom-epoch")
        self._patient: asyncio.Future[Result[None] | Failure] | None = None
        self._loading: asyncio.Future[None] | None = None

    def close(self) -> None:
        """End the threads; what they were deciding is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._leaving.shutdown(wait=False, cancel_futures=True)
        self._alone.shutdown(wait=False, cancel_futures=True)

    def after(self, loading: "asyncio.Future[None]") -> None:
        """Decide nothing new before `loading` is done: no text pays for the start."""
        self._loading = loading

    async def result(self, deciding: Deciding, allowance: Allowance) -> Result[None]:
        """What holds for every text of a conversation."""
        settled = deciding.settled()
        if settled is not None:
            return settled
        if deciding.new_characters <= _AT_ONCE:
            return deciding.decide()
        if self._loading is not None and not self._loading.done():
            await asyncio.wait({self._loading})
        return await self._in_time(deciding, allowance)

    async def patiently(self, deciding: Deciding, seconds: float) -> Result[None] | None:
        """What holds for every text, decided whatever it takes; None where that is not within so
        many seconds, or another conversation's is under way. Then nothing rests on it."""
        if self._patient is not None and not self._patient.done():
            return None
        loop = asyncio.get_running_loop()
        self._patient = loop.run_in_executor(self._alone, attempt, deciding.decide)
        done, _ = await asyncio.wait({self._patient}, timeout=seconds)
        found = self._patient.result() if done else None
        return None if isinstance(found, Failure) else found

    async def left(self, deciding: Deciding, reason: Reason) -> Result[None]:
        """The same, with all that is new left as it is."""
        return await self._elsewhere(deciding, reason)

    async def _in_time(self, deciding: Deciding, allowance: Allowance) -> Result[None]:
        loop, seconds = asyncio.get_running_loop(), allowance.seconds
        begun = loop.create_future()

        def work() -> Result[None]:
            started = time.perf_counter()
            loop.call_soon_threadsafe(_begin, begun)
            try:
                return deciding.decide(lambda: time.perf_counter() - started > seconds)
            finally:
                allowance.seconds = max(0.0, seconds - (time.perf_counter() - started))

        working = loop.run_in_executor(self._threads, work)
        await asyncio.wait({begun}, timeout=seconds)
        if begun.done():
            await asyncio.wait({working}, timeout=seconds)
        elif working.cancel():
            return await self._elsewhere(deciding, Reason.LATE)
        if working.done() and not working.cancelled():
            return working.result()
        allowance.seconds = 0.0
        return await self._elsewhere(deciding, Reason.LATE)

    async def _elsewhere(self, deciding: Deciding, reason: Reason) -> Result[None]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._leaving, deciding.leave, reason)


def _begin(begun: "asyncio.Future[None]") -> None:
    if not begun.done():
        begun.set_result(None)
