"""Shapes that differ in words join where the words prove to be a variable's values.

A place proves it by holding at least `MANY` different words while all the rest is equal. A
word that tells of trouble is never such a value, nor what a field like `msg` says, and a word
far rarer than its siblings keeps its shape apart.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from headroom.compressors.log.masks import ID, Fields
from headroom.compressors.log.rarity import odd_values

MANY = 10
SCATTERED = 200
ANY = b"*"
_LETTER = re.compile(rb"[A-Za-z]")
_LEAST_WORDS = 3
_SAYING = frozenset(
    b"msg message event error err exception reason cause "
    b"level lvl severity status state action".split()
)


def join_words(
    bucket: dict[int, Fields], weight: Counter[int], fixed: frozenset[bytes], moved: dict[int, int]
) -> None:
    """Joins shapes of `bucket` (the fields of each; it is used up) and writes for each that is
    joined which one it follows. Two rounds of one place each: the second sees the families of
    the first as one shape; then what varies in several places at once."""
    for _ in range(2):
        taken: set[int] = set()
        found = sorted(_siblings(bucket), key=lambda candidate: -len(candidate[0]))
        for siblings, place in found:
            free = [n for n in siblings if n not in taken and bucket[n][place] not in fixed]
            odd = odd_values(Counter({bucket[n][place]: weight[n] for n in free}))
            group = [number for number in free if bucket[number][place] not in odd]
            if len(group) >= MANY and _says_enough(bucket[group[0]], place):
                taken.update(group)
                _move(group, place, bucket, weight, moved)
        if not taken or len(bucket) < MANY:
            break
    if len(bucket) >= SCATTERED:
        _join_scattered(bucket, weight, fixed, moved)


def _join_scattered(
    bucket: dict[int, Fields], weight: Counter[int], fixed: frozenset[bytes], moved: dict[int, int]
) -> None:
    """Places in which a good part of all shapes has a word of its own are variables, even where
    no two shapes agree in all the others."""
    columns = list(zip(*bucket.values(), strict=True))
    least = max(SCATTERED // 2, len(bucket) // 5)
    free = [place for place, column in enumerate(columns) if len(set(column)) >= least]
    if not free:
        return
    alike: dict[Fields, list[int]] = defaultdict(list)
    for number, fields in bucket.items():
        key = list(fields)
        for place in free:
            if key[place] not in fixed:
                key[place] = ANY
        alike[tuple(key)].append(number)
    for group in alike.values():
        if len(group) >= MANY and _says_enough(bucket[group[0]], *free):
            _move(group, free[0], bucket, weight, moved)


def _move(
    group: list[int],
    place: int,
    bucket: dict[int, Fields],
    weight: Counter[int],
    moved: dict[int, int],
) -> None:
    head = group[0]
    fields = bucket[head]
    for number in group[1:]:
        weight[head] += weight[number]
        moved[number] = head
        del bucket[number]
    bucket[head] = (*fields[:place], ANY, *fields[place + 1 :])


def _says_enough(fields: Fields, *places: int) -> bool:
    """Whether the line still says something without the words at `places`."""
    if any(place and fields[place - 1].strip(b"_@").lower() in _SAYING for place in places):
        return False
    rest = [field for place, field in enumerate(fields) if place not in places]
    return len(list(filter(_LETTER.match, rest))) >= _LEAST_WORDS


def _siblings(bucket: dict[int, Fields]) -> Iterable[tuple[list[int], int]]:
    """Groups of `MANY` or more that are equal but for the field at one place. The place is in
    one half, so the other half is equal: that finds the few candidates cheaply."""
    size = len(next(iter(bucket.values())))
    half = size // 2
    for same, places in (
        (slice(0, half), range(half, size)),
        (slice(half, size), range(half)),
    ):
        halves = [fields[same] for fields in bucket.values()]
        for group in _many_alike(list(bucket), halves):
            yield from _by_place(group, bucket, places)


def _many_alike(numbers: Sequence[int], keys: Sequence[Fields]) -> Iterable[list[int]]:
    """Groups of `MANY` or more numbers with the same key. Most keys are of few: those are never
    gathered."""
    many = {key for key, count in Counter(keys).items() if count >= MANY}
    if not many:
        return ()
    alike: dict[Fields, list[int]] = defaultdict(list)
    for number, key in zip(numbers, keys, strict=True):
        if key in many:
            alike[key].append(number)
    return alike.values()


def _by_place(
    group: list[int], bucket: dict[int, Fields], places: range
) -> Iterable[tuple[list[int], int]]:
    rows = [bucket[number] for number in group]
    start, end = places.start, places.stop
    for place in places:
        if len({row[place] for row in rows}) >= MANY:
            wiped = [row[start:place] + row[place + 1 : end] for row in rows]
            for siblings in _many_alike(group, wiped):
                yield siblings, place


def back_referred(fields: Fields) -> Fields:
    """A word that stands again in the line becomes a reference to its first place, so that a
    host named twice is one variable."""
    short = max(0, fields.count(ID) - 1) + max(0, fields.count(ANY) - 1)
    if len(set(fields)) == len(fields) - short:
        return fields
    first: dict[bytes, int] = {}
    out = []
    for place, field in enumerate(fields):
        before = first.setdefault(field, place)
        out.append(field if before == place or len(field) < 3 else b"=%d" % before)
    return tuple(out)
