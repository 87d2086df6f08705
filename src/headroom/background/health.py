"""Whether a headroom proxy answers at a URL, and what it says of itself.

Rule: whatever else answers there, or does not, is no error but `None`.
"""

import ipaddress
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

SECONDS = 5.0
PATIENT_SECONDS = 15.0
"""What a machine under load is given before its proxy is taken for another program."""
_MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Health:
    """What `/health` says. `process` is 0 where it names none."""

    version: str
    process: int
    uptime_seconds: float
    problems: tuple[str, ...] = ()


def ask(url: str, token: str = "", seconds: float = SECONDS) -> Health | None:
    """What the headroom proxy at `url` says within `seconds`; None where there is none."""
    try:
        said = orjson.loads(_body(url, token, seconds))
    except (OSError, ValueError):
        return None
    if not isinstance(said, dict) or said.get("service") != "headroom":
        return None
    process, uptime = said.get("process"), said.get("uptime_seconds")
    problems = said.get("problems")
    return Health(
        version=str(said.get("version", "")),
        process=process if type(process) is int and process > 0 else 0,
        uptime_seconds=float(uptime) if isinstance(uptime, (int, float)) else 0.0,
        problems=tuple(map(str, problems)) if isinstance(problems, list) else (),
    )


def is_taken(url: str) -> bool:
    """Whether any program takes connections at `url`."""
    try:
        with socket.create_connection(_address(url), SECONDS) as found:
            # Linux may connect a port that nobody listens on with itself.
            return bool(found.getsockname() != found.getpeername())
    except TimeoutError:
        # One that listens and is slow; elsewhere rather an address that is nobody's.
        return _is_here(_address(url)[0])
    except OSError:
        return False


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _body(url: str, token: str, seconds: float) -> bytes:
    """The body of the answer, which has to be a good one.

    Raises:
        ValueError: it is none.
    """
    host = urlsplit(url).netloc
    lines = ["GET /health HTTP/1.1", f"Host: {host}", "Connection: close"]
    if token:
        lines.append(f"x-headroom-token: {token}")
    request = "".join(f"{line}\r\n" for line in [*lines, ""]).encode("ascii")
    head, _, body = _exchanged(_address(url), request, seconds).partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise ValueError(f"no answer of {url}")
    return body


def _exchanged(address: tuple[str, int], request: bytes, seconds: float) -> bytes:
    held = bytearray()
    ends = time.monotonic() + seconds
    with socket.create_connection(address, seconds) as connection:
        connection.sendall(request)
        # One that was cut may have said all before.
        with suppress(ConnectionResetError):
            while len(held) < _MOST_BYTES:
                connection.settimeout(max(ends - time.monotonic(), 0.001))
                part = connection.recv(_MOST_BYTES)
                if not part:
                    break
                held += part
    return bytes(held)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80
