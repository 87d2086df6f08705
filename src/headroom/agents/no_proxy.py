"""A corporate proxy, and how requests to this machine pass it by.

Clients that honour HTTP_PROXY, HTTPS_PROXY or ALL_PROXY ask that proxy for 127.0.0.1 too, which it
does not have, unless NO_PROXY names it.
"""

from collections.abc import Mapping

HERE = "127.0.0.1"
NAMES = ("no_proxy", "NO_PROXY")
"""Both are set: clients differ in which of them wins."""
_KINDS = ("http_proxy", "https_proxy", "all_proxy")
_PROXIES = (*_KINDS, *(name.upper() for name in _KINDS))


def needed(own: Mapping[str, object], environ: Mapping[str, object]) -> str:
    """What NO_PROXY must say in the `own` variables that a client's settings put over those of
    its environment; empty where no proxy is in the way, or it needs to say nothing."""
    if not _first(own, _PROXIES) and not _first(environ, _PROXIES):
        return ""
    mine, said = _first(own, NAMES), _first(environ, NAMES)
    if not mine and _covers(said):
        return ""
    said = mine or said
    return said if _covers(said) else ",".join(filter(None, (said, HERE)))


def _covers(said: str) -> bool:
    return bool({HERE, "*"} & {host.strip() for host in said.split(",")})


def _first(environ: Mapping[str, object], names: tuple[str, ...]) -> str:
    values = map(environ.get, names)
    return next((value for value in values if isinstance(value, str) and value), "")
