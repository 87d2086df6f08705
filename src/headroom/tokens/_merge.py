"""How many tokens byte-pair encoding makes of one piece of text.

The rule is the published one: join the adjacent pair whose union has the lowest rank, the
leftmost of equals, until no union is a token. Only the number of what remains is of interest.

This file knows nothing of encodings beyond a rank table, and nothing of how text is split.
"""

import heapq
from collections.abc import Callable

from headroom.tokens._tables import NO_TOKEN

_LONG = 96

_RankOf = Callable[[bytes], int]


def merged_count(piece: bytes, rank_of: _RankOf) -> int:
    """The number of tokens that `piece`, which is itself no token, becomes."""
    size = len(piece)
    if size < 4:
        if size == 3 and rank_of(piece[:2]) == rank_of(piece[1:]) == NO_TOKEN:
            return 3
        return 2
    return _by_scan(piece, rank_of) if size < _LONG else _by_heap(piece, rank_of)


def _by_scan(piece: bytes, rank_of: _RankOf) -> int:
    """Quadratic, but the fastest way for the lengths that words have."""
    # starts[i] begins part i; joined[i] is the rank of parts i and i + 1 together.
    starts = list(range(len(piece) + 1))
    joined = [rank_of(piece[at : at + 2]) for at in range(len(piece) - 1)]
    # Never empty: the whole piece is no token, so that two parts at least remain.
    while (lowest := min(joined)) != NO_TOKEN:
        at = joined.index(lowest)
        del starts[at + 1], joined[at]
        if at < len(joined):
            joined[at] = rank_of(piece[starts[at] : starts[at + 2]])
        if at:
            joined[at - 1] = rank_of(piece[starts[at - 1] : starts[at + 1]])
    return len(starts) - 1


def _by_heap(piece: bytes, rank_of: _RankOf) -> int:
    """The same result in n log n, for long pieces."""
    size = len(piece)
    after = list(range(1, size + 2))  # where the part that starts here ends
    before = list(range(-1, size))  # where the part before it starts
    pairs = []
    for at in range(size - 1):
        rank = rank_of(piece[at : at + 2])
        if rank != NO_TOKEN:
            pairs.append((rank, at, at + 2))
    heapq.heapify(pairs)
    count = size
    while pairs:
        _, start, end = heapq.heappop(pairs)
        middle = after[start]
        # Stale when a part was joined since: it starts nowhere now, or ends elsewhere.
        if before[start] == NO_TOKEN or middle >= size or after[middle] != end:
            continue
        count -= 1
        before[middle] = NO_TOKEN
        after[start] = end
        if end < size:
            before[end] = start
            rank = rank_of(piece[start : after[end]])
            if rank != NO_TOKEN:
                heapq.heappush(pairs, (rank, start, after[end]))
        left = before[start]
        if left >= 0:
            rank = rank_of(piece[left:end])
            if rank != NO_TOKEN:
                heapq.heappush(pairs, (rank, left, end))
    return count
