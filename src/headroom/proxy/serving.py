"""The server process: one address, one or several workers, a graceful end."""

import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from types import FrameType

import uvicorn
from uvicorn.supervisors import Multiprocess

from headroom.errors import SettingsError
from headroom.proxy import log
from headroom.proxy.app import App, create_app
from headroom.proxy.connection import ClientProtocol, ServerConfig
from headroom.settings import ProxySettings, Settings

_KEEP_ALIVE = 75
_COLLECT = (2_000, 10, 10)
_BACKLOG = 2_048


@dataclass(frozen=True, slots=True)
class _Factory:
    """Makes the application in each worker; sent there with the settings inside."""

    settings: Settings

    def __call__(self) -> App:
        proxy = self.settings.proxy
        log.configure(proxy.log_level, proxy.log_format)
        if parent := multiprocessing.parent_process():
            threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
        application = create_app(self.settings)
        # What is loaded by now stays: not looked through again while requests wait.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECT)
        return application


def _end_after(parent: BaseProcess) -> None:
    """A worker whose parent was killed is stopped by nobody, and would keep the port."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def serve(settings: Settings) -> None:
    """Run the proxy until it is told to stop.

    Raises:
        SettingsError: the address is not free, or the settings do not allow a safe proxy.
    """
    proxy = settings.proxy
    proxy.check()
    listening = _listen(proxy.host, proxy.port)
    config = configured(_Factory(settings), proxy)
    with listening:
        if proxy.workers > 1 and sys.platform == "linux":
            with _Reserved.instead_of(listening) as reserved:
                Multiprocess(config, sockets=[reserved]).run()
        elif proxy.workers > 1:
            Multiprocess(config, sockets=[listening]).run()
        else:
            # uvicorn raises the signal that ended it once more: all is done by then.
            signal.signal(signal.SIGTERM, _leave)
            uvicorn.Server(config).run(sockets=[listening])


def _leave(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def configured(application: App | _Factory, proxy: ProxySettings) -> ServerConfig:
    """How uvicorn is to run the application, or what a factory makes in each worker."""
    config = ServerConfig(
        application,
        factory=isinstance(application, _Factory),
        http=ClientProtocol,
        ws="websockets-sansio",
        ws_max_size=proxy.max_body_bytes,
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=int(proxy.shutdown_seconds),
        workers=proxy.workers,
        backlog=_BACKLOG,
    )
    config.header_seconds = proxy.header_seconds
    config.header_bytes = proxy.max_header_bytes
    return config


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, number)
    except OSError as error:
        raise SettingsError(f"{host}:{port} is no address to listen on: {error}") from error
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        listening.set_inheritable(True)
    except OSError as error:
        listening.close()
        raise SettingsError(f"cannot listen on {host}:{port}: {error}") from error
    return listening


class _Reserved(socket.socket):
    """An address that is held and not listened at. Sent to a worker it is a socket of the worker's
    own that listens there, and the kernel shares clients out among those. Of one socket for all,
    the worker that wakes up first takes every client that waits."""

    @classmethod
    def instead_of(cls, listening: socket.socket) -> "_Reserved":
        """The same address, which was free to listen at."""
        address = listening.getsockname()
        listening.close()
        return cls._at(listening.family, address)

    @classmethod
    def _at(cls, family: int, address: tuple[str, int]) -> "_Reserved":
        reserved = cls(family, socket.SOCK_STREAM)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(address)
        return reserved

    def __reduce__(self) -> tuple[Callable[..., socket.socket], tuple[object, ...]]:
        return _Reserved._at, (int(self.family), self.getsockname())
