"""An answer that only its usage is read of: nothing of it is changed or held back.

It serves every API whose bodies and chunks report a `usage` with these keys: chat, completions,
embeddings.
"""

from collections.abc import Sequence

from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.openai_chat.usage import Meter, last_report


class MeteredAnswer:
    """An answer in which nobody calls our tool."""

    def __init__(self) -> None:
        self._meter = Meter()

    @property
    def usage(self) -> Usage | None:
        """What was reported last; None while nothing was."""
        return self._meter.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """As billed, leg by leg."""
        return self._meter.legs

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """Always None: the payload passes as it came."""
        self._meter.note(last_report(payload))
        return None

    def end(self) -> Turn | None:
        """Always None."""
        return None

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Nothing to resume."""

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """Nothing is owed."""
        return ()

    def memories(self) -> Sequence[Memory]:
        """Nothing was hidden."""
        return ()
