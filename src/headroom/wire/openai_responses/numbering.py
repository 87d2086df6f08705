"""The numbers in a stream of several legs, as one stream counts them.

Every event bears a sequence number, and most the index of an output item. What is left out makes
those behind it move up; another leg begins anew upstream and goes on here. Both numbers are
changed in the bytes of the event: a key can not stand inside a JSON string unescaped.
"""

import re

_SEQUENCE = re.compile(rb'"sequence_number"\s*:\s*(\d{1,18})')
_PLACE = re.compile(rb'"output_index"\s*:\s*(\d{1,18})')


def place_in(payload: bytes) -> int | None:
    """The output index that an event bears."""
    found = _PLACE.search(payload)
    return int(found[1]) if found else None


class Numbering:
    """Numbers of one stream; `moved` tells whether any differs from upstream's."""

    def __init__(self) -> None:
        self._shift = 0
        self._next = 0
        self._begins = False
        self._places: dict[int, int] = {}
        self._shown = 0
        self._moved_places = False

    @property
    def next(self) -> int:
        """The sequence number that the client's next event has."""
        return self._next

    @property
    def moved(self) -> bool:
        """Whether events must be rewritten."""
        return self._shift != 0 or self._moved_places or self._begins

    def begin(self) -> None:
        """Another leg begins."""
        self._begins = True
        self._places = {}
        self._moved_places = True

    def show(self, place: int) -> None:
        """The item at upstream's `place` is shown: it gets the next one."""
        if place not in self._places:
            self._places[place] = self._shown
            self._moved_places = self._moved_places or place != self._shown
            self._shown += 1

    def drop(self, payload: bytes) -> None:
        """An event is not shown."""
        found = _SEQUENCE.search(payload)
        if found:
            self._meet(int(found[1]))
            self._shift -= 1

    def hold(self, payload: bytes) -> None:
        """An event is held back: what is shown next has its number."""
        found = _SEQUENCE.search(payload)
        if found:
            self._meet(int(found[1]))
            self._next = int(found[1]) + self._shift

    def written(self, payload: bytes) -> bytes:
        """An event with the numbers that the client is to see."""
        found = _SEQUENCE.search(payload)
        if found:
            self._meet(int(found[1]))
            self._next = int(found[1]) + self._shift + 1
            payload = _with(payload, found, self._next - 1)
        found = _PLACE.search(payload)
        if found:
            self.show(int(found[1]))
            payload = _with(payload, found, self._places[int(found[1])])
        return payload

    def _meet(self, number: int) -> None:
        if self._begins:
            self._begins = False
            self._shift = self._next - number


def _with(payload: bytes, found: re.Match[bytes], number: int) -> bytes:
    return b"%b%d%b" % (payload[: found.start(1)], number, payload[found.end(1) :])
