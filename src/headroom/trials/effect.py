"""How two arms differ: the quotient of their means, and how sure that is.

What is billed is a sum, so means are compared and not medians. Costs have heavy tails: the
interval is made for the logarithm of the quotient, and how widely costs scatter about their
mean is taken from both arms together, since a small one alone looks too calm as long as no dear
session is in it. docs/holdout.md names the sources and what was measured. Pure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

from headroom.trials.quantiles import t_cdf, t_quantile

CONFIDENCE = 0.95
_TIGHTEST_AT = 25.0
"""The size of a comparison at which a bound that may be looked at always is tightest: 100 sessions
of which half are held out, or 280 of which a tenth is."""
_POWER = 0.8
_NORMAL = NormalDist()


class Stratum(NamedTuple):
    """Figures of sessions that can be compared with each other, at least two in either arm."""

    held: Sequence[float]
    compressed: Sequence[float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A relative difference, compressed against held out: -0.2 is a fifth less. `high` may be
    infinite."""

    estimate: float
    low: float
    high: float

    @property
    def is_below(self) -> bool:
        """Whether all of it is below zero."""
        return self.high < 0.0

    @property
    def is_above(self) -> bool:
        """Whether all of it is above zero."""
        return self.low > 0.0


@dataclass(frozen=True, slots=True)
class Effect:
    """The logarithm of the quotient of two means, its standard error with the degrees of freedom
    of that, and the comparison's size: sessions times the shares of both arms."""

    log: float
    error: float
    freedom: float
    size: float

    def interval(self) -> Interval:
        """The interval for one look."""
        return self._within(t_quantile((1.0 - CONFIDENCE) / 2.0, self.freedom))

    def always(self) -> Interval:
        """The interval that holds at every look at once, however often one looks."""
        tail = _beyond(bound(self.size, (1.0 - CONFIDENCE) / 2.0))
        return self._within(t_quantile(tail, self.freedom))

    def exceeds(self, least: float, chance: float) -> bool:
        """Whether the relative difference is above `least`: wrongly so with at most this chance,
        however often one asks."""
        above = self.log - math.log1p(least)
        if above <= 0.0:
            return False
        value = above / self.error if self.error > 0.0 else math.inf
        return t_cdf(-value, self.freedom) < _beyond(bound(self.size, chance))

    def growth_to_see(self, difference: float) -> float:
        """By how much the sessions must grow in number to see this difference in four of five
        trials: 2.0 is twice as many."""
        steps = _NORMAL.inv_cdf((1.0 + CONFIDENCE) / 2.0) + _NORMAL.inv_cdf(_POWER)
        return (self.error * steps / math.log1p(-difference)) ** 2

    def _within(self, quantile: float) -> Interval:
        logs = (self.log, self.log - quantile * self.error, self.log + quantile * self.error)
        return Interval(*(math.expm1(min(log, 700.0)) for log in logs))


def effect(strata: Sequence[Stratum]) -> Effect | None:
    """How the means differ, each stratum weighed by its sessions; None where a mean is zero."""
    total = sum(len(one.held) + len(one.compressed) for one in strata)
    weights = [(len(one.held) + len(one.compressed)) / total for one in strata]
    held = [weight * _mean(one.held) for weight, one in zip(weights, strata, strict=True)]
    ours = [weight * _mean(one.compressed) for weight, one in zip(weights, strata, strict=True)]
    if not (sum(held) > 0.0 and sum(ours) > 0.0):
        return None
    together = apart = freedom = size = 0.0
    for one, h, c in zip(strata, held, ours, strict=True):
        counts = (len(one.held), len(one.compressed))
        shares = ((h / sum(held)) ** 2 / counts[0], (c / sum(ours)) ** 2 / counts[1])
        spreads = (_spread(one.held), _spread(one.compressed))
        pooled = (spreads[0] * (counts[0] - 1) + spreads[1] * (counts[1] - 1)) / (sum(counts) - 2)
        together += pooled * sum(shares)
        apart += spreads[0] * shares[0] + spreads[1] * shares[1]
        freedom += sum(counts) - 2
        size += counts[0] * counts[1] / sum(counts)
    error = math.sqrt(max(together, apart))
    return Effect(math.log(sum(ours) / sum(held)), error, freedom, size)


def bound(size: float, chance: float) -> float:
    """How many standard errors a difference without cause exceeds, ever, with at most this
    chance: the one-sided normal mixture bound."""
    scaled = size * _scale() / _TIGHTEST_AT
    within = math.log1p(math.sqrt(scaled + 1.0) / (2.0 * chance))
    return math.sqrt(2.0 * (scaled + 1.0) / scaled * within)


def _beyond(errors: float) -> float:
    """The chance that a normal variable exceeds so many standard errors."""
    return 0.5 * math.erfc(errors / math.sqrt(2.0))


def _scale() -> float:
    spent = -2.0 * math.log(1.0 - CONFIDENCE)
    return spent + math.log1p(spent)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _spread(values: Sequence[float]) -> float:
    """The variance by the mean's square; 0.0 where the mean is."""
    mean = _mean(values)
    if not mean:
        return 0.0
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / mean**2
