"""Which values of one place are the odd ones there."""

from collections import Counter

RARE = 2
COMMON = 50


def odd_values(weight: Counter[bytes]) -> frozenset[bytes]:
    """The values that are rare where rarity is the exception: few of them, seen once or
    twice, among values that are common."""
    rare = [value for value, count in weight.items() if count <= RARE]
    if not rare or len(rare) > max(8, len(weight) // 8):
        return frozenset()
    if weight.total() < COMMON * sum(weight[value] for value in rare):
        return frozenset()
    return frozenset(rare)
