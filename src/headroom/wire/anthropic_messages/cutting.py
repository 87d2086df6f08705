"""Where, in a message that a client sends back, the part ends that was said before its hidden
turns were over."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headroom.wire.anthropic_messages.anchors import bare, bare_text
from headroom.wire.parts import is_text_part

_WORD = re.compile(r"\S+")
_KEYS = {"thinking": "signature", "redacted_thinking": "data"}

Cut = tuple[int, int]
"""The first block of the rest, and where in its text the rest begins."""


def cut(blocks: Sequence[Mapping[str, Any]], said: Sequence[Mapping[str, Any]]) -> Cut | None:
    """Where the blocks end that are `said`; None where they are not at the beginning.

    Texts are found by what they say, whatever parts and white space they come in; other blocks
    by what identifies them. Either may be missing but for the texts.
    """
    text = bare_text(said)
    known = set(filter(None, map(_key, said)))
    at = 0
    for index, block in enumerate(blocks):
        if is_text_part(block):
            own = bare(block["text"])
            if not text.startswith(own, at):
                rest = text[at:]
                return (index, _after(block["text"], len(rest))) if own.startswith(rest) else None
            at += len(own)
        elif _key(block) not in known:
            return (index, 0) if at == len(text) else None
    return (len(blocks), 0) if at == len(text) else None


def has_thinking(blocks: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the blocks is the model's thinking."""
    return any(is_thinking(block) for block in blocks)


def is_thinking(block: Mapping[str, Any]) -> bool:
    """Whether a block is the model's thinking, readable or not."""
    return block.get("type") in ("thinking", "redacted_thinking")


def _key(block: Mapping[str, Any]) -> tuple[str, str] | None:
    kind = block.get("type")
    if not isinstance(kind, str):
        return None
    named = (block.get(name) for name in (_KEYS.get(kind, "id"), "tool_use_id"))
    value = next((value for value in named if isinstance(value, str) and value), None)
    return (kind, value) if value is not None else None


def _after(text: str, count: int) -> int:
    """Where `count` characters that are no white space end in `text`."""
    end = 0
    for word in _WORD.finditer(text if count else ""):
        end = word.start() + count
        if end <= word.end():
            break
        count -= word.end() - word.start()
    return end
