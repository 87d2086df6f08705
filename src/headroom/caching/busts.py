"""What busted a cache: the first place in which a request differs from the one it goes on from,
in words of ours.

It compares what the client sent, so what is found is the client's doing. No text of a request is
in what it says.
"""

from collections import Counter, OrderedDict
from typing import NamedTuple

from headroom.caching.layout import Layout, Piece, Zone
from headroom.caching.volatile import kind_of

_LANES = 3
_SESSIONS = 64
IDLE = "idle for longer than the provider keeps its cache"
NO_CHANCE = 2
"""Busts in a row after which another one is expected."""
_FEW = 3
_ROLES = frozenset(("user", "assistant", "system", "developer", "tool", "function", "model"))
_ALIKE = 0.5
"""The share of a request's messages that must be there again in one that goes on from it."""


class Bust(NamedTuple):
    """`cause` says what differs, `tokens` how many of the former request stood behind it."""

    cause: str
    tokens: int


class Steadiness(NamedTuple):
    """What of a conversation's requests the next one will find in the cache: their `ends`, and
    the `beginning`, which is the tools and the system prompt."""

    ends: bool = True
    beginning: bool = True


class _Lane(NamedTuple):
    layout: Layout
    time: float


class Sessions:
    """The latest requests of each session, of which several conversations may be under way."""

    def __init__(self) -> None:
        self._lanes: OrderedDict[str, list[_Lane]] = OrderedDict()
        self._in_a_row: dict[str, tuple[int, bool]] = {}

    def steadiness(self, session: str) -> Steadiness:
        """What is to be expected of a session after its latest requests. May be asked by any
        thread."""
        busts, beginning = self._in_a_row.get(session, (0, True))
        return Steadiness(busts < NO_CHANCE, beginning)

    def bust(self, session: str, layout: Layout, now: float) -> Bust | None:
        """What of the session's cache a request of the time `now` (seconds since 1970) lost; None
        where it goes on from what was sent, or from nothing."""
        lanes = self._lanes.pop(session, [])
        former = next((one for one in reversed(lanes) if _goes_on(one.layout, layout)), None)
        rest = [one for one in lanes if one is not former]
        self._lanes[session] = [*rest, _Lane(layout, now)][-_LANES:]
        while len(self._lanes) > _SESSIONS:
            self._in_a_row.pop(self._lanes.popitem(last=False)[0], None)
        if former is None:
            return None
        found = difference(former.layout, layout)
        busts = self._in_a_row.get(session, (0, True))[0] + 1 if found else 0
        self._in_a_row[session] = (busts, begin_alike(former.layout, layout))
        if found is None and now - former.time > _kept(former.layout):
            return Bust(IDLE, former.layout.after)
        return found


def begin_alike(former: Layout, layout: Layout) -> bool:
    """Whether two requests have the same tools and the same system prompt."""
    return former.model == layout.model and _beginning(former) == _beginning(layout)


def _beginning(layout: Layout) -> list[bytes]:
    return [piece.digest for piece in _own(layout) if piece.zone is not Zone.MESSAGES]


def difference(former: Layout, layout: Layout) -> Bust | None:
    """What makes `layout` begin differently than `former`; None where it only goes on."""
    was, now = _own(former), _own(layout)
    if former.model != layout.model:
        return _bust("another model", was, 0)
    same = next(
        (at for at, (a, b) in enumerate(zip(was, now, strict=False)) if a.digest != b.digest),
        min(len(was), len(now)),
    )
    if same < len(was):
        return _bust(_cause(former, layout, same), was, same)
    if former.choices != layout.choices and layout.rules.explicit:
        first = next((at for at, one in enumerate(was) if one.zone is Zone.MESSAGES), 0)
        return _bust("other settings of thinking or of tool choice", was, first)
    return None


def _cause(former: Layout, layout: Layout, same: int) -> str:
    was, now = _own(former), _own(layout)
    if same >= len(now):
        return "the end of the history was cut off"
    old, new = was[same], now[same]
    if Zone.TOOLS in (old.zone, new.zone):
        return _tools(was, now)
    if Zone.SYSTEM in (old.zone, new.zone):
        return _system(former, layout, old, new)
    return _message(was[same:], now[same:])


def _tools(was: list[Piece], now: list[Piece]) -> str:
    before = [piece for piece in was if piece.zone is Zone.TOOLS]
    after = [piece for piece in now if piece.zone is Zone.TOOLS]
    if Counter(piece.digest for piece in before) == Counter(piece.digest for piece in after):
        return "the tools were put into another order"
    added = {piece.name for piece in after} - {piece.name for piece in before}
    gone = {piece.name for piece in before} - {piece.name for piece in after}
    if not added and not gone:
        known = {piece.digest for piece in before}
        changed = sum(piece.digest not in known for piece in after)
        return f"{_count(changed, 'tool')} changed"
    parts = [(len(added), "added"), (len(gone), "removed")]
    return ", ".join(f"{_count(count, 'tool')} {what}" for count, what in parts if count)


def _system(former: Layout, layout: Layout, old: Piece, new: Piece) -> str:
    if old.zone is not new.zone:
        return "the system prompt has another length"
    before, after = former.system[old.at : old.at + 1], layout.system[new.at : new.at + 1]
    kind = kind_of(before[0], after[0]) if before and after else None
    return f"{kind} in the system prompt" if kind else "the system prompt was rewritten"


def _message(was: list[Piece], now: list[Piece]) -> str:
    """What became of messages that differ from the first on."""
    before = {piece.digest for piece in was}
    after = {piece.digest for piece in now}
    if was[0].digest in after:
        return "something was put into the history"
    if now[0].digest in before:
        return "something was taken out of the history"
    if len(was) > _FEW and sum(piece.digest in after for piece in was) * 2 < len(was):
        return "the later history was replaced"
    # A role may be any word of the client's.
    role = was[0].name if was[0].name in _ROLES else "another"
    return f"an earlier message was rewritten (role {role})"


def _bust(cause: str, was: list[Piece], same: int) -> Bust:
    return Bust(cause, sum(piece.after for piece in was[same:]))


def _kept(layout: Layout) -> float:
    """Seconds that the provider keeps what a request wrote."""
    rules = layout.rules
    if not rules.explicit:
        return rules.seconds
    return max(
        [rules.lifetime(one.sent_mark) for one in layout.pieces if one.sent_mark],
        default=float("inf"),
    )


def _goes_on(former: Layout, layout: Layout) -> bool:
    """Whether a request belongs to the same conversation as another one before it."""
    was = [piece.digest for piece in _own(former) if piece.zone is Zone.MESSAGES]
    now = {piece.digest for piece in _own(layout) if piece.zone is Zone.MESSAGES}
    if not was or not now:
        return False
    return sum(digest in now for digest in was) >= _ALIKE * min(len(was), len(now))


def _own(layout: Layout) -> list[Piece]:
    """The client's pieces."""
    return [piece for piece in layout.pieces if piece.digest]


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
