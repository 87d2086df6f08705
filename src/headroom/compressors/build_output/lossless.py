"""Folding without loss: equal lines in a row once.

    waiting for the database
    [= 39 more of the line above]

Each line that is shown stands as it was. A text that uses the sign itself is left alone, so that
unfolding has one meaning.
"""

from itertools import groupby, islice
from operator import eq

_SIGN = "[= "


def may_fold(text: str) -> bool:
    """Whether lines in a row are equal. A glance."""
    lines = text.split("\n")
    return any(map(eq, lines, islice(lines, 1, None))) and fold(text) is not None


def fold(text: str) -> str | None:
    """`text` folded, or None where nothing is won."""
    if _SIGN in text:
        return None
    lines: list[str] = []
    for line, same in groupby(text.split("\n")):
        count = len(list(same))
        said = f"{_SIGN}{count - 1} more of the line above]"
        pays = (count - 1) * (len(line) + 1) > len(said)
        lines += [line, said] if pays else [line] * count
    folded = "\n".join(lines)
    return folded if len(folded) < len(text) else None
