"""OpenAI's Responses: items in, items out, with the memory of what was stored."""

from collections.abc import Iterator
from typing import Any

from scripted_upstream.openai_chat import error
from scripted_upstream.prompt_cache import PromptCache
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

Item = dict[str, Any]
Event = tuple[str, dict[str, Any]]


class Stored:
    """The conversations behind `previous_response_id`."""

    def __init__(self) -> None:
        self._items: dict[str, list[Item]] = {}

    def history(self, body: dict[str, Any]) -> list[Item] | None:
        """All items of the conversation that `body` goes on with, its own among them; None where
        the response that it names is not known."""
        previous = body.get("previous_response_id")
        if previous and previous not in self._items:
            return None
        wanted = body.get("input") or []
        if isinstance(wanted, str):
            wanted = [{"type": "message", "role": "user", "content": wanted}]
        return [*self._items.get(previous or "", ()), *wanted]

    def keep(self, ident: str, items: list[Item]) -> None:
        """What stands behind the response `ident`."""
        self._items[ident] = items


def said(request: Request, reply: Reply, cache: PromptCache, history: list[Item]) -> Said:
    """The reply to a request for a response."""
    body = request.json
    output = [] if body.get("generate") is False else list(_items(request, reply, history))
    spent = cache.by_prefix([body.get("instructions"), body.get("tools"), history])
    written = tokens(output)
    usage = {
        "input_tokens": spent.total,
        "input_tokens_details": {"cached_tokens": spent.read},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": spent.total + written,
        **reply.usage,
    }
    shell = _shell(request)
    status = "incomplete" if reply.stop else "completed"
    details = {"reason": reply.stop} if reply.stop else None
    whole = {
        **shell,
        "status": status,
        "incomplete_details": details,
        "output": output,
        "usage": usage,
    }
    events = [
        (name, {"type": name, "sequence_number": number, **fields})
        for number, (name, fields) in enumerate(_events(shell, whole, reply))
    ]
    broken = {
        "type": "error", "code": "server_error", "message": "The server had an error",
        "param": None, "sequence_number": len(events),
    }  # fmt: skip
    return Said(whole, events, sse, ("error", broken))


def compacted(request: Request, history: list[Item]) -> dict[str, Any]:
    """The reply of the compaction endpoint: what the user said, and the rest sealed."""
    kept = [{"type": "message", **item} for item in history if item.get("role") == "user"]
    output = [*kept, _sealed(request, history)]
    spent, written = tokens(history), tokens(output)
    return {
        "id": named("resp_", request.number, "compaction"),
        "object": "response.compaction",
        "created_at": CREATED,
        "output": output,
        "usage": {
            "input_tokens": spent,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": spent + written,
        },
    }


def _sealed(request: Request, history: list[Item]) -> Item:
    secret = named("gAAAAA", compact(history), size=60)
    ident = named("cmp_", request.number)
    return {"id": ident, "type": "compaction", "encrypted_content": secret}


def _shell(request: Request) -> dict[str, Any]:
    body = request.json
    return {
        "id": named("resp_", request.number, body.get("model")),
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": body.get("metadata") or {},
        "model": body.get("model", ""),
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "reasoning": body.get("reasoning") or {"effort": None, "summary": None},
        "store": body.get("store", True),
        "temperature": 1.0,
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
    }


def _items(request: Request, reply: Reply, history: list[Item]) -> Iterator[Item]:
    if history and history[-1].get("type") == "compaction_trigger":
        yield _sealed(request, history)
        return
    if reply.thinking:
        yield {
            "id": named("rs_", request.number, reply.thinking),
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": reply.thinking}],
            "encrypted_content": named("gAAAAA", reply.thinking, size=60),
        }
    for at, part in enumerate(reply.parts):
        if isinstance(part, ToolCall):
            yield _call(request, at, part)
        else:
            text = {"type": "output_text", "text": part, "annotations": [], "logprobs": []}
            yield {
                "id": named("msg_", request.number, at, part),
                "type": "message",
                "status": "completed",
                "role": "assistant",
                "content": [text],
            }


def _call(request: Request, at: int, call: ToolCall) -> Item:
    common = {
        "status": "completed",
        "call_id": call_id("call_", request, at, call),
        "name": call.name,
    }
    if call.freeform is not None:
        ident = named("ctc_", request.number, at, call.name)
        return {"id": ident, "type": "custom_tool_call", **common, "input": call.freeform}
    ident = named("fc_", request.number, at, call.name)
    arguments = compact(call.arguments)
    return {"id": ident, "type": "function_call", **common, "arguments": arguments}


def _events(shell: dict[str, Any], whole: dict[str, Any], reply: Reply) -> Iterator[Event]:
    yield "response.created", {"response": shell}
    yield "response.in_progress", {"response": shell}
    for index, item in enumerate(whole["output"]):
        yield "response.output_item.added", {"output_index": index, "item": _begun(item)}
        for name, fields in _growth(item, reply):
            yield name, {"item_id": item["id"], "output_index": index, **fields}
        yield "response.output_item.done", {"output_index": index, "item": item}
    yield f"response.{whole['status']}", {"response": whole}


def _begun(item: Item) -> Item:
    """An item before anything of it has been said."""
    empty = {"arguments": "", "input": "", "content": [], "summary": []}
    begun = {key: empty.get(key, value) for key, value in item.items()}
    return {**begun, "status": "in_progress"} if "status" in item else begun


def _growth(item: Item, reply: Reply) -> Iterator[Event]:
    if item["type"] == "message":
        yield from _text(item["content"][0], reply)
    elif item["type"] == "reasoning":
        yield from _summary(item["summary"][0], reply)
    elif item["type"] == "function_call":
        for text in reply.deltas(item["arguments"]):
            yield "response.function_call_arguments.delta", {"delta": text}
        whole = {"name": item["name"], "arguments": item["arguments"]}
        yield "response.function_call_arguments.done", whole
    elif item["type"] == "custom_tool_call":
        for text in reply.deltas(item["input"]):
            yield "response.custom_tool_call_input.delta", {"delta": text}
        yield "response.custom_tool_call_input.done", {"input": item["input"]}


def _text(part: Item, reply: Reply) -> Iterator[Event]:
    yield "response.content_part.added", {"content_index": 0, "part": {**part, "text": ""}}
    for text in reply.deltas(part["text"]):
        fields = {"content_index": 0, "delta": text, "logprobs": []}
        yield "response.output_text.delta", fields
    whole = {"content_index": 0, "text": part["text"], "logprobs": []}
    yield "response.output_text.done", whole
    yield "response.content_part.done", {"content_index": 0, "part": part}


def _summary(part: Item, reply: Reply) -> Iterator[Event]:
    opened = {"summary_index": 0, "part": {**part, "text": ""}}
    yield "response.reasoning_summary_part.added", opened
    for text in reply.deltas(part["text"]):
        yield "response.reasoning_summary_text.delta", {"summary_index": 0, "delta": text}
    yield "response.reasoning_summary_text.done", {"summary_index": 0, "text": part["text"]}
    yield "response.reasoning_summary_part.done", {"summary_index": 0, "part": part}


def refusal(status: int, message: str) -> dict[str, Any]:
    """An error as a WebSocket frame."""
    return {"type": "error", "status": status, **error(status, message)}
