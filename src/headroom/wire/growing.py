"""Bodies that begin as an earlier one did, read from where they differ.

A conversation is sent again with every turn, a little longer. What was read of it is shared:
trees are never changed. Only the latest bodies are kept, within a bound.
"""

import threading
from collections import OrderedDict
from typing import Any

from headroom.errors import WireError
from headroom.wire.json_spans import Mark, Parsed, parsed

_KEPT_BYTES = 2_000_000
_WORTH_KEEPING = 8_000
_LOOKED_AT = 6


class GrowingBodies:
    """Reads bodies, and remembers the latest. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: OrderedDict[int, Parsed] = OrderedDict()
        self._size = 0
        self._number = 0

    def read(self, body: bytes) -> dict[str, Any]:
        """The object in a body, with positions.

        Raises:
            WireError: the body is not a JSON object.
        """
        if len(body) < _WORTH_KEEPING:
            return _object(parsed(body))
        number, earlier, mark = self._beginning_of(body)
        made = parsed(body, earlier, mark)
        tree = _object(made)
        self._keep(made, number if mark is not None and earlier and _goes_on(earlier, mark) else 0)
        return tree

    def _beginning_of(self, body: bytes) -> tuple[int, Parsed | None, Mark | None]:
        """The kept body which `body` shares most with, and up to where."""
        with self._lock:
            latest = list(self._latest.items())[-_LOOKED_AT:]
        best: tuple[int, Parsed | None, Mark | None] = (0, None, None)
        for number, kept in reversed(latest):
            mark = kept.shared_with(body)
            if mark is not None and (best[2] is None or mark.end > best[2].end):
                best = (number, kept, mark)
                if _goes_on(kept, mark):
                    break
        return best

    def _keep(self, made: Parsed, instead_of: int) -> None:
        with self._lock:
            if replaced := self._latest.pop(instead_of, None):
                self._size -= len(replaced.body)
            self._number += 1
            self._latest[self._number] = made
            self._size += len(made.body)
            while self._size > _KEPT_BYTES and self._latest:
                self._size -= len(self._latest.popitem(last=False)[1].body)


def _goes_on(earlier: Parsed, mark: Mark) -> bool:
    """Whether nearly all of an earlier body is shared: it will not be needed again."""
    return mark.end > 0.5 * len(earlier.body)


def _object(made: Parsed) -> dict[str, Any]:
    if not isinstance(made.value, dict):
        raise WireError("the body is not a JSON object")
    return made.value
