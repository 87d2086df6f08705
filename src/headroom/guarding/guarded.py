"""The write guard around an answer: what the client hears is looked at once more.

It implements `Answer`, changes nothing of what the answer within knows or remembers, and costs
next to nothing where the request was not compressed or nothing is called. Should looking fail,
the client gets what was held back and from then on the answer as it comes.
"""

from collections.abc import Sequence
from functools import partial

from headroom.attempts import Failure, attempt
from headroom.edits import Edit
from headroom.guarding.call import Finding, Note
from headroom.guarding.watch import Guard
from headroom.wire import Answer, Memory, Turn, Usage
from headroom.wire.anthropic_messages.arguments import ARGUMENTS as ANTHROPIC_MESSAGES
from headroom.wire.arguments import ArgumentReader
from headroom.wire.bedrock_converse.arguments import ARGUMENTS as BEDROCK_CONVERSE
from headroom.wire.gemini.arguments import ARGUMENTS as GEMINI
from headroom.wire.openai_chat.arguments import ARGUMENTS as OPENAI_CHAT
from headroom.wire.openai_responses.arguments import ARGUMENTS as OPENAI_RESPONSES

READERS: dict[str, ArgumentReader] = {
    "anthropic_messages": ANTHROPIC_MESSAGES,
    "openai_chat": OPENAI_CHAT,
    "openai_responses": OPENAI_RESPONSES,
    "gemini": GEMINI,
    "bedrock_converse": BEDROCK_CONVERSE,
}
"""By the name of the wire format; Bedrock's `invoke` speaks Anthropic's."""


class GuardedAnswer:
    """Implements `Answer` around `inner`, to a request in the wire format `form` to which
    compression did `edits`."""

    def __init__(self, inner: Answer, form: str, edits: Sequence[Edit]) -> None:
        self._inner = inner
        reader = READERS.get(form)
        self._guard = Guard(reader, edits) if reader is not None and edits else None
        self._looks = self._guard is not None

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far."""
        return self._inner.usage

    @property
    def legs(self) -> Sequence[Usage]:
        """What each leg reported."""
        return self._inner.legs

    @property
    def findings(self) -> list[Finding]:
        """What was found in the calls that are whole."""
        return self._guard.findings if self._guard is not None else []

    def notes(self) -> list[Note]:
        """What the model is to be told with the results of its calls."""
        return self._guard.notes if self._guard is not None else []

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for the payload."""
        given = self._inner.feed(payload)
        if not self._looks:
            return given
        return self._look(payload) if given is None else self._looked_at(given)

    def end(self) -> Turn | None:
        """The leg has ended."""
        return self._inner.end()

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Another leg follows, unless the turn is beside the client's own calls."""
        self._inner.resume(turn, results)

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """What the client is still owed."""
        owed = self._inner.give_up(error)
        if not self._looks:
            return owed
        return [*self.release(), *self._looked_at(owed)]

    def release(self) -> Sequence[bytes]:
        """What is held back of calls that will not go on, as events of a stream: for a leg that
        was cut. Where calls end as they should it is nothing."""
        if self._guard is None or not self._looks:
            return ()
        events = attempt(self._guard.release)
        return self._failed(self._guard) if isinstance(events, Failure) else events

    def memories(self) -> Sequence[Memory]:
        """What to remember of the whole answer."""
        return self._inner.memories()

    def _look(self, payload: bytes) -> Sequence[bytes] | None:
        if self._guard is None or not self._looks:
            return None
        made = attempt(partial(self._guard.look, payload))
        if not isinstance(made, Failure):
            return made
        owed = self._failed(self._guard)
        return [*owed, payload] if owed else None

    def _failed(self, guard: Guard) -> list[bytes]:
        """The guard is off for the rest of this answer; what it has held back goes out."""
        self._looks = False
        return guard.owed()

    def _looked_at(self, given: Sequence[bytes]) -> Sequence[bytes]:
        """The payloads as the guard gives them; the same object where it changes none."""
        looked = [self._look(payload) for payload in given]
        if all(each is None for each in looked):
            return given
        out: list[bytes] = []
        for payload, each in zip(given, looked, strict=True):
            out += [payload] if each is None else each
        return out
