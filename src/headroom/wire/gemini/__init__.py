"""Gemini `generateContent` and `streamGenerateContent`."""

from typing import Any

from headroom.wire._api import Answer, Retrieval, WireFormat
from headroom.wire.gemini.answer import GeminiAnswer
from headroom.wire.gemini.listed import WholeAnswer
from headroom.wire.gemini.offering import offer, offered
from headroom.wire.gemini.turns import anchors, carry_on, restore
from headroom.wire.gemini.view import recognises, view


def _answer(*, stream: bool, intercept: bool, body: dict[str, Any] | None = None) -> Answer:
    """Without the body only calls that bear an id are met again."""
    if stream:
        return GeminiAnswer(stream=True, intercept=intercept, body=body)
    return WholeAnswer(intercept=intercept, body=body)


GEMINI = WireFormat(
    "gemini",
    view,
    recognises,
    Retrieval(offered, offer, anchors, restore, carry_on, _answer),
    key="contents",
)

__all__ = ["GEMINI"]
