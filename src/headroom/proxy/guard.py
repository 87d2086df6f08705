"""Who may speak to the proxy: programs on this machine, and whoever holds the token.

A web page must not reach it, neither by a name that it lets resolve to this machine (the Host
header tells) nor by a request from a browser (the Origin header tells). Pure.
"""

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from headroom.proxy.headers import Header, value_of

TOKEN_HEADER = b"x-headroom-token"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""As nearly everybody spells it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status and a sentence for the person behind the client."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Guard:
    """`hosts` are names by which the proxy may be called beside this machine's own. With a
    `token` every request must carry it, and then may come by any name."""

    token: str = ""
    hosts: Sequence[str] = ()
    max_header_bytes: int = 65_536

    def refusal(self, headers: Sequence[Header], *, public: bool = False) -> Refusal | None:
        """Why a request with these headers is refused; None where it may pass. What is `public`
        needs no token."""
        if sum(map(len, chain.from_iterable(headers))) > self.max_header_bytes:
            return Refusal(431, f"the headers are larger than {self.max_header_bytes:,} bytes")
        origin = value_of(headers, b"origin")
        if origin and not self._may_ask(origin):
            return Refusal(403, f"web pages may not use this proxy (origin {origin[:200]!r})")
        if self.token and not public:
            said = value_of(headers, TOKEN_HEADER).encode("latin-1")
            if hmac.compare_digest(said, self.token.encode()):
                return None
            return Refusal(401, "this proxy wants its token in the header x-headroom-token")
        host = value_of(headers, b"host")
        if not self._is_ours(host):
            return Refusal(
                403,
                f"this proxy is not called {host[:200]!r}; add the name to allowed_hosts in the "
                "[proxy] table of headroom.toml",
            )
        return None

    def _may_ask(self, origin: str) -> bool:
        """Only what neither a web page nor a browser's extension can send: an editor's own scheme,
        or a page of this machine."""
        scheme, _, rest = origin.lower().partition("://")
        if not rest or scheme.endswith("-extension"):
            return False
        return scheme not in ("http", "https") or self._is_ours(rest)

    def _is_ours(self, host: str) -> bool:
        name = _name_of(host)
        return is_loopback(name) or name in self.hosts


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine alone."""
    if name in _LOOPBACK or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    """A host without its port, brackets and final dot, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")
