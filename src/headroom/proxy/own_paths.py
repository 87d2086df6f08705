"""The proxy's own paths: how it is, what it came to, and compression and retrieval for programs
in any language.

    GET  /health /ready /stats /metrics
    POST /v1/compress   {"messages": […], "model"?, "query"?, "policy"?, "project"?}
    POST /v1/retrieve   {"ref": "…", "lines"?, "match"?, "path"?, "project"?}
"""

import asyncio
import json
import math
import multiprocessing
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headroom import __version__, library
from headroom.attempts import Failure, attempt
from headroom.compressors import built_in
from headroom.counting import metrics, totals
from headroom.edits import Edit
from headroom.engine import Engine
from headroom.errors import HeadroomError, NotFound, StoreError, WireError
from headroom.proxy.incoming import Disconnected, body_of, connection_of
from headroom.proxy.projects import Project
from headroom.proxy.services import Services
from headroom.stores import Store
from headroom.tokens import counter_for
from headroom.wire import json_spans

_TEXTS = ("model", "query", "policy", "project", "ref", "lines", "match", "path")
_LONE = re.compile("[\ud800-\udfff]")


class _Wrong(Exception):
    """A request to one of our own paths that cannot be answered, and why."""

    status = 400


class _TooLarge(_Wrong):
    status = 413


class _Unusable(_Wrong):
    status = 503


def routes(services: Services) -> list[Route]:
    """The routes of an application over these services."""
    own = _OwnPaths(services)
    return [
        Route("/health", own.health),
        Route("/ready", own.ready),
        Route("/stats", own.stats),
        Route("/metrics", own.metrics),
        Route("/v1/compress", own.compress, methods=["POST"]),
        Route("/v1/retrieve", own.retrieve, methods=["POST"]),
    ]


class _OwnPaths:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._projects = services.projects
        self._started = time.monotonic()
        # Of several workers, whoever is to end them all is asked: their parent.
        parent = multiprocessing.parent_process()
        self._process = parent.pid if parent else os.getpid()

    async def health(self, _: Request) -> Response:
        problems = await asyncio.to_thread(self._problems)
        return _json(
            {
                "service": "headroom",
                "version": __version__,
                "status": "degraded" if problems else "ok",
                "problems": problems,
                "process": self._process,
                "worker": os.getpid(),
                "uptime_seconds": round(time.monotonic() - self._started, 1),
                "retrieval": self._services.settings.retrieval,
            }
        )

    async def ready(self, _: Request) -> Response:
        return _json({"ready": True})

    async def stats(self, request: Request) -> Response:
        hours = request.query_params.get("hours")
        by = request.query_params.get("by")
        try:
            since = _hours_ago(hours) if hours else None
        except ValueError:
            return _json({"error": f"hours={hours!r} is no number of hours"}, 400)
        if by not in (None, *totals.GROUPS):
            return _json({"error": f"by={by!r} must be one of {', '.join(totals.GROUPS)}"}, 400)
        await asyncio.to_thread(self._services.tally.flush)
        summary = await asyncio.to_thread(self._services.tally.summary, since, by)
        problems = await asyncio.to_thread(self._problems)
        holdout = await asyncio.to_thread(attempt, self._services.trial.report)
        told = None if isinstance(holdout, Failure) else holdout
        return _json({**totals.as_json(summary), "holdout": told, "problems": problems})

    async def metrics(self, _: Request) -> Response:
        body, kind = await asyncio.to_thread(
            metrics.render, self._services.tally, self._services.books.prices
        )
        return Response(body, media_type=kind)

    async def compress(self, request: Request) -> Response:
        """The message list with its texts shortened; what may be omitted is kept for
        `/v1/retrieve`."""
        try:
            body = await self._asked(request)
            answer = await asyncio.to_thread(self._compressed, body)
        except (_Wrong, HeadroomError) as error:
            return _refusal(error)
        return Response(answer, media_type="application/json")

    async def retrieve(self, request: Request) -> Response:
        """The original behind a ref, or the part of it that is asked for."""
        try:
            body = await self._asked(request)
            return _json(await asyncio.to_thread(self._retrieved, body))
        except (_Wrong, HeadroomError) as error:
            return _refusal(error)

    def _compressed(self, body: bytes) -> bytes:
        """An answer whose messages are the request's own bytes, but for the edits."""
        said = _read(body)
        messages = said.get("messages")
        if not isinstance(messages, json_spans.Array):
            raise _Wrong("messages must be a list of messages, as the provider's API takes it")
        engine = self._engine(said)
        done = engine.compress_messages(messages, said.get("query", ""))
        saved = done.tokens_before - done.tokens_after
        told = {
            "original_tokens": done.tokens_before,
            "compressed_tokens": done.tokens_after,
            "saved_tokens": saved,
            "savings_percent": 100.0 * saved / done.tokens_before if done.tokens_before else 0.0,
            "exact": done.exact,
            "edits": [
                {"compressor": e.compressor, "fidelity": e.fidelity.value, "refs": e.refs}
                for e in done.edits
            ],
        }
        return b'{"messages":%s,%s' % (_edited(body, messages, done.edits), orjson.dumps(told)[1:])

    def _engine(self, said: Mapping[str, Any]) -> Engine:
        """The project's own, so that what is decided here holds for its requests too; one with
        another policy over the same store where the program asks for that."""
        project, _ = self._usable(said)
        model, policy = said.get("model", ""), said.get("policy")
        if policy is None:
            return project.engine(model, omit=True)
        chosen = self._projects.settings.policy_for(policy)
        counter = counter_for(model)
        return Engine(built_in(), counter, chosen, project.store, project.ledger)

    def _retrieved(self, body: bytes) -> Mapping[str, str]:
        said = _read(body)
        ref = said.get("ref")
        if not ref:
            raise _Wrong("ref is missing: the ref of a marker, as k3f9a2c1")
        lines, match, path = (said.get(name) for name in ("lines", "match", "path"))
        _, store = self._usable(said)
        return {"ref": ref, "text": library.retrieve(ref, lines, match, path, store=store)}

    def _usable(self, said: Mapping[str, Any]) -> tuple[Project, Store]:
        """The project that is asked for, whose store can be used. Nothing else will do: another
        project's originals are not this one's."""
        project = self._projects.get(said.get("project", ""))
        if project.store is None:
            raise _Unusable(f"the store cannot be used: {project.trouble}")
        return project, project.store

    async def _asked(self, request: Request) -> bytes:
        drop = connection_of(request.scope).drop
        limit = self._services.settings.max_body_bytes
        try:
            body = await body_of(request.receive, limit, self._services.settings.body_seconds, drop)
        except Disconnected as error:
            raise _Wrong("the client left") from error
        if body.rest is not None or len(body.data) > limit:
            raise _TooLarge(f"the body is larger than {limit:,} bytes")
        return body.data

    def _problems(self) -> list[str]:
        """What is off, for a person; empty when all is well."""
        own = self._projects.get("")
        found = list(_problems_of(own))
        for project in self._projects.opened():
            if project is not own:
                told = _problems_of(project)
                found += [f"project {project.name!r}: {problem}" for problem in told]
        if trouble := self._services.tally.trouble:
            found.append(trouble)
        return found


def _problems_of(project: Project) -> Iterator[str]:
    if project.trouble:
        yield f"no store, so nothing is omitted: {project.trouble}"
    if project.memory.troubles:
        yield f"the store did not answer {project.memory.troubles:,} times"
    troubles = project.ledger.troubles
    if troubles.store_errors:
        yield f"the store refused {troubles.store_errors:,} times, at last: {troubles.last}"
    if troubles.corrupt:
        yield f"the store holds decisions that cannot be read: {troubles.corrupt:,}"


def _edited(body: bytes, messages: json_spans.Array, edits: Sequence[Edit]) -> bytes:
    """The bytes of the messages with these edits in them."""
    if not edits:
        return body[messages.start : messages.end]
    changes = json_spans.splices({edits[0].path[0]: messages}, edits)
    edited = json_spans.spliced(body, changes)
    return edited[messages.start : messages.end + len(edited) - len(body)]


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        said = json_spans.parse(body)
    except WireError as error:
        raise _Wrong(f"the body is not JSON: {error}") from error
    if not isinstance(said, dict):
        raise _Wrong("the body must be a JSON object")
    for name in _TEXTS:
        if not isinstance(said.get(name, ""), (str, type(None))):
            raise _Wrong(f"{name} must be a text")
        if _LONE.search(said.get(name) or ""):
            raise _Wrong(f"{name} holds half a character")
    # Those who keep a text need not keep where it stood.
    return {
        name: str(value) if name in _TEXTS else value
        for name, value in said.items()
        if value is not None
    }


def _hours_ago(said: str) -> float:
    """Seconds since 1970.

    Raises:
        ValueError: `said` is no number of hours.
    """
    hours = float(said)
    if not math.isfinite(hours) or hours < 0:
        raise ValueError(said)
    return time.time() - hours * 3_600


def _refusal(error: Exception) -> Response:
    status = 400
    if isinstance(error, _Wrong):
        status = error.status
    elif isinstance(error, StoreError):
        status = 404 if isinstance(error, NotFound) else 503
    return _json({"error": str(error)}, status)


def _json(value: Any, status: int = 200) -> Response:
    try:
        body = orjson.dumps(value)
    except TypeError:  # a lone surrogate, which an original may hold
        body = json.dumps(value).encode("ascii")
    return Response(body, status, media_type="application/json")
