"""Which rows give way: the rules as one value, and the choice by them.

Whole spans go, the least asked for and the largest first, until the text fits; what is asked
for by name or by line stays whatever the size. It knows spans and sizes, no syntax.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.compressors.code.spans import BODY, COMMENT, LICENSE, TABLE, TEST, Span

WANTED = 3
"""The rank of a span that is asked for by its name or by a line in it: it stays."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may go, and down to what size.

    `reads` and `others` are how much of a policy's budget a file read, and any other code, may
    fill; over the budget, and over that, code is cut down to it. A read gets more, for an agent
    that reads a file most often edits it, and a hidden line costs it a turn. A gap has at least
    `least_lines` lines and saves at least `least_saved` tokens. It names hidden identifiers for
    at most `names_share` of what it saves, `most_names` of them. Tables and comments of fewer
    than `table_lines` and `comment_lines` stay (for enums, three times as many). A call that
    asks for `narrow` lines or fewer gets them whole. A parser is consulted where the layout
    leaves doubt (`parser` "doubt"), "always" or "never", for files up to `parsed_chars`.
    `order` is what goes first.
    """

    reads: float = 2.0
    others: float = 0.4
    least_lines: int = 6
    least_saved: int = 40
    names_share: float = 0.1
    most_names: int = 12
    table_lines: int = 12
    comment_lines: int = 8
    narrow: int = 250
    parser: str = "doubt"
    parsed_chars: int = 150_000
    order: tuple[str, ...] = (LICENSE, BODY, TABLE, COMMENT, TEST)


def chosen(spans: Sequence[Span], excess: int, rules: Rules) -> list[Span]:
    """The spans that go so that `excess` tokens are saved, or all that may go."""
    groups: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for span in spans:
        if span.rank < WANTED and span.kind in rules.order and span.saved > 0:
            groups[span.rank, rules.order.index(span.kind)].append(span)
    going: list[Span] = []
    for key in sorted(groups):
        waiting = sorted(groups[key], key=lambda span: (span.saved, -span.start))
        while waiting and excess > 0:
            span = waiting.pop(_next(waiting, excess))
            going.append(span)
            excess -= span.saved
    return going


def _next(waiting: Sequence[Span], excess: int) -> int:
    """Which one goes: the smallest that is enough, else the largest. `waiting` is sorted by
    what is saved."""
    return min(bisect_left(waiting, excess, key=_saved), len(waiting) - 1)


def _saved(span: Span) -> int:
    return span.saved
