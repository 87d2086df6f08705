"""What a provider's prompt cache holds, as far as its rules and our requests tell.

Two ways of sending every request are followed, as it came and as it went upstream: the first is
what the bill would have been. A cache is its provider's, not a session's: what one session wrote
another may read. It reads no clock; times are seconds since 1970.
"""

from collections import OrderedDict

from headroom.caching.layout import Side
from headroom.caching.rules import LONG, Rules
from headroom.wire._api import Usage

_MOST = 20_000


class Shadow:
    """One cache's keys, with how long each is kept."""

    def __init__(self) -> None:
        self._until: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def hit(self, side: Side, tokens: tuple[int, ...], rules: Rules, now: float) -> int:
        """How many pieces of the request's beginning are in the cache. `tokens` are those up to
        and with each piece."""
        for count in range(len(side.keys), 0, -1):
            kept = self._until.get(side.keys[count - 1])
            if kept is None or kept[0] < now or tokens[count - 1] < rules.least:
                continue
            if _in_reach(count, side, rules):
                return count
        return 0

    def write(
        self, side: Side, tokens: tuple[int, ...], rules: Rules, now: float, hit: int
    ) -> None:
        """Keep what the request writes, and what it has read for as long again."""
        if hit:
            kept = self._until.get(side.keys[hit - 1])
            self._keep(side.keys[hit - 1], now, kept[1] if kept else rules.seconds)
        if rules.explicit:
            for count, mark in side.marks:
                if tokens[count - 1] >= rules.least:
                    self._keep(side.keys[count - 1], now, rules.lifetime(mark))
            return
        for key, until_here in zip(side.keys, tokens, strict=True):
            if until_here >= rules.least:
                self._keep(key, now, rules.seconds)

    def _keep(self, key: int, now: float, seconds: float) -> None:
        before = self._until.get(key)
        seconds = max(seconds, before[1]) if before and before[0] >= now else seconds
        self._until[key] = (now + seconds, seconds)
        self._until.move_to_end(key)
        while len(self._until) > _MOST:
            self._until.popitem(last=False)


def billed(side: Side, tokens: tuple[int, ...], rules: Rules, hit: int) -> Usage:
    """The input of a request of which `hit` pieces are read from the cache."""
    total = tokens[-1] if tokens else 0
    read = rules.readable(tokens[hit - 1]) if hit else 0
    if not rules.explicit:
        return Usage(total - read, read)
    written = [(tokens[count - 1], mark) for count, mark in side.marks]
    written = [(upto, mark) for upto, mark in written if upto >= rules.least]
    end = max([upto for upto, _ in written], default=0)
    long_end = max([upto for upto, mark in written if mark == LONG], default=0)
    write = max(end - read, 0)
    return Usage(
        fresh=total - read - write,
        cache_read=read,
        cache_write=write,
        cache_write_long=max(min(long_end, end) - read, 0),
    )


def _in_reach(count: int, side: Side, rules: Rules) -> bool:
    """Whether the provider looks for an entry there."""
    if not rules.explicit:
        return True
    return any(count <= mark < count + rules.look_back for mark, _ in side.marks)
