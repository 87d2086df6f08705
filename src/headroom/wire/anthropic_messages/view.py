"""Anthropic Messages: `tool_use` and `tool_result` blocks inside `content`.

A `tool_result` holds a string or a list of parts. Thinking, documents, images, search results
and server tool results are no texts of ours: they are never read and never edited.
https://docs.anthropic.com/en/api/messages
"""

import json
from dataclasses import replace
from typing import Any

from headroom.conversation import Block, Conversation, Kind, Message, Path
from headroom.wire.parts import is_text_part, messages_of, model_of

_FINGERPRINTED = "x-anthropic-billing-header"
_KINDS = {"user": Kind.USER_TEXT, "assistant": Kind.ASSISTANT_TEXT, "system": Kind.SYSTEM_TEXT}


def view(body: dict[str, Any]) -> Conversation:
    """The conversation in a decoded request body; its system text comes first."""
    tools: dict[str, str] = {}
    messages = []
    if system := _texts(body.get("system"), Kind.SYSTEM_TEXT, ("system",)):
        messages.append(Message("system", tuple(system)))
    fingerprinted = bool(system) and system[0].text.startswith(_FINGERPRINTED)
    for index, message in messages_of(body):
        role = message.get("role")
        kind = _KINDS.get(role) if isinstance(role, str) else None
        if kind is None:
            blocks: list[Block] = []
        else:
            blocks = _content(message.get("content"), kind, ("messages", index, "content"), tools)
        if fingerprinted and role == "user":
            # The client sends a fingerprint of its first message beside it.
            blocks = [replace(block, fixed=True) for block in blocks]
            fingerprinted = False
        messages.append(Message(str(role), tuple(blocks)))
    return Conversation(model_of(body), tuple(messages))


def _content(content: Any, kind: Kind, path: Path, tools: dict[str, str]) -> list[Block]:
    if not isinstance(content, list):
        return _texts(content, kind, path)
    blocks: list[Block] = []
    for index, part in enumerate(content):
        where = (*path, index)
        if is_text_part(part):
            blocks.append(Block((*where, "text"), kind, part["text"]))
        elif isinstance(part, dict) and part.get("type") == "tool_use":
            call = _call(part, where)
            tools[call.call_id] = call.tool
            blocks.append(call)
        elif isinstance(part, dict) and part.get("type") == "tool_result":
            call_id = str(part.get("tool_use_id") or "")
            name = tools.get(call_id, "")
            texts = _texts(part.get("content"), Kind.TOOL_RESULT, (*where, "content"))
            blocks += (Block(text.path, text.kind, text.text, name, call_id) for text in texts)
    return blocks


def _texts(content: Any, kind: Kind, path: Path) -> list[Block]:
    if isinstance(content, str):
        return [Block(path, kind, content)]
    return [
        Block((*path, index, "text"), kind, part["text"])
        for index, part in enumerate(content if isinstance(content, list) else ())
        if is_text_part(part)
    ]


def _call(part: dict[str, Any], path: Path) -> Block:
    try:
        arguments = json.dumps(part.get("input"), ensure_ascii=False, default=lambda _: None)
    except (RecursionError, TypeError, ValueError):
        arguments = ""  # nested too deep, or no JSON: it is only read, for what it may have shown
    name, call_id = str(part.get("name") or ""), str(part.get("id") or "")
    return Block((*path, "input"), Kind.TOOL_CALL, arguments, name, call_id)


def recognises(message: dict[str, Any]) -> bool:
    """Whether a message carries what only this API has."""
    content = message.get("content")
    return any(
        isinstance(part, dict) and part.get("type") in ("tool_use", "tool_result")
        for part in (content if isinstance(content, list) else ())
    )
