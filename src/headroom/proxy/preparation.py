"""A client's body made ready for upstream: hidden turns back in it, the tool offered, texts short.

Whatever fails, the body goes as it came. What compression decides is settled before this returns.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from headroom import wire
from headroom.attempts import Failure, attempt, attempted
from headroom.conversation import Conversation
from headroom.edits import Reason, Result, Skip
from headroom.proxy import coding, planning, sessions, small
from headroom.proxy.compressing import Allowance, Compressing
from headroom.proxy.incoming import Body
from headroom.proxy.planning import Plan
from headroom.proxy.projects import Project, Projects
from headroom.proxy.routes import Route
from headroom.settings import ProxySettings
from headroom.tokens import counter_for
from headroom.wire import WireFormat, json_spans
from headroom.wire.growing import GrowingBodies
from headroom.wire.json_spans import Splice

Value = TypeVar("Value")

RAW_HEADER = "x-headroom-raw"
_ON_LOOP = 400_000
"""Bytes of a body that are parsed on the event loop; larger ones are a thread's work."""
_ON_LOOP_CODED = 50_000
_WORTH_A_LOOK = 4_000
"""Tokens of a request without tools from which on offering ours is considered."""
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
    of our tool, `asked` is then the request as the client meant it. `result` is what compression
    did; by `bytes_saved` the body is smaller than the client's was unpacked. `alone` names the
    session where our tool is the only one in the request, `named` is what the client calls the
    session."""

    body: bytes | AsyncIterator[bytes]
    context: Context | None = None
    rewritten: bool = False
    offered: bool = False
    session: str = ""
    model: str = ""
    result: Result[None] | None = None
    asked: dict[str, Any] | None = None
    alone: str = ""
    named: str = ""
    bytes_saved: int = 0

    def made_of(self, data: bytes) -> "Prepared":
        """The same, told that it was made of these bytes of the client's, unpacked."""
        saved = len(data) - len(self.body) if isinstance(self.body, bytes) else 0
        return self._replace(rewritten=True, bytes_saved=saved)


@dataclass(frozen=True, slots=True)
class Readable:
    """A body that was understood, hidden turns in it; `asked` is its tree without them. `talk` may
    hold more than the body does: texts of earlier bodies on one connection, which have no path.
    `inherits_tools`: so may the tools. `named` is what the client calls the session."""

    body: bytes
    tree: dict[str, Any]
    asked: dict[str, Any]
    talk: Conversation
    named: str = ""
    inherits_tools: bool = False


class Preparation:
    """Makes bodies ready, for all requests of a process."""

    def __init__(self, settings: ProxySettings, projects: Projects) -> None:
        self._settings = settings
        self._projects = projects
        self._bodies = GrowingBodies()
        self.compressing = Compressing()

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
        plan = attempt(lambda: self._plan(route, context, read, lossless))
        if isinstance(plan, Failure):
            return Prepared(read.body, context, result=failed(plan))
        found = await attempted(self._shortened(route, headers, context, read, plan))
        if isinstance(found, Failure):
            return Prepared(read.body, context, result=failed(found))
        return found

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
        planned: tuple[Plan, Sequence[Splice]],
    ) -> Prepared:
        plan, offering = planned
        beginning = sessions.beginning_of(read.talk)
        model = read.talk.model or route.model
        leave = self._reason(headers, read)
        plan, result = await self._decided(plan, context.project, read, model, leave)
        return Prepared(
            _written(read, offering if plan.offer else (), result),
            context,
            offered=plan.offer,
            session=read.named or beginning,
            model=model,
            result=result,
            asked=read.asked if plan.offer else None,
            alone=beginning if plan.alone else "",
            named=read.named,
        )

    @staticmethod
    def _reason(headers: Mapping[str, str], read: Readable) -> Reason | None:
        """Why nothing new of a request is looked at; None where it is."""
        if RAW_HEADER in headers:
            return Reason.EXCLUDED
        return Reason.LATE if len(read.talk.messages) > _MOST_MESSAGES else None

    async def _decided(
        self, plan: Plan, project: Project, read: Readable, model: str, leave: Reason | None
    ) -> tuple[Plan, Result[None]]:
        """What compression does, and the plan that holds once it is known."""
        if leave is None and small.is_small(read.talk):
            return plan, small.untouched(read.talk, counter_for(model))
        allowance = Allowance(self._deadline(len(read.body)))

        async def result(omit: bool) -> Result[None]:
            deciding = project.engine(model, omit=omit).deciding(read.talk)
            if leave is not None:
                return await self.compressing.left(deciding, leave)
            return await self.compressing.result(deciding, allowance)

        lossless = await result(plan.omit)
        if not plan.undecided or leave is not None or lossless.tokens_after < _WORTH_A_LOOK:
            return plan, lossless
        omitting = await result(True)
        if not planning.worth_a_tool(read.talk, lossless.tokens_after, omitting.tokens_after):
            return plan, lossless
        planning.add_tool(sessions.beginning_of(read.talk), project.memory)
        return Plan(omit=True, offer=True, alone=True), omitting

    def _read(self, context: Context, headers: Mapping[str, str], body: bytes) -> Readable:
        """A body with the turns in it that its client never saw."""
        asked = self._bodies.read(body)
        named = sessions.named_by_client(headers, asked)
        body, tree = restored(context, named, body, asked)
        return Readable(body, tree, asked, context.form.view(tree), named)

    def _deadline(self, size: int) -> float:
        """Seconds that compression may take for a body of so many bytes."""
        return (self._settings.deadline_ms + self._settings.deadline_ms_per_mb * size / 1e6) / 1e3


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


def failed(failure: Failure) -> Result[None]:
    """The record of a body that passes as it came."""
    return Result(None, (), (Skip((), Reason.FAILED, failure.detail),), 0, 0, exact=False)


def _written(read: Readable, offering: Sequence[Splice], result: Result[None]) -> bytes:
    edits = [edit for edit in result.edits if edit.path]
    splices = [*json_spans.splices(read.tree, edits), *offering]
    return json_spans.spliced(read.body, splices) if splices else read.body
