"""Gemini's generateContent and what stands beside it."""

from typing import Any

from scripted_upstream.prompt_cache import PromptCache
from scripted_upstream.values import Reply, Request, Said, ToolCall, compact, named, sse, tokens

_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_SIGNED = "c2lnbmVk"


def error(status: int, message: str) -> dict[str, Any]:
    """The body of an error."""
    name = _NAMES.get(status, "UNKNOWN")
    return {"error": {"code": status, "message": message, "status": name}}


def said(request: Request, reply: Reply, cache: PromptCache) -> Said:
    """The reply to generateContent, and to streamGenerateContent as server-sent events."""
    body = request.json
    parts = _parts(reply)
    spent = cache.by_prefix([body.get(key) for key in ("tools", "systemInstruction", "contents")])
    written = tokens(parts)
    usage: dict[str, Any] = {
        "promptTokenCount": spent.total,
        "candidatesTokenCount": written,
        "totalTokenCount": spent.total + written,
    }
    if spent.read:
        usage["cachedContentTokenCount"] = spent.read
    usage |= reply.usage
    ident = named("", request.number, compact(parts))

    def chunk(some: list[dict[str, Any]], finish: str | None) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"parts": some, "role": "model"}}
        if finish:
            candidate["finishReason"] = finish
        candidate["index"] = 0
        model = request.path.rpartition("/")[2].partition(":")[0]
        return {
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": model,
            "responseId": ident,
        }

    finish = reply.stop or "STOP"
    pieces = _pieces(parts, reply) or [{"text": ""}]
    events = [("", chunk([piece], None)) for piece in pieces[:-1]]
    events.append(("", chunk(pieces[-1:], finish)))
    return Said(chunk(parts, finish), events, _frame, ("", error(503, "Overloaded")))


def _parts(reply: Reply) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if reply.thinking:
        parts.append({"text": reply.thinking, "thought": True})
    for part in reply.parts:
        if isinstance(part, ToolCall):
            call: dict[str, Any] = {"name": part.name, "args": dict(part.arguments)}
            call = {"id": part.id, **call} if part.id else call
            parts.append({"functionCall": call, "thoughtSignature": _SIGNED})
        else:
            parts.append({"text": part})
    return parts


def _pieces(parts: list[dict[str, Any]], reply: Reply) -> list[dict[str, Any]]:
    found = []
    for part in parts:
        if "text" in part:
            found += [{**part, "text": text} for text in reply.deltas(part["text"])]
        else:
            found.append(part)
    return found


def _frame(name: str, data: object) -> bytes:
    return sse(name, data).replace(b"\n", b"\r\n")


def counted(request: Request) -> dict[str, Any]:
    """The reply to countTokens."""
    return {"totalTokens": tokens(request.json.get("contents"))}


def models(_request: Request) -> dict[str, Any]:
    """The list of models."""
    return {"models": [{"name": "models/gemini-3-pro", "version": "3", "displayName": "Gemini"}]}
