"""What the tests of the background share: settings of a port, who serves there, a server that is
no proxy, and a proxy of another version.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from headroom import settings
from headroom.settings import Settings

PATIENCE = threading.Event()


def chosen_for(port: int, **others: object) -> Settings:
    """Settings under the test's home folder, for a proxy on this port."""
    return settings.load(overrides={"port": port, **others})


def serving(port: int) -> list[int]:
    """The processes whose command line is that of a proxy on this port."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if b"headroom" in words and b"proxy" in words and b"%d" % port in words:
                found.append(int(path.parent.name))
    return found


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds, which must come."""
    for _ in range(1_000):
        if holds():
            return
        PATIENCE.wait(0.02)
    raise AssertionError("it did not come to that")


def of_version(version: str, folder: Path) -> dict[str, str]:
    """The environment in which a headroom says that it is of this version."""
    told = folder / f"version-{version}"
    about = told / f"headroom_ai-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: headroom-ai\nVersion: {version}")
    (told / "sitecustomize.py").write_text(f"import headroom\nheadroom.__version__ = {version!r}")
    return {**settings.environment(), "PYTHONPATH": str(told)}


@contextlib.contextmanager
def answering_with(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A port where each connection gets the next of these bytes, the last one again and again; and
    what was heard."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listening, list(answers), heard))
    thread.start()
    try:
        yield listening.getsockname()[1], heard
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _serve(listening: socket.socket, answers: list[bytes], heard: list[bytes]) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client, contextlib.suppress(OSError):
            said = client.recv(1 << 16)
            heard.append(said)
            if said:
                client.sendall(answers.pop(0) if len(answers) > 1 else answers[0])
                client.shutdown(socket.SHUT_WR)
                client.recv(1 << 16)


def ok(body: bytes) -> bytes:
    """A good answer with this body."""
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + body
