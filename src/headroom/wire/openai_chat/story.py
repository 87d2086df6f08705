"""All legs of an answer that are over: what the client saw of them, and what it did not."""

from collections.abc import Sequence

from headroom.wire._api import Memory, Turn
from headroom.wire.openai_chat import turns
from headroom.wire.openai_chat.anchors import anchor
from headroom.wire.openai_chat.leg import Leg
from headroom.wire.openai_chat.said import Node, is_kept
from headroom.wire.values import decoded


class Story:
    """Remembers the turns that were resumed. `asked` names what the user had asked, empty where
    that is not known."""

    def __init__(self, asked: str) -> None:
        self._asked = asked
        self._turns: list[tuple[Turn, Sequence[str]]] = []
        self._said: list[Node] = []

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Take a turn with the results of its calls."""
        self._turns.append((turn, tuple(results)))
        said = decoded(turn.said)
        if turn.alone and isinstance(said, dict):
            self._said.append(said)

    def earlier_texts(self) -> Node:
        """What the earlier legs said, as texts, by field."""
        fields = dict.fromkeys(key for said in self._said for key in said if is_kept(key))
        texts = {
            key: "".join(each for said in self._said if isinstance(each := said.get(key), str))
            for key in fields
        }
        return {key: text for key, text in texts.items() if text}

    def earlier_items(self, key: str) -> list[object]:
        """What the earlier legs said in a field that is a list."""
        lists = (said.get(key) for said in self._said)
        return [item for each in lists if isinstance(each, list) for item in each]

    def memories(self, last: Leg) -> list[Memory]:
        """What to remember once the answer has ended with the leg `last`."""
        if not self._turns:
            return []
        text = str(self.earlier_texts().get("content", "")) + last.text()
        name = anchor(last.first_id(), text, self._asked)
        return [turns.memory(name, turns.hidden(self._turns))] if name else []
