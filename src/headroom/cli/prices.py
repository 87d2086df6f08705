"""`headroom prices`: which prices bills are made with, and where they are from."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headroom import settings
from headroom.billing import Price, Prices, Tariff
from headroom.billing.table import models_of, shipped
from headroom.cli import output

_FIELDS = ("input", "cache_read", "cache_write", "cache_write_long", "output")
_COLUMNS = (">input", ">read", ">written", ">for long", ">output")
_USUAL = ("anthropic", "openai", "google")


@click.command()
@click.argument("model", required=False)
@click.option("--provider", help="All that the table has of one provider.")
@click.option("--json", "as_json", is_flag=True, help="The prices as JSON.")
def prices(model: str | None, provider: str | None, as_json: bool) -> None:
    """Show the price of MODEL, or the table of prices: its source, its date, what is your own.

    Prices are in dollars for a million tokens. Nothing is fetched: the table is part of this
    version. Your own go before it: a table [prices."MODEL"] in the settings file.
    """
    known = Prices.load(settings.load().prices)
    rows = dict(_rows(known, model, provider))
    if as_json:
        output.as_json(_plain(known, rows))
        return
    console = output.stdout()
    console.print(_head(known), soft_wrap=True, markup=False)
    if model is not None and rows[model] is None:
        console.print(_unknown(model), soft_wrap=True, markup=False)
        return
    console.print(_table(rows))
    if model is None and provider is None:
        _print_providers(console)


def _rows(
    known: Prices, model: str | None, provider: str | None
) -> Iterator[tuple[str, Tariff | None]]:
    if model is not None:
        yield model, known.tariff_of(provider or "", model)
        return
    if provider is not None and provider not in shipped().providers:
        names = ", ".join(shipped().providers)
        raise click.UsageError(f"the table has no provider {provider}; it has {names}")
    if provider is None:
        yield from ((name, known.tariff_of("", name.replace("*", ""))) for name in known.own)
    for one in _USUAL if provider is None else (provider,):
        for tariff in dict.fromkeys(models_of(one).names.values()):
            yield tariff.name, known.tariff_of(one, tariff.name)


def _head(known: Prices) -> str:
    days = (date.today() - date.fromisoformat(known.date)).days
    own = f" {len(known.own):,} of your own go before it." if known.own else ""
    return f"{known.source}, of {known.date} ({max(days, 0):,} days old).{own}"


def _unknown(model: str) -> str:
    return (
        f"The price of {model} is unknown. Its requests are counted and their money is left out, "
        f'until you say it in the settings file: [prices."{model}"] with input and output in '
        "dollars for a million tokens."
    )


def _table(rows: dict[str, Tariff | None]) -> Table:
    made = output.table("dollars for a million tokens", "model", *_COLUMNS)
    made.columns[0].no_wrap, made.columns[0].overflow = False, "fold"
    for name, tariff in rows.items():
        if tariff is None:
            made.add_row(escape(name), *["unknown"] * len(_COLUMNS))
            continue
        own = " (your own)" if tariff.source != "table" else ""
        made.add_row(escape(name) + own, *_dollars(tariff.base))
        for size, price in tariff.above:
            made.add_row(f"  prompts above {size:,}", *_dollars(price))
    return made


def _dollars(price: Price) -> tuple[str, ...]:
    return tuple(f"{one:,.4f}".rstrip("0").rstrip(".") for one in price.per_million())


def _print_providers(console: Console) -> None:
    others = ", ".join(name for name in shipped().providers if name not in _USUAL)
    console.print(f"More with --provider: {others}", soft_wrap=True, markup=False)


def _plain(known: Prices, rows: dict[str, Tariff | None]) -> dict[str, Any]:
    return {
        "source": known.source,
        "date": known.date,
        "overridden": sorted(known.own),
        "currency": "USD",
        "unit": "a million tokens",
        "models": {name: _entry(tariff) for name, tariff in rows.items()},
    }


def _entry(tariff: Tariff | None) -> dict[str, Any] | None:
    if tariff is None:
        return None
    return {
        "found_as": tariff.name,
        "from": tariff.source,
        **dict(zip(_FIELDS, tariff.base.per_million(), strict=True)),
        "above": {
            str(size): dict(zip(_FIELDS, price.per_million(), strict=True))
            for size, price in tariff.above
        },
    }
