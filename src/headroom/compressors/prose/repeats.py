"""Said once without loss: a passage that stands above in the same words becomes a reference.

    [= as above, from "Patients transported by" to "oral intubation."]

It decodes so: in all the text before it, the first place of the first quote, and from there on
the first place of the second; what they enclose, both included, is the passage. A text that
uses the sign itself is left alone, so that this has one meaning.
"""

import re
from collections.abc import Sequence

from headroom.compressors.prose.reading import Unit

_SIGN = "[= as above, from "
_LEAST = 150
# Wherever a passage begins, one of the pieces into which a text is cut lies within it.
_PIECE = (_LEAST + 1) // 2
_QUOTES = (18, 36, 72)
_SEARCHED = 20
_FIRST = re.compile(r"[^\s\"](?:[^\n\"]*[^\s\"])?")


def may_fold(text: str) -> bool:
    """Whether a piece of any passage that is long enough stands above it in the same words."""
    return any(
        text.find(text[at : at + _PIECE], 0, at + _PIECE - 1) >= 0
        for at in range(0, len(text) - _PIECE + 1, _PIECE)
    )


def folded(text: str, units: Sequence[Unit], texts: Sequence[str]) -> str | None:
    """`text` with its repeats folded, or None where that gains nothing."""
    if _SIGN in text:
        return None
    out: list[str] = []
    at = 0
    searched = _SEARCHED * len(text)
    for start, end, source in _repeated(units, texts):
        if searched < 0:
            break
        searched -= source + end - start
        sign = _reference(text, start, text[start:end], source)
        if sign:
            out += [text[at:start], sign]
            at = end
    return "".join([*out, text[at:]]) if out else None


def _repeated(units: Sequence[Unit], texts: Sequence[str]) -> list[tuple[int, int, int]]:
    """Passages as (start, end, start of the same above), long enough to pay for a reference.
    What is referred to is never a reference itself."""
    keys = [text.rstrip() for text in texts]
    if len(set(keys)) == len(keys):
        return []
    first: dict[str, int] = {}
    found: list[tuple[int, int, int]] = []
    replaced = [False] * len(units)
    index = 0
    while index < len(units):
        above = first.setdefault(keys[index], index)
        if above == index:
            index += 1
            continue
        count = _alike(texts, keys, replaced, (above, index))
        start = units[index].start
        end = units[index + count - 1].start + len(keys[index + count - 1])
        if end - start < _LEAST:
            index += 1
            continue
        found.append((start, end, units[above].start))
        replaced[index : index + count] = [True] * count
        index += count
    return found


def _alike(
    texts: Sequence[str], keys: Sequence[str], replaced: Sequence[bool], at: tuple[int, int]
) -> int:
    """How many units from the one place read as from the other; the space behind the last
    may differ."""
    above, index = at
    count = 1
    while (
        index + count < len(texts)
        and above + count < index
        and not replaced[above + count]
        and texts[above + count - 1] == texts[index + count - 1]
        and keys[above + count] == keys[index + count]
    ):
        count += 1
    return count


def _reference(text: str, start: int, passage: str, source: int) -> str:
    """The reference that decodes to `passage`, or nothing where short quotes do not tell it
    from what else stands above."""
    for size in _QUOTES:
        head, tail = _head(passage, size), _tail(passage, size)
        if not head or not tail or len(head) + len(tail) > len(passage):
            return ""
        if text.find(head, 0, start) != source:
            continue
        behind = source + len(head)
        if text.find(tail, behind, start) + len(tail) == source + len(passage):
            return f'{_SIGN}"{head}" to "{tail}"]'
    return ""


def _head(passage: str, size: int) -> str:
    """The first words, in about `size` characters of the first line."""
    end = passage.find(" ", size)
    words = passage[: end if 0 < end < 2 * size else size]
    return words if _FIRST.fullmatch(words) else ""


def _tail(passage: str, size: int) -> str:
    """The last words, in about `size` characters of the last line."""
    begin = passage.rfind(" ", 0, len(passage) - size) + 1
    words = passage[begin if begin > len(passage) - 2 * size else -size :]
    return words if _FIRST.fullmatch(words) else ""
