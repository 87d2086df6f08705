"""Which compressors take a region, the surest first. It knows their scores and nothing else.

A score costs a look at the text, so that of a compressor which cannot be surer than one already
scored is not asked for before that one has had its try, and that of one which sees at a glance
that it would come to nothing is not asked for at all.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush

from headroom.compressors import Compressor, Sample
from headroom.policy import Policy

_SURE = 0.9
_SUREST = 1.0

MayGain = Callable[[Sample, Policy], bool]


class Router:
    """An ordering of compressors for a sample; equal scores keep the order of registration."""

    def __init__(self, compressors: Sequence[Compressor]) -> None:
        self._compressors = tuple(compressors)
        # Each as it would rank with the highest score it can give, the surest first.
        self._hopes = sorted((-_surest(each), place) for place, each in enumerate(compressors))
        self._may_gain = [_may_gain(each) for each in compressors]

    def is_sure(self, sample: Sample) -> bool:
        """Whether a compressor has hardly a doubt that the whole text is of its kind."""
        able = (self._compressors[place] for hope, place in self._hopes if -hope >= _SURE)
        return any(compressor.score(sample) >= _SURE for compressor in able)

    def ranked(self, sample: Sample, policy: Policy) -> Iterator[Compressor]:
        """Those that may gain something and whose score is not negative, highest first, each
        found when it is asked for."""
        scored: list[tuple[float, int]] = []
        for hope in self._hopes:
            while scored and scored[0] < hope:
                yield self._compressors[heappop(scored)[1]]
            place = hope[1]
            if not self._may_gain[place](sample, policy):
                continue
            score = self._compressors[place].score(sample)
            if score >= 0:
                heappush(scored, (-score, place))
        while scored:
            yield self._compressors[heappop(scored)[1]]


def _surest(compressor: Compressor) -> float:
    """The highest score that a compressor says it gives; one that says nothing may give any."""
    surest: float = getattr(compressor, "surest", _SUREST)
    return surest


def _may_gain(compressor: Compressor) -> MayGain:
    """What a compressor says of whether it may gain; one that says nothing always may."""
    found: MayGain = getattr(compressor, "may_gain", _always)
    return found


def _always(_: Sample, __: Policy) -> bool:
    return True
