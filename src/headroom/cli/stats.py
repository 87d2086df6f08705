"""`headroom stats`: what went through the proxy, and what it saved."""

import time
from collections.abc import Iterator

import rich_click as click
from rich.console import Console
from rich.markup import escape

from headroom import settings
from headroom.cli import output
from headroom.counting import By, Latency, Summary, Totals, totals

HOUR = 3_600.0
_COMPRESSOR = "compressor"


@click.command()
@click.option("--days", type=click.FloatRange(min=0), help="Of the last days only.")
@click.option("--hours", type=click.FloatRange(min=0), help="Of the last hours only.")
@click.option("--by", type=click.Choice(totals.GROUPS), help="Also apart, by this.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def stats(days: float | None, hours: float | None, by: By | None, as_json: bool) -> None:
    """Show what went through the proxy: requests, tokens before and after, edits, retrievals.

    Times are counted by quarters of an hour. Net is what is left of the saved tokens after what
    our tool and its answers cost.
    """
    if days is not None and hours is not None:
        raise click.UsageError("give --days or --hours, not both")
    span = 24 * days if days is not None else hours
    since = None if span is None else time.time() - span * HOUR
    found = totals.read(settings.load().home, since, by)
    if as_json:
        output.as_json(totals.as_json(found))
        return
    console = output.stdout()
    if not found.total.requests:
        console.print(_nothing(found), soft_wrap=True, markup=False)
        return
    _print(console, found)


def _nothing(found: Summary) -> str:
    if found.since is None:
        return "No request has gone through the proxy yet. Start it: headroom proxy --port 8787"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.since))
    return f"No request has gone through the proxy since {when}."


def _print(console: Console, found: Summary) -> None:
    total = found.total
    console.print(
        f"[bold]{total.tokens_before:,}[/] → [bold]{total.tokens_after:,}[/] tokens in "
        f"{total.requests:,} requests, [green]{total.savings_percent:.1f} % saved[/]"
        + ("" if total.exact else " (estimated where the model's own count is not known)")
    )
    table = output.table("", "what", ">how much")
    for name, value in _rows(total):
        table.add_row(name, value)
    console.print(table)
    if total.edits and found.by in (None, _COMPRESSOR):
        _print_edits(console, total)
    if found.groups:
        _print_groups(console, found)
    if found.last_failure:
        console.print(f"last failure: {found.last_failure}", soft_wrap=True, markup=False)


def _rows(total: Totals) -> Iterator[tuple[str, str]]:
    yield "saved tokens", f"{total.saved_tokens:,}"
    yield "our tool's tokens", f"{total.tool_tokens:,}"
    yield "tokens retrieved", f"{total.retrieved_tokens:,}"
    yield "net saved tokens", f"{total.net_saved_tokens:,}"
    if total.reported:
        used = total.usage
        yield "input, not cached", f"{used.fresh:,}"
        yield "input, read from cache", f"{used.cache_read:,}"
        yield "input, written to cache", f"{used.cache_write:,}"
        yield "output", f"{used.output:,}"
    yield "retrievals", f"{total.retrievals:,} (in {total.rounds:,} further rounds)"
    yield "time we added", _latency(total.ours)
    yield "upstream's first byte", _latency(total.first_byte)
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


def _print_groups(console: Console, found: Summary) -> None:
    columns = (">requests", ">tokens", ">after", ">saved", ">net", ">retrievals")
    table = output.table(f"by {found.by}", str(found.by), *columns)
    table.columns[0].no_wrap, table.columns[0].overflow = False, "fold"
    for name, totals_ in found.groups.items():
        figures = (totals_.requests, totals_.tokens_before, totals_.tokens_after)
        table.add_row(
            escape(name) or "–",
            *(f"{figure:,}" for figure in figures),
            f"{totals_.savings_percent:.1f} %",
            f"{totals_.net_saved_tokens:,}",
            f"{totals_.retrievals:,}",
        )
    console.print(table)


def _latency(found: Latency) -> str:
    if found.median is None or found.p95 is None:
        return "–"
    return f"about {_time(found.median)}, 95 % within {_time(found.p95)}"


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
