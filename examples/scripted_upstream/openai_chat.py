"""OpenAI's chat completions, and the older endpoints beside them."""

import base64
import hashlib
import struct
from collections.abc import Iterator
from typing import Any

from scripted_upstream.prompt_cache import Input, PromptCache
from scripted_upstream.values import (
    CREATED,
    Reply,
    Request,
    Said,
    ToolCall,
    call_id,
    compact,
    named,
    sse,
    tokens,
)

_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
}
_DIMENSIONS = 8
Event = tuple[str, Any]


def error(status: int, message: str) -> dict[str, Any]:
    """The body of an error."""
    kind = _KINDS.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def said(request: Request, reply: Reply, cache: PromptCache) -> Said:
    """The reply to a request for a chat completion."""
    body = request.json
    message = _message(request, reply)
    spent = cache.by_prefix([body.get("tools"), body.get("messages")])
    head = {
        "id": named("chatcmpl-", request.number, compact(message)),
        "created": CREATED,
        "model": body.get("model", ""),
        "service_tier": "default",
        "system_fingerprint": "fp_scripted",
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": reply.stop or ("tool_calls" if reply.calls else "stop"),
    }
    usage = _usage(spent, tokens(message), reply)
    whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
    asked = bool((body.get("stream_options") or {}).get("include_usage"))
    events = list(_events({**head, "object": "chat.completion.chunk"}, choice, reply))
    if asked:
        # With usage asked for, every chunk but the last says that it has none.
        events = [(name, {**chunk, "usage": None}) for name, chunk in events]
        last = {**head, "object": "chat.completion.chunk", "choices": [], "usage": usage}
        events.append(("", last))
    events.append(("", "[DONE]"))
    return Said(whole, events, sse, ("", error(500, "The server had an error")))


def _message(request: Request, reply: Reply) -> dict[str, Any]:
    text = "".join(part for part in reply.parts if isinstance(part, str))
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text or None,
        "refusal": None,
        "annotations": [],
    }
    if reply.thinking:
        message["reasoning_content"] = reply.thinking
    if reply.calls:
        message["tool_calls"] = [
            _call(call_id("call_", request, at, call), call) for at, call in enumerate(reply.calls)
        ]
    return message


def _call(ident: str, call: ToolCall) -> dict[str, Any]:
    if call.freeform is not None:
        custom = {"name": call.name, "input": call.freeform}
        return {"id": ident, "type": "custom", "custom": custom}
    function = {"name": call.name, "arguments": compact(call.arguments)}
    return {"id": ident, "type": "function", "function": function}


def _usage(spent: Input, output: int, reply: Reply) -> dict[str, Any]:
    return {
        "prompt_tokens": spent.total,
        "completion_tokens": output,
        "total_tokens": spent.total + output,
        "prompt_tokens_details": {"cached_tokens": spent.read, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        **reply.usage,
    }


def _events(head: dict[str, Any], choice: dict[str, Any], reply: Reply) -> Iterator[Event]:
    message = choice["message"]
    first = {"role": "assistant", "content": "" if message["content"] else None, "refusal": None}
    for delta in (first, *_deltas(message, reply)):
        yield "", {**head, "choices": [_chunk(delta, None)]}
    yield "", {**head, "choices": [_chunk({}, choice["finish_reason"])]}


def _chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _deltas(message: dict[str, Any], reply: Reply) -> Iterator[dict[str, Any]]:
    for text in reply.deltas(message.get("reasoning_content", "")):
        yield {"reasoning_content": text}
    for text in reply.deltas(message["content"] or ""):
        yield {"content": text}
    for index, call in enumerate(message.get("tool_calls", ())):
        kind = call["type"]
        field = "arguments" if kind == "function" else "input"
        opened = {**call, "index": index, kind: {**call[kind], field: ""}}
        yield {"tool_calls": [opened]}
        for text in reply.deltas(call[kind][field]):
            yield {"tool_calls": [{"index": index, kind: {field: text}}]}


def said_plainly(request: Request, reply: Reply, cache: PromptCache) -> Said:
    """The reply to a request for a completion of the older kind: text alone."""
    head = {
        "id": named("cmpl-", request.number, reply.text),
        "object": "text_completion",
        "created": CREATED,
        "model": request.json.get("model", ""),
    }

    def part(text: str, finish: str | None) -> list[dict[str, Any]]:
        return [{"text": text, "index": 0, "logprobs": None, "finish_reason": finish}]

    usage = _usage(cache.by_prefix(request.json.get("prompt")), tokens(reply.text), reply)
    whole = {**head, "choices": part(reply.text, reply.stop or "stop"), "usage": usage}
    events: list[Event] = [
        ("", {**head, "choices": part(text, None)}) for text in reply.deltas(reply.text)
    ]
    events += [("", {**head, "choices": part("", reply.stop or "stop")}), ("", "[DONE]")]
    return Said(whole, events, sse, ("", error(500, "The server had an error")))


def embedded(request: Request) -> dict[str, Any]:
    """The reply to a request for embeddings: numbers made of the text's hash."""
    wanted = request.json.get("input")
    texts = wanted if isinstance(wanted, list) else [wanted]
    packed = request.json.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _vector(compact(text), packed)}
        for index, text in enumerate(texts)
    ]
    spent = tokens(wanted)
    return {
        "object": "list",
        "data": data,
        "model": request.json.get("model", ""),
        "usage": {"prompt_tokens": spent, "total_tokens": spent},
    }


def _vector(text: str, packed: bool) -> str | list[float]:
    numbers = [byte / 256 for byte in hashlib.sha256(text.encode()).digest()[:_DIMENSIONS]]
    if packed:
        return base64.b64encode(struct.pack(f"<{_DIMENSIONS}f", *numbers)).decode()
    return numbers


def models(_request: Request) -> dict[str, Any]:
    """The list of models."""
    found = [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "scripted"}
        for name in ("gpt-6.1-sol", "gpt-5.5", "gpt-4o")
    ]
    return {"object": "list", "data": found}
