"""How many tokens byte-pair encoding makes of one piece of text.

The rule is the published one: join the adjacent pair whose union has the lowest rank, the
leftmost of equals, until no union is a token. Only the number of what remains is of interest.

This file knows nothing of encodings beyond a rank table, and nothing of how text is split.
"""

import heapq
from collections.abc import Mapping

_NO_TOKEN = 1 << 30
_LONG = 96


def merged_count(piece: bytes, ranks: Mapping[bytes, int]) -> int:
    """The number of tokens that `piece`, which is itself no token, becomes."""
    size = len(piece)
    if size < 4:
        if size == 3 and piece[:2] not in ranks and piece[1:] not in ranks:
            return 3
        return 2
    return _by_scan(piece, ranks) if size < _LONG else _by_heap(piece, ranks)


def _by_scan(piece: bytes, ranks: Mapping[bytes, int]) -> int:
    """Quadratic, but the fastest way for the lengths that words have."""
    rank_of = ranks.get
    # starts[i] begins part i; joined[i] is the rank of parts i and i + 1 together.
    starts = list(range(len(piece) + 1))
    joined = [rank_of(piece[at : at + 2], _NO_TOKEN) for at in range(len(piece) - 1)]
    # Never empty: the whole piece is no token, so that two parts at least remain.
    while (lowest := min(joined)) != _NO_TOKEN:
        at = joined.index(lowest)
        del starts[at + 1], joined[at]
        if at < len(joined):
            joined[at] = rank_of(piece[starts[at] : starts[at + 2]], _NO_TOKEN)
        if at:
            joined[at - 1] = rank_of(piece[starts[at - 1] : starts[at + 1]], _NO_TOKEN)
    return len(starts) - 1


def _by_heap(piece: bytes, ranks: Mapping[bytes, int]) -> int:
    """The same result in n log n, for long pieces."""
    rank_of = ranks.get
    size = len(piece)
    after = list(range(1, size + 2))  # where the part that starts here ends
    before = list(range(-1, size))  # where the part before it starts
    pairs = []
    for at in range(size - 1):
        rank = rank_of(piece[at : at + 2])
        if rank is not None:
            pairs.append((rank, at, at + 2))
    heapq.heapify(pairs)
    count = size
    while pairs:
        _, start, end = heapq.heappop(pairs)
        middle = after[start]
        # Stale when a part was joined since: it starts nowhere now, or ends elsewhere.
        if before[start] == _NO_TOKEN or middle >= size or after[middle] != end:
            continue
        count -= 1
        before[middle] = _NO_TOKEN
        after[start] = end
        if end < size:
            before[end] = start
            rank = rank_of(piece[start : after[end]])
            if rank is not None:
                heapq.heappush(pairs, (rank, start, after[end]))
        left = before[start]
        if left >= 0:
            rank = rank_of(piece[left:end])
            if rank is not None:
                heapq.heappush(pairs, (rank, left, end))
    return count
