"""An answer that comes as a stream of chunks, over one leg or several.

What the model says goes on at once. Our calls are left out; the end of a leg in which nothing
else was called (its finish, the usage behind it, `[DONE]`) is held back, as the next leg brings
its own. Chunks that nothing is to be changed in pass as they came.
"""

from collections.abc import Sequence

from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.openai_chat.leg import Leg, sole_choice
from headroom.wire.openai_chat.said import Node, is_kept
from headroom.wire.openai_chat.story import Story
from headroom.wire.openai_chat.usage import Meter
from headroom.wire.values import decoded, encoded

_DONE = b"[DONE]"
_NAMES = ("id", "created")
_LONGEST_ERROR = 4_000


class StreamedAnswer:
    """Reads chunks, and takes our calls out of them. `asked` is what the user had asked."""

    def __init__(self, asked: str) -> None:
        self._story = Story(asked)
        self._meter = Meter()
        self._leg = Leg("delta")
        self._names: Node = {}
        self._is_first = True
        self._has_role = False
        self._held: list[Node | None] = []

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far; None while nothing was reported."""
        return self._meter.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """As billed, leg by leg."""
        return self._meter.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for one event's data."""
        chunk = decoded(payload)
        if not isinstance(chunk, dict):
            return self._unread(payload)
        if self._held and not self._leg.is_alone:
            self._held = []
        self._meter.note(chunk.get("usage"))
        if not self._names:
            self._names = {key: chunk[key] for key in _NAMES if chunk.get(key)}
        choice = sole_choice(chunk, "delta")
        seen = choice if choice is None else self._leg.take(choice)
        if self._leg.is_alone:
            return self._hold(chunk, seen)
        if self._is_first and seen is choice and not self._held:
            self._has_role = self._has_role or bool(choice and choice["delta"].get("role"))
            return None
        released, self._held = self._held, []
        chunk = self._coherent(chunk, seen)
        return [*map(_event, released), *([] if _is_empty(chunk, seen) else [encoded(chunk)])]

    def end(self) -> Turn | None:
        """A turn if the model called our tool and the leg's end was seen."""
        return self._leg.turn()

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Another leg follows, unless the turn was beside the client's own calls."""
        self._story.resume(turn, results)
        if turn.alone:
            self._leg = Leg("delta")
            self._meter.next_leg()
            self._is_first = False

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """The end that was held back, or upstream's error as a stream tells it. An error ends
        the stream without `[DONE]`: who does not know it must not take the answer for whole."""
        held, self._held = self._held, []
        return [_error(error)] if error else [_event(_stopped(chunk)) for chunk in held]

    def memories(self) -> Sequence[Memory]:
        """What the client was not shown."""
        return self._story.memories(self._leg)

    def _unread(self, payload: bytes) -> Sequence[bytes] | None:
        """The stream's last event, or what is no JSON of this API."""
        if payload.strip() != _DONE:
            return None
        self._leg.finish()
        if not self._leg.is_alone:
            self._held = []
            return None
        self._held.append(None)
        return []

    def _hold(self, chunk: Node, choice: Node | None) -> Sequence[bytes]:
        """Hold back a leg's end; what the model says in the same chunk goes on."""
        chunk = self._coherent(chunk, choice)
        if choice is None:
            self._held.append(chunk)
            return []
        [choice] = chunk["choices"]
        self._held.append({**chunk, "choices": [{**choice, "delta": {}}]})
        said = {key: value for key, value in chunk.items() if key != "usage"}
        choice = {**choice, "finish_reason": None}
        said["choices"] = [choice]
        return [] if _is_empty(said, choice) else [encoded(said)]

    def _coherent(self, chunk: Node, choice: Node | None) -> Node:
        """The chunk as one of the first leg's: its ids, one role, numbers that go on."""
        chunk = {**chunk, **{key: name for key, name in self._names.items() if chunk.get(key)}}
        if isinstance(usage := chunk.get("usage"), dict):
            chunk["usage"] = self._meter.for_client(usage)
        if choice is not None:
            chunk["choices"] = [{**choice, "delta": self._delta(choice["delta"])}]
        return chunk

    def _delta(self, delta: Node) -> Node:
        delta = dict(delta)
        if self._has_role:
            delta.pop("role", None)
        self._has_role = self._has_role or bool(delta.get("role"))
        for key, items in delta.items():
            if is_kept(key) and isinstance(items, list):
                before = len(self._story.earlier_items(key))
                delta[key] = [_moved(item, before) for item in items]
        return delta


def _event(held: Node | None) -> bytes:
    return _DONE if held is None else encoded(held)


def _is_empty(chunk: Node, choice: Node | None) -> bool:
    """Whether a changed chunk has nothing left to tell."""
    if choice is None or chunk.get("usage"):
        return False
    [choice] = chunk["choices"]
    told = (choice.get("finish_reason"), choice.get("logprobs"), *choice["delta"].values())
    return not any(told)


def _stopped(chunk: Node | None) -> Node | None:
    """A held chunk of an answer that ends here: with no call for the client to answer."""
    choice = None if chunk is None else sole_choice(chunk, "delta")
    if chunk is None or choice is None or not choice.get("finish_reason"):
        return chunk
    return {**chunk, "choices": [{**choice, "finish_reason": "stop"}]}


def _moved(item: object, by: int) -> object:
    """An item of a list that grows over the stream, at its index behind the earlier legs'."""
    if not isinstance(item, dict) or type(item.get("index")) is not int:
        return item
    return {**item, "index": item["index"] + by}


def _error(body: bytes) -> bytes:
    """Upstream's error as the one event in which streams of this API tell it."""
    error = decoded(body)
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict) and error.get("error"):
        return encoded(error)
    text = body.decode("utf-8", "replace")[:_LONGEST_ERROR]
    return encoded({"error": {"message": text, "type": "upstream_error", "code": None}})
