"""OpenAI Chat Completions, as OpenAI and the many compatible servers speak it."""

from headroom.wire._api import WireFormat
from headroom.wire.openai_chat.retrieval import ChatRetrieval
from headroom.wire.openai_chat.view import recognises, view

OPENAI_CHAT = WireFormat("openai_chat", view, recognises, retrieval=ChatRetrieval())

__all__ = ["OPENAI_CHAT"]
