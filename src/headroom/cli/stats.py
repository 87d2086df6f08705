"""`headroom stats`: what went through the proxy, what it came to, and what was saved."""

import time
from collections.abc import Iterator

import rich_click as click
from rich.console import Console
from rich.markup import escape

from headroom import settings
from headroom.billing import Prices
from headroom.cli import bills, output
from headroom.counting import By, Event, Summary, Totals, totals
from headroom.counting.record import ALIGN, BUST, EPOCH, GUARD

HOUR = 3_600.0
_COMPRESSOR = "compressor"
_UNNAMED = {"arm": "compressed"}
_EVENTS = (
    (BUST, "what lost the provider's cache", "tokens written anew"),
    (GUARD, "the write guard", ""),
    (EPOCH, "older texts compressed anew", "tokens saved by it"),
    (ALIGN, "done for the provider's cache", ""),
)


@click.command()
@click.option("--days", type=click.FloatRange(min=0), help="Of the last days only.")
@click.option("--hours", type=click.FloatRange(min=0), help="Of the last hours only.")
@click.option("--by", type=click.Choice(totals.GROUPS), help="Also apart, by this.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def stats(days: float | None, hours: float | None, by: By | None, as_json: bool) -> None:
    """Show what went through the proxy: the bill, and what it would have been without Headroom.

    The bill is of what the providers reported, at the price of each tier (cached, written, fresh);
    what retrievals and our own tool cost is in it. Times are counted by quarters of an hour.
    """
    if days is not None and hours is not None:
        raise click.UsageError("give --days or --hours, not both")
    span = 24 * days if days is not None else hours
    found = read(span, by)
    if as_json:
        output.as_json(totals.as_json(found))
        return
    console = output.stdout()
    if not found.total.requests:
        console.print(nothing(found), soft_wrap=True, markup=False)
        return
    _print(console, found)


def read(hours: float | None, by: By | None) -> Summary:
    """What was counted in the last hours (None: ever), at the user's prices.

    Raises:
        StoreError: the counts cannot be read.
    """
    said = settings.load()
    since = None if hours is None else time.time() - hours * HOUR
    return totals.read(said.home, since, by, Prices.load(said.prices))


def nothing(found: Summary) -> str:
    """What to say where nothing was counted."""
    if found.since is None:
        return "No request has gone through the proxy yet. Start it: headroom proxy --port 8787"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.since))
    return f"No request has gone through the proxy since {when}."


def _print(console: Console, found: Summary) -> None:
    total = found.total
    if total.bill.requests:
        for sentence in bills.sentences(total.bill, found.prices):
            console.print(sentence, soft_wrap=True)
        console.print(bills.table(total.bill))
    console.print(
        f"[bold]{total.tokens_before:,}[/] → [bold]{total.tokens_after:,}[/] tokens in "
        f"{total.requests:,} requests, [green]{total.savings_percent:.1f} % saved[/]"
        + ("" if total.exact else " (estimated where the model's own count is not known)"),
        soft_wrap=True,
    )
    table = output.table("", "what", ">how much")
    for name, value in _rows(total):
        table.add_row(name, value)
    console.print(table)
    if total.edits and found.by in (None, _COMPRESSOR):
        _print_edits(console, total)
    for kind, title, tokens in _EVENTS:
        _print_events(console, title, tokens, total.of_kind(kind))
    if found.groups:
        _print_groups(console, found)
    if found.last_failure:
        console.print(f"last failure: {found.last_failure}", soft_wrap=True, markup=False)


def _rows(total: Totals) -> Iterator[tuple[str, str]]:
    yield "saved tokens", f"{total.saved_tokens:,}"
    yield "our tool's tokens", f"{total.tool_tokens:,}"
    yield "tokens retrieved", f"{total.retrieved_tokens:,}"
    yield "net saved tokens", f"{total.net_saved_tokens:,}"
    if total.bill.requests:
        yield "input read from cache", f"{total.bill.cache_hit_percent:.1f} %"
    yield "retrievals", f"{total.retrievals:,} (in {total.rounds:,} further rounds)"
    yield "time we added", bills.latency(total.ours)
    yield "upstream's first byte", bills.latency(total.first_byte)
    for name, count in total.skips.items():
        yield f"texts unchanged: {name.replace('_', ' ')}", f"{count:,}"
    for name, count in (("errors", total.errors), ("requests not counted", total.uncounted)):
        if count:
            yield name, f"{count:,}"


def _print_edits(console: Console, total: Totals) -> None:
    table = output.table("edits", "by", "fidelity", ">texts", ">tokens", ">after", ">saved")
    for edit in total.edits:
        saved = edit.tokens_before - edit.tokens_after
        share = saved / edit.tokens_before if edit.tokens_before else 0.0
        figures = (edit.count, edit.tokens_before, edit.tokens_after)
        shown = (f"{figure:,}" for figure in figures)
        table.add_row(escape(edit.compressor), edit.fidelity, *shown, f"{share:.1%}")
    console.print(table)


def _print_events(console: Console, title: str, tokens: str, events: tuple[Event, ...]) -> None:
    if not events:
        return
    table = output.table(title, "what", ">times", *((f">{tokens}",) if tokens else ()))
    table.columns[0].no_wrap = False
    for event in events:
        more = (f"{event.tokens:,}",) if tokens else ()
        table.add_row(escape(event.label), f"{event.count:,}", *more)
    console.print(table)


def _print_groups(console: Console, found: Summary) -> None:
    columns = (">requests", ">tokens", ">saved", ">billed", ">net", ">net %", ">cached")
    table = output.table(f"by {found.by}", str(found.by), *columns)
    table.columns[0].no_wrap, table.columns[0].overflow = False, "fold"
    starred = False
    for name, group in found.groups.items():
        bill = group.bill
        partly = "*" if bill.unpriced and bill.cost_after is not None else ""
        starred = starred or bool(partly)
        table.add_row(
            escape(name) or _UNNAMED.get(str(found.by), "–"),
            f"{group.requests:,}",
            f"{group.tokens_before:,}",
            f"{group.savings_percent:.1f} %",
            *(f"{bills.money(cost)}{partly}" for cost in (bill.cost_after, bill.net_saved)),
            *(f"{bill.net_percent:.1f} %", f"{bill.cache_hit_percent:.0f} %"),
        )
    console.print(table)
    if starred:
        console.print("[dim]* without its requests of unknown price[/]")
