"""The items that a Responses conversation is made of, told apart.

Rule: an item says who it came from (the model, or the client) and which call it belongs to. Types
that are not known here count as the model's, and are never taken for a call of ours.
https://platform.openai.com/docs/api-reference/responses
"""

from collections.abc import Iterable, Sequence
from typing import Any

from headroom.conversation import Path
from headroom.markers import TOOL_NAME
from headroom.wire._api import Call
from headroom.wire.values import decoded, encoded

Item = dict[str, Any]

FRAME = "response.create"
"""The type of a WebSocket frame that asks for a response."""
PLAIN_NAMESPACES = (None, "", "functions")
"""Where a function stands that is in no namespace of its own."""

_CLIENTS_OWN = frozenset(
    {"additional_tools", "compaction", "compaction_trigger", "mcp_approval_response"}
)
_TEXT_PARTS = ("input_text", "output_text")


def request_in(body: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """The request in a body or a WebSocket frame, and the way to it. Some clients wrap it."""
    wrapped = body.get("response")
    if body.get("type") == FRAME and isinstance(wrapped, dict):
        return wrapped, ("response",)
    return body, ()


def dumps(value: Any) -> bytes:
    """`value` as JSON; empty where it nests too deep, as what a client sends may."""
    try:
        return encoded(value)
    except RecursionError:
        return b""


def text(value: Any) -> str:
    """`value` if it is a text, else empty."""
    return value if isinstance(value, str) else ""


def kind_of(item: Any) -> str:
    """The type of an item; one that only has a role is a message."""
    if not isinstance(item, dict):
        return ""
    return text(item.get("type")) or ("message" if "role" in item else "")


def is_said(item: Any) -> bool:
    """Whether an item came from the model, or refers to one that did."""
    kind = kind_of(item)
    if kind == "message":
        return bool(item.get("role") == "assistant")
    answers = kind.endswith("_output") and kind != "program_output"
    return bool(kind) and kind not in _CLIENTS_OWN and not answers


def is_ours(item: Any) -> bool:
    """Whether an item is a call of the retrieve tool that the proxy serves."""
    return (
        kind_of(item) == "function_call"
        and item.get("name") == TOOL_NAME
        and item.get("namespace") in PLAIN_NAMESPACES
    )


def awaits_client(items: Sequence[Item]) -> bool:
    """Whether the model waits for the client after saying `items`: for the result of a call that
    nobody has answered yet, or for an approval."""
    answered = {text(item.get("call_id")) for item in items if not is_said(item)}
    return any(
        is_said(item)
        and not is_ours(item)
        and kind_of(item) not in ("program", "program_output")
        and (
            kind_of(item) == "mcp_approval_request"
            or (
                text(item.get("call_id")) not in ("", *answered)
                and item.get("execution") != "server"
            )
        )
        for item in items
    )


def call_in(item: Item) -> Call:
    """A call of the retrieve tool."""
    arguments = decoded(text(item.get("arguments")).encode("utf-8", "replace"))
    read = arguments if isinstance(arguments, dict) else {}
    return Call(text(item.get("call_id")), read)


def outputs_for(items: Iterable[Item], results: Sequence[str]) -> list[Item]:
    """The result items for the calls of the retrieve tool in `items`, in order."""
    outputs = []
    for item, result in zip(filter(is_ours, items), results, strict=False):
        caller = {"caller": item["caller"]} if item.get("caller") else {}
        call_id = item.get("call_id")
        outputs.append(
            {"type": "function_call_output", "call_id": call_id, "output": result, **caller}
        )
    return outputs


def without_id(item: Item) -> Item:
    """An item of the model's, apart from what the API has on record of it: one that names its id
    is refused without the reasoning that came with it."""
    return {key: value for key, value in item.items() if key != "id"}


def said_in(message: Item) -> str:
    """The text of a message."""
    content = message.get("content")
    return content if isinstance(content, str) else "".join(part["text"] for part in texts(content))


def texts(content: Any) -> list[Item]:
    """The text parts of a message's or a result's content."""
    parts = content if isinstance(content, list) else ()
    return [part for part in parts if is_text(part)]


def is_text(part: Any) -> bool:
    """Whether a part of a content is plain text."""
    return (
        isinstance(part, dict)
        and part.get("type") in _TEXT_PARTS
        and isinstance(part.get("text"), str)
    )


def bare(said: str) -> str:
    """A text as it compares: clients strip, join and split what they were told."""
    return "".join(said.split())
