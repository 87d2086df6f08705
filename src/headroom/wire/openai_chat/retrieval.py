"""What the proxy needs of Chat Completions beside a request's texts."""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire._api import Answer, Turn
from headroom.wire.json_spans import Splice
from headroom.wire.openai_chat import offering, turns
from headroom.wire.openai_chat.anchors import context_of
from headroom.wire.openai_chat.metered import MeteredAnswer
from headroom.wire.openai_chat.streamed import StreamedAnswer
from headroom.wire.openai_chat.whole import WholeAnswer


class ChatRetrieval:
    """How Chat Completions offers, calls and answers the retrieve tool."""

    def offered(self, body: dict[str, Any]) -> Sequence[str]:
        """The names of the client's own tools."""
        return offering.offered(body)

    def offer(self, body: dict[str, Any]) -> Sequence[Splice]:
        """Changes that put the tool first; none where it cannot be offered."""
        return offering.offer(body)

    def anchors(self, body: dict[str, Any]) -> Sequence[str]:
        """The anchors that memories may have in this request, in order."""
        return turns.anchors(body)

    def restore(self, body: dict[str, Any], known: Mapping[str, bytes]) -> Sequence[Splice]:
        """Changes that put remembered turns back where they were."""
        return turns.restore(body, known)

    def carry_on(
        self, body: dict[str, Any], turn: Turn, results: Sequence[str]
    ) -> Sequence[Splice]:
        """Changes that put a turn and its results at the end of the conversation."""
        return turns.carry_on(body, turn, results)

    def answer(
        self, *, stream: bool, intercept: bool, body: dict[str, Any] | None = None
    ) -> Answer:
        """A reader of the answer to one request. `body` is the request before any edit: with it,
        turns behind short texts are remembered too."""
        if not intercept:
            return MeteredAnswer()
        asked = context_of(body) if body is not None else ""
        return StreamedAnswer(asked) if stream else WholeAnswer(asked)
