"""A cheap estimate of what a text costs in tokens, for choosing between two spellings.

It follows how byte-pair vocabularies cut text (words, groups of three digits, runs of signs)
and needs no vocabulary. Good to some ten percent; never shown to anyone.
"""

import re
from collections.abc import Sequence

_PIECES = re.compile(r" ?[A-Z]?[a-z]{1,7}|[A-Z]{1,3}|\d{1,3}|[^A-Za-z\d\s]{1,3}|\s+")
_SAMPLE = 32


def weight(text: str) -> int:
    """About how many tokens `text` costs."""
    return len(_PIECES.findall(text))


def weight_of_all(cells: Sequence[str]) -> int:
    """About how many tokens the cells cost together, from an even sample of them."""
    if not cells:
        return 0
    step = -(-len(cells) // _SAMPLE)
    sample = cells[::step]
    return (weight_of_text("\n".join(sample)) + 1 - len(sample)) * len(cells) // len(sample)


def weight_of_text(text: str, slices: int = 9, width: int = 160) -> int:
    """About how many tokens `text` costs; a long one is judged by even slices of it."""
    if len(text) <= 2 * slices * width:
        return weight(text)
    step = len(text) // slices
    parts = [text[start : start + width] for start in range(0, len(text), step)]
    return sum(map(weight, parts)) * len(text) // sum(map(len, parts))


def close_weight(text: str) -> int:
    """`weight_of_text` by more slices, where two spellings are near each other."""
    return weight_of_text(text, 16, 640)
