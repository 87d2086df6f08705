"""One price, and the arithmetic of it: whole pico-dollars, so that no sum drifts.

A price is in dollars for a million tokens, with six decimals: a token costs a whole number of
pico-dollars. Floats are made at the edge, by `dollars`. It knows no model.
"""

from dataclasses import astuple, dataclass
from fractions import Fraction

from headroom.wire._api import Usage

SIZES = (32_000, 100_000, 128_000, 200_000, 256_000, 272_000, 512_000)
"""The sizes of a prompt, in tokens, above which some model's price is another."""
_PICO = 10**12
_MILLION = 10**6


@dataclass(frozen=True, slots=True)
class Price:
    """What one token of each kind costs, in pico-dollars; as many micro-dollars cost a million.

    `cache_write_long` is for what is kept for the longer of the cache's lifetimes.
    """

    input: int
    cache_read: int
    cache_write: int
    cache_write_long: int
    output: int

    def per_million(self) -> tuple[float, ...]:
        """The five prices in dollars for a million tokens, in the order of the fields."""
        return tuple(price / _MILLION for price in astuple(self))


@dataclass(frozen=True, slots=True)
class Steps:
    """What a token costs in tokens of fresh input."""

    cache_read: Fraction
    cache_write: Fraction
    cache_write_long: Fraction
    output: Fraction = Fraction(5)

    @classmethod
    def of(cls, price: Price) -> "Steps":
        """The steps of a price whose input is not free."""
        parts = (price.cache_read, price.cache_write, price.cache_write_long, price.output)
        return cls(*(Fraction(part, price.input) for part in parts))


@dataclass(frozen=True, slots=True)
class Tariff:
    """A model's prices: `base`, and others for prompts above a size in tokens, the smallest first.

    `name` is the entry that was found; `source` says where: `table` or `settings`.
    """

    name: str
    source: str
    base: Price
    above: tuple[tuple[int, Price], ...] = ()

    def at(self, prompt: int) -> Price:
        """The price of a request whose input has so many tokens; it holds for all of them."""
        found = self.base
        for size, price in self.above:
            if prompt > size:
                found = price
        return found


_ANTHROPIC = Price(20, 2, 25, 40, 100)
_OTHERS = Price(20, 2, 20, 20, 100)


def usual(provider: str, model: str) -> Price:
    """A price of which only the proportions mean anything, to take where none is known:
    Anthropic's own for its models, and for others a tenth for what is read from the cache and
    nothing extra for what is written."""
    return _ANTHROPIC if provider == "anthropic" or "claude" in model.lower() else _OTHERS


def cost(usage: Usage, price: Price) -> int:
    """What tokens cost, in pico-dollars."""
    long = min(usage.cache_write_long, usage.cache_write)
    return (
        usage.fresh * price.input
        + usage.cache_read * price.cache_read
        + (usage.cache_write - long) * price.cache_write
        + long * price.cache_write_long
        + usage.output * price.output
    )


def size_of(prompt: int) -> int:
    """The largest of `SIZES` that a prompt of so many tokens lies above; 0 below all of them."""
    return max((size for size in SIZES if prompt > size), default=0)


def dollars(pico: int) -> float:
    """Pico-dollars as dollars, to the micro-dollar."""
    return round(pico / _PICO, 6)


def pico(per_million: float) -> int:
    """Dollars for a million tokens as pico-dollars for one."""
    return round(per_million * _MILLION)
