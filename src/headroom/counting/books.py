"""What is known of a request only when it is compared with those before it: what it would have
been billed had it passed unchanged, and what of its provider's cache it lost.

It sees layouts (digests and counts), and nothing of what was said. For one thread at a time.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from headroom.attempts import Failure, attempt
from headroom.billing import Prices
from headroom.caching.accounting import Accounting
from headroom.caching.busts import Sessions, Steadiness
from headroom.caching.layout import Layout
from headroom.counting.record import BUST, Event, Exchange, place_of
from headroom.counting.shown import ShownEdits
from headroom.edits import Edit
from headroom.errors import StoreError
from headroom.wire._api import Usage

_SHOWN_AT_ONCE = 5


class Told(NamedTuple):
    """One request's layout, what upstream reported of each leg, and when it was asked (seconds
    since 1970)."""

    layout: Layout
    legs: Sequence[Usage]
    time: float


class Books:
    """The books of one process. Bills are made at `prices`, without any at those of the shipped
    table; `shown` takes the texts of edits, for a person to look at."""

    def __init__(self, prices: Prices | None = None, shown: ShownEdits | None = None) -> None:
        self.prices = prices or Prices.load()
        self.trouble = ""
        self._shown = shown
        self._accounting = Accounting()
        self._sessions = Sessions()

    def steadiness(self, project: str, session: str) -> Steadiness:
        """What is to be expected of a session after its latest requests. May be asked by any
        thread."""
        return self._sessions.steadiness(_name(project, session))

    def completed(self, done: Exchange, told: Told) -> Exchange:
        """The request with what it would have been billed, and what busted its cache."""
        events = list(done.events)
        bust = self._sessions.bust(_name(done.project, done.session), told.layout, told.time)
        if bust is not None:
            events.append(Event(BUST, bust.cause, tokens=bust.tokens))
        before = self._accounting.before(told.layout, told.legs, told.time) if told.legs else None
        return done._replace(before=before, events=tuple(events))

    def show(self, requests: Sequence[tuple[Exchange, Sequence[Edit]]]) -> None:
        """Keep the texts of the latest requests' edits; of many at once not all can be kept.
        `trouble` says why that failed, as long as it does."""
        edited = [one for one in requests if one[1]]
        if self._shown is None or not edited:
            return
        for done, edits in edited[-_SHOWN_AT_ONCE:]:
            kept = attempt(partial(_kept, self._shown, done, edits))
            self.trouble = place_of(kept.detail) if isinstance(kept, Failure) else kept

    def close(self) -> None:
        """Give files back."""
        if self._shown is not None:
            self._shown.close()


def _kept(shown: ShownEdits, done: Exchange, edits: Sequence[Edit]) -> str:
    """Keeps a request's edits; why they could not be, else nothing."""
    try:
        shown.add(done.name, done.time, edits)
    except StoreError as error:
        return str(error)
    return ""


def _name(project: str, session: str) -> str:
    return f"{project}\0{session}"
