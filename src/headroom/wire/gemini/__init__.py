"""Gemini `generateContent` and `streamGenerateContent`."""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire._api import Answer, Turn, WireFormat
from headroom.wire.gemini import offering, turns
from headroom.wire.gemini.answer import GeminiAnswer
from headroom.wire.gemini.listed import WholeAnswer
from headroom.wire.gemini.view import recognises, view
from headroom.wire.json_spans import Splice


class GeminiRetrieval:
    """How Gemini is offered the retrieve tool, calls it and is answered."""

    def offered(self, body: dict[str, Any]) -> Sequence[str]:
        """The names of the functions that the client declares."""
        return offering.offered(body)

    def offer(self, body: dict[str, Any]) -> Sequence[Splice]:
        """The change that puts our function first; nothing where it could not be called."""
        return offering.offer(body)

    def anchors(self, body: dict[str, Any]) -> Sequence[str]:
        """The anchors of the model's turns in a request, in order."""
        return turns.anchors(body)

    def restore(self, body: dict[str, Any], known: Mapping[str, bytes]) -> Sequence[Splice]:
        """The changes that put the remembered turns back."""
        return turns.restore(body, known)

    def carry_on(
        self, body: dict[str, Any], turn: Turn, results: Sequence[str]
    ) -> Sequence[Splice]:
        """The change that appends a turn and its results to the request that was sent."""
        return turns.carry_on(body, turn, results)

    def answer(
        self, *, stream: bool, intercept: bool, body: dict[str, Any] | None = None
    ) -> Answer:
        """A reader of one answer to `body`, the request as the client sent it; without it only
        calls that bear an id are met again."""
        if stream:
            return GeminiAnswer(stream=True, intercept=intercept, body=body)
        return WholeAnswer(intercept=intercept, body=body)


GEMINI = WireFormat("gemini", view, recognises, key="contents", retrieval=GeminiRetrieval())

__all__ = ["GEMINI"]
