"""Context lines, where a search printed them: how many around each match fit.

One distance holds for the whole result, so that what is left out is told in a word. It sees
rows and sizes, not what they say.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from headroom.compressors.search.selection import cost
from headroom.compressors.search.shapes import MATCH, Group, Row

_FAR = 1_000_000


def is_context(row: Row) -> bool:
    """Whether the row is neither a match nor a separator."""
    return row.mark not in (MATCH, "")


def distances(rows: Sequence[Row]) -> list[int]:
    """How many lines each row stands from the nearest match of its group; a separator is far."""
    found = [_FAR] * len(rows)
    for places in (range(len(rows)), range(len(rows) - 1, -1, -1)):
        nearest = -_FAR
        for place in places:
            row = rows[place]
            if row.mark == MATCH:
                nearest = row.number
            if row.mark:
                found[place] = min(found[place], abs(row.number - nearest))
    return found


def widest(groups: Iterable[Group], budget: float) -> int:
    """The greatest distance within which all context fits the budget beside all matches; -1
    where the matches alone do not."""
    costs: Counter[int] = Counter()
    for group in groups:
        if group.path:
            costs[0] += int(cost(group.path))
        for row, distance in zip(group.rows, distances(group.rows), strict=True):
            if row.mark:
                costs[distance] += int(cost(row.shown))
    within = -1
    left = budget - costs.pop(0, 0)
    if left < 0:
        return within
    within = 0
    for distance in sorted(costs):
        left -= costs[distance]
        if left < 0:
            break
        within = distance
    return within


def without_context(group: Group) -> Group:
    """The group's matches."""
    return Group(group.path, group.heading, [row for row in group.rows if row.mark == MATCH])
