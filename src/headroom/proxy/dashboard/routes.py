"""The dashboard's routes.

    GET /dashboard                                       the page, without any data
    GET /stats/series?hours=&east=                       sums by spans of time
    GET /stats/requests?hours=&limit=&before=ID          the latest requests
    GET /stats/requests/NAME                             one request with its edits
    GET /stats/requests/NAME?edit=N                      one of its edits with its texts

Sums are of `counting`; nothing is added up here. What the data hold is for this page and for
programs: a page of another origin is refused, though it is one of this machine.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headroom.counting import recent
from headroom.counting.shown import ShownEdit, ShownEdits
from headroom.errors import StoreError
from headroom.proxy.dashboard import page
from headroom.proxy.services import Services

PAGE = "/dashboard"
_MOST_REQUESTS = 200
_AT_ONCE = 600_000
"""Characters of texts that come with a request's edits; the others are asked for one by one."""
_EAST = 18 * 3_600
_OURS = ("", "same-origin", "none")

Answer = Callable[[Request], Awaitable[Response]]


class _Wrong(Exception):
    """A question that cannot be answered, and why."""


def routes(services: Services) -> list[Route]:
    """The routes of the dashboard over these services."""
    own = _Dashboard(services)
    return [
        Route(PAGE, own.page),
        Route("/stats/series", _answered(own.series)),
        Route("/stats/requests", _answered(own.requests)),
        Route("/stats/requests/{name}", _answered(own.request)),
    ]


class _Dashboard:
    def __init__(self, services: Services) -> None:
        self._tally, self._now = services.tally, services.now
        self._home = services.projects.settings.home
        self._keeps_edits = services.settings.keep_edits
        self._shown = ShownEdits(self._home)
        self._page = page.load()

    async def page(self, request: Request) -> Response:
        """The page, packed where the browser takes that, and only where it has none yet."""
        headers = dict(self._page.headers)
        if self._page.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self._page.plain, headers=headers)
        return Response(self._page.packed, headers=headers | {"content-encoding": "gzip"})

    async def series(self, request: Request) -> Mapping[str, Any]:
        hours = _hours(request)
        east = _number(request, "east", 0, -_EAST, _EAST)
        step = recent.step_of(hours)
        await asyncio.to_thread(self._tally.flush)
        since = self._since(hours)
        found = await asyncio.to_thread(recent.series, self._home, since, step, east)
        return {"since": since, "step": step, "points": found[0], "earlier": found[1]}

    async def requests(self, request: Request) -> Mapping[str, Any]:
        limit = _number(request, "limit", 50, 1, _MOST_REQUESTS)
        before = _number(request, "before", 0, 0, 2**63 - 1) or None
        since = self._since(_hours(request))
        await asyncio.to_thread(self._tally.flush)
        # One more than is shown tells whether there are more.
        found = await asyncio.to_thread(
            lambda: recent.requests(self._home, since, before=before, limit=limit + 1)
        )
        return {"requests": found[:limit], "more": len(found) > limit, "edits": self._keeps_edits}

    async def request(self, request: Request) -> Mapping[str, Any] | None:
        name = request.path_params["name"]
        if "edit" in request.query_params:
            place = _number(request, "edit", 0, 0, 10**6)
            return await asyncio.to_thread(self._edit, name, place)
        return await asyncio.to_thread(self._request, name)

    def _since(self, hours: float | None) -> float | None:
        return None if hours is None else self._now() - hours * 3_600

    def _request(self, name: str) -> Mapping[str, Any] | None:
        found = recent.request(self._home, name)
        edits = self._shown.of(name)
        if found is None and not edits:
            return None
        return {"name": name, "request": found, "edits": _told(edits), "kept": self._keeps_edits}

    def _edit(self, name: str, place: int) -> Mapping[str, Any] | None:
        edits = self._shown.of(name)
        return _whole(place, edits[place]) if place < len(edits) else None


def _told(edits: Sequence[ShownEdit]) -> list[Mapping[str, Any]]:
    """The edits; with their texts, as long as those are not too many: what is new first."""
    room, told = _AT_ONCE, {}
    for place, edit in sorted(enumerate(edits), key=lambda one: not one[1].is_new):
        room -= edit.before_size + edit.after_size
        told[place] = _whole(place, edit) if room >= 0 else _described(place, edit)
    return [told[place] for place in range(len(edits))]


def _whole(place: int, edit: ShownEdit) -> dict[str, Any]:
    before, after = map(_printable, edit.texts())
    return {**_described(place, edit), "before": before, "after": after}


def _described(place: int, edit: ShownEdit) -> dict[str, Any]:
    return {
        "place": place,
        "path": edit.path,
        "compressor": edit.compressor,
        "fidelity": edit.fidelity,
        "tokens_before": edit.tokens_before,
        "tokens_after": edit.tokens_after,
        "before_size": edit.before_size,
        "after_size": edit.after_size,
        "is_new": edit.is_new,
        "before": None,
        "after": None,
    }


def _printable(text: str) -> str:
    """The text as JSON can hold it: half a character, which an original may hold, is none."""
    return text.encode("utf-8", "replace").decode()


def _answered(ask: Callable[[Request], Awaitable[Mapping[str, Any] | None]]) -> Answer:
    """What a question about data gets: the data, or a sentence about what is wrong."""

    async def answer(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "") not in _OURS:
            return _json({"error": "only this proxy's own page may ask for this"}, 403)
        try:
            found = await ask(request)
        except _Wrong as error:
            return _json({"error": str(error)}, 400)
        except StoreError as error:
            return _json({"error": str(error)}, 503)
        return (
            _json({"error": "there is nothing under this name"}, 404)
            if found is None
            else (_json(found))
        )

    return answer


def _hours(request: Request) -> float | None:
    said = request.query_params.get("hours")
    if not said:
        return None
    try:
        hours = float(said)
    except ValueError:
        hours = math.nan
    if not 0 <= hours < math.inf:
        raise _Wrong(f"hours={said[:40]!r} is no number of hours")
    return hours


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    said = request.query_params.get(name)
    if not said:
        return default
    try:
        number = int(said)
    except ValueError:
        number = most + 1
    if not least <= number <= most:
        raise _Wrong(f"{name}={said[:40]!r} must be a whole number from {least} to {most}")
    return number


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(orjson.dumps(value), status, headers, media_type="application/json")
