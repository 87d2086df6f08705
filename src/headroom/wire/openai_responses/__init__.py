"""OpenAI Responses, over HTTP and as WebSocket frames."""

from typing import Any

from headroom.wire._api import Answer, Retrieval, WireFormat
from headroom.wire.openai_responses.answer import Watched, WholeAnswer
from headroom.wire.openai_responses.offering import offer, offered
from headroom.wire.openai_responses.streamed import StreamedAnswer
from headroom.wire.openai_responses.turns import anchors, carry_on, last_asked, restore
from headroom.wire.openai_responses.view import recognises, view


def _answer(*, stream: bool, intercept: bool, body: dict[str, Any] | None = None) -> Answer:
    if not intercept:
        return Watched(stream=stream)
    asked = last_asked(body) if body else ""
    return StreamedAnswer(asked) if stream else WholeAnswer(asked)


OPENAI_RESPONSES = WireFormat(
    "openai_responses",
    view,
    recognises,
    Retrieval(offered, offer, anchors, restore, carry_on, _answer),
    key="input",
)

__all__ = ["OPENAI_RESPONSES"]
