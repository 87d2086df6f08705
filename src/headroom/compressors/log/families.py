"""Shapes that differ only where a variable stands become one family.

*Names* carry it on their face: letters with digits, paths, dotted names, the host of a syslog
line. Shapes equal but for names join, but for two or three names in a place, which may be
what the lines are about; a name far rarer than its siblings keeps its shape apart. *Words*
must prove that they vary, see `words`. It knows nothing of lines, times or output.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from headroom.compressors.log.masks import ID, WHOLE, Fields, Shape, Shapes
from headroom.compressors.log.rarity import COMMON, RARE, odd_values
from headroom.compressors.log.words import ANY, MANY, back_referred, join_words

FEW = 3
FEW_PLAIN = 8
_LETTER = re.compile(rb"[A-Za-z]")
_HOST = 5
_PARTING = (b".", b"/", b"\\")
_NOT_SIGNS = bytes(set(range(256)) - set(b"0./\\\n"))


def families(found: Shapes, counts: Sequence[int], alarming: frozenset[bytes]) -> list[int]:
    """For each shape the number of the shape that leads its family (its own if it has none).
    `alarming` fields are never a variable's value."""
    shapes = found.distinct
    names = dict.fromkeys(_names(found.vocabulary - alarming), ANY)
    places: dict[tuple[bytes, int], list[int]] = defaultdict(list)
    for number, shape in enumerate(shapes):
        if shape.separators != WHOLE:
            places[shape.separators, len(shape.fields)].append(number)
    leader = list(range(len(shapes)))
    moved: dict[int, int] = {}
    for members in places.values():
        if len(members) == 1:
            continue
        wiped = {}
        for number in members:
            fields = shapes[number].fields
            wiped[number] = tuple(map(names.get, fields, fields))
        _join_names(wiped, shapes, counts, leader)
        heads = [number for number in members if leader[number] == number]
        if len(heads) >= MANY:
            weight = Counter({number: counts[number] for number in heads})
            for number in members:
                if leader[number] != number:
                    weight[leader[number]] += counts[number]
            join_words(_bucket(heads, wiped, shapes, weight), weight, alarming, moved)
    return [_last(head, moved) for head in leader]


def _bucket(
    heads: list[int], wiped: dict[int, Fields], shapes: Sequence[Shape], weight: Counter[int]
) -> dict[int, Fields]:
    """The fields of each head without its names; of heads that then are equal only the most
    frequent, for names were found to set the others apart."""
    heaviest: dict[Fields, int] = {}
    for head in sorted(heads, key=weight.__getitem__):
        heaviest[wiped[head]] = head
    return {
        head: back_referred(wiped[head] if heaviest[wiped[head]] == head else shapes[head].fields)
        for head in heads
    }


def _last(head: int, moved: dict[int, int]) -> int:
    while head in moved:
        head = moved[head]
    return head


def _names(vocabulary: Iterable[bytes]) -> list[bytes]:
    """Fields with a digit, paths and dotted names. What tells is read off all fields as one
    text, for few fields differ in it."""
    fields = list(vocabulary)
    signs = b"\n".join(fields).translate(None, _NOT_SIGNS).split(b"\n")
    telling = {sign for sign in set(signs) if b"0" in sign or max(map(sign.count, _PARTING)) > 1}
    return [
        field
        for field, sign in zip(fields, signs, strict=False)
        if sign in telling and b".." not in field
    ]


def _join_names(
    wiped: dict[int, Fields], shapes: Sequence[Shape], counts: Sequence[int], leader: list[int]
) -> None:
    """Writes the leader of each shape where only names differ; `wiped` holds the fields of
    each with its names as `ANY`. A list of bare names is no variable."""
    keys = list(wiped.values())
    if _is_syslog(shapes[next(iter(wiped))]):
        keys = [(*key[:_HOST], ANY, *key[_HOST + 1 :]) for key in keys]
    if len(set(keys)) == len(keys):
        return
    alike: dict[Fields, list[int]] = defaultdict(list)
    for number, key in zip(wiped, keys, strict=True):
        alike[key].append(number)
    for key, group in alike.items():
        if len(group) == 1 or not any(map(_LETTER.match, key)):
            continue
        for alike_where_few in _pinned(group, shapes):
            together = _without_odd_ones(alike_where_few, shapes, counts)
            for number in together:
                leader[number] = together[0]


def _is_syslog(shape: Shape) -> bool:
    """Whether the line starts as `Jun 14 15:16:01 host` does."""
    fields = shape.fields
    return (
        shape.separators.startswith(b"::")
        and len(fields) > _HOST
        and fields[:_HOST] == (ID,) * _HOST
    )


def _pinned(group: list[int], shapes: Sequence[Shape]) -> Iterable[list[int]]:
    """`group` parted by the places that hold too few names to be a variable's."""
    columns = list(zip(*(shapes[number].fields for number in group), strict=True))
    if _is_syslog(shapes[group[0]]):
        del columns[_HOST]
    few = [column for column in columns if 1 < len(set(column)) < _enough(column)]
    if not few:
        return [group]
    parts: dict[Fields, list[int]] = defaultdict(list)
    for number, *key in zip(group, *few, strict=True):
        parts[tuple(key)].append(number)
    return parts.values()


def _enough(column: Fields) -> int:
    """How many different names show that the place is a variable's: without digits they may
    be settings or classes, of which a handful is no proof."""
    return FEW if any(b"0" in field for field in column) else FEW_PLAIN


def _without_odd_ones(
    group: list[int], shapes: Sequence[Shape], counts: Sequence[int]
) -> list[int]:
    """`group` without the shapes that hold an odd value in some place."""
    odd: set[int] = set()
    total = sum([counts[number] for number in group])
    if total < COMMON or min([counts[number] for number in group]) > RARE:
        return group
    for column in zip(*(shapes[number].fields for number in group), strict=True):
        if len(set(column)) > 1:
            weight: Counter[bytes] = Counter()
            for number, field in zip(group, column, strict=True):
                weight[field] += counts[number]
            values = odd_values(weight)
            if values:
                odd.update(n for n, field in zip(group, column, strict=True) if field in values)
    return [number for number in group if number not in odd] or group
