"""Anthropic Messages."""

from headroom.wire._api import WireFormat
from headroom.wire.anthropic_messages.retrieval import MessagesRetrieval
from headroom.wire.anthropic_messages.view import recognises, view

ANTHROPIC_MESSAGES = WireFormat(
    "anthropic_messages", view, recognises, retrieval=MessagesRetrieval()
)

__all__ = ["ANTHROPIC_MESSAGES"]
