"""A client's body made ready for upstream: hidden turns back in it, the tool offered, texts short.

Whatever fails, the body goes as it came. What compression decides is settled before this returns.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from headroom import wire
from headroom.attempts import Failure, attempt, attempted
from headroom.caching.rules import kept_seconds
from headroom.conversation import Conversation
from headroom.counting import Books, Event
from headroom.edits import Edit, Measure, Reason, Result, Skip
from headroom.guarding import noteworthy
from headroom.proxy import coding, noting, planning, sessions
from headroom.proxy.aligning import Aligning
from headroom.proxy.incoming import Body
from headroom.proxy.planning import Plan
from headroom.proxy.projects import Project, Projects
from headroom.proxy.routes import Route
from headroom.proxy.shortening import Shortening, Texts
from headroom.proxy.trial import Asks, Trial
from headroom.settings import ProxySettings
from headroom.tokens import counter_for
from headroom.trials import HELD_OUT, SWITCHED_OFF
from headroom.wire import WireFormat, json_spans
from headroom.wire.growing import GrowingBodies
from headroom.wire.json_spans import Splice

Value = TypeVar("Value")

RAW_HEADER = "x-headroom-raw"
_ON_LOOP = 400_000
"""Bytes of a body that are parsed on the event loop; larger ones are a thread's work."""
_ON_LOOP_CODED = 50_000
_LONG_CACHE = re.compile(rb'"ttl"\s*:\s*"1h"')
_MOST_MESSAGES = 20_000
"""A longer history is no agent's: what is new in it is not looked at."""
_READING_SECONDS = 2.0
"""What takes longer to read is nobody's conversation, and passes unread."""


class Context(NamedTuple):
    """What a body is written in, and whose it is."""

    form: WireFormat
    project: Project


class Prepared(NamedTuple):
    """`body` goes upstream; with `rewritten` it is no longer coded as the client's headers say.
    `context` is None where the body is not for us to read. `offered`: the answer may hold calls
    of our tool, which costs `tool_tokens`; `asked` is then the request as the client meant it.
    `result` is what compression did; by `bytes_saved` the body is smaller than the client's was
    unpacked. `alone` names the session where our tool is the only one in the request, `named` is
    what the client calls the session; `read` is what the request was made of, where it was
    understood. The cache that it uses is kept for `lifetime` seconds (0.0 where that is no
    matter), `measures` are of its texts, breakpoints of ours are `placed` in it. `arm` says what a
    trial has to do with it, `events` what else is worth telling."""

    body: bytes | AsyncIterator[bytes]
    context: Context | None = None
    rewritten: bool = False
    offered: bool = False
    tool_tokens: int = 0
    session: str = ""
    model: str = ""
    result: Result[None] | None = None
    asked: dict[str, Any] | None = None
    alone: str = ""
    named: str = ""
    bytes_saved: int = 0
    read: "Readable | None" = None
    lifetime: float = 0.0
    measures: tuple[Measure, ...] = ()
    placed: tuple[int, ...] = ()
    arm: str = ""
    events: tuple[Event, ...] = ()

    def made_of(self, data: bytes) -> "Prepared":
        """The same, told that it was made of these bytes of the client's, unpacked."""
        saved = len(data) - len(self.body) if isinstance(self.body, bytes) else 0
        return self._replace(rewritten=True, bytes_saved=saved)


@dataclass(frozen=True, slots=True)
class Readable:
    """A body that was understood, hidden turns in it; `came` and `asked` are the body and its tree
    without them. `talk` may hold more than the body does: texts of earlier bodies on one
    connection, which have no path.
    `inherits_tools`: so may the tools. `named` is what the client calls the session."""

    body: bytes
    tree: dict[str, Any]
    came: bytes
    asked: dict[str, Any]
    talk: Conversation
    named: str = ""
    inherits_tools: bool = False


class Preparation:
    """Makes bodies ready, for all requests of a process."""

    def __init__(
        self,
        settings: ProxySettings,
        projects: Projects,
        books: Books,
        trial: Trial,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._projects = projects
        self._books = books
        self._trial = trial
        self._bodies = GrowingBodies()
        self._aligning = Aligning(settings)
        self.shortening = Shortening(settings, now)

    async def prepare(
        self, route: Route, headers: Mapping[str, str], body: Body, *, lossless: bool = False
    ) -> Prepared:
        """The body for upstream, within the deadline; `lossless` where no tool can be offered,
        whatever was settled for the session."""
        form = wire.by_name(route.form)
        if form is None or body.rest is not None or not body.data:
            return Prepared(body.whole())
        context = Context(form, self._projects.get(route.project))
        passed = Prepared(body.data, context)
        coded = headers.get("content-encoding", "")
        try:
            data = await self._unpacked(body.data, coded) if coded else body.data
        except coding.Unreadable:
            return passed
        read = await self.in_time(lambda: self._read(context, headers, data), len(data))
        if isinstance(read, Failure):
            return passed._replace(result=failed(read))
        found = await self.shortened(route, headers, context, read, lossless=lossless)
        if found.body is data:
            return found._replace(body=body.data) if coded else found
        return found.made_of(data)

    async def shortened(
        self,
        route: Route,
        headers: Mapping[str, str],
        context: Context,
        read: Readable,
        *,
        lossless: bool = False,
    ) -> Prepared:
        """A body that was understood, its hidden turns in it, made ready for upstream. Never
        raises."""
        asks = Asks(
            read.named or sessions.beginning_of(read.talk),
            sessions.agent_of(headers),
            read.talk.model or route.model,
        )
        found = await attempted(self._in_arm(route, headers, context, read, asks, lossless))
        if not isinstance(found, Failure):
            return found
        return _passed(read, context, asks, result=failed(found))

    async def _in_arm(
        self,
        route: Route,
        headers: Mapping[str, str],
        context: Context,
        read: Readable,
        asks: Asks,
        lossless: bool,
    ) -> Prepared:
        arm = await self._trial.arm(context.project.memory, asks, read.talk)
        if arm in (HELD_OUT, SWITCHED_OFF):
            return _passed(read, context, asks, arm=arm)
        read = self._mended(context, read)
        plan = self._plan(route, context, read, lossless)
        made = await self._shortened(route, headers, context, read, asks, plan)
        return made._replace(arm=arm)

    def _mended(self, context: Context, read: Readable) -> Readable:
        """A body without what would lose its cache with every turn, where that is wanted."""
        mended = self._aligning.mended(read.tree, read.body).splices
        if not mended:
            return read
        body = json_spans.spliced(read.body, mended)
        tree = wire.read(body)
        return replace(read, body=body, tree=tree, talk=context.form.view(tree))

    async def used(self, prepared: Prepared, until: float) -> None:
        """Note that upstream's cache was in use until a time in seconds since 1970."""
        if prepared.lifetime and prepared.context is not None:
            memory, epochs = prepared.context.project.memory, self.shortening.epochs
            await epochs.ended(memory, prepared.session, prepared.lifetime, until)

    async def in_time(self, call: Callable[[], Value], size: int) -> Value | Failure:
        """What `call` makes of a body of so many bytes; one of many is a thread's work."""
        if size <= _ON_LOOP:
            return attempt(call)
        working = asyncio.ensure_future(asyncio.to_thread(attempt, call))
        done, _ = await asyncio.wait({working}, timeout=_READING_SECONDS)
        return working.result() if done else Failure("the body takes too long to read")

    async def _unpacked(self, body: bytes, coded: str) -> bytes:
        limit = self._settings.max_decoded_bytes
        if len(body) <= _ON_LOOP_CODED:
            return coding.decoded(body, coded, limit)
        return await asyncio.to_thread(coding.decoded, body, coded, limit)

    def _plan(
        self, route: Route, context: Context, read: Readable, lossless: bool
    ) -> tuple[Plan, Sequence[Splice]]:
        """The plan for a request, and what puts our tool into it."""
        if lossless:
            return Plan(omit=False, offer=False), ()
        retrieval, beginning = context.form.retrieval, sessions.beginning_of(read.talk)
        names = tuple(retrieval.offered(read.tree))
        inherits = read.inherits_tools and not names
        offering = () if inherits else tuple(retrieval.offer(read.tree))
        can_offer = route.offers and self._settings.retrieval and bool(inherits or offering)
        names = names or (("inherited",) if inherits else ())
        if not names and can_offer and planning.is_first(read.talk):
            return Plan(omit=False, offer=False, undecided=True), offering
        session = read.named or beginning
        memory, about = context.project.memory, not route.offers
        plan = planning.plan_of(names, can_offer, session, beginning, memory, about=about)
        return plan, offering

    async def _shortened(
        self,
        route: Route,
        headers: Mapping[str, str],
        context: Context,
        read: Readable,
        asks: Asks,
        planned: tuple[Plan, Sequence[Splice]],
    ) -> Prepared:
        plan, offering = planned
        session, model = asks.session, asks.model
        long = _LONG_CACHE.search(read.body) is not None
        lifetime = kept_seconds(route.form, long=long)
        leave = self._reason(headers, read)
        texts = Texts(read.talk, model, session, len(read.body), lifetime, leave)
        memory = context.project.memory
        made = await self.shortening.of(texts, plan, context.project)
        plan = made.plan
        steady = self._books.steadiness(context.project.name, session)
        aligned = self._aligning.aligned(route, read.tree, session, steady)
        talk = noteworthy(read.talk, route.form, read.tree)
        edits, sent = noting.with_notes(talk, session, made.result, memory)
        measures = noting.measured(read.talk, made.result, sent, counter_for(model))
        changes = (*(offering if plan.offer else ()), *aligned.splices)
        return Prepared(
            _written(read, changes, edits),
            context,
            offered=plan.offer,
            tool_tokens=planning.tool_tokens(offering, model) if plan.offer else 0,
            session=session,
            model=model,
            result=made.result,
            asked=read.asked if plan.offer else None,
            alone=sessions.beginning_of(read.talk) if plan.alone else "",
            named=read.named,
            read=read,
            lifetime=lifetime if plan.omit and self._settings.epochs else 0.0,
            measures=measures,
            placed=aligned.placed,
            events=(*made.events, *aligned.events),
        )

    @staticmethod
    def _reason(headers: Mapping[str, str], read: Readable) -> Reason | None:
        """Why nothing new of a request is looked at; None where it is."""
        if RAW_HEADER in headers:
            return Reason.EXCLUDED
        return Reason.LATE if len(read.talk.messages) > _MOST_MESSAGES else None

    def _read(self, context: Context, headers: Mapping[str, str], body: bytes) -> Readable:
        """A body with the turns in it that its client never saw."""
        asked = self._bodies.read(body)
        named = sessions.named_by_client(headers, asked)
        full, tree = restored(context, named, body, asked)
        return Readable(full, tree, body, asked, context.form.view(tree), named)


def restored(
    context: Context, session: str, body: bytes, tree: dict[str, Any]
) -> tuple[bytes, dict[str, Any]]:
    """A body and its tree with hidden turns put back; the same ones where there are none.
    `session` is what the client calls it.

    Raises:
        WireError: the body cannot be read any more.
    """
    retrieval = context.form.retrieval
    anchors = retrieval.anchors(tree)
    known = context.project.memory.turns(session, anchors) if anchors else {}
    splices = retrieval.restore(tree, known) if known else ()
    if not splices:
        return body, tree
    body = json_spans.spliced(body, splices)
    return body, wire.read(body)


def _passed(read: Readable, context: Context, asks: Asks, **more: Any) -> Prepared:
    """A body that goes as its client means it, hidden turns in it."""
    return Prepared(
        read.body,
        context,
        session=asks.session,
        model=asks.model,
        named=read.named,
        read=read,
        **more,
    )


def failed(failure: Failure) -> Result[None]:
    """The record of a body that passes as it came."""
    return Result(None, (), (Skip((), Reason.FAILED, failure.detail),), 0, 0, exact=False)


def _written(read: Readable, changes: Sequence[Splice], edits: Sequence[Edit]) -> bytes:
    edits = [edit for edit in edits if edit.path]
    splices = [*json_spans.splices(read.tree, edits), *changes]
    return json_spans.spliced(read.body, splices) if splices else read.body
