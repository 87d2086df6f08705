"""Wire formats: one API's requests and answers each."""

from collections.abc import Iterable
from typing import Any

from headroom.wire._api import Answer, Call, Memory, Retrieval, Turn, Usage, WireFormat, read
from headroom.wire.anthropic_messages import ANTHROPIC_MESSAGES
from headroom.wire.bedrock_converse import BEDROCK_CONVERSE
from headroom.wire.framing import Frame, Framing
from headroom.wire.gemini import GEMINI
from headroom.wire.openai_chat import OPENAI_CHAT
from headroom.wire.openai_responses import OPENAI_RESPONSES

FORMATS: tuple[WireFormat, ...] = (
    OPENAI_CHAT,
    ANTHROPIC_MESSAGES,
    OPENAI_RESPONSES,
    GEMINI,
    BEDROCK_CONVERSE,
)
_BY_NAME = {form.name: form for form in FORMATS}


def by_name(name: str) -> WireFormat | None:
    """The format of that name."""
    return _BY_NAME.get(name)


def recognised(messages: Iterable[Any]) -> WireFormat:
    """The format of a message list. The first telling message decides, so that a conversation
    does not change its format as it grows; texts alone read alike in all."""
    for message in messages:
        for form in FORMATS:
            if isinstance(message, dict) and form.recognises(message):
                return form
    return FORMATS[0]


__all__ = [
    "ANTHROPIC_MESSAGES",
    "BEDROCK_CONVERSE",
    "FORMATS",
    "GEMINI",
    "OPENAI_CHAT",
    "OPENAI_RESPONSES",
    "Answer",
    "Call",
    "Frame",
    "Framing",
    "Memory",
    "Retrieval",
    "Turn",
    "Usage",
    "WireFormat",
    "by_name",
    "read",
    "recognised",
]
