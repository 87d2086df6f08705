"""One leg of an answer: what upstream says until it stops, with our calls taken out.

Servers differ in how they stream calls: with an index or without, in pieces or whole, all under
one index. A call is new where a name comes that the call so far does not have.
"""

from typing import Any

from headroom.wire._api import Turn
from headroom.wire.openai_chat.said import Node, Said, SpokenCall, word
from headroom.wire.values import encoded

_CUT = frozenset(("length", "content_filter", "error", "max_tokens"))
"""Finishes that leave the leg incomplete, as if nothing had been called in it."""


def sole_choice(answer: Node, part: str) -> Node | None:
    """The one choice of an answer or chunk, if it holds a `part`; where there are several,
    nothing is ours."""
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and len(choices) == 1 else None
    if not isinstance(choice, dict) or choice.get("index", 0) not in (0, None):
        return None
    return choice if isinstance(choice.get(part), dict) else None


class Leg:
    """Takes a leg's choices; `part` is where they hold what is said: "delta" or "message"."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._said = Said()
        self._calls: list[SpokenCall] = []
        self._by_index: dict[int, SpokenCall] = {}
        self._finish = ""
        self._calls_otherwise = False

    def take(self, choice: Node) -> Node:
        """The choice as the client sees it: the same object where nothing is hidden in it."""
        part = choice[self._part]
        self._said.add(part)
        items, finish = part.get("tool_calls"), word(choice, "finish_reason")
        if not items and not finish and "function_call" not in part:
            return choice  # a piece of text, as nearly all are
        self._calls_otherwise = self._calls_otherwise or bool(part.get("function_call"))
        self._finish = finish or self._finish
        items = items if isinstance(items, list) else []
        shown = [each for item in items for each in self._shown(item)]
        if self._finish:
            shown += [item for call in self._calls for item in call.released()]
        if len(shown) == len(items) and all(a is b for a, b in zip(shown, items, strict=True)):
            return choice
        rest = {key: value for key, value in part.items() if key != "tool_calls"}
        return {**choice, self._part: {**rest, "tool_calls": shown} if shown else rest}

    def finish(self) -> None:
        """Its end was seen, if not the reason."""
        self._finish = self._finish or "stop"

    @property
    def hides(self) -> bool:
        """Whether the model has called our tool and the leg is complete."""
        return self._is_whole and any(call.is_ours for call in self._calls)

    @property
    def is_alone(self) -> bool:
        """Whether it is complete, and all that the model called is our tool."""
        if not self._finish or not self.hides or self._calls_otherwise:
            return False
        return all(call.is_ours for call in self._calls)

    @property
    def _is_whole(self) -> bool:
        return bool(self._finish) and self._finish not in _CUT

    def text(self) -> str:
        """The text that the client sees."""
        return word(self._said.fields(), "content")

    def first_id(self) -> str:
        """The id of the first call that the client sees, or empty."""
        return next((call.id for call in self._calls if not call.is_ours), "")

    def turn(self) -> Turn | None:
        """What the model said, if it called our tool and the leg is complete."""
        if not self.hides:
            return None
        for number, call in enumerate(self._calls):
            call.id = call.id or f"{call.name}_{number}"
        fields = self._said.fields()
        message = {"role": "assistant", "content": fields.pop("content", None), **fields}
        message["tool_calls"] = [call.as_json() for call in self._calls]
        calls = tuple(call.call() for call in self._calls if call.is_ours)
        return Turn(calls, encoded(message), self.is_alone)

    def _shown(self, item: Any) -> list[Node]:
        if not isinstance(item, dict):
            return [item]
        call = self._call_of(item)
        call.add(item)
        if call.is_ours:
            return []
        if not call.name:
            call.waiting.append(item)
            return []
        return [self._renumbered(each, call) for each in (*call.released(), item)]

    def _call_of(self, item: Node) -> SpokenCall:
        index = item.get("index")
        index = index if type(index) is int else None
        known = self._by_index.get(index) if index is not None else None
        if index is None and self._calls:
            known = self._calls[-1]
        name = word(item.get("function"), "name") or word(item.get("custom"), "name")
        if known is not None and (not name or not known.name or _same(item, index, known)):
            return known
        call = SpokenCall(index)
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return call

    def _renumbered(self, item: Node, call: SpokenCall) -> Node:
        """The item with the index it has for the client, to whom our calls do not count."""
        if type(call.index) is not int:
            return item
        ours = {each.index for each in self._calls if each.is_ours and type(each.index) is int}
        hidden = sum(index < call.index for index in ours)
        return {**item, "index": call.index - hidden} if hidden else item


def _same(item: Node, index: int | None, known: SpokenCall) -> bool:
    """Whether an item that brings a name again goes on with the call of its index."""
    given = word(item, "id")
    return index is not None and (not given or given == known.id)
