"""AWS Bedrock Converse."""

from typing import Any

from headroom.wire._api import Answer, Retrieval, WireFormat
from headroom.wire.bedrock_converse.answer import WholeAnswer
from headroom.wire.bedrock_converse.offering import offer, offered
from headroom.wire.bedrock_converse.places import heard_last
from headroom.wire.bedrock_converse.streamed import StreamedAnswer
from headroom.wire.bedrock_converse.turns import anchors, carry_on, restore
from headroom.wire.bedrock_converse.view import recognises, view


def _answer(*, stream: bool, intercept: bool, body: dict[str, Any] | None = None) -> Answer:
    heard = heard_last(body) if body is not None and intercept else ""
    kind = StreamedAnswer if stream else WholeAnswer
    return kind(intercept=intercept, heard=heard)


BEDROCK_CONVERSE = WireFormat(
    "bedrock_converse",
    view,
    recognises,
    Retrieval(offered, offer, anchors, restore, carry_on, _answer),
)

__all__ = ["BEDROCK_CONVERSE"]
