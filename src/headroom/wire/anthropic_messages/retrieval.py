"""How the Messages API offers, calls and answers the retrieve tool."""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire._api import Answer, Turn
from headroom.wire.anthropic_messages import offering, turns
from headroom.wire.anthropic_messages.anchors import asked
from headroom.wire.anthropic_messages.streamed import StreamedAnswer
from headroom.wire.anthropic_messages.whole import WholeAnswer
from headroom.wire.json_spans import Splice


class MessagesRetrieval:
    """Implements `Retrieval`. Bedrock's `invoke` has the same bodies and events."""

    def offered(self, body: dict[str, Any]) -> Sequence[str]:
        """The names of the tools that the client itself offers."""
        return offering.offered(body)

    def offer(self, body: dict[str, Any]) -> Sequence[Splice]:
        """Changes that put the tool first among the tools."""
        return offering.offer(body)

    def anchors(self, body: dict[str, Any]) -> Sequence[str]:
        """The anchors that memories may have in this request."""
        return turns.anchors(body)

    def restore(self, body: dict[str, Any], known: Mapping[str, bytes]) -> Sequence[Splice]:
        """Changes that put remembered turns back where they were."""
        return turns.restore(body, known)

    def carry_on(
        self, body: dict[str, Any], turn: Turn, results: Sequence[str]
    ) -> Sequence[Splice]:
        """Changes that put `turn` and its results at the end of the conversation."""
        return turns.carry_on(body, turn, results)

    def answer(
        self, *, stream: bool, intercept: bool, body: Mapping[str, Any] | None = None
    ) -> Answer:
        """A reader of upstream's answer. With `body`, the request as the client sent it, an
        answer is told from one that says the same to another question."""
        question = asked(body.get("messages")) if body is not None else ""
        kind = StreamedAnswer if stream else WholeAnswer
        return kind(intercept=intercept, question=question)
