"""Bedrock Converse: `toolUse` and `toolResult` blocks inside `content`, each block an object with
one key that says what it is.

A tool result holds texts, and JSON whose long strings are texts too. Reasoning, documents,
images, citations, guard content and what server tools gave are no texts of ours. The model is
named in the URL, not in the body.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import json
from collections.abc import Iterator
from typing import Any

from headroom.conversation import Block, Conversation, Kind, Message, Path
from headroom.wire.bedrock_converse.blocks import objects_in
from headroom.wire.parts import messages_of, model_of

LONG = 200
"""Characters from which on a string inside a JSON result is a text of its own."""

_KINDS = {"user": Kind.USER_TEXT, "assistant": Kind.ASSISTANT_TEXT, "system": Kind.SYSTEM_TEXT}
_OWN = frozenset(
    ("toolUse", "toolResult", "cachePoint", "reasoningContent", "citationsContent", "guardContent")
)


def view(body: dict[str, Any]) -> Conversation:
    """The conversation in a decoded request body; its system text comes first."""
    tools: dict[str, str] = {}
    messages = []
    if system := _texts(body.get("system"), Kind.SYSTEM_TEXT, ("system",)):
        messages.append(Message("system", tuple(system)))
    for index, message in messages_of(body):
        role = message.get("role")
        kind = _KINDS.get(role) if isinstance(role, str) else None
        path = ("messages", index, "content")
        blocks = _content(message.get("content"), kind, path, tools) if kind else []
        messages.append(Message(str(role), tuple(blocks)))
    return Conversation(model_of(body), tuple(messages))


def _content(content: Any, kind: Kind, path: Path, tools: dict[str, str]) -> list[Block]:
    blocks: list[Block] = []
    for index, part in objects_in(content):
        where = (*path, index)
        call, result = part.get("toolUse"), part.get("toolResult")
        if isinstance(part.get("text"), str):
            blocks.append(Block((*where, "text"), kind, part["text"]))
        elif isinstance(call, dict) and kind is Kind.ASSISTANT_TEXT:
            block = _call(call, where)
            tools[block.call_id] = block.tool
            blocks.append(block)
        elif isinstance(result, dict) and kind is Kind.USER_TEXT:
            blocks += _result(result, (*where, "toolResult", "content"), tools)
    return blocks


def _texts(content: Any, kind: Kind, path: Path) -> list[Block]:
    return [
        Block((*path, index, "text"), kind, part["text"])
        for index, part in objects_in(content)
        if isinstance(part.get("text"), str)
    ]


def _call(call: dict[str, Any], path: Path) -> Block:
    try:
        arguments = json.dumps(call.get("input"), ensure_ascii=False, default=lambda _: None)
    except (RecursionError, TypeError, ValueError):
        arguments = ""  # nested too deep, or no JSON: it is only read, for what it may have shown
    name, call_id = str(call.get("name") or ""), str(call.get("toolUseId") or "")
    return Block((*path, "toolUse", "input"), Kind.TOOL_CALL, arguments, name, call_id)


def _result(result: dict[str, Any], path: Path, tools: dict[str, str]) -> Iterator[Block]:
    call_id = str(result.get("toolUseId") or "")
    tool = tools.get(call_id, "")
    for index, part in objects_in(result.get("content")):
        if isinstance(part.get("text"), str):
            yield Block((*path, index, "text"), Kind.TOOL_RESULT, part["text"], tool, call_id)
        elif "json" in part:
            for where, text in _long_strings(part["json"], (*path, index, "json")):
                yield Block(where, Kind.TOOL_RESULT, text, tool, call_id)


def _long_strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The long strings in a JSON value in their order, without recursion."""
    waiting = [(path, value)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            if len(value) >= LONG:
                yield where, value
        elif isinstance(value, dict):
            waiting += [((*where, key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*where, index), value[index]) for index in range(len(value) - 1, -1, -1)]


def recognises(message: dict[str, Any]) -> bool:
    """Whether a message carries what only this API has."""
    return any(
        not _OWN.isdisjoint(part) or ("type" not in part and isinstance(part.get("text"), str))
        for _, part in objects_in(message.get("content"))
    )
