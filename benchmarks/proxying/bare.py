"""A bare pass-through with the same server and the same client as the proxy's: what any proxy
built on them pays."""

import sys

import aiohttp
import uvicorn


def application(upstream: str):  # type: ignore[no-untyped-def]
    """An ASGI application that passes everything to `upstream`."""
    session: list[aiohttp.ClientSession] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                if message["type"] == "lifespan.startup":
                    connector = aiohttp.TCPConnector(limit=0)
                    session.append(
                        aiohttp.ClientSession(connector=connector, auto_decompress=False)
                    )
                else:
                    await session[0].close()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = [
            (k.decode(), v.decode())
            for k, v in scope["headers"]
            if k not in (b"host", b"content-length")
        ]
        url = upstream + scope["path"]
        async with session[0].request(scope["method"], url, headers=headers, data=body) as answer:
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": list(answer.raw_headers),
                }
            )
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    return app


if __name__ == "__main__":
    uvicorn.run(
        application(sys.argv[2]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=False,
        log_level="warning",
    )
