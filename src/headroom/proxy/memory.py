"""What the proxy must know of a session again: turns that its client never saw, and how it
retrieves. Kept as settled facts in the store, so that every worker and every later process
knows the same.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

from headroom.errors import StoreError
from headroom.stores import Settled
from headroom.wire import Memory

_MAX_LOOKED_UP = 8_000
_MAX_TAKEN = 2_000
_MAX_OWED = 2_000
_AWAY_SECONDS = 1.0


class SessionMemory:
    """The memory of one project. What the store cannot tell or keep is known to this process
    alone, and is given to the store with what is kept next; `troubles` counts how often.
    `alone`: no other worker settles anything meanwhile. `clock` gives seconds. Safe between
    threads; none waits for another's store."""

    def __init__(
        self,
        settled: Settled | None,
        *,
        alone: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settled = settled
        self._alone = alone
        self._clock = clock
        self._away_until = float("-inf")
        self._lock = threading.Lock()
        self._owed: dict[bytes, bytes] = {}
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._known: OrderedDict[bytes, bytes | None] = OrderedDict()
        self.troubles = 0

    def turns(self, session: str, anchors: Sequence[str]) -> dict[str, bytes]:
        """The remembered turns among these anchors, by anchor. `session` is what the client
        calls it, empty where it says nothing."""
        keys = {_turn(session, anchor): anchor for anchor in anchors}
        found = self._look_up(list(keys))
        return {keys[key]: data for key, data in found.items()}

    def remember(self, session: str, memories: Sequence[Memory]) -> None:
        """Keep turns; durable on return unless the store refused."""
        self._keep({_turn(session, memory.anchor): memory.data for memory in memories})

    def notes(self, session: str, names: Sequence[str]) -> dict[str, str]:
        """The notes among those of these names."""
        keys = {_note(session, name): name for name in names}
        found = self._look_up(list(keys))
        return {keys[key]: data.decode() for key, data in found.items()}

    def keep_notes(self, session: str, notes: Mapping[str, str]) -> None:
        """Keep notes by name; durable on return unless the store refused."""
        self._keep({_note(session, name): text.encode() for name, text in notes.items()})

    def fact(self, session: str, name: str) -> str:
        """What was settled for a session under `name`; empty if nothing was."""
        key = _key(name.encode(), session)
        return self._look_up([key]).get(key, b"").decode()

    def settle(self, session: str, name: str, value: str) -> str:
        """Settle it if nothing is settled yet; what holds now."""
        key = _key(name.encode(), session)
        return self._keep({key: value.encode()}).get(key, value.encode()).decode()

    def has_any(self, session: str, names: Sequence[str]) -> bool | None:
        """Whether something was settled for a session under one of these names, by any process;
        None where the store cannot tell."""
        keys = [_key(name.encode(), session) for name in names]
        if any(self._known.get(key) is not None for key in keys):
            return True
        store = self._answering()
        if store is None:
            return None
        try:
            return bool(store.get(keys))
        except StoreError:
            self._leave_alone()
            return None

    def is_taken(self, beginning: str) -> None:
        """Note that upstream took our tool in this session."""
        self._taken[beginning] = None
        while len(self._taken) > _MAX_TAKEN:
            self._taken.popitem(last=False)

    def may_be_refused(self, beginning: str) -> bool:
        """Whether upstream has not taken our tool in this session yet, as far as is known."""
        return beginning not in self._taken

    def flush(self) -> None:
        """Give the store what it is owed."""
        if self._owed:
            self._keep(self._owed)

    def _look_up(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        missing = [key for key in keys if key not in self._known]
        if not self._alone:  # another worker may have settled since what was not
            missing = [key for key in keys if self._known.get(key) is None]
        if missing and (store := self._answering()):
            try:
                found = store.get(missing)
            except StoreError:
                self._leave_alone()
            else:
                for key in missing:
                    self._note(key, found.get(key))
        known = ((key, self._known.get(key)) for key in keys)
        return {key: data for key, data in known if data is not None}

    def _keep(self, facts: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        held = dict(facts)
        if facts and self._settled is not None:
            owed = {**facts, **self._owed}
            if (settled := self._settled_of(owed)) is None:
                self._owe(facts)
            else:
                held = {key: settled.get(key, data) for key, data in facts.items()}
                self._pay(owed)
        for key, data in held.items():
            self._note(key, data)
        return held

    def _settled_of(self, facts: Mapping[bytes, bytes]) -> Mapping[bytes, bytes] | None:
        """What holds of these facts by the store; None where it does not answer."""
        try:
            store = self._answering()
            return store.settle(facts) if store else None
        except StoreError:
            self._leave_alone()
            return None

    def _owe(self, facts: Mapping[bytes, bytes]) -> None:
        with self._lock:
            owed = {**facts, **self._owed}
            self._owed = owed if len(owed) <= _MAX_OWED else {}

    def _pay(self, facts: Mapping[bytes, bytes]) -> None:
        with self._lock:
            self._owed = {key: data for key, data in self._owed.items() if key not in facts}

    def _answering(self) -> Settled | None:
        """The store, but for a moment after it did not answer: many requests must not wait one
        after another for one that is locked."""
        return self._settled if self._clock() >= self._away_until else None

    def _leave_alone(self) -> None:
        self.troubles += 1
        self._away_until = self._clock() + _AWAY_SECONDS

    def _note(self, key: bytes, data: bytes | None) -> None:
        with self._lock:
            if data is None and self._known.get(key) is not None:
                return  # remembered by another thread since the store was asked
            self._known[key] = data
            self._known.move_to_end(key)
            while len(self._known) > _MAX_LOOKED_UP:
                self._known.popitem(last=False)


def _turn(session: str, anchor: str) -> bytes:
    return _key(b"turn", f"{session}\0{anchor}")


def _note(session: str, name: str) -> bytes:
    return _key(b"note", f"{session}\0{name}")


def _key(name: bytes, value: str) -> bytes:
    digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return b"proxy:" + name + b":" + digest
