"""Anthropic Messages. Bedrock's `invoke` has the same bodies and events."""

from typing import Any

from headroom.wire._api import Answer, Retrieval, WireFormat
from headroom.wire.anthropic_messages.anchors import asked
from headroom.wire.anthropic_messages.offering import offer, offered
from headroom.wire.anthropic_messages.streamed import StreamedAnswer
from headroom.wire.anthropic_messages.turns import anchors, carry_on, restore
from headroom.wire.anthropic_messages.view import recognises, view
from headroom.wire.anthropic_messages.whole import WholeAnswer


def _answer(*, stream: bool, intercept: bool, body: dict[str, Any] | None = None) -> Answer:
    question = asked(body.get("messages")) if body is not None else ""
    kind = StreamedAnswer if stream else WholeAnswer
    return kind(intercept=intercept, question=question)


ANTHROPIC_MESSAGES = WireFormat(
    "anthropic_messages",
    view,
    recognises,
    Retrieval(offered, offer, anchors, restore, carry_on, _answer),
)

__all__ = ["ANTHROPIC_MESSAGES"]
