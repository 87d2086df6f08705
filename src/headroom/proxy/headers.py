"""Which headers cross the proxy: all that concern the two ends, none that concern one connection.

Pure. Values are passed as they are and never looked into beyond what the rule needs.
"""

from collections.abc import Iterable, Sequence

Header = tuple[bytes, bytes]

_HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
_NOT_UPSTREAM = _HOP_BY_HOP | {b"host", b"content-length", b"expect"}
_CODING = frozenset((b"content-encoding",))
_LENGTH = frozenset((b"content-length",))
_OWN = b"x-headroom-"
READABLE = (b"gzip", b"deflate", b"zstd", b"identity")
"""Content codings whose answers can be read here."""


def to_upstream(
    headers: Sequence[Header], *, recoded: bool = False, measured: bool = False
) -> list[tuple[str, str]]:
    """The client's headers for upstream, in their order and spelling. What is accepted as a
    coding of the answer is kept as far as it can be read here; with `recoded` the body is no
    longer coded as the client says, with `measured` it is as long as the client says."""
    dropped = _NOT_UPSTREAM
    if named := _listed(headers):
        dropped |= named
    if recoded:
        dropped |= _CODING
    if measured:
        dropped -= _LENGTH
    kept = []
    for name, value in headers:
        low = name.lower()
        if low in dropped or low.startswith(_OWN):
            continue
        if low == b"accept-encoding":
            value = _readable(value)
        kept.append((name.decode("latin-1"), _text(value)))
    return kept


def to_client(headers: Sequence[Header], *, without: Iterable[bytes] = ()) -> list[Header]:
    """Upstream's headers for the client, in their order and spelling."""
    dropped = _HOP_BY_HOP
    if named := _listed(headers).union(without):
        dropped |= named
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def value_of(headers: Iterable[Header], name: bytes) -> str:
    """The first value of a header; empty without one. `name` is lower-case."""
    for key, value in headers:
        if key.lower() == name:
            return value.decode("latin-1")
    return ""


def _listed(headers: Iterable[Header]) -> frozenset[bytes]:
    """The headers that the connection header says are its own."""
    named: set[bytes] = set()
    for name, value in headers:
        if name.lower() == b"connection":
            named.update(part.strip().lower() for part in value.split(b","))
    return frozenset(named)


def _text(value: bytes) -> str:
    """A value as the client to upstream takes it: it writes UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _readable(accepted: bytes) -> bytes:
    """The codings in `accepted` that can be read here, with their weights; identity if none."""
    parts = [part.strip() for part in accepted.split(b",")]
    kept = [part for part in parts if part.split(b";")[0].strip().lower() in READABLE]
    return b", ".join(kept) or b"identity"
