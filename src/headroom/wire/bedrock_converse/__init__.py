"""AWS Bedrock Converse."""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire._api import Answer, Turn, WireFormat
from headroom.wire.bedrock_converse import offering, places, turns
from headroom.wire.bedrock_converse.answer import WholeAnswer
from headroom.wire.bedrock_converse.streamed import StreamedAnswer
from headroom.wire.bedrock_converse.view import recognises, view
from headroom.wire.json_spans import Splice


class ConverseRetrieval:
    """How Converse offers, calls and answers the retrieve tool."""

    def offered(self, body: dict[str, Any]) -> Sequence[str]:
        """The names of the client's own tools."""
        return offering.offered(body)

    def offer(self, body: dict[str, Any]) -> Sequence[Splice]:
        """Changes that put the tool first."""
        return offering.offer(body)

    def anchors(self, body: dict[str, Any]) -> Sequence[str]:
        """The anchors that memories may have in this request."""
        return turns.anchors(body)

    def restore(self, body: dict[str, Any], known: Mapping[str, bytes]) -> Sequence[Splice]:
        """Changes that put remembered turns back."""
        return turns.restore(body, known)

    def carry_on(
        self, body: dict[str, Any], turn: Turn, results: Sequence[str]
    ) -> Sequence[Splice]:
        """Changes that make the request the one of the next leg."""
        return turns.carry_on(body, turn, results)

    def answer(
        self, *, stream: bool, intercept: bool, body: dict[str, Any] | None = None
    ) -> Answer:
        """A reader of upstream's answer. With `body`, the request as the client sent it, an
        answer is told from one that says the same to another question."""
        heard = places.heard_last(body) if body is not None and intercept else ""
        kind = StreamedAnswer if stream else WholeAnswer
        return kind(intercept=intercept, heard=heard)


BEDROCK_CONVERSE = WireFormat("bedrock_converse", view, recognises, retrieval=ConverseRetrieval())

__all__ = ["BEDROCK_CONVERSE", "ConverseRetrieval"]
