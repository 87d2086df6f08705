"""Wire formats: one API's request shape each."""

from collections.abc import Iterable
from typing import Any

from headroom.wire._api import WireFormat
from headroom.wire.anthropic_messages import ANTHROPIC_MESSAGES
from headroom.wire.openai_chat import OPENAI_CHAT

FORMATS: tuple[WireFormat, ...] = (OPENAI_CHAT, ANTHROPIC_MESSAGES)


def recognised(messages: Iterable[Any]) -> WireFormat:
    """The format of a message list. The first telling message decides, so that a conversation
    does not change its format as it grows; texts alone read alike in all."""
    for message in messages:
        for form in FORMATS:
            if isinstance(message, dict) and form.recognises(message):
                return form
    return FORMATS[0]


__all__ = ["ANTHROPIC_MESSAGES", "FORMATS", "OPENAI_CHAT", "WireFormat", "recognised"]
