"""Streamable HTTP, for clients that do not start the server themselves.

Who may speak to it: programs on this machine, and whoever holds the token. A web page may not,
whatever name it lets resolve to this machine.
"""

import hmac
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from headroom.errors import SettingsError
from headroom.mcp.roots import MAX_BYTES
from headroom.mcp.server import create_server

if TYPE_CHECKING:
    from headroom.mcp.tools import Tools

PATH = "/mcp"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_MAX_BODY = 2 * MAX_BYTES
"""Bytes of a request: a text has more of them inside JSON."""
_LEAVE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and for whom. `hosts` are names by which the server may be called beside
    this machine's own; with a `token` every request must carry it, and then may come by any
    name."""

    host: str
    port: int
    token: str = field(default="", repr=False)
    hosts: Sequence[str] = ()


class Guarded:
    """An application that answers only requests with the token."""

    def __init__(self, application: ASGIApp, token: str) -> None:
        self._application = application
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        if scope["type"] == "http" and (said := self._refusal(Headers(scope=scope))):
            await PlainTextResponse(said[1], said[0])(scope, receive, send)
            return
        await self._application(scope, receive, send)

    def _refusal(self, headers: Headers) -> tuple[int, str] | None:
        if headers.get("origin", "").startswith("http"):
            return 403, "web pages may not use this server"
        said = headers.get("x-headroom-token", "")
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            said = said or bearer.strip()
        if hmac.compare_digest(said.encode(), self._token):
            return None
        return 401, "this server wants its token, as x-headroom-token or as a bearer token"


def application(tools: "Callable[[], Tools]", listening: Listening) -> ASGIApp:
    """The ASGI application: each request stands for itself, so a restart loses no session."""
    served = create_server(tools).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=_MAX_BODY,
        transport_security=_security(listening),
    )
    return Guarded(served, listening.token) if listening.token else served


def serve_http(
    tools: "Callable[[], Tools]", listening: Listening, ready: Callable[[], None]
) -> None:
    """Serve clients over HTTP until the process is told to stop; `ready` is called once the
    address is ours.

    Raises:
        SettingsError: the address is not free.
    """
    config = uvicorn.Config(
        application(tools, listening),
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_LEAVE_SECONDS,
    )
    with _listen(listening) as taken:
        ready()
        # uvicorn raises the signal that ended it once more: all is done by then.
        signal.signal(signal.SIGTERM, _leave)
        uvicorn.Server(config).run(sockets=[taken])


def _leave(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def _security(listening: Listening) -> TransportSecuritySettings:
    """Names and origins that may be. A token proves more than a name does."""
    names = (*_LOOPBACK, *listening.hosts)
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=not listening.token,
        allowed_hosts=[spelt for name in names for spelt in (name, f"{name}:*")],
        allowed_origins=[f"http://{name}{port}" for name in _LOOPBACK for port in ("", ":*")],
    )


def _listen(listening: Listening) -> socket.socket:
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    try:
        return socket.create_server((listening.host, listening.port), family=family)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {listening.host}:{listening.port}: {error.strerror or error}; "
            "choose another with --port"
        ) from error
