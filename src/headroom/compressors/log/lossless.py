"""Folding without loss: a line that stands several times in a row is written once.

    [log, nothing omitted: "⟨×3⟩ …" stands for 3 identical lines in a row]
    ⟨×3⟩ waiting for lock

A text that uses the sign itself is left alone, so that unfolding has one meaning.
"""

from itertools import groupby

_OPEN = "⟨×"
_HEADER = '[log, nothing omitted: "⟨×3⟩ …" stands for 3 identical lines in a row]'


def fold(text: str) -> str | None:
    """`text` with runs of identical lines folded, or None where there are none."""
    if _OPEN in text:
        return None
    out = [_HEADER]
    folded = False
    for line, run in groupby(text.split("\n")):
        count = sum(1 for _ in run)
        if count > 1 and count * len(line) > len(line) + 8:
            folded = True
            out.append(f"{_OPEN}{count}⟩ {line}")
        else:
            out += [line] * count
    return "\n".join(out) if folded else None
