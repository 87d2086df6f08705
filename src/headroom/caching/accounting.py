"""What a request would have been billed had it passed unchanged, by what it was billed.

The provider's own report is the truth of what was sent. How the same request would have been
read, written and billed as it came follows from the cache's rules; where the provider did other
than they say, the request as it came is taken to have met the same. For one thread at a time.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

from headroom.caching.layout import Layout, sides
from headroom.caching.rules import Rules
from headroom.caching.scale import Scale
from headroom.caching.shadow import Shadow, billed
from headroom.wire._api import Usage

_MODELS = 200
"""Names of models, which are the clients' to choose, of which something is remembered."""


class _Tokens(NamedTuple):
    """Tokens up to and with each piece, as the request came and as it went upstream."""

    before: tuple[int, ...]
    after: tuple[int, ...]


class Accounting:
    """Follows the caches of all providers that a process asks."""

    def __init__(self) -> None:
        self._as_it_came = Shadow()
        self._as_sent = Shadow()
        self._scales: dict[str, Scale] = {}
        self._by_itself: dict[str, None] = {}

    def before(self, layout: Layout, legs: Sequence[Usage], now: float) -> Usage:
        """The usage that the provider would have reported for the request as it came. `legs` are
        what it reported; `now` is when it was asked, in seconds since 1970."""
        told, output = legs[0], Usage(output=legs[-1].output)
        if not layout.pieces:
            return replace(told, output=output.output)
        tokens = self._tokens(layout, told.prompt)
        came, sent = sides(layout)
        rules = self._rules(layout, told, is_asked=bool(came.marks or sent.marks))
        hit_came = self._as_it_came.hit(came, tokens.before, rules, now)
        hit_sent = self._as_sent.hit(sent, tokens.after, rules, now)
        met = hit_sent
        if rules.readable(tokens.after[hit_sent - 1] if hit_sent else 0) != told.cache_read:
            met = _met(told, tokens.after, rules)
        if met < hit_sent:
            hit_came = min(hit_came, met)
        elif met > hit_sent:
            hit_came = max(hit_came, met)
        if rules.explicit and not came.marks:
            hit_came = 0
        self._as_it_came.write(came, tokens.before, rules, now, hit_came)
        self._as_sent.write(sent, tokens.after, rules, now, met)
        if _has_no_cache(told, billed(sent, tokens.after, rules, met)):
            return output + Usage(fresh=tokens.before[-1])
        found = billed(came, tokens.before, rules, hit_came)
        return output + (found if rules.explicit else _written_as(told, found))

    def _rules(self, layout: Layout, told: Usage, *, is_asked: bool) -> Rules:
        """The rules of the cache, which may keep by itself what others are to be asked to keep."""
        rules, name = layout.rules, layout.model
        if rules.explicit and not is_asked and (told.cache_read or told.cache_write):
            self._by_itself[name] = None
            while len(self._by_itself) > _MODELS:
                del self._by_itself[next(iter(self._by_itself))]
        return replace(rules, explicit=False) if name in self._by_itself else rules

    def _tokens(self, layout: Layout, prompt: int) -> _Tokens:
        """What is no text of ours to count, mostly tools, stands in front: it takes up the
        difference to what the provider counted."""
        scale = self._scale(layout, prompt)
        before = list(accumulate([piece.before for piece in layout.pieces]))
        after = list(accumulate([piece.after for piece in layout.pieces]))
        offset = prompt - after[-1] * scale
        if scale != 1.0:
            before = [round(offset + upto * scale) for upto in before]
            after = [round(offset + upto * scale) for upto in after]
        else:
            before = [int(offset) + upto for upto in before]
            after = [int(offset) + upto for upto in after]
        return _Tokens(tuple([upto if upto > 0 else 0 for upto in before]), tuple(after))

    def _scale(self, layout: Layout, prompt: int) -> float:
        if layout.exact:
            return 1.0
        scale = self._scales.setdefault(layout.model, Scale())
        while len(self._scales) > _MODELS:
            del self._scales[next(iter(self._scales))]
        return scale.of(layout, prompt)


def _met(told: Usage, tokens: Sequence[int], rules: Rules) -> int:
    """How many pieces the provider read from its cache: those whose tokens come nearest."""
    if not told.cache_read:
        return 0
    target = told.cache_read + (rules.step - 1) / 2
    return 1 + min(range(len(tokens)), key=lambda at: (abs(tokens[at] - target), -at))


def _has_no_cache(told: Usage, expected: Usage) -> bool:
    """Whether an upstream did not even write what it was asked to: some that speak a provider's
    API have no cache."""
    return bool(expected.cache_write) and not (told.cache_read or told.cache_write)


def _written_as(told: Usage, found: Usage) -> Usage:
    """Input of which the provider writes to its cache what it chooses to: the same share."""
    new = told.fresh + told.cache_write
    if not told.cache_write or not new:
        return found
    write = round(found.fresh * told.cache_write / new)
    long = round(write * told.cache_write_long / told.cache_write)
    return Usage(found.fresh - write, found.cache_read, write, found.output, long)
