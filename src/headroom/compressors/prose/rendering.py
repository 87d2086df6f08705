"""The shortened document as text: what stays verbatim, and signs where something is missing.

    Creature Comforts is a stop motion film. […] It was created by Nick Park.
    [… lines 12-30]
    [… 57 of 80 sentences omitted, each place marked · headroom_retrieve("k3f9a2c1", lines="1-96")]

`[…]` stands for sentences or a few lines, `[… lines a-b]` for more lines, numbered in the
original. The marker at the end counts them and says how to get them; short signs elsewhere
cost a tenth of it.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import compress, pairwise

from headroom.compressors.prose.reading import BLOCK, SENTENCE, Unit
from headroom.markers import gap_line, omission

_MANY = 3


def rendered(text: str, units: Sequence[Unit], kept: Sequence[bool], ref: str) -> str:
    """The units of `text` that are `kept`, and signs for the rest."""
    out: list[str] = []
    at, line, first, last = 0, 1, 0, 0
    for start, end in _gaps(units, kept):
        line += text.count("\n", at, start)
        out.append(text[at:start])
        body = text[start:end].rstrip()
        is_whole = start == 0 or text[start - 1] == "\n"
        until = line + body.count("\n")
        first, last = first or line, until
        out.append(
            _sign(line, until if is_whole else line)
            + _space(text[start + len(body) : end] if end < len(text) else "")
        )
        line += text.count("\n", start, end)
        at = end
    shown = "".join([*out, text[at:]]).rstrip("\n")
    return f"{shown}\n{omission(_count(units, kept), ref, lines=f'{first}-{last}')}"


def _gaps(units: Sequence[Unit], kept: Sequence[bool]) -> list[tuple[int, int]]:
    """Where runs of units that are not kept begin and end."""
    edges = [
        number
        for number, (before, now) in enumerate(pairwise([True, *kept, True]))
        if before != now
    ]
    return [
        (units[first].start, units[after - 1].end)
        for first, after in zip(edges[::2], edges[1::2], strict=True)
    ]


def _sign(first: int, last: int) -> str:
    return gap_line(f"lines {first}-{last}") if last - first >= _MANY else "[…]"


def _space(space: str) -> str:
    """As much of the space behind a gap as keeps lines and paragraphs apart."""
    lines = min(2, space.count("\n"))
    return "\n" * lines or space[:1]


def _count(units: Sequence[Unit], kept: Sequence[bool]) -> str:
    """What is omitted, as "57 of 80 sentences, 2 of 5 blocks omitted, …"; blocks are whole lists,
    tables, code, or paragraphs of a file."""
    told = []
    kinds = [unit.kind for unit in units]
    shown = Counter(compress(kinds, kept))
    for what, kind in (("sentences", SENTENCE), ("blocks", BLOCK)):
        of_kind = kinds.count(kind)
        if of_kind > shown[kind]:
            told.append(f"{of_kind - shown[kind]:,} of {of_kind:,} {what}")
    return f"{', '.join(told)} omitted, each place marked"
