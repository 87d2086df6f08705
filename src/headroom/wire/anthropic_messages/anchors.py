"""Where a remembered turn belongs: an assistant message, known by its first call or its text.

A text is known with the user's turn before it, because short answers repeat. White space does not
count: clients join and trim texts.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headroom.wire.anthropic_messages.blocks import is_call
from headroom.wire.parts import is_text_part


def anchors_at(messages: Sequence[Any], at: int) -> list[str]:
    """The anchors that a memory of the message may have, the surest first."""
    message = messages[at]
    if not isinstance(message, dict) or message.get("role") != "assistant":
        return []
    blocks = blocks_of(message.get("content"))
    if anchor := _by_call(blocks):
        return [anchor]
    if text := bare_text(blocks):
        return list(dict.fromkeys((_by_text(text, asked(messages, at)), _by_text(text, ""))))
    return []


def anchor_of(blocks: Iterable[Mapping[str, Any]], question: str) -> str:
    """The anchor of an answer that shows `blocks` to `question`; empty where it has none."""
    blocks = list(blocks)
    text = bare_text(blocks)
    return _by_call(blocks) or (_by_text(text, question) if text else "")


def asked(messages: Any, before: int | None = None) -> str:
    """What the user's turn nearest before a message (or the last one) is known by: a result's
    call, or its text."""
    listed = messages if isinstance(messages, list) else []
    for message in reversed(listed[:before]):
        if isinstance(message, dict) and message.get("role") == "user":
            blocks = blocks_of(message.get("content"))
            ids = (block.get("tool_use_id") for block in blocks)
            return next((call for call in ids if isinstance(call, str)), "") or bare_text(blocks)
    return ""


def blocks_of(content: Any) -> list[dict[str, Any]]:
    """The blocks of a message; a string is one text."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    listed = content if isinstance(content, list) else ()
    return [block for block in listed if isinstance(block, dict)]


def bare_text(blocks: Iterable[Mapping[str, Any]]) -> str:
    """All texts without their white space."""
    return "".join(bare(block["text"]) for block in blocks if is_text_part(block))


def bare(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def _by_call(blocks: Iterable[Mapping[str, Any]]) -> str:
    for block in blocks:
        call = block.get("id")
        if is_call(block) and isinstance(call, str) and call:
            return f"call:{call}"
    return ""


def _by_text(text: str, question: str) -> str:
    parts = "\0".join(("anthropic_messages", question, text)).encode("utf-8", "surrogatepass")
    return f"said:{hashlib.blake2b(parts, digest_size=16).hexdigest()}"
