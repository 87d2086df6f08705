"""The calls of one answer, watched payload by payload: arguments are changed in place.

What it gives for a payload is None (as it came) or the payloads to send instead: the same with
other argument texts, before it perhaps one that brings what was held back. What it cannot read
passes.
"""

from collections.abc import Sequence
from functools import partial

from headroom.attempts import Failure, attempt
from headroom.edits import Edit
from headroom.errors import WireError
from headroom.guarding.call import Finding, GuardedCall, Note
from headroom.guarding.mending import Mender
from headroom.guarding.signs import Signs
from headroom.wire import json_spans
from headroom.wire.arguments import ArgumentReader, Piece, Role
from headroom.wire.json_spans import Splice


class Guard:
    """`edits` are what compression did to the request that is answered."""

    def __init__(self, reader: ArgumentReader, edits: Sequence[Edit]) -> None:
        self._reader = reader
        self._signs = Signs(edits)
        self._mender = Mender(self._signs)
        self._calls: dict[str, GuardedCall] = {}
        self._past: list[GuardedCall] = []
        self._held: list[tuple[str, bytes, str]] = []

    @property
    def findings(self) -> list[Finding]:
        """What was found in the calls that are whole."""
        return [finding for call in self._all() for finding in call.findings]

    @property
    def notes(self) -> list[Note]:
        """What the model is to be told of them."""
        return [call.note for call in self._all() if call.note is not None]

    def look(self, payload: bytes) -> list[bytes] | None:
        """What the client gets for a payload; None as it came.

        Raises:
            WireError: two pieces of a payload overlap; then see `owed`.
        """
        reader = self._reader
        usual = reader.usual.match(payload) if reader.usual is not None else None
        if usual is not None:
            call = self._calls.get(reader.prefix + usual["key"].decode())
            if call is None or call.passes(usual["text"], payload):
                return None
        elif not reader.concerns(payload):
            return None
        try:
            tree = json_spans.parse(payload)
        except WireError:
            return None
        change = _Change(payload)
        for piece in reader.pieces(tree, payload):
            self._take(piece, change)
        made = change.made()
        self._note_held()
        return made

    def release(self) -> list[bytes]:
        """What is held back of calls that will not go on, as events of a stream."""
        change = _Change(b"")
        for key in self._calls:
            self._close(key, change)
        self._note_held()
        return change.before

    def owed(self) -> list[bytes]:
        """What was held back behind the last payload that was looked at to its end, as events of
        a stream: for when looking at a later one, or releasing, has failed."""
        held, self._held = self._held, []
        events = [attempt(partial(self._reader.more, like, key, text)) for key, like, text in held]
        return [event for event in events if not isinstance(event, Failure)]

    def _note_held(self) -> None:
        self._held = [(key, call.like, call.held) for key, call in self._calls.items() if call.held]

    def _all(self) -> list[GuardedCall]:
        return [*self._past, *self._calls.values()]

    def _take(self, piece: Piece, change: "_Change") -> None:
        if piece.role is Role.OPEN:
            self._open(piece, change)
        elif piece.role is Role.CLOSE:
            for key in [key for key in self._calls if _is_meant(key, piece.key)]:
                self._close(key, change)
        elif (call := self._calls.get(piece.key)) is not None and call.is_watched:
            if piece.role is Role.PART:
                call.like = change.payload
                change.put(piece, call.flow(plain=piece.plain).add(piece.text))
            else:
                change.put(piece, self._whole(piece, call))

    def _open(self, piece: Piece, change: "_Change") -> None:
        known = self._calls.get(piece.key)
        if known is not None and known.is_the(piece.call_id, piece.tool):
            return
        if known is not None:
            self._close(piece.key, change)
            self._past.append(known)
        self._calls[piece.key] = self._new(piece.call_id, piece.tool)

    def _new(self, call_id: str, tool: str) -> GuardedCall:
        return GuardedCall(self._signs, self._mender, call_id, tool)

    def _whole(self, piece: Piece, call: GuardedCall) -> str:
        """Arguments that come whole: those of a new call, or once more those of one that has
        been told, which must read as they did."""
        if (known := call.known(piece.text)) is not None:
            return known
        if call.has_begun:
            self._past.append(call)
            call = self._calls[piece.key] = self._new(call.call_id, call.tool)
        given = call.flow(plain=piece.plain).add(piece.text)
        return given + call.close()

    def _close(self, key: str, change: "_Change") -> None:
        call = self._calls[key]
        if owed := call.close():
            change.owe(key, owed, self._reader.more(call.like, key, owed))


class _Change:
    """What becomes of one payload."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.before: list[bytes] = []
        self._texts: dict[str, tuple[Piece, str]] = {}
        self._done: list[Splice] = []

    def put(self, piece: Piece, text: str) -> None:
        """A text in the place of a piece."""
        if (last := self._texts.get(piece.key)) is not None:
            self._write(*last)
        self._texts[piece.key] = (piece, text)

    def owe(self, key: str, text: str, event: bytes) -> None:
        """A text that follows what was put under the key here, else in an event before."""
        if (last := self._texts.get(key)) is not None:
            self._texts[key] = (last[0], last[1] + text)
        else:
            self.before.append(event)

    def made(self) -> list[bytes] | None:
        """The payloads to send; None if it is the one that came.

        Raises:
            WireError: two pieces overlap.
        """
        for piece, text in self._texts.values():
            self._write(piece, text)
        if not self._done and not self.before:
            return None
        return [*self.before, json_spans.spliced(self.payload, self._done)]

    def _write(self, piece: Piece, text: str) -> None:
        if text != piece.text:
            self._done.append(Splice(piece.start, piece.end, piece.spelled(text)))


def _is_meant(key: str, said: str) -> bool:
    return key == said or (said.endswith(".") and key.startswith(said))
