"""An answer in one piece: a response object, or the list of chunks that a stream without server-
sent events is.

The list cannot be given chunk by chunk: its brackets and commas span the legs. So it is read as
the stream it is, and given as one list when all is said.
"""

from collections.abc import Sequence

from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.gemini.answer import GeminiAnswer
from headroom.wire.gemini.content import Part
from headroom.wire.values import decoded, encoded


class WholeAnswer:
    """One answer whose payloads are whole bodies."""

    def __init__(self, *, intercept: bool, body: Part | None = None) -> None:
        self._intercept = intercept
        self._chunks: list[bytes] = []
        self._answer = GeminiAnswer(stream=False, intercept=intercept, body=body)
        self._stream = GeminiAnswer(stream=True, intercept=intercept, body=body)

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far."""
        return self._answer.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """What each leg reported."""
        return self._answer.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for a leg's body."""
        chunks = _chunks(payload) if self._intercept else []
        if not chunks:
            return self._answer.feed(payload)
        self._answer = self._stream
        changed = bool(self._chunks)
        for chunk in chunks:
            given = self._answer.feed(chunk)
            changed = changed or given is not None
            self._chunks += [chunk] if given is None else given
        if (turn := self.end()) is not None and turn.alone:
            return []
        return [self._listed()] if changed else None

    def end(self) -> Turn | None:
        """A turn if the model retrieved and the leg came to its end."""
        return self._answer.end()

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Remember the turn. Alone, it is followed by another leg."""
        self._answer.resume(turn, results)

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """The held end of the answer; upstream's error is a body of its own."""
        if error or self._answer is not self._stream:
            return [] if error else self._answer.give_up(b"")
        self._chunks += self._answer.give_up(b"")
        return [self._listed()]

    def memories(self) -> Sequence[Memory]:
        """The hidden legs under every anchor that the client's next request may have."""
        return self._answer.memories()

    def _listed(self) -> bytes:
        chunks, self._chunks = self._chunks, []
        return b"[" + b",\r\n".join(chunks) + b"]"


def _chunks(payload: bytes) -> list[bytes]:
    """The chunks in a body that lists them; none in any other."""
    if not payload.lstrip().startswith(b"["):
        return []
    chunks = decoded(payload)
    return [encoded(chunk) for chunk in chunks] if isinstance(chunks, list) else []
