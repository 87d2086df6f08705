"""A request as its client sent it and as it went upstream, seen as one row of pieces.

Most pieces are in both. One that only the client's has did not go upstream, or stands elsewhere
there; one that only the other has is ours. Pure; it compares digests, and knows no body.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from headroom.caching.layout import Piece, Zone
from headroom.caching.rules import SHORT
from headroom.edits import Measure

_ORDER = list(Zone)


class Found(NamedTuple):
    """A piece as one body has it: from byte `start` to `end`, where it is told by its bytes."""

    zone: Zone
    at: int
    name: str
    digest: bytes
    measure: Measure
    mark: str = ""
    start: int = 0
    end: int = 0


_NONE = Found(Zone.MESSAGES, 0, "", b"", Measure(0, 0))


def merged(
    ours: Sequence[Found], theirs: Sequence[Found], placed: Sequence[int] = ()
) -> list[Piece]:
    """The pieces of what went upstream (`ours`) and of what the client sent (`theirs`), those of
    each in their order. At the bytes `placed` of the former, breakpoints of ours were put."""
    marked = {one.start for one in ours for place in placed if one.start <= place < one.end}
    pairs = zip(ours, ours, strict=True) if theirs is ours else _pairs(ours, theirs)
    return [_piece(mine, other, marked) for mine, other in pairs]


def _pairs(ours: Sequence[Found], theirs: Sequence[Found]) -> Iterator[tuple[Found, Found]]:
    my_last, their_last = _last(ours), _last(theirs)
    at = there = 0
    while at < len(ours) or there < len(theirs):
        mine = ours[at] if at < len(ours) else _NONE
        other = theirs[there] if there < len(theirs) else _NONE
        if mine.digest != other.digest and _NONE not in (mine, other):
            if _is_alone(mine, other, my_last, at):
                other = _NONE
            elif _is_alone(other, mine, their_last, there):
                mine = _NONE
        yield mine, other
        at += mine is not _NONE
        there += other is not _NONE


def _last(found: Sequence[Found]) -> Mapping[bytes, int]:
    return {one.digest: at for at, one in enumerate(found)}


def _is_alone(one: Found, other: Found, last: Mapping[bytes, int], at: int) -> bool:
    """Whether a piece has none that it belongs to on the other side, where `other` is next: that
    one is still to come on its own side, or is of a later zone."""
    return last.get(other.digest, -1) > at or _ORDER.index(one.zone) < _ORDER.index(other.zone)


def _piece(mine: Found, other: Found, marked: Set[int]) -> Piece:
    """`marked` are the starts of what breakpoints of ours were put on."""
    one = mine if other is _NONE else other
    return Piece(
        one.zone,
        one.at,
        one.name,
        other.digest,
        other.measure.before,
        mine.measure.after,
        None if mine is _NONE else hash((mine.digest, mine.measure.sent)),
        other.mark,
        SHORT if mine.start in marked else mine.mark,
    )
