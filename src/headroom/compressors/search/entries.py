"""Rows with the same text, put together: `12,45,102:text`.

Where a file's matches rise in line number, one text on several lines is said once, at its
first line: putting the lines in order by number gives the original back.
"""

from collections.abc import Sequence

from headroom.compressors.search.shapes import MATCH, Row

_MOST = 60

Entry = list[Row]
"""Rows of one file that say the same, the first of them first."""


def shown(entry: Entry) -> str:
    """The line that stands for all rows of the entry."""
    first = entry[0]
    if len(entry) == 1:
        return first.shown
    numbers = ",".join([str(row.number) for row in entry])
    return numbers + first.shown[len(str(first.number)) :]


def entries(rows: Sequence[Row]) -> list[Entry]:
    """A group's rows, alike ones together where that can be undone; each alone elsewhere."""
    if len(rows) < 2 or len({row.text for row in rows}) == len(rows) or not _can_join(rows):
        return [[row] for row in rows]
    by_text: dict[str, Entry] = {}
    found: list[Entry] = []
    for row in rows:
        entry = by_text.get(row.text)
        if entry is None or len(entry) >= _MOST:
            entry = by_text[row.text] = []
            found.append(entry)
        entry.append(row)
    return found


def _can_join(rows: Sequence[Row]) -> bool:
    """Matches only, each behind the last, and printed as `12:text`."""
    numbers = [row.number for row in rows]
    if numbers != sorted(set(numbers)) or {row.mark for row in rows} != {MATCH}:
        return False
    marks = len(rows) + sum(map(len, map(str, numbers))) + sum([len(row.text) for row in rows])
    if marks != sum([len(row.shown) for row in rows]):
        return False
    return {row.shown[len(row.shown) - len(row.text) - 1] for row in rows} == {MATCH}


def ranges(numbers: Sequence[int]) -> str:
    """Numbers in short: `12,45,102-105`."""
    parts: list[str] = []
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            parts.append(_range(first, last))
            first = number
        last = number
    return ",".join([*parts, _range(first, last)])


def _range(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"
