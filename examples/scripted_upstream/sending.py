"""How an answer goes out: whole or event by event, coded, slow or broken as the script wants."""

from aiohttp import web

from scripted_upstream.apis import Packer
from scripted_upstream.values import Reply, Said


async def send_whole(incoming: web.Request, reply: Reply, body: bytes) -> web.StreamResponse:
    """An answer of one piece, with its length said in advance."""
    coding = _coding(incoming, reply)
    packer = Packer(coding)
    packed = packer.pack(body) + packer.end()
    response = web.StreamResponse(status=reply.status, headers=_headers(reply, coding))
    response.content_length = len(packed)
    if "content-type" not in response.headers:
        response.content_type = "application/json"
    await response.prepare(incoming)
    if reply.hold:
        await reply.hold.until.wait()
    if reply.fault:
        await response.write(packed[: len(packed) // 2])
        return _closed(incoming, response)
    await response.write(packed)
    await response.write_eof()
    return response


async def send_events(incoming: web.Request, reply: Reply, said: Said) -> web.StreamResponse:
    """An answer of events, as they come."""
    coding = _coding(incoming, reply)
    response = web.StreamResponse(headers=_headers(reply, coding))
    response.headers.setdefault("content-type", said.content_type)
    response.enable_chunked_encoding()
    await response.prepare(incoming)
    packer = Packer(coding)
    for number, (name, data) in enumerate(said.events):
        if reply.hold and reply.hold.after == number:
            await reply.hold.until.wait()
        frame = said.frame(name, data)
        fault = reply.fault.kind if reply.fault and reply.fault.after == number else ""
        if fault == "malformed":
            frame = said.frame(name, '{"not JSON')
        elif fault == "error":
            frame = said.frame(*said.error)
        elif fault == "half":
            frame = frame[: len(frame) // 2]
        if fault != "cut":
            await _write(response, packer.pack(frame), reply.write)
        if fault in ("cut", "half"):
            return _closed(incoming, response)
        if fault == "error":
            break
    if ending := packer.end():
        await response.write(ending)
    await response.write_eof()
    return response


async def _write(response: web.StreamResponse, data: bytes, size: int) -> None:
    for at in range(0, len(data), size or max(len(data), 1)):
        await response.write(data[at : at + size] if size else data)


def _closed(incoming: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The connection ends here, what was written having been sent, and the answer does not."""
    if incoming.transport is not None:
        incoming.transport.close()
    response.force_close()
    return response


def _coding(incoming: web.Request, reply: Reply) -> str:
    accepted = incoming.headers.get("accept-encoding", "")
    return reply.coding if reply.coding in accepted else ""


def _headers(reply: Reply, coding: str) -> dict[str, str]:
    headers = {"x-request-id": "req_scripted", **reply.headers}
    return {**headers, "content-encoding": coding} if coding else headers
