"""A client that costs little: raw requests over kept connections, each timed."""

import asyncio
import time
from collections.abc import Callable

HEAD = (
    "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: k\r\n"
    "anthropic-version: 2023-06-01\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n"
)


class Connection:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, limit=1 << 22
        )

    async def ask(self, body: bytes) -> float:
        """Seconds until the whole answer was there."""
        begun = time.perf_counter()
        self._writer.write(HEAD.format(len(body)).encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(head.decode())
        low = head.lower()
        at = low.find(b"content-length:")
        if at >= 0:
            await self._reader.readexactly(int(low[at + 15 :].split(b"\r\n")[0]))
        else:
            while size := int(await self._reader.readline(), 16):
                await self._reader.readexactly(size + 2)
            await self._reader.readexactly(2)
        return time.perf_counter() - begun

    def close(self) -> None:
        self._writer.close()


async def one_by_one(port: int, bodies: list[bytes]) -> list[float]:
    """The time of each request, one client."""
    connection = Connection(port)
    await connection.open()
    times = [await connection.ask(body) for body in bodies]
    connection.close()
    return times


async def many(port: int, clients: int, each: int, body: Callable[[int], bytes]) -> float:
    """Requests per second with so many clients at once."""
    connections = [Connection(port) for _ in range(clients)]
    for connection in connections:
        await connection.open()

    async def client(number: int, connection: Connection) -> None:
        for turn in range(each):
            await connection.ask(body(number * each + turn))

    begun = time.perf_counter()
    await asyncio.gather(*(client(n, c) for n, c in enumerate(connections)))
    took = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    return clients * each / took
