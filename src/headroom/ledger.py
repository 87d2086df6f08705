"""What was decided for a text, so that a text met again costs a lookup.

A decision is kept under a key that names the text and all that stands before it. Decisions
can always be made again and come out the same; what is lost here costs time and nothing else.
The ledger knows no policy and no compressor.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from headroom.conversation import Block
from headroom.edits import Edit, Skip
from headroom.seen import Seen
from headroom.tokens import Count

MAX_AGE = 1_800.0
"""Seconds after which a decision is made again, which keeps its originals anew: a store may
drop what was not put or read for an hour."""
_MAX_ENTRIES = 50_000
_MAX_CHARACTERS = 32_000_000
_MAX_CONVERSATIONS = 8


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one text. `outcome` is None where the text is not ours to edit."""

    outcome: Edit | Skip | None
    before: Count
    after: Count

    def at(self, block: Block) -> "Decision":
        """The same decision about `block`."""
        made = self.outcome
        if isinstance(made, Edit):
            placed = Edit(
                block.path,
                block.text,
                made.after,
                made.compressor,
                made.fidelity,
                made.refs,
                made.tokens_before,
                made.tokens_after,
            )
            return Decision(placed, self.before, self.after)
        if isinstance(made, Skip):
            return Decision(Skip(block.path, made.reason, made.detail), self.before, self.after)
        return self

    def shown(self, block: Block) -> str:
        """How `block` reads as it is sent."""
        return self.outcome.after if isinstance(self.outcome, Edit) else block.text


class Ledger:
    """Decisions of one process, the least recently used going first. Safe between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, tuple[float, Decision]] = OrderedDict()
        self._characters = 0
        self._shown: OrderedDict[bytes, Seen] = OrderedDict()

    def get(self, key: bytes) -> Decision | None:
        """The decision under `key`, if it is known and not too old."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if self._clock() - entry[0] > MAX_AGE:
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def put(self, key: bytes, decision: Decision) -> None:
        """Keep `decision`; the text itself is not kept."""
        if isinstance(decision.outcome, Edit):
            decision = replace(decision, outcome=replace(decision.outcome, path=(), before=""))
        with self._lock:
            if key in self._entries:
                self._drop(key)
            self._entries[key] = (self._clock(), decision)
            self._characters += _size(decision)
            while len(self._entries) > _MAX_ENTRIES or self._characters > _MAX_CHARACTERS:
                self._drop(next(iter(self._entries)))

    def lend(self, key: bytes) -> Seen | None:
        """What the conversation that ends at `key` has shown, for its one next user."""
        with self._lock:
            return self._shown.pop(key, None)

    def give_back(self, key: bytes, seen: Seen) -> None:
        """Keep what the conversation that ends at `key` has shown."""
        with self._lock:
            self._shown[key] = seen
            if len(self._shown) > _MAX_CONVERSATIONS:
                self._shown.popitem(last=False)

    def _drop(self, key: bytes) -> None:
        _, decision = self._entries.pop(key)
        self._characters -= _size(decision)


def _size(decision: Decision) -> int:
    outcome = decision.outcome
    if isinstance(outcome, Edit):
        return len(outcome.after)
    return len(outcome.detail) if outcome else 0
