"""The price table that is shipped: a file of the package, made by `tools/write_prices.py`.

Rule: nothing is fetched. The file tells its source and its date; a price in it is in dollars for
a million tokens (input, read from the cache, written to it, written for long, output).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import orjson

from headroom.billing.price import Price, Tariff, pico

SHIPPED = "table"
_FILE = "prices.json"


@dataclass(frozen=True, slots=True)
class Models:
    """One provider's tariffs: `names` are whole; to a `stem` an edition may be added."""

    names: Mapping[str, Tariff]
    stems: Mapping[str, Tariff]


@dataclass(frozen=True, slots=True)
class Table:
    """The file as it was read. `date` is the day (ISO) on which its source was published."""

    source: str
    date: str
    providers: Mapping[str, Sequence[Mapping[str, Any]]]


@lru_cache(maxsize=1)
def shipped() -> Table:
    """The table that came with this version."""
    found = orjson.loads((resources.files(__package__) / "data" / _FILE).read_bytes())
    return Table(f"{found['source']} {found['version']}", found["date"], found["providers"])


@lru_cache(maxsize=32)
def models_of(provider: str) -> Models:
    """The tariffs of a provider; none where the table does not know it."""
    names: dict[str, Tariff] = {}
    stems: dict[str, Tariff] = {}
    for entry in shipped().providers.get(provider, ()):
        tariff = Tariff(
            name=entry["id"],
            source=SHIPPED,
            base=_price(entry["price"]),
            above=tuple((size, _price(price)) for size, price in entry.get("above", ())),
        )
        # The first that claims a name has it, as in the source.
        for name in (entry["id"], *entry.get("names", ())):
            names.setdefault(name, tariff)
        for stem in entry.get("stems", ()):
            stems.setdefault(stem, tariff)
    return Models(names, stems)


def _price(said: Sequence[float]) -> Price:
    return Price(*map(pico, said))
