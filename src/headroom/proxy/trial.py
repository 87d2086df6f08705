"""Which sessions pass uncompressed: those held out to compare with, and those of agents and models
for which compression was shown to cost more.

What a session is settled to be with its first request it stays: its cache is worth more than
the trial.
"""

import asyncio
import time
from typing import Any, NamedTuple

from headroom.attempts import Failure, attempted
from headroom.billing import Prices
from headroom.conversation import Conversation
from headroom.counting import sessions
from headroom.counting.record import place_of
from headroom.proxy import log, planning
from headroom.proxy.memory import SessionMemory
from headroom.proxy.sessions import beginning_of
from headroom.settings import Settings
from headroom.trials import (
    HELD_OUT,
    SWITCHED_OFF,
    Switch,
    arm_of,
    as_json,
    costs_of,
)
from headroom.trials.arms import family_of
from headroom.trials.home import read as report_of
from headroom.trials.report import loss_of

_ARM, _SWITCH, _OFF, _NONE = "arm", "switch", "off", "none"
_REVIEW_SECONDS = 300.0
_REPORT_SECONDS = 60.0
"""How long a report holds: it is made of all sessions, and asked for with every look at a page."""


class Asks(NamedTuple):
    """Who asks: the session's name, the client program, the model."""

    session: str
    agent: str
    model: str


class Trial:
    """The trial of one process."""

    def __init__(self, settings: Settings, prices: Prices) -> None:
        self._settings = settings
        self._prices = prices
        self._switch = Switch(settings.home)
        self._reported = float("-inf")
        self._report: dict[str, Any] | None = None

    async def arm(self, memory: SessionMemory, asks: Asks, talk: Conversation) -> str:
        """The arm of the session that a request is of: HELD_OUT, SWITCHED_OFF, COMPRESSED while
        a trial runs, else empty."""
        if not asks.session:
            return ""
        first = planning.is_first(talk)
        arm = await self._drawn(memory, asks, first=first)
        if arm != HELD_OUT and await self._is_off(memory, asks, talk, first=first):
            return SWITCHED_OFF
        return arm

    def report(self) -> dict[str, Any] | None:
        """What the trial has shown, as `/stats` tells it; None where there is none. Reads the
        disk: not for an event loop.

        Raises:
            StoreError: the counts cannot be read.
        """
        proxy, now = self._settings.proxy, time.monotonic()
        if now - self._reported >= _REPORT_SECONDS:
            wanted = proxy.holdout > 0 or bool(self._switch.trips())
            home = self._settings.home
            found = report_of(home, proxy, self._prices) if wanted else None
            self._report, self._reported = as_json(found) if found else None, now
        return self._report

    async def watch(self) -> None:
        """Review now and then what compression came to, until cancelled."""
        while self._settings.proxy.kill_switch:
            await asyncio.sleep(_REVIEW_SECONDS)
            done = await attempted(asyncio.to_thread(self._review))
            if isinstance(done, Failure):
                log.LOGGER.warning("the kill switch cannot be reviewed: %s", place_of(done.detail))

    async def _drawn(self, memory: SessionMemory, asks: Asks, *, first: bool) -> str:
        share, family = self._settings.proxy.holdout, family_of(asks.session)
        if first and not share:
            return ""
        arm = memory.fact(family, _ARM)
        if not arm and first:
            arm = await asyncio.to_thread(self._settled, memory, family, share)
        return "" if arm == _NONE else arm

    @staticmethod
    def _settled(memory: SessionMemory, family: str, share: float) -> str:
        """A new session's arm. One that is under way, of which this is a side question, has
        none: it was compressed before anybody drew."""
        if memory.has_any(family, planning.SETTLED) is not False:
            return memory.settle(family, _ARM, _NONE)
        return memory.settle(family, _ARM, arm_of(family, share))

    async def _is_off(
        self, memory: SessionMemory, asks: Asks, talk: Conversation, *, first: bool
    ) -> bool:
        """Whether compression is switched off for a conversation. Caches are a model's, and a
        session's side questions are none of the conversation's."""
        key = f"{asks.session}\0{beginning_of(talk)}\0{asks.model}"
        if not first:
            return memory.fact(key, _SWITCH) == _OFF
        if not self._settings.proxy.kill_switch:
            return False
        if not self._switch.is_off(asks.agent, asks.model):
            return False
        return await asyncio.to_thread(memory.settle, key, _SWITCH, _OFF) == _OFF

    def _review(self) -> None:
        found, _ = costs_of(sessions.read(self._settings.home, None, self._prices))
        for trip in self._switch.review(found):
            log.LOGGER.warning("compression is switched off for %s", loss_of(trip))
