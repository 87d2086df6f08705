"""Which rows of a table stay when it is too long: the ends, the odd ones, the named ones.

Its rule: a row that differs in kind from its neighbours is never left out for its size; only
rows that others stand for are, and where nearly all are odd the least odd ones. It says
nothing about how rows are written.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from headroom.compressors.json_rows.fields import columns_of
from headroom.compressors.json_rows.terms import rows_naming
from headroom.compressors.json_rows.values import MISSING, NUMBER

_HEAD, _TAIL = 4, 3
_FEW_VALUES = 24
_GLANCE = 4 * _FEW_VALUES
_MOST_ERRORS = 0.25
_DEEPEST = 3
_MOST_OUTLIERS = 4
_LEAST_ODD = 16
_LONGEST = 40
_SCALARS = {str, bool, type(None), type(MISSING)}
_LETTERS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ERRORS = """
err errs error errors fail failed failure failures failing fails fatal crit critical exception
exceptions panic panicked denied timeout timeouts timed unhealthy crash crashed crashes crashing
abort aborted emerg emergency alert alerts refused unauthorized forbidden rejected invalid corrupt
corrupted corruption killed oom
"""
_ERROR_WORDS = frozenset(_ERRORS.split())
_PARTS = """
err fail fatal crit except panic denied timeout timed unhealthy crash abort emerg alert refused
unauth forbid reject invalid corrupt killed oom
"""
_STEMS = _PARTS.split()
"""Parts of all of `_ERROR_WORDS`; a look for them is faster than one at every word."""
_TELLING = 240
_CODE_NAMES = ("status", "code")
_NUMBER_NAMES = ("number", "iid", "id", "key")
_TITLE_NAMES = ("title", "subject", "summary", "headline")
_LONGEST_TITLE = 160

Record = dict[str, Any]
Column = tuple[str, list[Any]]


def rows_to_keep(records: list[Record], terms: list[str], room: int) -> list[int]:
    """The places of the rows that stay, in order; about `room` of them if none must stay."""
    size = len(records)
    keep = {*range(min(_HEAD, size)), *range(max(0, size - _TAIL), size)}
    keep |= _oddest(records, max(2 * room, size // 8, _LEAST_ODD))
    named = rows_naming(records, terms)
    best = named[0][1] if named else 0
    for row, weight in named[: max(room, 8)]:
        if weight * 2 >= best:
            keep.add(row)
    rest = (row for row in range(size) if row not in keep)
    for row in rest:
        if len(keep) >= room:
            break
        keep.add(row)
    return sorted(keep)


def named_fields(records: list[Record]) -> tuple[str, ...]:
    """The fields that number and name records, as those of a list of issues or pages: what such
    a list is read for, and what its reader copies. Empty where they are not both there."""
    number, title = _field_of(records, _NUMBER_NAMES), _field_of(records, _TITLE_NAMES)
    return (number, title) if number and title else ()


def _field_of(records: list[Record], names: tuple[str, ...]) -> str:
    """The first of these fields that is a short text or a number in every record."""
    for name in names:
        if name in records[0]:
            values = [record.get(name) for record in records]
            if all(type(value) is str and len(value) <= _LONGEST_TITLE for value in values):
                return name
    return ""


def _oddest(records: list[Record], most: int) -> set[int]:
    """The rows that something sets apart; where that is true of so many that it tells nothing,
    those that most sets apart."""
    votes = Counter(_rare([tuple(record) for record in records]))
    for column in _columns(records, "", _DEEPEST):
        votes.update(_odd(column))
    if len(votes) <= most:
        return set(votes)
    return set(sorted(votes, key=lambda row: (-votes[row], row))[:most])


def _columns(records: list[Record], prefix: str, depth: int) -> Iterator[Column]:
    """The columns, those of nested records included."""
    for key, values in columns_of(records) or []:
        yield f"{prefix}{key}", values
        if depth and dict in set(map(type, values)):
            inside = [value if type(value) is dict else {} for value in values]
            if any(inside):
                yield from _columns(inside, f"{prefix}{key}.", depth - 1)


def _odd(column: Column) -> set[int]:
    """Rows that one column sets apart."""
    name, values = column
    kinds = set(map(type, values))
    if not kinds <= _SCALARS:
        return _rare(list(map(_kind, values)))
    strings = [value for value in values if type(value) is str] if len(kinds) > 1 else values
    together = "".join(strings) if str in kinds else ""
    numbers = together.count(NUMBER)
    odd = _few(values)
    if numbers:
        odd |= _outliers(values, together) | _server_errors(name, values)
    if numbers < len(strings) and str in kinds:
        odd |= _errors(name, values, strings)
        if numbers:
            return odd | _rare(list(map(_kind, values)))
    return odd | _rare(list(map(type, values))) if len(kinds) > 1 else odd


def _kind(value: Any) -> Any:
    if type(value) is str and value[:1] == NUMBER:
        return NUMBER
    return type(value)


def _few(values: list[Any]) -> set[int]:
    """Rare values, and a row for each value, of a column of few values: which values occur is
    worth knowing, as which templates a log has."""
    if len(set(values[:_GLANCE])) > 2 * _FEW_VALUES:
        return set()
    counts = Counter(values)
    if len(counts) > min(_FEW_VALUES, len(values) // 8):
        return _seldom(values, counts)
    return _seldom(values, counts) | {values.index(value) for value in counts}


def _rare(values: list[Any]) -> set[int]:
    """Rows whose value is rare in a column of few values."""
    return _seldom(values, Counter(values))


def _seldom(values: list[Any], counts: Counter[Any]) -> set[int]:
    if len(counts) == 1 or len(counts) > 2 * _FEW_VALUES:
        return set()
    seldom = max(1, len(values) // 100)
    rare = {value for value, count in counts.items() if count <= seldom}
    if not rare or len(counts) - len(rare) > _FEW_VALUES or len(rare) > _FEW_VALUES:
        return set()
    if sum([counts[value] for value in rare]) > max(1, len(values) // 10):
        return set()
    return {row for row, value in enumerate(values) if value in rare}


def _errors(name: str, values: list[Any], strings: list[str]) -> set[int]:
    """Rows whose value speaks of a failure, unless so many do that it tells nothing. A long
    text is judged by how it begins, a column of addresses not at all."""
    if "://" in strings[0][:9] and "://" in strings[-1][:9]:
        return set()
    texts = set(strings)
    said = _error_words("\n".join([text[:_TELLING] for text in texts]))
    if not said:
        return _server_errors(name, values)
    telling = {
        text
        for text in texts
        if any(map(text.__contains__, said))
        and not said.isdisjoint(_LETTERS.findall(text[:_TELLING]))
    }
    rows = {row for row, value in enumerate(values) if value in telling}
    return _unless_common(rows, values) | _server_errors(name, values)


def _error_words(text: str) -> set[str]:
    """The words of the text that speak of a failure, as it spells them."""
    lowered = text.lower()
    if not any(map(lowered.__contains__, _STEMS)):
        return set()
    return {word for word in set(_LETTERS.findall(text)) if word.lower() in _ERROR_WORDS}


def _server_errors(name: str, values: list[Any]) -> set[int]:
    """Rows with a status of 500 and above."""
    lowered = name.lower()
    if not any(word in lowered for word in _CODE_NAMES):
        return set()
    codes = {v for v in set(values) if type(v) is str and _is_server_error(v.lstrip(NUMBER))}
    rows = {row for row, value in enumerate(values) if value in codes} if codes else set()
    return _unless_common(rows, values)


def _is_server_error(text: str) -> bool:
    return len(text) == 3 and text[0] == "5" and text.isdecimal()


def _unless_common(rows: set[int], values: list[Any]) -> set[int]:
    if len(rows) <= _MOST_ERRORS * len(values):
        return rows
    return set(chain(sorted(rows)[:2], sorted(rows)[-1:]))


def _outliers(values: list[Any], together: str) -> set[int]:
    """Rows whose number lies far outside of the others'."""
    rows: Sequence[int] = range(len(values))
    literals = together[1:].split(NUMBER)
    if len(literals) < len(values) or together[0] != NUMBER:
        rows = [row for row in rows if type(values[row]) is str and values[row][:1] == NUMBER]
        literals = [values[row][1:] for row in rows]
    if len(rows) < 8 or not "".join(literals).isascii() or max(map(len, literals)) > _LONGEST:
        return set()
    numbers = list(map(float, literals))
    ordered = sorted(numbers)
    low, high = ordered[len(ordered) // 4], ordered[-(len(ordered) // 4) - 1]
    reach = 3 * (high - low) or abs(high) * 3 or 3
    if ordered[0] >= low - reach and ordered[-1] <= high + reach:
        return set()
    far = [
        (abs(n - low), row)
        for n, row in zip(numbers, rows, strict=True)
        if n < low - reach or n > high + reach
    ]
    far.sort(key=lambda entry: (-entry[0], entry[1]))
    return {row for _, row in far[:_MOST_OUTLIERS]}
