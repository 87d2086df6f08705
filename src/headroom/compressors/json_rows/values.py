"""JSON values as the fold sees them: how a number's spelling survives, and compact JSON.

A number is the string NUMBER + its literal, so that `1`, `1.0`, `"1"` and `true` are four
different things to `==`, `set` and `dict`, and no digit is ever lost. A text that contains an
escaped NUL is refused by the reader, so no real string starts with it.
Knows nothing of tables.
"""

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any, Final

import orjson

NUMBER: Final = "\0"
"""First character of the string that stands for a number."""


class Missing:
    """The value of a field that its record does not have; there is one, `MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

_SPELLED_NUMBER = re.compile(r'"\\u0000([^"]*)"')
_LINE_BREAKERS = str.maketrans(
    {"\x7f": "\\u007f", "\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def quoted(text: str) -> str:
    """`text` as a JSON string that stays on one line for every reader of lines."""
    return orjson.dumps(text).decode().translate(_LINE_BREAKERS)


def compact(value: Any) -> str:
    """`value` as compact JSON.

    Raises:
        TypeError: it holds a lone surrogate, or is nested too deep to write.
    """
    written = orjson.dumps(value).decode()
    if "\\u0000" in written:
        return "".join(_SPELLED_NUMBER.split(written))
    return written


def nested(values: Iterable[Any]) -> list[Any]:
    """The objects and lists among the values."""
    found = list(values)
    if {dict, list}.isdisjoint(map(type, found)):
        return []
    return [value for value in found if type(value) is dict or type(value) is list]


def holds_record(values: list[Any]) -> bool:
    """Whether an object stands anywhere inside the list, found level by level."""
    level = values
    while level:
        kinds = set(map(type, level))
        if dict in kinds:
            return True
        if list not in kinds:
            return False
        if len(kinds) > 1:
            level = [value for value in level if type(value) is list]
        level = list(chain.from_iterable(level))
    return False
