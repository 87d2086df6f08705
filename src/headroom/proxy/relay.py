"""Upstream's answer given to the client, over as many legs as the model's retrievals take.

An answer that nobody has to look into passes byte for byte as it comes. One that may hold a call
of the retrieve tool is read event by event; what is not such a call passes at once.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from headroom.errors import UpstreamError
from headroom.guarding import GuardedAnswer
from headroom.proxy import upstream
from headroom.proxy.coding import Decoder, Unreadable, decoder
from headroom.proxy.headers import Header, to_client, value_of
from headroom.proxy.incoming import Send
from headroom.proxy.retrieving import Retrievals
from headroom.wire import Answer, Framing
from headroom.wire.openai_responses.echo import as_asked

LONGEST_BODY = 64 << 20
"""Bytes of an answer in one piece that are held to be looked into."""
_END = re.compile(
    rb"message_delta|message_stop|messageStop|\[DONE\]|response\.(?:completed|incomplete|failed)"
    rb'|"(?:finish_reason|finishReason)"\s*:\s*"|"usage"\s*:\s*\{'
)
"""What stands in the last events of an answer, whoever's it is. Elsewhere it delays a word."""


@dataclass(slots=True)
class Relay:
    """One answer on its way. `framing` makes a reader for a stream's events, None where the
    body is one piece; `limit` bounds what an answer may be unpacked to; `ask` sends the
    request of a further leg. `retrievals` is None where no call of our tool can be in it,
    `keep_notes` where the calls of the client's are not guarded."""

    send: Send
    answer: Answer
    framing: Callable[[], Framing] | None
    limit: int
    on_first_byte: Callable[[], None]
    ask: Callable[[bytes], Awaitable[upstream.Answer]]
    retrievals: Retrievals | None = None
    keep_notes: Callable[[], Awaitable[None]] | None = None

    async def run(self, response: upstream.Answer) -> None:
        """Give the client the whole answer.

        Raises:
            UpstreamError: it was cut, or a further leg did not begin.
        """
        if self.retrievals is None and self.keep_notes is None:
            await self.watched(response)
        elif self.framing is None:
            await self.whole(response)
        else:
            await self.streamed(response)

    async def watched(self, response: upstream.Answer) -> None:
        """The bytes as they come; a copy is read for the usage."""
        await self._start(response, list(response.raw_headers))
        reading = self._reading(response)
        more = True
        while more:
            chunk, more = await upstream.read(response)
            await self._body(chunk, more=more)
            if reading is not None:
                try:
                    reading.feed(chunk)
                except Unreadable:
                    reading = None
        if reading is not None:
            reading.end()

    async def streamed(self, response: upstream.Answer) -> None:
        """A stream whose calls are looked at on the way."""
        reading = self._reading(response)
        if reading is None:
            return await self.watched(response)
        await self._start(response, _unpacked(response))
        while True:
            await self._leg(response, reading)
            body, owed = await self._following()
            if body is None:
                self._pieces(reading, owed)
                break
            response = await self._further(reading, body)
            following = self._reading(response) if response.status == 200 else None
            if following is None:
                self._pieces(reading, self.answer.give_up(await self._error(response)))
                break
            following.held, following.hides = reading.held, True
            reading = following
        await self._remember()
        await self._body(reading.held, more=False)
        return None

    async def whole(self, response: upstream.Answer) -> None:
        """An answer in one piece whose calls are looked at before it is given."""
        while True:
            raw = await _read(response)
            payload = _decoded(response, raw, self.limit)
            if payload is None or response.status != 200:
                return await self._as_it_is(response, raw)
            shown = self.answer.feed(payload)
            following, owed = await self._following()
            if following is None:
                shown = owed or shown
                break
            response = await self.ask(following)
        await self._remember()
        if shown is None:
            return await self._as_it_is(response, raw)
        body = b"".join(shown)
        headers = [*_unpacked(response), (b"content-length", str(len(body)).encode())]
        await self._start(response, headers)
        await self._body(body, more=False)
        return None

    async def _following(self) -> tuple[bytes | None, Sequence[bytes]]:
        """The request of a further leg, or what the client is still owed."""
        if self.retrievals is None:
            return None, ()
        return await self.retrievals.following(self.answer)

    async def _remember(self) -> None:
        """Keep what later requests need, before the client has the answer's end."""
        if self.retrievals is not None:
            await self.retrievals.remember(self.answer)
        if self.keep_notes is not None:
            await self.keep_notes()

    async def _further(self, reading: "_Reading", body: bytes) -> upstream.Answer:
        """The answer of a further leg; without one, the client has had all there is."""
        try:
            return await self.ask(body)
        except UpstreamError:
            await self._body(reading.held)
            raise

    async def _error(self, response: upstream.Answer) -> bytes:
        raw = await _read(response)
        return _decoded(response, raw, self.limit) or raw

    async def _leg(self, response: upstream.Answer, reading: "_Reading") -> None:
        try:
            more = True
            while more:
                chunk, more = await upstream.read(response)
                reading.held += reading.feed(chunk)
                # The end waits for what is to be remembered: a client may be off with it to its
                # next request.
                if reading.held and not (reading.hides and reading.ends):
                    await self._body(reading.held)
                    reading.held = b""
        except (UpstreamError, Unreadable) as error:
            # What stands before a cut is the client's too.
            if isinstance(self.answer, GuardedAnswer):
                self._pieces(reading, self.answer.release())
            with suppress(Unreadable):
                await self._body(reading.held + reading.end())
            raise UpstreamError(str(error)) from error
        reading.held += reading.end()

    def _pieces(self, reading: "_Reading", payloads: Sequence[bytes]) -> None:
        reading.held += b"".join(reading.written(payload) for payload in payloads)

    def _reading(self, response: upstream.Answer) -> "_Reading | None":
        try:
            unpack = decoder(_coding(response), self.limit)
        except Unreadable:
            return None
        return _Reading(self.answer, unpack, self.framing() if self.framing else None)

    async def _as_it_is(self, response: upstream.Answer, raw: bytes) -> None:
        await self._start(response, list(response.raw_headers))
        await self._body(raw, more=False)

    async def _start(self, response: upstream.Answer, headers: Sequence[Header]) -> None:
        self.on_first_byte()
        start = {"status": response.status, "headers": to_client(headers)}
        await self.send({"type": "http.response.start", **start})

    async def _body(self, data: bytes, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": more})


class _Reading:
    """One leg's bytes: unpacked, taken apart into events, shown to the answer. `hides` tells that
    something was changed or left out which later requests may need, `ends` that the last bytes may
    be the answer's end; `held` is what the client gets next."""

    def __init__(self, answer: Answer, unpack: Decoder, framing: Framing | None) -> None:
        self._answer = answer
        self._unpack = unpack
        self._framing = framing
        self._whole: list[bytes] = []
        self._size = 0
        self.hides = self.ends = False
        self.held = b""

    def feed(self, data: bytes) -> bytes:
        """What the client gets for these bytes of a stream.

        Raises:
            Unreadable: they are damaged.
        """
        data = self._unpack.feed(data)
        if self._framing is None:
            self._size += len(data)
            if self._size <= LONGEST_BODY:
                self._whole.append(data)
            return b""
        shown = []
        for frame in self._framing.feed(data):
            payloads = self._answer.feed(frame.payload) if frame.payload else None
            if payloads is None:
                shown.append(frame.raw)
            else:
                # That our tool is cut out of what upstream repeats of the request is no secret.
                self.hides = self.hides or list(payloads) != [as_asked(frame.payload)]
                shown += (self._framing.frame(payload, frame) for payload in payloads)
            said = (frame.payload,) if payloads is None else payloads
            if said and self.hides:
                self.ends = any(map(_END.search, said))
        return b"".join(shown)

    def written(self, payload: bytes) -> bytes:
        """A payload of our own as an event of this stream."""
        return self._framing.frame(payload, None) if self._framing else payload

    def end(self) -> bytes:
        """What of the leg was no whole event."""
        if self._framing is None:
            if self._whole and self._size <= LONGEST_BODY:
                self._answer.feed(b"".join(self._whole))
            return b""
        return self._framing.rest()


def _coding(response: upstream.Answer) -> str:
    return value_of(response.raw_headers, b"content-encoding")


def _unpacked(response: upstream.Answer) -> list[Header]:
    dropped = (b"content-length", b"content-encoding")
    return to_client(response.raw_headers, without=dropped)


async def _read(response: upstream.Answer) -> bytes:
    parts, more = [], True
    while more:
        chunk, more = await upstream.read(response)
        parts.append(chunk)
    return b"".join(parts)


def _decoded(response: upstream.Answer, raw: bytes, limit: int) -> bytes | None:
    try:
        return decoder(_coding(response), limit).feed(raw)
    except Unreadable:
        return None
