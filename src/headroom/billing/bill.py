"""What requests came to, and what they would have come to had they passed unchanged.

Rule: money is added up only where a model's price is known; the requests of the others are named
and counted beside it, and never as zero dollars. Units are tokens of fresh input, each model's by
its own prices, so they are there for every request.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import add, attrgetter
from typing import Any

from headroom.billing.price import Tariff, cost, dollars, usual
from headroom.billing.prices import Prices
from headroom.wire._api import Usage

CURRENCY = "USD"
_NAMES = ("fresh", "cache_read", "cache_write", "cache_write_long", "output")
_tokens = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class Used:
    """What some requests of one model used. `above` and `before_above` are the largest of
    `price.SIZES` that each one's prompt lay above, as it went and as it would have gone."""

    provider: str
    model: str
    requests: int
    before: Usage
    after: Usage
    before_above: int = 0
    above: int = 0


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of the requests whose usage upstream reported, as it is and as it would be.

    Costs are in pico-dollars, those of requests with a known price; None where none has one.
    `unpriced` counts the others by model. Units are tokens of fresh input.
    """

    requests: int
    before: Usage
    after: Usage
    units_before: Fraction
    units_after: Fraction
    cost_before: int | None
    cost_after: int | None
    unpriced: Mapping[str, int]

    @property
    def net_units(self) -> Fraction:
        """Units that were not billed; below zero where compression cost more than it saved."""
        return self.units_before - self.units_after

    @property
    def net_percent(self) -> float:
        """Those in percent of the units before; 0.0 where there were none."""
        return 100.0 * float(self.net_units / self.units_before) if self.units_before else 0.0

    @property
    def net_saved(self) -> int | None:
        """Pico-dollars that were not billed; None where no price is known."""
        if self.cost_before is None or self.cost_after is None:
            return None
        return self.cost_before - self.cost_after

    @property
    def net_saved_percent(self) -> float | None:
        """Those in percent of the cost before; None where no price is known."""
        if self.net_saved is None:
            return None
        return 100.0 * self.net_saved / self.cost_before if self.cost_before else 0.0

    @property
    def cache_hit_percent(self) -> float:
        """Input that was read from the cache, in percent of all input."""
        return 100.0 * self.after.cache_read / self.after.prompt if self.after.prompt else 0.0


class _Sums:
    """Sums under construction: tokens by kind, costs, and costs by what a token of fresh input
    costs, to be divided by it once."""

    def __init__(self) -> None:
        self.requests = 0
        self.tokens = ([0] * len(_NAMES), [0] * len(_NAMES))
        self.costs = [0, 0]
        self.by_input: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self.unpriced: dict[str, int] = defaultdict(int)

    def add(self, one: Used, tariff: Tariff | None) -> None:
        """Count some requests; without a tariff their price is not known."""
        self.requests += one.requests
        if tariff is None and one.requests:
            self.unpriced[one.model] += one.requests
        price = tariff.base if tariff is not None else None
        weights = price if price is not None and price.input else usual(one.provider, one.model)
        both = ((one.before, one.before_above), (one.after, one.above))
        for side, (usage, above) in enumerate(both):
            self.tokens[side][:] = map(add, self.tokens[side], _tokens(usage))
            # A size is the largest that the prompt lay above: one token more has the same price.
            spent = cost(usage, tariff.at(above + 1)) if tariff is not None else 0
            self.costs[side] += spent
            weighed = spent if weights is price else cost(usage, weights)
            self.by_input[weights.input][side] += weighed

    def units(self, side: int) -> Fraction:
        """The units of all of it."""
        parts = (Fraction(sums[side], price) for price, sums in self.by_input.items())
        return sum(parts, Fraction())


def bill_of(used: Iterable[Used], prices: Prices) -> Bill:
    """The bill of what was used."""
    sums = _Sums()
    for one in used:
        sums.add(one, prices.tariff_of(one.provider, one.model))
    priced = sums.requests > sum(sums.unpriced.values())
    return Bill(
        requests=sums.requests,
        before=Usage(**dict(zip(_NAMES, sums.tokens[0], strict=True))),
        after=Usage(**dict(zip(_NAMES, sums.tokens[1], strict=True))),
        units_before=sums.units(0),
        units_after=sums.units(1),
        cost_before=sums.costs[0] if priced else None,
        cost_after=sums.costs[1] if priced else None,
        unpriced=dict(sorted(sums.unpriced.items(), key=lambda one: (-one[1], one[0]))),
    )


def as_json(bill: Bill) -> dict[str, Any]:
    """A bill in plain values: tokens, dollars (null where no price is known), percent."""
    money = (bill.cost_before, bill.cost_after, bill.net_saved)
    before, after, net = (None if one is None else dollars(one) for one in money)
    percent = bill.net_saved_percent
    return {
        "requests": bill.requests,
        "before": _plain(bill.before),
        "after": _plain(bill.after),
        "units_before": round(float(bill.units_before), 3),
        "units_after": round(float(bill.units_after), 3),
        "net_units": round(float(bill.net_units), 3),
        "net_percent": round(bill.net_percent, 2),
        "currency": CURRENCY,
        "cost_before": before,
        "cost_after": after,
        "net_saved": net,
        "net_saved_percent": None if percent is None else round(percent, 2),
        "unpriced": dict(bill.unpriced),
        "cache_hit_percent": round(bill.cache_hit_percent, 1),
    }


def _plain(usage: Usage) -> dict[str, int]:
    return dict(zip(_NAMES, _tokens(usage), strict=True))
