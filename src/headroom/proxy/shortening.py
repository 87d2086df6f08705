"""What becomes of a conversation's texts: under which plan, by which epoch, within which time."""

from collections.abc import Callable
from typing import NamedTuple

from headroom.conversation import Conversation
from headroom.counting import Event
from headroom.counting.record import EPOCH
from headroom.edits import Reason, Result
from headroom.proxy import epochs, planning, sessions, small
from headroom.proxy.compressing import Allowance, Compressing
from headroom.proxy.epochs import Epochs
from headroom.proxy.planning import Plan
from headroom.proxy.projects import Project
from headroom.settings import ProxySettings
from headroom.tokens import counter_for

_WORTH_A_LOOK = 4_000
"""Tokens of a request without tools from which on offering ours is considered."""


class Texts(NamedTuple):
    """A conversation to be made short, which came in a body of `size` bytes;
    `model` counts its tokens, `session` is its name. The provider's cache outlives its last use by
    `lifetime` seconds. With `leave` nothing new of it is looked at."""

    talk: Conversation
    model: str
    session: str
    size: int
    lifetime: float
    leave: Reason | None = None

    @property
    def conversation(self) -> str:
        """A name of this conversation among those of its session."""
        return f"{self.session}\0{sessions.beginning_of(self.talk)}"


class Shortened(NamedTuple):
    """The plan that holds, and what was done under it."""

    plan: Plan
    result: Result[None]
    events: tuple[Event, ...] = ()


class Shortening:
    """Makes conversations short, for all requests of a process. `now` gives seconds since 1970."""

    def __init__(self, settings: ProxySettings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self.epochs = Epochs()
        self.compressing = Compressing()

    async def of(self, texts: Texts, plan: Plan, project: Project) -> Shortened:
        """What becomes of the texts, and the plan that holds once that is known."""
        if texts.leave is None and small.is_small(texts.talk):
            return Shortened(plan, small.untouched(texts.talk, counter_for(texts.model)))
        older = await self._older(texts, project) if plan.omit else 0
        allowance = Allowance(self._deadline(texts.size))

        async def result(omit: bool) -> Result[None]:
            engine = project.engine(texts.model, omit=omit)
            deciding = engine.deciding(texts.talk, older=older if omit else 0)
            if texts.leave is not None:
                return await self.compressing.left(deciding, texts.leave)
            return await self.compressing.result(deciding, allowance)

        found = await result(plan.omit)
        if plan.omit and texts.leave is None and self._settings.epochs:
            return await self._in_epoch(texts, Shortened(plan, found), project, older)
        if not plan.undecided or texts.leave is not None or found.tokens_after < _WORTH_A_LOOK:
            return Shortened(plan, found)
        omitting = await result(True)
        if not planning.worth_a_tool(texts.talk, found.tokens_after, omitting.tokens_after):
            return Shortened(plan, found)
        planning.add_tool(sessions.beginning_of(texts.talk), project.memory)
        return Shortened(Plan(omit=True, offer=True, alone=True), omitting)

    async def _in_epoch(
        self, texts: Texts, known: Shortened, project: Project, older: int
    ) -> Shortened:
        """What is known, or what a new epoch makes of it where the provider's cache is gone."""
        memory, talk = project.memory, texts.talk
        idle = await self.epochs.was_idle(memory, texts.session, texts.lifetime, self._now())
        count = epochs.older_texts(talk) if idle else 0
        if count <= older:
            return known
        engine = project.engine(texts.model, omit=True)
        deciding = engine.deciding(talk, older=count)
        made = await self.compressing.patiently(deciding, epochs.SECONDS)
        saved = known.result.tokens_after - made.tokens_after if made else 0
        if made is None or saved < (1.0 - epochs.WORTH) * known.result.tokens_after:
            return known
        holds = await epochs.begin(memory, texts.conversation, talk, count)
        if holds != count:
            # Another worker's epoch came first: what it decided is there.
            found = engine.deciding(talk, older=holds).settled()
            return known if found is None else known._replace(result=found)
        event = Event(EPOCH, "older texts made shorter", tokens=saved)
        return Shortened(known.plan, made, (event,))

    async def _older(self, texts: Texts, project: Project) -> int:
        return await epochs.in_force(project.memory, texts.conversation, texts.talk)

    def _deadline(self, size: int) -> float:
        """Seconds that compression may take for a body of so many bytes."""
        return (self._settings.deadline_ms + self._settings.deadline_ms_per_mb * size / 1e6) / 1e3
