"""An upstream that costs next to nothing: it reads a request and sends one fixed answer."""

import asyncio
import sys

ANSWER = (
    b'{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text",'
    b'"text":"Done."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,'
    b'"output_tokens":2}}'
)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Client(asyncio.Protocol):
    """One connection; requests come one after another, with a content-length."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.held = b""

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            head = self.held[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n")[0]) if at >= 0 else 0
            if len(self.held) < end + 4 + size:
                return
            self.held = self.held[end + 4 + size :]
            self.transport.write(HEAD % len(ANSWER) + ANSWER)  # type: ignore[attr-defined]


async def main(port: int) -> None:
    """Answer on `port` until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Client, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
