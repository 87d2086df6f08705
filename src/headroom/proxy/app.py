"""The ASGI application: our own few paths, and the proxy for all others."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson
from starlette.applications import Starlette

from headroom.billing import Prices
from headroom.counting import Books, Tally
from headroom.counting.shown import Bounds, ShownEdits
from headroom.proxy import dashboard, own_paths, sockets
from headroom.proxy.exchange import Exchange
from headroom.proxy.guard import Guard, Refusal
from headroom.proxy.incoming import Receive, Scope, Send, connection_of, head_of
from headroom.proxy.preparation import Preparation
from headroom.proxy.projects import Projects
from headroom.proxy.services import Services
from headroom.proxy.signing import Signer
from headroom.proxy.trial import Trial
from headroom.proxy.upstream import Upstream
from headroom.settings import Settings

_BENEATH = "/stats/"


@dataclass(frozen=True, slots=True)
class App:
    """What uvicorn runs. `own` serves our own paths and the start and end of the process."""

    services: Services
    own: Starlette
    paths: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request, handshake, or the life of the server."""
        if scope["type"] == "lifespan":
            return await self.own(scope, receive, send)
        head = head_of(scope)
        # The page holds no data: it asks for the token, and for everything else with it.
        public = scope["path"] == dashboard.PAGE
        refusal = self.services.guard.refusal(head.headers, public=public)
        if scope["type"] == "websocket":
            if refusal is not None:
                await sockets.deny(send, refusal)
            else:
                await sockets.serve(self.services, head, scope, receive, send)
        elif refusal is not None:
            await _refuse(send, refusal)
        elif scope["path"] in self.paths or scope["path"].startswith(_BENEATH):
            await self.own(scope, receive, send)
        else:
            await Exchange(self.services, head, send, connection_of(scope)).run(receive)
        return None


def create_app(settings: Settings, now: Callable[[], float] = time.time) -> App:
    """The application for these settings. It opens nothing before it is started. `now` gives
    seconds since 1970.

    Raises:
        SettingsError: the settings do not allow a safe proxy.
    """
    proxy = settings.proxy
    proxy.check()
    projects, prices = Projects(settings), Prices.load(settings.prices)
    shown = ShownEdits(settings.home, Bounds(days=settings.store_days))
    books = Books(prices, shown if proxy.keep_edits else None)
    trial = Trial(settings, prices)
    services = Services(
        settings=proxy,
        guard=Guard(proxy.token, proxy.allowed_hosts, proxy.max_header_bytes),
        projects=projects,
        preparation=Preparation(proxy, projects, books, trial, now),
        upstream=Upstream(proxy.upstream_connect_seconds, proxy.upstream_read_seconds),
        signer=Signer(proxy.bedrock_region),
        tally=Tally(settings.home, days=settings.store_days, books=books),
        books=books,
        trial=trial,
        now=now,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.ensure_future(asyncio.to_thread(projects.warm))
        services.preparation.shortening.compressing.after(warming)
        watching = asyncio.ensure_future(trial.watch())
        async with services.upstream:
            yield
        watching.cancel()
        await warming
        services.preparation.shortening.compressing.close()
        services.tally.close()
        projects.close()

    routes = [*own_paths.routes(services), *dashboard.routes(services)]
    own = Starlette(routes=routes, lifespan=lifespan)
    return App(services, own, frozenset(route.path for route in routes))


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = orjson.dumps({"error": {"type": "headroom_refused", "message": refusal.reason}})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
