"""How a file was before our changes, told without a copy of it.

A user's configuration may hold keys and tokens. So of each change only that is kept which it took
out, most often nothing, and of what stood there before only what our own keys had.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headroom.plans._api import KeyChange, Value


@dataclass(frozen=True, slots=True)
class Undo:
    """The `length` characters from `start` were `old`."""

    start: int
    length: int
    old: str


def difference(old: bytes, new: bytes) -> Undo:
    """What makes `new` into `old` again: one stretch, as short as can be. Both are UTF-8."""
    before, after = old.decode(), new.decode()
    most = min(len(before), len(after))
    start = bisect_left(range(1, most + 1), True, key=lambda n: before[:n] != after[:n])
    rest = range(1, most - start + 1)
    end = bisect_left(rest, True, key=lambda n: before[-n:] != after[-n:])
    return Undo(start, len(after) - end - start, before[start : len(before) - end])


def undone(content: bytes, undos: Sequence[Undo]) -> bytes:
    """The file before the changes, the first of which is undone last."""
    text = content.decode()
    for undo in reversed(undos):
        text = text[: undo.start] + undo.old + text[undo.start + undo.length :]
    return text.encode()


def former(said: Value, changes: Iterable[KeyChange]) -> Value:
    """Of what a file said, the values and the containers under the changes' keys, and of a list
    that was appended to the item alone."""
    found: dict[str, Value] = {}
    for change in changes:
        inner, there = found, said
        for key in change.keys[:-1]:
            there = there.get(key) if isinstance(there, dict) else None
            if not isinstance(there, dict):
                break
            known = inner.setdefault(key, {})
            inner = known if isinstance(known, dict) else {}
        else:
            key = change.keys[-1]
            if not isinstance(there, dict) or key not in there:
                continue
            value = there[key]
            if change.append and isinstance(value, list):
                value = [item for item in value if item == change.value]
            inner[key] = value
    return found
