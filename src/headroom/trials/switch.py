"""The kill switch: new sessions pass as they are where compression costs more.

Rule: a loss switches off new sessions only, for a week or until the user resumes; what was counted
before counts no more then. A reader never raises: where the file cannot be read, what was known
last holds. Whether there is a loss is for `losses` to say.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from headroom.errors import StoreError
from headroom.trials import switch_file
from headroom.trials.losses import losses
from headroom.trials.session_costs import Group, Session
from headroom.trials.switch_file import FILE_NAME, State, Trip

_LOOK_SECONDS = 2.0
_READER_WAITS = 0.05


class Switch:
    """The switch of one home folder, the same for all workers. `now` gives seconds since 1970,
    `clock` seconds that never go back. `troubles` counts how often the file could not be read.
    Safe between threads."""

    def __init__(
        self,
        home: Path,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = Path(home) / FILE_NAME
        self.troubles = 0
        self._now, self._clock = now, clock
        self._looked = float("-inf")
        self._changes = b""
        self._state = State()

    def is_off(self, agent: str, model: str) -> bool:
        """Whether new sessions of this agent with this model pass as they are; as the file was at
        most two seconds ago. Never raises."""
        if self._clock() - self._looked >= _LOOK_SECONDS:
            self._look()
        if not self._state.trips:
            return False
        off = self._state.off(self._now())
        return None in off or Group(agent, model) in off

    def trips(self) -> list[Trip]:
        """What is switched off, the latest first.

        Raises:
            StoreError: the file cannot be read.
        """
        off = switch_file.read(self.path).off(self._now())
        return sorted(off.values(), key=lambda trip: -trip.since)

    def review(self, sessions: Sequence[Session]) -> list[Trip]:
        """Looks at what sessions came to, in the order of their first requests, and switches off
        what surely costs more; what was switched off by this.

        Raises:
            StoreError: the file cannot be read or written.
        """
        now, seen = self._now(), switch_file.read(self.path)
        off = seen.off(now)
        if None in off:
            return []
        counted = [one for one in sessions if one.group not in off and seen.counts(one, now)]
        trips = [Trip(loss, now) for loss in losses(counted, now)]
        if not trips:
            return []
        with switch_file.changing(self.path) as connection:
            held = switch_file.state_of(connection)
            # What another worker switched off meanwhile, or the user resumed, stays so.
            made = [trip for trip in trips if held.is_same_for(trip.loss.group, seen)]
            switch_file.switch_off(connection, made, held)
        return made

    def resume(self, agent: str | None = None, model: str | None = None) -> list[Trip]:
        """Tries compression anew: all of it, or what is off for an agent, or a model, or both.
        What was off.

        Raises:
            StoreError: the file cannot be read or written.
        """
        if not self.path.exists():
            return []
        now = self._now()
        with switch_file.changing(self.path) as connection:
            off = switch_file.state_of(connection).off(now)
            meant = {group: off[group] for group in off if _is_meant(group, agent, model)}
            switch_file.switch_on(connection, meant, now)
        return list(meant.values())

    def _look(self) -> None:
        self._looked = self._clock()
        try:
            changes = switch_file.changes(self.path)
            if changes != self._changes:
                self._state = switch_file.read(self.path, _READER_WAITS)
                self._changes = changes
        except StoreError:
            self.troubles += 1


def _is_meant(group: Group | None, agent: str | None, model: str | None) -> bool:
    if group is None:
        return agent is None and model is None
    return agent in (None, group.agent) and model in (None, group.model)
