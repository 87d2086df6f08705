"""Which units stay, within a size.

Headings always do, and what the question names by an identifier or a number. A speaker's name
stays with what is shown of the turn. A gap too small to pay for its sign is closed.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from headroom.compressors.prose.reading import BLOCK, HEAD, NAME, SENTENCE, Unit
from headroom.relevance import is_word, lowered, terms_of

_GAP = 8
_SMALL = 40
_LARGE = 800
_FEW = 8
_LEAST_NAME = 4


def chosen(
    units: Sequence[Unit], worth: Sequence[float], room: int, decided: set[int]
) -> list[bool]:
    """Whether each unit stays: `decided` and headings first, then by worth while they fit into
    `room` characters."""
    kept = [unit.kind == HEAD or index in decided for index, unit in enumerate(units)]
    names = {unit.block: index for index, unit in enumerate(units) if unit.kind == NAME}
    room -= sum([unit.end - unit.start for unit, stays in zip(units, kept, strict=True) if stays])
    open_ones = [
        index
        for index, (unit, stays) in enumerate(zip(units, kept, strict=True))
        if unit.kind in (SENTENCE, BLOCK) and not stays
    ]
    sizes = [units[index].end - units[index].start for index in open_ones]
    value = [
        worth[index] if size <= _LARGE else worth[index] * _LARGE / size
        for index, size in zip(open_ones, sizes, strict=True)
    ]
    least = min(sizes, default=0)
    for at in sorted(range(len(value)), key=value.__getitem__, reverse=True):
        if room < least:
            break
        index = open_ones[at]
        start, end, _, block, _ = units[index]
        name = names.get(block, -1)
        size = end - start + (0 if index and kept[index - 1] else _GAP)
        if name >= 0 and not kept[name]:
            size += units[name].end - units[name].start
        if size <= room:
            room -= size
            kept[index] = True
            if name >= 0:
                kept[name] = True
    for index in decided:
        if units[index].block in names:
            kept[names[units[index].block]] = True
    return _closed(units, kept)


def decided(text: str, units: Sequence[Unit], query: str) -> set[int]:
    """The units that hold an identifier or a number of the question, where few do."""
    wanted = [t for t in terms_of(query) if len(t) >= _LEAST_NAME and not is_word(t)]
    found: set[int] = set()
    if not wanted:
        return found
    low = lowered(text)
    for term in wanted:
        places = _places(low, term)
        if 0 < len(places) <= _FEW:
            found |= _holding(units, places)
    return found


def _places(low: str, term: str) -> list[int]:
    """The first places of `term` as a whole, one more than a few at most."""
    places = []
    for found in re.finditer(rf"{re.escape(term)}(?![^\W_])", low):
        if found.start() == 0 or not low[found.start() - 1].isalnum():
            places.append(found.start())
            if len(places) > _FEW:
                break
    return places


def _holding(units: Sequence[Unit], places: Sequence[int]) -> set[int]:
    found, index = set(), 0
    for place in places:
        while index + 1 < len(units) and units[index].end <= place:
            index += 1
        found.add(index)
    return found


def _closed(units: Sequence[Unit], kept: Sequence[bool]) -> list[bool]:
    """`kept` with the gaps closed that save nothing."""
    out: list[bool] = []
    at = 0
    for stays, run in groupby(kept):
        after = at + len(list(run))
        is_small = units[after - 1].end - units[at].start < _SMALL
        out += [stays or is_small] * (after - at)
        at = after
    return out
