"""AWS Bedrock: converse in its own shape, invoke in Anthropic's, both in AWS event streams."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from scripted_upstream import anthropic_messages
from scripted_upstream.event_stream import message
from scripted_upstream.prompt_cache import PromptCache
from scripted_upstream.values import Reply, Request, Said, ToolCall, call_id, compact, tokens

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_KINDS = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
_METRICS = "amazon-bedrock-invocationMetrics"
Event = tuple[str, dict[str, Any]]


def error(_status: int, text: str) -> dict[str, Any]:
    """The body of an error; its kind stands in a header."""
    return {"message": text}


def error_headers(status: int) -> Mapping[str, str]:
    """The header that says what kind of error it is."""
    return {"x-amzn-ErrorType": _KINDS.get(status, "InternalServerException")}


def said(request: Request, reply: Reply, cache: PromptCache) -> Said:
    """The reply to converse and converse-stream."""
    body = request.json
    content = _blocks(request, reply)
    spent = cache.by_prefix([body.get(key) for key in ("toolConfig", "system", "messages")])
    written = tokens(content)
    usage = {
        "inputTokens": spent.total,
        "outputTokens": written,
        "totalTokens": spent.total + written,
        **reply.usage,
    }
    whole = {
        "metrics": {"latencyMs": 1},
        "output": {"message": {"content": content, "role": "assistant"}},
        "stopReason": reply.stop or ("tool_use" if reply.calls else "end_turn"),
        "usage": usage,
    }
    return Said(whole, list(_events(whole, reply)), _frame, _broken(), CONTENT_TYPE)


def said_in_anthropics_shape(request: Request, reply: Reply, cache: PromptCache) -> Said:
    """The reply to invoke and invoke-with-response-stream for a model of Anthropic's."""
    same = anthropic_messages.said(request, reply, cache)
    whole = {**same.whole, "model": unquote(request.path.split("/")[-2])}
    events = list(anthropic_messages.events(whole, reply))
    usage = whole["usage"]
    metrics = {
        "inputTokenCount": usage["input_tokens"],
        "outputTokenCount": usage["output_tokens"],
        "invocationLatency": 1,
        "firstByteLatency": 1,
    }
    events[-1] = (events[-1][0], {**events[-1][1], _METRICS: metrics})
    packed = [
        ("chunk", {"bytes": base64.b64encode(compact(data).encode()).decode()})
        for _, data in events
    ]
    return Said(whole, packed, _frame, _broken(), CONTENT_TYPE)


def _broken() -> Event:
    return "!throttlingException", {"message": "Too many requests"}


def _frame(name: str, data: object) -> bytes:
    """A message; an exclamation mark before the name makes it an exception."""
    exception = name.startswith("!")
    kind = "exception" if exception else "event"
    headers = {
        f":{kind}-type": name.removeprefix("!"),
        ":content-type": "application/json",
        ":message-type": kind,
    }
    text = data if isinstance(data, str) else compact(data)
    return message(headers, text.encode())


def _blocks(request: Request, reply: Reply) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = []
    if reply.thinking:
        signature = anthropic_messages.signature(reply.thinking)
        sealed = {"text": reply.thinking, "signature": signature}
        content.append({"reasoningContent": {"reasoningText": sealed}})
    for part in reply.parts:
        if isinstance(part, ToolCall):
            ident = call_id("tooluse_", request, len(content), part)
            call = {"toolUseId": ident, "name": part.name, "input": dict(part.arguments)}
            content.append({"toolUse": call})
        else:
            content.append({"text": part})
    return content


def _events(whole: dict[str, Any], reply: Reply) -> Iterator[Event]:
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(whole["output"]["message"]["content"]):
        at = {"contentBlockIndex": index}
        if call := block.get("toolUse"):
            start = {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}
            yield "contentBlockStart", {**at, "start": start}
        for delta in _deltas(block, reply):
            yield "contentBlockDelta", {**at, "delta": delta}
        yield "contentBlockStop", at
    yield "messageStop", {"stopReason": whole["stopReason"]}
    yield "metadata", {"metrics": whole["metrics"], "usage": whole["usage"]}


def _deltas(block: dict[str, Any], reply: Reply) -> Iterator[dict[str, Any]]:
    if call := block.get("toolUse"):
        for text in reply.deltas(compact(call["input"])):
            yield {"toolUse": {"input": text}}
    elif thought := block.get("reasoningContent"):
        for text in reply.deltas(thought["reasoningText"]["text"]):
            yield {"reasoningContent": {"text": text}}
        yield {"reasoningContent": {"signature": thought["reasoningText"]["signature"]}}
    else:
        for text in reply.deltas(block["text"]):
            yield {"text": text}
