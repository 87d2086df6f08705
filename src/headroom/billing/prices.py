"""Which model costs what: the user's own prices, and behind them the shipped table.

Rule: a model that neither names is unknown, and None. A neighbour's price is never taken for it.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import lru_cache

from headroom.billing.price import Price, Steps, Tariff, pico, usual
from headroom.billing.spelling import editions, spellings
from headroom.billing.table import models_of, shipped

OWN = "settings"
_KNOWN = 1_024


class Prices:
    """Prices by model.

    `own` are the user's, in dollars for a million tokens, by a model's name or a pattern with
    `*`; what they leave out of the cache's prices keeps its proportion to that of input.
    `source` and `date` are those of the shipped table.
    """

    def __init__(self, own: Mapping[str, Mapping[str, float]] | None = None) -> None:
        table = shipped()
        self.source, self.date = table.source, table.date
        self.own = {name.lower(): price for name, price in (own or {}).items()}
        # The most specific pattern first: the longest.
        self._patterns = sorted((name for name in self.own if "*" in name), key=len, reverse=True)
        self._found = lru_cache(maxsize=_KNOWN)(self._find)

    @classmethod
    def load(cls, own: Mapping[str, Mapping[str, float]] | None = None) -> "Prices":
        """The shipped table with the user's prices before it."""
        return cls(own)

    def tariff_of(self, provider: str, model: str) -> Tariff | None:
        """All prices of a model; None where they are not known."""
        return self._found(provider, model)

    def price_of(self, provider: str, model: str, prompt: int = 0) -> Price | None:
        """The price of a request with so many tokens of input; None where it is not known."""
        tariff = self.tariff_of(provider, model)
        return tariff.at(prompt) if tariff is not None else None

    def _find(self, provider: str, model: str) -> Tariff | None:
        listed = _listed(provider, model)
        name = self._own_name(provider, model)
        if name is None:
            return listed
        like = listed.base if listed is not None and listed.base.input else usual(provider, model)
        return Tariff(name, OWN, _own(self.own[name], Steps.of(like)))

    def _own_name(self, provider: str, model: str) -> str | None:
        if not self.own:
            return None
        whole = model.strip().lower()
        for name in (whole, *_names(provider, whole)):
            if name in self.own:
                return name
        return next((key for key in self._patterns if fnmatchcase(whole, key)), None)


def _names(provider: str, whole: str) -> Iterator[str]:
    for name in dict.fromkeys((whole, *(name for _, name in spellings(provider, whole)))):
        yield name
        yield from editions(name)


def _listed(provider: str, model: str) -> Tariff | None:
    for where, name in spellings(provider, model):
        models = models_of(where)
        found = models.names.get(name) or models.stems.get(name)
        for shorter in editions(name):
            found = found or models.stems.get(shorter)
        if found is not None:
            return found
    return None


def _own(said: Mapping[str, float], steps: Steps) -> Price:
    base = pico(said["input"])
    return Price(
        input=base,
        cache_read=_either(said.get("cache_read"), base * steps.cache_read),
        cache_write=_either(said.get("cache_write"), base * steps.cache_write),
        cache_write_long=_either(said.get("cache_write_long"), base * steps.cache_write_long),
        output=pico(said["output"]),
    )


def _either(said: float | None, derived: Fraction) -> int:
    return round(derived) if said is None else pico(said)
