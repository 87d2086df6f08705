"""Content codings of bodies: gzip, deflate and zstd, unpacked within a limit. Pure.

What cannot be unpacked is no error here: the body then passes as it is, unread.
"""

import sys
import zlib
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_STEP = 1 << 20
_MEMBERS = 64
"""Members that one piece of a body may hold. Each costs a copy of all that follows it in the
piece, and empty ones come no nearer to the limit."""


class Unreadable(Exception):
    """A body whose coding is unknown, damaged, or larger unpacked than allowed."""


class Decoder(Protocol):
    """One body unpacked as it comes."""

    def feed(self, data: bytes) -> bytes:
        """The bytes that are known by now.

        Raises:
            Unreadable: the data is damaged, or too large.
        """
        ...


def decoder(coding: str, limit: int) -> Decoder:
    """A decoder for the value of a content-encoding header.

    Raises:
        Unreadable: the coding is not known here.
    """
    names = [name.strip().lower() for name in coding.split(",") if name.strip()]
    if not names or names == ["identity"]:
        return _Identity()
    if len(names) > 1:
        raise Unreadable(f"several codings: {coding[:100]}")
    if names[0] in ("gzip", "x-gzip"):
        return _Limited(_Inflate(zlib.MAX_WBITS | 16), limit)
    if names[0] == "deflate":
        return _Limited(_Inflate(zlib.MAX_WBITS), limit)
    if names[0] == "zstd":
        return _Limited(_Zstandard(), limit)
    raise Unreadable(f"unknown coding: {coding[:100]}")


def decoded(body: bytes, coding: str, limit: int) -> bytes:
    """A whole body unpacked.

    Raises:
        Unreadable: it cannot be, or not within `limit` bytes.
    """
    return decoder(coding, limit).feed(body)


class _Identity:
    def feed(self, data: bytes) -> bytes:
        return data


class _Unpacking(Protocol):
    members: int

    def feed(self, data: bytes) -> bytes: ...

    def pending(self) -> bool: ...


class _Limited:
    """Unpacks in steps, so that a small body cannot fill the memory."""

    def __init__(self, inner: _Unpacking, limit: int) -> None:
        self._inner = inner
        self._left = limit

    def feed(self, data: bytes) -> bytes:
        try:
            most = self._inner.members + _MEMBERS
            parts = [self._inner.feed(data)]
            self._left -= len(parts[0])
            while self._left >= 0 and self._inner.pending():
                if self._inner.members >= most:
                    raise Unreadable(f"more than {_MEMBERS} members")
                parts.append(self._inner.feed(b""))
                self._left -= len(parts[-1])
        except (zlib.error, zstd.ZstdError, EOFError) as error:
            raise Unreadable(str(error)) from error
        if self._left < 0:
            raise Unreadable("larger unpacked than allowed")
        return b"".join(parts)


class _Inflate:
    """gzip or deflate; several members one after another are one body."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._stream = zlib.decompressobj(bits)
        self._rest = b""
        self.members = 0

    def feed(self, data: bytes) -> bytes:
        data = self._rest + data
        if self._stream.eof and data:
            self.members += 1
            self._stream = zlib.decompressobj(self._bits)
        out = self._stream.decompress(data, _STEP)
        self._rest = self._stream.unconsumed_tail or self._stream.unused_data
        return out

    def pending(self) -> bool:
        return bool(self._rest)


class _Zstandard:
    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor()
        self._rest = b""
        self.members = 0

    def feed(self, data: bytes) -> bytes:
        data = self._rest + data
        if self._stream.eof and data:
            self.members += 1
            self._stream = zstd.ZstdDecompressor()
        out = self._stream.decompress(data, _STEP) if data or not self._stream.eof else b""
        self._rest = self._stream.unused_data if self._stream.eof else b""
        return out

    def pending(self) -> bool:
        return bool(self._rest) if self._stream.eof else not self._stream.needs_input
