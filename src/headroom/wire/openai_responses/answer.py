"""Answers read: as one JSON body, and for their usage alone.

A body in which the model called the retrieve tool alone is held back until the last leg's; what
the client gets then is all legs as one response.
"""

from collections.abc import Sequence

from headroom.wire._api import Memory, Turn, Usage
from headroom.wire.openai_responses.echo import as_asked
from headroom.wire.openai_responses.items import dumps, is_ours
from headroom.wire.openai_responses.legs import Leg, Legs, usage_in
from headroom.wire.openai_responses.streamed import ENDS, EVENT
from headroom.wire.values import decoded


class Watched:
    """An answer that passes as it is; only its usage is read."""

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream
        self._usage: Usage | None = None

    @property
    def usage(self) -> Usage | None:
        """As reported last."""
        return self._usage

    @property
    def legs(self) -> Sequence[Usage]:
        """Of the one leg there is."""
        return () if self._usage is None else (self._usage,)

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """Always None."""
        if b'"usage"' not in payload:
            return None
        found = EVENT.search(payload) if self._stream else None
        if self._stream and (found is None or found[1] not in ENDS):
            return None
        value = decoded(payload)
        told = value.get("response") if self._stream and isinstance(value, dict) else value
        if isinstance(told, dict):
            self._usage = usage_in(told) or self._usage
        return None

    def end(self) -> Turn | None:
        """Never a turn."""
        return None

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Nothing is hidden, so nothing is resumed."""

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """Nothing is held back."""
        return []

    def memories(self) -> Sequence[Memory]:
        """Nothing was hidden."""
        return []


class WholeAnswer:
    """The JSON bodies of one answer, one for each leg."""

    def __init__(self, asked: str = "") -> None:
        self._legs = Legs(asked)
        self._leg: Leg | None = None
        self._owed = False

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far."""
        return self._legs.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """Of each leg so far."""
        return self._legs.used

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for a leg's body; what is no response passes."""
        told = as_asked(payload)
        response = decoded(told)
        if not isinstance(response, dict) or not isinstance(response.get("output"), list):
            return None
        self._leg = leg = self._legs.add(response, ())
        self._owed = leg.retrieves and leg.alone
        if self._owed:
            return []
        if len(self._legs) == 1 and not any(map(is_ours, leg.said)):
            return [told] if told is not payload else None
        return self._whole()

    def end(self) -> Turn | None:
        """The leg as a turn, if the model retrieves in it."""
        return self._legs.turn() if self._leg is not None and self._leg.retrieves else None

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Take the results."""
        self._legs.answer(results)
        if turn.alone:
            self._leg = None

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """The answer as it stands; an error is the proxy's to pass on."""
        owed, self._owed = self._owed, False
        return self._whole() if owed and not error else []

    def memories(self) -> Sequence[Memory]:
        """What was hidden."""
        return self._legs.memories()

    def _whole(self) -> Sequence[bytes]:
        written = dumps(self._legs.whole())
        return [written] if written else []
