"""Anthropic's Messages: the reply as a message and as its events."""

from collections.abc import Iterator
from typing import Any

from scripted_upstream.prompt_cache import PromptCache
from scripted_upstream.values import (
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
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
Event = tuple[str, dict[str, Any]]


def signature(thinking: str) -> str:
    """The signature under a thinking block."""
    return named("sig", thinking, size=40)


def error(status: int, message: str) -> dict[str, Any]:
    """The body of an error."""
    inner = {"type": _KINDS.get(status, "api_error"), "message": message}
    return {"type": "error", "error": inner, "request_id": named("req_", status, message)}


def said(request: Request, reply: Reply, cache: PromptCache) -> Said:
    """The reply to a request for a message."""
    content = blocks(request, reply)
    spent = cache.by_marks(request.json)
    usage = {
        "input_tokens": spent.fresh,
        "cache_creation_input_tokens": spent.written,
        "cache_read_input_tokens": spent.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": spent.written,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": tokens(content),
        "service_tier": "standard",
        **reply.usage,
    }
    whole = {
        "id": named("msg_", request.number, compact(content)),
        "type": "message",
        "role": "assistant",
        "model": request.json.get("model", ""),
        "content": content,
        "stop_reason": reply.stop or ("tool_use" if reply.calls else "end_turn"),
        "stop_sequence": None,
        "usage": usage,
    }
    broken = error(529, "Overloaded")
    return Said(whole, list(events(whole, reply)), sse, ("error", broken))


def blocks(request: Request, reply: Reply) -> list[dict[str, Any]]:
    """What is said as content blocks."""
    content: list[dict[str, Any]] = []
    if reply.thinking:
        sealed = {"thinking": reply.thinking, "signature": signature(reply.thinking)}
        content.append({"type": "thinking", **sealed})
    for part in reply.parts:
        if isinstance(part, ToolCall):
            ident = call_id("toolu_", request, len(content), part)
            content.append({
                "type": "tool_use", "id": ident, "name": part.name, "input": dict(part.arguments),
            })  # fmt: skip
        else:
            content.append({"type": "text", "text": part})
    return content


def events(whole: dict[str, Any], reply: Reply) -> Iterator[Event]:
    """A message as the events that build it."""
    usage = {**whole["usage"], "output_tokens": 1}
    start = {**whole, "content": [], "stop_reason": None, "usage": usage}
    yield _event("message_start", message=start)
    yield _event("ping")
    for index, block in enumerate(whole["content"]):
        yield _event("content_block_start", index=index, content_block=_empty(block))
        for delta in _deltas(block, reply):
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    ending = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    spent = {"output_tokens": whole["usage"]["output_tokens"]}
    yield _event("message_delta", delta=ending, usage=spent)
    yield _event("message_stop")


def _event(name: str, **fields: Any) -> Event:
    return name, {"type": name, **fields}


def _empty(block: dict[str, Any]) -> dict[str, Any]:
    if block["type"] == "tool_use":
        return {**block, "input": {}}
    return {key: value if key == "type" else "" for key, value in block.items()}


def _deltas(block: dict[str, Any], reply: Reply) -> Iterator[dict[str, Any]]:
    if block["type"] == "text":
        for text in reply.deltas(block["text"]):
            yield {"type": "text_delta", "text": text}
    elif block["type"] == "thinking":
        for text in reply.deltas(block["thinking"]):
            yield {"type": "thinking_delta", "thinking": text}
        yield {"type": "signature_delta", "signature": block["signature"]}
    else:
        yield {"type": "input_json_delta", "partial_json": ""}
        for text in reply.deltas(compact(block["input"])):
            yield {"type": "input_json_delta", "partial_json": text}


def counted(request: Request) -> dict[str, Any]:
    """The reply to count_tokens."""
    body = request.json
    return {"input_tokens": tokens([body.get(key) for key in ("tools", "system", "messages")])}


def batch(request: Request) -> dict[str, Any]:
    """A batch that has been taken in; of an id, if the request names one, else a new one."""
    last = request.path.rsplit("/", 1)[1]
    ident = last if last.startswith("msgbatch_") else named("msgbatch_", request.body)
    wanted = request.json.get("requests", ()) if isinstance(request.json, dict) else ()
    time = "2026-01-01T00:00:00Z"
    return {
        "id": ident,
        "type": "message_batch",
        "processing_status": "in_progress",
        "request_counts": {
            "processing": len(wanted), "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0,
        },
        "created_at": time,
        "expires_at": "2026-01-02T00:00:00Z",
        "ended_at": None,
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": None,
    }  # fmt: skip


def models(_request: Request) -> dict[str, Any]:
    """The list of models."""
    names = ("claude-opus-5-5", "claude-haiku-5-5")
    found = [
        {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
        for name in names
    ]
    return {"data": found, "has_more": False, "first_id": names[0], "last_id": names[-1]}
