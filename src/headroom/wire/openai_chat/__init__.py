"""OpenAI Chat Completions, as OpenAI and the many compatible servers speak it."""

from typing import Any

from headroom.wire._api import Answer, Retrieval, WireFormat
from headroom.wire.openai_chat.anchors import context_of
from headroom.wire.openai_chat.metered import MeteredAnswer
from headroom.wire.openai_chat.offering import offer, offered
from headroom.wire.openai_chat.streamed import StreamedAnswer
from headroom.wire.openai_chat.turns import anchors, carry_on, restore
from headroom.wire.openai_chat.view import recognises, view
from headroom.wire.openai_chat.whole import WholeAnswer


def _answer(*, stream: bool, intercept: bool, body: dict[str, Any] | None = None) -> Answer:
    """With the body, turns behind short texts are remembered too."""
    if not intercept:
        return MeteredAnswer()
    asked = context_of(body) if body is not None else ""
    return StreamedAnswer(asked) if stream else WholeAnswer(asked)


OPENAI_CHAT = WireFormat(
    "openai_chat",
    view,
    recognises,
    Retrieval(offered, offer, anchors, restore, carry_on, _answer),
)

__all__ = ["OPENAI_CHAT"]
