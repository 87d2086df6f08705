"""Converse: answers in one piece.

A leg in which the model only retrieved is held back; what it said stands before what the last
leg says, in one message.
"""

from collections.abc import Sequence
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.bedrock_converse.blocks import Content, objects_in, shown, turn_of
from headroom.wire.bedrock_converse.lived import Lived
from headroom.wire.bedrock_converse.usage import Bill
from headroom.wire.values import decoded, encoded

_TOOL = TOOL_NAME.encode()


class WholeAnswer:
    """An `Answer` to `converse`."""

    def __init__(self, *, intercept: bool, heard: str) -> None:
        self._intercept = intercept
        self._lived = Lived(heard)
        self._bill = Bill()
        self._earlier: Content = []
        self._content: Content = []
        self._turn: Turn | None = None
        self._held: dict[str, Any] | None = None

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far."""
        return self._bill.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """What each leg reported."""
        return self._bill.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """The body that the client gets, or nothing where another leg is to follow."""
        body = decoded(payload)
        if not isinstance(body, dict):
            return None
        self._bill.add(body.get("usage"))
        message = _message(body)
        if not self._intercept or not isinstance(message.get("content"), list):
            return None
        self._begin([block for _, block in objects_in(message["content"])])
        if _TOOL in payload:
            self._turn = turn_of(self._content, body.get("stopReason"))
        if self._turn is not None and self._turn.alone:
            self._held = body
            return []
        if not self._earlier and len(shown(self._content)) == len(self._content):
            return None
        return self._told(body)

    def _begin(self, content: Content) -> None:
        if self._held is not None:
            self._earlier += shown(self._content)
            self._lived.go_on()
        self._content, self._turn, self._held = content, None, None

    def end(self) -> Turn | None:
        """The leg's turn, if the model retrieved in it."""
        return self._turn

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """The turn has its results."""
        self._lived.add(turn, results)

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """What was said so far as an answer that ended; nothing for an error, which has its own
        response."""
        held, self._held = self._held, None
        if held is None or error:
            return []
        return self._told({**held, "stopReason": "end_turn"})

    def memories(self) -> Sequence[Memory]:
        """What to remember of it."""
        return self._lived.memories(self._content)

    def _told(self, body: dict[str, Any]) -> Sequence[bytes]:
        output = body["output"]
        content = self._earlier + shown(self._content)
        message = {**output["message"], "content": content}
        told = {**body, "output": {**output, "message": message}}
        if "usage" in body:
            told["usage"] = self._bill.told(body["usage"])
        return [encoded(told)]


def _message(body: dict[str, Any]) -> dict[str, Any]:
    output = body.get("output")
    message = output.get("message") if isinstance(output, dict) else None
    return message if isinstance(message, dict) else {}
