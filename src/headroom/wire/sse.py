"""Server-sent events: a stream cut at its blank lines, and events written as the stream does.

Lines end in LF, CRLF or CR. A frame goes out as soon as its blank line is there. An event larger
than the limit is handed on in pieces without a payload, so that memory is bounded. What a
payload says is not known here, but for the `type` that names the event in named streams.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import re

import orjson

from headroom.wire.framing import Frame

MAX_EVENT = 16 * 1024 * 1024
"""Bytes of one event that are held to read it."""

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
# A CR can be half of a CRLF, so behind LF it waits for the next byte. Behind a lone CR it does
# not: a stream of CRs would otherwise be late by one event.
_EVENT_END = re.compile(rb"\r\r|\n(?:\r?\n|\r(?=[^\n]))")
_BLANK = re.compile(rb"\n|\r(?:\n|(?=[^\n]))")
# What nearly every event looks like, where all lines end in LF.
_USUAL = re.compile(rb"(?:event: ?([^\n]*)\n)?data: ?([^\n]*)\n\n")
_TYPE = re.compile(rb'\{\s*"type"\s*:\s*"([\w.-]+)"')
_NAME = re.compile(r"[\w.-]+")


class SseFraming:
    """One stream of server-sent events."""

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._limit = limit
        self._held = bytearray()
        self._looked = 0
        self._begun = False
        self._oversize = False
        self._only_lf = True
        self._named = False
        self._line_end = b"\n"

    def feed(self, data: bytes) -> list[Frame]:
        """The events that are complete with `data`."""
        self._held += data
        self._only_lf = self._only_lf and b"\r" not in data
        frames = []
        start = 0
        while (found := self._next(start)) is not None:
            end, readable = found
            raw = bytes(self._held[start:end])
            frames.append(self._frame(raw) if readable else Frame(raw, b""))
            start = self._looked = end
        del self._held[:start]
        self._looked -= start
        return frames

    def rest(self) -> bytes:
        """The bytes of an event that is not complete yet."""
        return bytes(self._held)

    def frame(self, payload: bytes, like: Frame | None) -> bytes:
        """An event with this payload, named by its `type` where the stream names its events."""
        lines = [b"data: " + line for line in _LINE_END.split(payload)]
        if self._named or (like is not None and like.name):
            name = _type_of(payload) or (like.name if like is not None else b"")
            lines[:0] = [b"event: " + name] if name else []
        return self._line_end.join([*lines, b"", b""])

    def _next(self, start: int) -> tuple[int, bool] | None:
        """Where the frame ends that starts at `start`, and whether it is one whole event; None
        while it is not complete."""
        held = self._held
        if not self._oversize and (blank := _BLANK.match(held, start)):
            return blank.end(), True
        end = self._event_end(max(start, self._looked - 2))
        if end is not None and end - start <= self._limit:
            whole, self._oversize = not self._oversize, False
            return end, whole
        self._looked = len(held)
        if len(held) - start <= self._limit:
            return None
        end = start + self._limit
        while held[end - 1] in b"\r\n" and end > start + 1:
            end -= 1  # what ends the event must not be torn apart
        self._oversize = True
        return end, False

    def _event_end(self, start: int) -> int | None:
        if self._only_lf:
            at = self._held.find(b"\n\n", start)
            return at + 2 if at >= 0 else None
        found = _EVENT_END.search(self._held, start)
        return found.end() if found else None

    def _frame(self, raw: bytes) -> Frame:
        text = raw
        if not self._begun:
            self._begun = True
            text = raw.removeprefix(_BOM)
            if ended := _LINE_END.search(raw):
                self._line_end = ended[0]
        if self._only_lf and (usual := _USUAL.fullmatch(text)):
            name, payload = usual[1] or b"", usual[2]
        else:
            name, payload = _fields(text)
        self._named = self._named or bool(name)
        return Frame(raw, payload, name)


def _fields(raw: bytes) -> tuple[bytes, bytes]:
    """The name and the data of an event, whatever else it holds."""
    name = b""
    data = []
    for line in _LINE_END.split(raw):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
    return name, b"\n".join(data)


def _type_of(payload: bytes) -> bytes:
    if found := _TYPE.match(payload):
        return found[1]
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return b""
    name = value.get("type") if isinstance(value, dict) else None
    return name.encode() if isinstance(name, str) and _NAME.fullmatch(name) else b""
