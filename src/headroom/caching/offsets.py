"""Where a place in a text stands in the JSON it was read from, escapes and all."""

import re
from collections.abc import Iterable, Iterator

_UNIT = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # one character in two halves
    rb"|\\u[0-9a-fA-F]{4}|\\.|[^\\]+"
)
_ESCAPE = b"\\"


def in_bytes(spelled: bytes, places: Iterable[int]) -> Iterator[int]:
    """For places in a text, in rising order, the offsets in its JSON string (quotes included)."""
    inside = spelled[1:-1]
    units = _UNIT.finditer(inside)
    at = end = 0
    plain, begins = "", 0
    for place in places:
        while at < place and (unit := next(units, None)) is not None:
            escaped = unit[0].startswith(_ESCAPE)
            plain, begins = "" if escaped else unit[0].decode("utf-8", "surrogatepass"), at
            at, end = at + (1 if escaped else len(plain)), unit.end()
        beyond = plain[place - begins :] if place < at else ""
        yield 1 + end - len(beyond.encode("utf-8", "surrogatepass"))
