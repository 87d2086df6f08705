"""AWS event streams (`application/vnd.amazon.eventstream`): binary messages, each with checksums.

    total length (4) · headers' length (4) · CRC of those 8 (4) · headers · payload · CRC (4)
    a header: name's length (1) · name · type (1) · value, its length (2) before it where it varies

A message that cannot be read (an exception, an unknown event) is a frame without payload and
passes as it came. After one whose length or checksum is wrong nothing can be trusted to begin
where it should: all that follows passes unread. What an event means is the wire format's.
https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
"""

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from headroom.wire.framing import Frame

_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_MOST_HEADERS = 128 * 1024
_MOST_PAYLOAD = 24 * 1024 * 1024
_LEAST = _PRELUDE.size + _CRC.size
_FIXED_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
_BYTES, _STRING = 6, 7

_NAME = re.compile(rb"[A-Za-z0-9_.-]+")
_WRAPPED = re.compile(rb'\s*\{\s*"(?P<name>[A-Za-z0-9_.-]+)"\s*:\s*(?P<event>.*)\}\s*', re.DOTALL)
_EXCEPTION = b"Exception"
_CHUNK = b"chunk"
_EXCEPTIONS = {
    "invalid_request_error": b"validationException",
    "rate_limit_error": b"throttlingException",
    "overloaded_error": b"serviceUnavailableException",
    "timeout_error": b"modelTimeoutException",
}


@dataclass(frozen=True, slots=True)
class _Message:
    """`headers` has the string ones; it is empty where the message cannot be read."""

    raw: bytes
    payload: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def event(self) -> bytes:
        """The event's type; empty for exceptions and all else."""
        if self.headers.get(b":message-type") != b"event":
            return b""
        return self.headers.get(b":event-type", b"")


class EventStreamFraming:
    """The framing of `converse-stream`. A payload is `{"<event type>": <the event>}`, and one
    named `…Exception` is written as an exception message."""

    def __init__(self) -> None:
        self._messages = _Messages()

    def feed(self, data: bytes) -> list[Frame]:
        """The messages that `data` completes."""
        return [_wrapped(message) for message in self._messages.feed(data)]

    def frame(self, payload: bytes, like: Frame | None) -> bytes:
        """The message for a payload; nothing for one that is no event."""
        found = _WRAPPED.fullmatch(payload)
        return written(found["name"], found["event"].rstrip()) if found else b""

    def rest(self) -> bytes:
        """What has come of an incomplete message."""
        return self._messages.rest()


class InvokeStreamFraming:
    """The framing of `invoke-with-response-stream`. A payload is what a `chunk` event carries in
    base64: an event of the model's own API. An error event is written as an exception message,
    the only shape of an error that clients of this stream know."""

    def __init__(self) -> None:
        self._messages = _Messages()

    def feed(self, data: bytes) -> list[Frame]:
        """The messages that `data` completes."""
        return [_unpacked(message) for message in self._messages.feed(data)]

    def frame(self, payload: bytes, like: Frame | None) -> bytes:
        """The message for a payload."""
        if b'"error"' in payload and (error := _exception(payload)):
            return written(*error)
        return written(_CHUNK, b'{"bytes":"%s"}' % base64.b64encode(payload))

    def rest(self) -> bytes:
        """What has come of an incomplete message."""
        return self._messages.rest()


def written(name: bytes, payload: bytes) -> bytes:
    """The message for an event, or for an exception by its name."""
    kind = b"exception" if name.endswith(_EXCEPTION) else b"event"
    named = {
        b":%s-type" % kind: name,
        b":content-type": b"application/json",
        b":message-type": kind,
    }
    headers = b"".join(
        b"%c%s%c%s%s" % (len(key), key, _STRING, len(value).to_bytes(2, "big"), value)
        for key, value in named.items()
    )
    prelude = struct.pack(">II", _LEAST + len(headers) + len(payload), len(headers))
    message = b"".join((prelude, _CRC.pack(zlib.crc32(prelude)), headers, payload))
    return message + _CRC.pack(zlib.crc32(message))


class _Messages:
    """Cuts a stream into messages, whatever the pieces it comes in."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lost = False

    def feed(self, data: bytes) -> list[_Message]:
        """The messages that `data` completes; once the stream is corrupt, all of it unread."""
        self._buffer += data
        found = []
        at = 0
        while not self._lost and (end := self._end(at)):
            raw = bytes(self._buffer[at:end])
            if zlib.crc32(raw[:-4]) != _CRC.unpack(raw[-4:])[0]:
                self._lost = True
                break
            found.append(_read(raw))
            at = end
        del self._buffer[:at]
        if self._lost and self._buffer:
            found.append(_Message(self.rest()))
            self._buffer.clear()
        return found

    def rest(self) -> bytes:
        """What has come of an incomplete message."""
        return bytes(self._buffer)

    def _end(self, at: int) -> int:
        """Where the message that begins at `at` ends; 0 while that, or the end, has not come."""
        if len(self._buffer) - at < _PRELUDE.size:
            return 0
        total, headers, crc = _PRELUDE.unpack_from(self._buffer, at)
        self._lost = (
            zlib.crc32(self._buffer[at : at + 8]) != crc
            or headers > _MOST_HEADERS
            or not _LEAST + headers <= total <= _LEAST + headers + _MOST_PAYLOAD
        )
        if self._lost or len(self._buffer) - at < total:
            return 0
        return at + int(total)


def _read(raw: bytes) -> _Message:
    start = _PRELUDE.size + int.from_bytes(raw[4:8], "big")
    try:
        headers = _headers(raw[_PRELUDE.size : start])
    except (IndexError, KeyError, ValueError):
        return _Message(raw)
    return _Message(raw, raw[start:-4], headers)


def _headers(block: bytes) -> dict[bytes, bytes]:
    """The headers that are strings, by name."""
    found = {}
    at = 0
    while at < len(block):
        named = at + 1 + block[at]
        kind, start = block[named], named + 1
        if kind in (_BYTES, _STRING):
            start += 2
            end = start + int.from_bytes(block[start - 2 : start], "big")
        else:
            end = start + _FIXED_SIZES[kind]
        if end > len(block):
            raise ValueError("a header goes beyond the headers")
        if kind == _STRING:
            found[block[at + 1 : named]] = block[start:end]
        at = end
    return found


def _wrapped(message: _Message) -> Frame:
    name = message.event
    if not _NAME.fullmatch(name) or not message.payload.startswith(b"{"):
        return Frame(message.raw, b"", name)
    return Frame(message.raw, b'{"%s":%s}' % (name, message.payload), name)


def _unpacked(message: _Message) -> Frame:
    name = message.event
    payload = b""
    if name == _CHUNK:
        try:
            payload = base64.b64decode(orjson.loads(message.payload)["bytes"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            payload = b""
    return Frame(message.raw, payload, name)


def _exception(payload: bytes) -> tuple[bytes, bytes] | None:
    """The exception's name and payload for an error event; None for any other event."""
    try:
        event = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(event, dict) or event.get("type") != "error":
        return None
    error = event.get("error")
    error = error if isinstance(error, dict) else {}
    kind = error.get("type")
    name = _EXCEPTIONS.get(kind if isinstance(kind, str) else "", b"modelStreamErrorException")
    return name, orjson.dumps({"message": str(error.get("message") or "")})
