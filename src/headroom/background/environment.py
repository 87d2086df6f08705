"""The environment that a proxy in the background is given. Pure.

It was the shell's of whoever happened to start it: what points clients at the proxy would point
the proxy at itself, and what is relative would mean another place.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

_PATHS = ("HEADROOM_HOME", "HEADROOM_CONFIG")


def for_proxy(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """`environ` without variables that are the URL of the proxy on this port."""
    kept = {name: said for name, said in environ.items() if not _is_here(said, port)}
    for name in _PATHS:
        if said := kept.get(name):
            kept[name] = str(Path(said).expanduser().absolute())
    return kept


def _is_here(said: str, port: int) -> bool:
    if str(port) not in said:
        return False
    try:
        parts = urlsplit(said if "://" in said else f"//{said}")
        return parts.port == port and _is_loopback(parts.hostname or "")
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
