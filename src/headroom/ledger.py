"""What was decided for a text, so that it is decided once: in this process, and in all others
that share the store.

A decision is kept under a key that names the text and all that stands before it. Memory goes
first, then the store, where whoever settled a key first is right. A store that cannot be used
costs other processes their agreement and nobody a request: decisions then hold in memory, and
are written down later. The ledger knows no policy and no compressor.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.conversation import EDITABLE
from headroom.decision import LEAST, Decision, packed, unpacked
from headroom.edits import Edit, Reason, Skip
from headroom.errors import StoreError
from headroom.seen import Seen
from headroom.stores import Settled
from headroom.walk import Step

MAX_AGE = 1_800.0
"""Seconds after which the originals of a decision are looked after again: a store may drop what
was not put, read or refreshed for an hour."""
_NEVER = float("-inf")
_AWAY_SECONDS = 1.0
_USE_SECONDS = 43_200.0
_MAX_ENTRIES = 8_000
_MAX_CHARACTERS = 4_000_000
_MAX_CONVERSATIONS = 64
_MAX_SHOWN = 2_000_000
_MAX_UNSAVED = 1_000
_WRITTEN_TOGETHER = 200
_FOLLOW_BY_THEMSELVES = frozenset({Reason.TOO_SMALL, Reason.NO_GAIN})


@dataclass(frozen=True, slots=True)
class Troubles:
    """What went wrong with the store of decisions since the start, and the latest in words."""

    store_errors: int = 0
    corrupt: int = 0
    last: str = ""


@dataclass(slots=True)
class _Entry:
    """`kept`: when its originals were looked after; `used`: when the store last heard of it.
    Seconds of the ledger's clock."""

    decision: Decision
    kept: float
    used: float


class Ledger:
    """Decisions of one process, the least recently used going first, over those in the store.
    Safe between threads."""

    def __init__(
        self, settled: Settled | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settled = settled
        self._clock = clock
        self._lock = threading.Lock()
        # Held while a decision goes from memory to the store, so that threads agree as well.
        self._settling = threading.Lock()
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._characters = 0
        self._shown: OrderedDict[bytes, tuple[Seen, int]] = OrderedDict()
        self._shown_size = 0
        self._unsaved: dict[bytes, bytes] = {}
        self._away_until = _NEVER
        self._troubles = Troubles()

    @property
    def troubles(self) -> Troubles:
        """What went wrong so far."""
        return self._troubles

    def lookup(self, steps: Sequence[Step]) -> list[Decision | None]:
        """What is decided for each of these texts. What memory does not have is asked of the
        store, all at once."""
        now = self._clock()
        idle: list[bytes] = []
        with self._lock:
            found = [self._recalled(step.key, now, idle) for step in steps]
        keys = [
            step.key
            for step, decision in zip(steps, found, strict=True)
            if decision is None and step.block.kind in EDITABLE and len(step.block.text) >= LEAST
        ]
        # The idle ones are asked for only to keep them from being purged.
        stored = self._read([*keys, *idle])
        if stored:
            with self._lock:
                for key, decision in stored.items():
                    self._remember(key, decision, _NEVER)
        return [
            stored.get(step.key) if decision is None else decision
            for step, decision in zip(steps, found, strict=True)
        ]

    def holds(self, key: bytes) -> bool:
        """Whether memory has a decision. For a glance while another thread may be settling."""
        return key in self._entries

    def settle(self, made: Mapping[bytes, Decision]) -> list[Decision]:
        """Settle decisions, each of which rests on those before it, and return what holds: all of
        them, or those up to and with the first that another was quicker to decide."""
        bare = {key: decision.bare() for key, decision in made.items()}
        with self._settling:
            held: dict[bytes, Decision] = {}
            mine: set[bytes] = set()
            with self._lock:
                for key, decision in bare.items():
                    entry = self._entries.get(key)
                    held[key] = decision if entry is None else entry.decision
                    if held[key] != decision:
                        break
                    if entry is None and decision.outcome is not None:
                        mine.add(key)
            held = self._agreed(held, mine)
            now = self._clock()
            with self._lock:
                for key, decision in held.items():
                    self._remember(key, decision, now if decision == bare[key] else _NEVER)
        return list(held.values())

    def due(self, keys: Iterable[bytes]) -> list[bytes]:
        """Those whose originals are to be looked after; from now on they count as looked after."""
        now = self._clock()
        found = []
        with self._lock:
            for key in keys:
                entry = self._entries.get(key)
                if entry is not None and now - entry.kept > MAX_AGE:
                    entry.kept = now
                    found.append(key)
        return found

    def trouble(self, error: StoreError) -> None:
        """Count what went wrong with the store."""
        with self._lock:
            count = self._troubles.store_errors + 1
            self._troubles = replace(self._troubles, store_errors=count, last=str(error))

    def lend(self, steps: Sequence[Step]) -> tuple[int, Seen]:
        """What the longest known beginning of these texts has shown, for its one next user, and
        how many texts that is; nothing of none where no beginning is known."""
        with self._lock:
            for count in range(len(steps), 0, -1):
                lent = self._shown.pop(steps[count - 1].key, None)
                if lent is not None:
                    self._shown_size -= lent[1]
                    return count, lent[0]
        return 0, Seen()

    def give_back(self, key: bytes, seen: Seen) -> None:
        """Keep what the conversation that ends at `key` has shown."""
        size = seen.size
        with self._lock:
            if replaced := self._shown.pop(key, None):
                self._shown_size -= replaced[1]
            self._shown[key] = (seen, size)
            self._shown_size += size
            while len(self._shown) > _MAX_CONVERSATIONS or self._shown_size > _MAX_SHOWN:
                self._shown_size -= self._shown.popitem(last=False)[1][1]

    def flush(self) -> None:
        """Write down what was left for later."""
        with self._settling:
            if self._settled is not None and self._unsaved:
                try:
                    self._settled.settle(self._unsaved)
                except StoreError as error:
                    self.trouble(error)
                else:
                    self._unsaved = {}

    def _agreed(
        self, claimed: Mapping[bytes, Decision], mine: Collection[bytes]
    ) -> dict[bytes, Decision]:
        """What the store makes of decisions; those that are not `mine` hold already."""
        facts = {key: packed(claimed[key]) for key in claimed if key in mine}
        if all(map(_follows_by_itself, (claimed[key] for key in facts))):
            stored = self._put_off(facts)
        else:
            stored = self._written(facts)
        held: dict[bytes, Decision] = {}
        for key, decision in claimed.items():
            held[key] = decision
            if key not in facts:
                continue
            if key not in stored:
                break
            if stored[key] != facts[key]:
                held[key] = self._understood(stored[key]) or decision
                break
        return held

    def _written(self, facts: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
        if self._settled is None or not facts:
            return facts
        if self._clock() >= self._away_until:
            try:
                if self._unsaved:
                    self._settled.settle(self._unsaved)
                    self._unsaved = {}
                return self._settled.settle(facts, chained=True)
            except StoreError as error:
                self._leave_alone(error)
        if len(self._unsaved) < _MAX_UNSAVED:
            self._unsaved.update(facts)
        return facts

    def _put_off(self, facts: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
        """Keep for the next write what any process would decide alike without it."""
        if len(self._unsaved) + len(facts) > _WRITTEN_TOGETHER:
            return self._written(facts)
        if self._settled is not None:
            self._unsaved.update(facts)
        return facts

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Decision]:
        if self._settled is None or not keys or self._clock() < self._away_until:
            return {}
        try:
            stored = self._settled.get(keys)
        except StoreError as error:
            self._leave_alone(error)
            return {}
        read = {key: self._understood(data) for key, data in stored.items()}
        return {key: decision for key, decision in read.items() if decision is not None}

    def _understood(self, data: bytes) -> Decision | None:
        decision = unpacked(data)
        if decision is None:
            with self._lock:
                self._troubles = replace(self._troubles, corrupt=self._troubles.corrupt + 1)
        return decision

    def _leave_alone(self, error: StoreError) -> None:
        """Many requests must not wait one after another for a store that is locked."""
        self._away_until = self._clock() + _AWAY_SECONDS
        self.trouble(error)

    def _recalled(self, key: bytes, now: float, idle: list[bytes]) -> Decision | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        if now - entry.used > _USE_SECONDS:
            entry.used = now
            idle.append(key)
        return entry.decision

    def _remember(self, key: bytes, decision: Decision, kept: float) -> None:
        """Keep a decision; what memory has under its key already stays."""
        if key in self._entries:
            return
        self._entries[key] = _Entry(decision, kept, self._clock())
        self._characters += _size(decision)
        while len(self._entries) > _MAX_ENTRIES or self._characters > _MAX_CHARACTERS:
            _, entry = self._entries.popitem(last=False)
            self._characters -= _size(entry.decision)


def _follows_by_itself(decision: Decision) -> bool:
    """Whether a decision changes no byte, and none of time or chance is in it."""
    made = decision.outcome
    return isinstance(made, Skip) and made.reason in _FOLLOW_BY_THEMSELVES


def _size(decision: Decision) -> int:
    outcome = decision.outcome
    if isinstance(outcome, Edit):
        return len(outcome.after)
    return len(outcome.detail) if outcome else 0
