"""A list of unlike records as several tables, one for each kind of record.

Its rule: parts are made only where one table would be mostly empty; every row is in one part,
and keeps its place in the list by number.
"""

from typing import Any, NamedTuple

_LEAST_FILLED = 0.7
_MOST_PARTS = 24


class Part(NamedTuple):
    """Some rows of a list; `numbers` are their places, from 0."""

    records: list[dict[str, Any]]
    numbers: list[int]


def parts_of(records: list[dict[str, Any]]) -> list[Part]:
    """The tables that a list makes: one, unless its records are too unlike."""
    whole = [Part(records, list(range(len(records))))]
    if _alike(records):
        return whole
    kinds: dict[tuple[Any, ...], list[int]] = {}
    for number, record in enumerate(records):
        kinds.setdefault(_kind(record), []).append(number)
    if len(kinds) == 1 or len(kinds) > _MOST_PARTS or _filled(kinds, len(records)):
        return whole
    return [Part([records[n] for n in numbers], numbers) for numbers in kinds.values()]


def _alike(records: list[dict[str, Any]]) -> bool:
    """Whether all have the same keys, their nested records too."""
    if len(set(map(tuple, records))) > 1:
        return False
    columns = [
        [record[key] for record in records]
        for key, value in records[0].items()
        if type(value) is dict
    ]
    return all(set(map(type, c)) == {dict} and len(set(map(tuple, c))) == 1 for c in columns)


def _kind(record: dict[str, Any]) -> tuple[Any, ...]:
    """The names a record has, one level of nested records included."""
    inside = [
        (key, *value) for key, value in record.items() if type(value) is dict and len(value) < 40
    ]
    return (*record, *inside) if inside else tuple(record)


def _filled(kinds: dict[tuple[Any, ...], list[int]], rows: int) -> bool:
    """Whether one table for all would have few holes."""
    union: set[Any] = set()
    filled = 0
    for kind, numbers in kinds.items():
        leaves: set[Any] = set()
        for step in kind:
            leaves.update([(step[0], key) for key in step[1:]] if type(step) is tuple else [step])
        union |= leaves
        filled += len(leaves) * len(numbers)
    return filled >= _LEAST_FILLED * len(union) * rows


def ranges(numbers: list[int]) -> str:
    """Places as a reader counts them, from 1: `1-3,7`."""
    said: list[str] = []
    start = previous = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == previous + 1:
            previous = number
            continue
        said.append(f"{start + 1}-{previous + 1}" if previous > start else str(start + 1))
        start = previous = number
    return ",".join(said)
