"""What the model really lived in one answer, kept while it lasts and remembered afterwards.

The data of a memory: `turns`, each with all that was `said` in it and the results that `answer`
it; `open` where the last one was the end of the answer, so that its results are to stand in the
client's next message.
"""

from collections.abc import Sequence
from typing import Any

from headroom.wire._api import Memory, Turn
from headroom.wire.bedrock_converse.blocks import Content, results_for, shown
from headroom.wire.bedrock_converse.places import names_of
from headroom.wire.values import decoded, encoded


class Lived:
    """The turns of one answer; `heard` names what it answers, empty where that is not known."""

    def __init__(self, heard: str) -> None:
        self._heard = heard
        self._turns: list[dict[str, Any]] = []
        self._open = False

    @property
    def begun(self) -> bool:
        """Whether there is anything to remember."""
        return bool(self._turns)

    def add(self, turn: Turn, results: Sequence[str]) -> None:
        """A turn has its results."""
        answers = results_for(turn.calls, results)
        self._turns.append({"said": decoded(turn.said) or [], "answers": answers})
        self._open = True

    def go_on(self) -> None:
        """Another leg has begun."""
        self._open = False

    def memories(self, last: Content) -> list[Memory]:
        """What to remember when `last` was the content of the last leg."""
        if not self._turns:
            return []
        told = [block for turn in self._turns for block in shown(turn["said"])]
        told += [] if self._open else shown(last)
        data = encoded({"turns": self._turns, "open": self._open})
        names = names_of(told, self._heard)
        return [Memory(names[0], data)] if names else []
