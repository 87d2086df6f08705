"""OpenAI Responses, over HTTP and as WebSocket frames."""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire._api import Answer, Turn, WireFormat
from headroom.wire.json_spans import Splice
from headroom.wire.openai_responses import offering, turns
from headroom.wire.openai_responses.answer import answer
from headroom.wire.openai_responses.frames import Followed, Thread
from headroom.wire.openai_responses.view import recognises, view


class _Retrieval:
    """The retrieve tool in this API; see `headroom.wire.Retrieval`."""

    def offered(self, body: dict[str, Any]) -> Sequence[str]:
        return offering.offered(body)

    def offer(self, body: dict[str, Any]) -> Sequence[Splice]:
        return offering.offer(body)

    def anchors(self, body: dict[str, Any]) -> Sequence[str]:
        return turns.anchors(body)

    def restore(self, body: dict[str, Any], known: Mapping[str, bytes]) -> Sequence[Splice]:
        return turns.restore(body, known)

    def carry_on(
        self, body: dict[str, Any], turn: Turn, results: Sequence[str]
    ) -> Sequence[Splice]:
        return turns.carry_on(body, turn, results)

    def answer(
        self, *, stream: bool, intercept: bool, body: dict[str, Any] | None = None
    ) -> Answer:
        asked = turns.last_asked(body) if body and intercept else ""
        return answer(stream=stream, intercept=intercept, asked=asked)


OPENAI_RESPONSES = WireFormat(
    "openai_responses", view, recognises, key="input", retrieval=_Retrieval()
)

__all__ = ["OPENAI_RESPONSES", "Followed", "Thread"]
