"""Many streams at once: an upstream that says every word at its time, clients that note when each
arrives. Every word bears its stream, its number and the time it was sent at, so that nothing can
be mixed up, lost, repeated or late without being seen."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

TOOL = "headroom_retrieve"
_WORD = re.compile(r"(\d+):(\d+):(\d+);")
_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"connection: close\r\n\r\n"
)
_ASK = (
    "POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: k\r\nconnection: close\r\n"
    "anthropic-version: 2023-06-01\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Pace:
    """`words` a stream, one each `seconds`. Every `retrieves`-th stream's model asks for an
    omission in the middle, and goes on in a second leg."""

    words: int
    seconds: float
    retrieves: int = 10


@dataclass(slots=True)
class Heard:
    """One stream as its client heard it: the numbers of its words in order, and for each the
    seconds that it was on its way. `strange` are words of other streams."""

    stream: int
    numbers: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    strange: int = 0
    raw: bytes = b""

    def take(self, line: bytes) -> None:
        """A line of the stream."""
        self.raw += line
        found = _WORD.search(line.decode())
        if found is None:
            return
        self.strange += int(found[1]) != self.stream
        self.numbers.append(int(found[2]))
        self.delays.append((time.monotonic_ns() - int(found[3])) / 1e9)

    def is_whole(self, pace: Pace) -> bool:
        """Whether each word of its own came, once and in order, and the end after them."""
        ended = self.raw.count(b"event: message_stop") == 1
        return ended and not self.strange and self.numbers == list(range(pace.words))


@asynccontextmanager
async def upstream(pace: Pace) -> AsyncIterator[str]:
    """The upstream's address, for as long as it serves."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        assert length is not None
        body = await reader.readexactly(int(length[1]))
        try:
            await _answer(body, writer, pace)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 22, backlog=1024)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def all_at_once(port: int, count: int, pace: Pace) -> list[Heard]:
    """As many clients at once, each with a stream of its own."""
    return list(await asyncio.gather(*(_listen(port, number, pace) for number in range(count))))


async def _listen(port: int, stream: int, pace: Pace) -> Heard:
    # Not all in one moment: people do not start together either.
    await asyncio.sleep(pace.seconds * (stream % 20) / 20)
    heard = Heard(stream)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    body = json.dumps(
        {
            "model": "claude-opus-5-5",
            "max_tokens": 9,
            "stream": True,
            "tools": [{"name": "look", "input_schema": {"type": "object"}}],
            "messages": [{"role": "user", "content": f"stream {stream} of many"}],
        }
    )
    writer.write(_ASK.format(len(body)).encode() + body.encode())
    while line := await reader.readline():
        heard.take(line)
    writer.close()
    return heard


async def _answer(body: bytes, writer: asyncio.StreamWriter, pace: Pace) -> None:
    stream = int(re.search(rb"stream (\d+) of many", body)[1])  # type: ignore[index]
    goes_on = b'"tool_result"' in body
    half = pace.words // 2 if stream % pace.retrieves == 0 else pace.words
    writer.write(_HEAD)
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": f"msg_{stream}", "role": "assistant", "content": [], "usage": usage}
    _event(writer, "message_start", message={"type": "message", "model": "m", **message})
    _event(writer, "content_block_start", index=0, content_block={"type": "text", "text": ""})
    for number in range(half, pace.words) if goes_on else range(half):
        await asyncio.sleep(pace.seconds)
        word = f"{stream}:{number}:{time.monotonic_ns()};"
        _event(writer, "content_block_delta", index=0, delta={"type": "text_delta", "text": word})
        await writer.drain()
    _event(writer, "content_block_stop", index=0)
    calls = half < pace.words and not goes_on
    if calls:
        call = {"type": "tool_use", "id": f"hidden_{stream}", "name": TOOL, "input": {}}
        asked = {"type": "input_json_delta", "partial_json": '{"ref":"aaaabbbb"}'}
        _event(writer, "content_block_start", index=1, content_block=call)
        _event(writer, "content_block_delta", index=1, delta=asked)
        _event(writer, "content_block_stop", index=1)
    stop = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    _event(writer, "message_delta", delta=stop, usage={"output_tokens": 9})
    _event(writer, "message_stop")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _event(writer: asyncio.StreamWriter, name: str, **fields: object) -> None:
    said = json.dumps({"type": name, **fields}, separators=(",", ":"))
    event = f"event: {name}\ndata: {said}\n\n".encode()
    writer.write(b"%x\r\n%s\r\n" % (len(event), event))
