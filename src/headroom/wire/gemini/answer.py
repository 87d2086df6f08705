"""A Gemini answer on its way to the client, the model's retrievals taken out of it.

In a stream each chunk is a whole response object, and a call comes whole in one chunk. Chunks
pass unread until one names the retrieve tool; from then on they are read, and those of later legs
are made to continue the first: its id, and the output counted over all legs.
https://ai.google.dev/api/generate-content#generatecontentresponse
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.wire._api import Call, Memory, Turn, Usage
from headroom.wire.gemini.content import (
    Part,
    call_of,
    has_calls,
    is_hidden,
    joined,
    parts_of,
    shown,
    word,
)
from headroom.wire.gemini.history import History, call_anchors
from headroom.wire.gemini.legs import Leg, responses, written
from headroom.wire.gemini.usage import Spent, usage_of
from headroom.wire.values import decoded, encoded

_NAME = TOOL_NAME.encode()
_METER = b'"usageMetadata"'
_NOTHING: list[Any] = [{"text": ""}]
"""What the API itself puts into a chunk that only ends an answer."""
_LONGEST_MESSAGE = 2_000


@dataclass(slots=True)
class _Current:
    """The leg that is being heard. `unread` are chunks that have passed as they came,
    not looked into so far."""

    number: int = 0
    unread: list[bytes] = field(default_factory=list)
    metered: bytes = b""
    meter: Any = None
    parts: list[Any] = field(default_factory=list)
    finish: str = ""
    retrieves: bool = False
    calls: bool = False

    @property
    def alone(self) -> bool:
        """Whether the model called the retrieve tool and nothing else."""
        return self.retrieves and not self.calls

    def add(self, parts: list[Any]) -> None:
        """Hear more of the leg."""
        self.parts += parts
        self.retrieves = self.retrieves or any(map(is_hidden, parts))
        self.calls = self.calls or has_calls(shown(parts))

    def figures(self) -> Any:
        """The last usage that was reported in the leg."""
        if self.metered:
            self.meter = _metadata(self.metered) or self.meter
            self.metered = b""
        return self.meter


class GeminiAnswer:
    """One answer. `body` is the client's own request, which tells sayings apart that read alike;
    without it only calls that bear an id are met again."""

    def __init__(self, *, stream: bool, intercept: bool, body: Part | None = None) -> None:
        self._stream = stream
        self._intercept = intercept
        self._body = body
        self._leg = _Current()
        self._legs: list[Leg] = []
        self._heard: list[Any] = []
        self._carried: list[Any] = []
        self._held: list[Part] = []
        self._spent = Spent()
        self._used: list[Usage] = []
        self._id: Any = None

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far."""
        legs = self.legs
        return sum(legs, Usage()) if legs else None

    @property
    def legs(self) -> Sequence[Usage]:
        """What each leg reported last."""
        used = usage_of(self._leg.figures())
        return self._used if used is None else [*self._used, used]

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for a chunk, or for the whole body."""
        if _METER in payload:
            self._leg.metered = payload
        if not self._intercept:
            return None
        if not self._leg.number and not self._leg.parts and _NAME not in payload:
            self._leg.unread.append(payload)
            return None
        chunk = _read(payload)
        return None if chunk is None else self._given(chunk)

    def end(self) -> Turn | None:
        """A turn if the model retrieved and the leg came to its end."""
        leg = self._leg
        if not leg.finish or not leg.retrieves or (leg.alone and not self._held):
            return None
        parts = joined(leg.parts)
        calls = tuple(_call(part) for part in parts if is_hidden(part))
        said = encoded({"role": "model", "parts": parts})
        return Turn(calls, said, leg.alone)

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Remember the turn. Alone, it is followed by another leg, whose chunks continue."""
        self._legs.append(Leg(decoded(turn.said), tuple(responses(turn.calls, results))))
        if not turn.alone:
            return
        self._heard += shown(self._leg.parts)
        meter = self._leg.figures()
        self._spent = self._spent.plus(meter)
        self._used = [*self.legs]
        self._leg = _Current(self._leg.number + 1)

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """The held end of the answer, or the error as a chunk of a stream."""
        held, self._held = self._held, []
        if error:
            return [_error(error)] if self._stream else []
        if held:
            held[0] = _with_parts(held[0], self._carried or _NOTHING)
        return [encoded(chunk) for chunk in held]

    def memories(self) -> Sequence[Memory]:
        """The hidden legs under every anchor that the client's next request may have."""
        if not self._legs:
            return ()
        said = joined([*self._heard, *shown(self._leg.parts)])
        if self._body is None:
            anchors = call_anchors(said)
        else:
            history = History()
            for _ in history.turns(self._body):
                pass
            anchors = history.anchors(said)
        data = written(self._legs)
        return tuple(Memory(anchor, data) for anchor in anchors)

    def _given(self, chunk: Part) -> Sequence[bytes] | None:
        """What the client gets for a chunk that has been read."""
        if self._held and not self._leg.finish:
            self._held = []  # of the leg before: this one takes its place
        unread, self._leg.unread = self._leg.unread, []
        for passed in map(_read, unread):
            self._note(passed or {})
        candidate = self._note(chunk)
        if not self._leg.number and not self._leg.retrieves:
            return None
        chunk = self._continued(chunk)
        return self._shown(chunk, candidate) if candidate else self._beside_all(chunk)

    def _note(self, chunk: Part) -> Part | None:
        """Add what a chunk says to the leg; its candidate."""
        if self._id is None:
            self._id = chunk.get("responseId")
        candidates = chunk.get("candidates")
        if not isinstance(candidates, list) or not candidates:
            return None
        candidate = candidates[0]
        if not isinstance(candidate, dict) or len(candidates) > 1 or candidate.get("index"):
            self._intercept = bool(self._leg.number)  # several answers: each is the client's
            return None
        self._leg.add(parts_of(candidate.get("content")))
        self._leg.finish = word(candidate, "finishReason") or self._leg.finish
        return candidate

    def _continued(self, chunk: Part) -> Part:
        """A chunk of a later leg as one of the first."""
        if not self._leg.number:
            return chunk
        chunk = dict(chunk)
        if self._id is not None and "responseId" in chunk:
            chunk["responseId"] = self._id
        if isinstance(meter := chunk.get("usageMetadata"), dict):
            chunk["usageMetadata"] = self._spent.added_to(meter)
        return chunk

    def _shown(self, chunk: Part, candidate: Part) -> list[bytes]:
        """A chunk without the hidden calls, held back where the answer is to go on behind it."""
        parts = parts_of(candidate.get("content"))
        kept = shown(parts)
        if self._leg.alone and self._leg.finish == "STOP":
            return self._hold(chunk, kept)
        held, self._held = self._held, []
        whole = [*self._carried, *kept]
        if whole != parts:
            if not whole and not word(candidate, "finishReason"):
                return []
            chunk = _with_parts(chunk, whole or _NOTHING)
        return [encoded(piece) for piece in (*held, chunk)]

    def _hold(self, chunk: Part, kept: list[Any]) -> list[bytes]:
        """Keep the end of a leg that is to be continued; a stream gives what it says at once."""
        if not self._stream:
            self._carried += kept
        end = _with_parts(chunk, _NOTHING)
        self._held.append(end)
        if not self._stream or all(part == _NOTHING[0] for part in kept):
            return []
        return [encoded(_unfinished(_with_parts(chunk, kept)))]

    def _beside_all(self, chunk: Part) -> list[bytes]:
        """A chunk that belongs to no candidate; behind a held end it is held too."""
        if self._held:
            self._held.append(chunk)
            return []
        return [encoded(chunk)]


def _read(payload: bytes) -> Part | None:
    """The object in a payload, if it can be written again."""
    chunk = decoded(payload)
    return chunk if isinstance(chunk, dict) else None


def _metadata(payload: bytes) -> Any:
    """The usage in a chunk or a body, or in the last chunk of a body that lists them."""
    chunk = decoded(payload)
    if isinstance(chunk, list) and chunk:
        chunk = chunk[-1]
    return chunk.get("usageMetadata") if isinstance(chunk, dict) else None


def _call(part: Part) -> Call:
    call = call_of(part) or {}
    arguments = call.get("args")
    return Call(word(call, "id"), arguments if isinstance(arguments, dict) else {})


def _with_parts(chunk: Part, parts: list[Any]) -> Part:
    """The chunk with other parts in its one candidate."""
    candidate = chunk["candidates"][0]
    content = candidate.get("content")
    content = {**content, "parts": parts} if isinstance(content, dict) else {"parts": parts}
    return {**chunk, "candidates": [{**candidate, "content": {"role": "model", **content}}]}


def _unfinished(chunk: Part) -> Part:
    candidate = {**chunk["candidates"][0]}
    candidate.pop("finishReason", None)
    candidate.pop("finishMessage", None)
    return {**chunk, "candidates": [candidate]}


def _error(body: bytes) -> bytes:
    """Upstream's error as a stream's chunk; a body that cannot be read is its message."""
    error = decoded(body)
    if isinstance(error, list) and error:
        error = error[0]
    if not isinstance(error, dict) or "error" not in error:
        message = body.decode("utf-8", "replace")[:_LONGEST_MESSAGE]
        error = {"error": {"code": 500, "message": message, "status": "UNKNOWN"}}
    return encoded(error)
