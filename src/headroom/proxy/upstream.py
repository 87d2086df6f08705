"""The client to the providers: the only place that opens connections.

It adds no header, follows no redirect, unpacks nothing and retries nothing: what the client
asked is what upstream hears, and what upstream says is what comes back.
"""

import asyncio
import io
import urllib.request
from collections.abc import AsyncIterable, Sequence
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from headroom.errors import UpstreamError

_ADDED_BY_DEFAULT = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_KEEP_ALIVE = 15.0
_WRITTEN_AT_ONCE = 1 << 18
_LAST_BYTE_SECONDS = 0.05

Answer = aiohttp.ClientResponse
Socket = aiohttp.ClientWebSocketResponse
CLOSING = (aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
HandshakeRefused = aiohttp.WSServerHandshakeError


class Upstream:
    """Connections to all providers, kept alive between requests. Times are in seconds; the read
    time is the longest silence inside an answer."""

    def __init__(self, connect_seconds: float, read_seconds: float) -> None:
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=None, sock_connect=connect_seconds, sock_read=read_seconds
        )
        self._proxies = urllib.request.getproxies()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Upstream":
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=300, enable_cleanup_closed=False
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_ADDED_BY_DEFAULT,
            read_bufsize=1 << 18,
            max_line_size=1 << 16,
            max_field_size=1 << 16,
        )
        # aiohttp sends a GET again whose kept connection broke, and has no public switch for it.
        self._session._retry_connection = False
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | AsyncIterable[bytes] | None,
    ) -> Answer:
        """Upstream's answer once its head is there; its body is still to be read, and the
        answer to be released.

        Raises:
            UpstreamError: no answer came.
        """
        try:
            return await self._opened.request(
                method,
                URL(url, encoded=True),
                headers=_one_spelling(headers),
                data=_sendable(body),
                allow_redirects=False,
                proxy=self._proxy_for(url),
            )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise UpstreamError(_said(error, url)) from error

    async def open_socket(
        self, url: str, headers: Sequence[tuple[str, str]], protocols: Sequence[str], limit: int
    ) -> Socket:
        """A WebSocket to upstream.

        Raises:
            HandshakeRefused: upstream answered with a status of its own.
            UpstreamError: no answer came.
        """
        try:
            return await self._opened.ws_connect(
                URL(url, encoded=True),
                headers=headers,
                protocols=protocols,
                proxy=self._proxy_for(url),
                autoping=True,
                max_msg_size=limit,
                compress=15,
            )
        except HandshakeRefused:
            raise
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise UpstreamError(_said(error, url)) from error

    @property
    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise UpstreamError("the proxy is not running")
        return self._session

    def _proxy_for(self, url: str) -> str | None:
        """The proxy that the machine's settings name for `url`."""
        if not self._proxies:
            return None
        parts = urlsplit(url)
        proxy = self._proxies.get(parts.scheme)
        if proxy is None or urllib.request.proxy_bypass(parts.netloc):
            return None
        return proxy


async def read(answer: Answer) -> tuple[bytes, bool]:
    """What has come of an answer's body, once there is any or it has ended, and whether more is
    to come.

    Raises:
        UpstreamError: it was cut.
    """
    try:
        data = await answer.content.readany()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise UpstreamError(_said(error, str(answer.url))) from error
    return data, not answer.content.at_eof()


async def let_go(answer: Answer) -> None:
    """Be done with an answer. A client may leave with its last event in hand, a moment before
    upstream's last byte: then the connection is worth keeping."""
    if not answer.content.at_eof():
        with suppress(TimeoutError, asyncio.TimeoutError, aiohttp.ClientError, OSError):
            await asyncio.wait_for(answer.content.readany(), _LAST_BYTE_SECONDS)
    if answer.content.at_eof():
        answer.release()
    else:
        answer.close()


def _sendable(
    body: bytes | AsyncIterable[bytes] | None,
) -> bytes | io.BytesIO | AsyncIterable[bytes] | None:
    """A body in a shape in which a large one is written piece by piece."""
    if isinstance(body, bytes) and len(body) > _WRITTEN_AT_ONCE:
        return io.BytesIO(body)
    return body or None


def _one_spelling(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers that come more than once, all as the first is spelled: of others aiohttp sends
    the last alone."""
    spelled: dict[str, str] = {}
    return [(spelled.setdefault(name.lower(), name), value) for name, value in headers]


def _said(error: BaseException, url: str) -> str:
    """What went wrong, without the query and the answer's bytes that a message may quote."""
    parts = urlsplit(url)
    said = str(error)
    if isinstance(error, aiohttp.ClientResponseError):
        said = error.message.partition("\n")[0].rstrip(":")
    elif isinstance(error, aiohttp.InvalidURL):
        said = "no address"
    return f"no answer from {parts.scheme}://{parts.netloc}: {said or type(error).__name__}"
