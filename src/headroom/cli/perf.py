"""`headroom perf`: the built-in workloads measured here, or what real traffic came to."""

import platform

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from headroom import settings
from headroom.cli import bills, output
from headroom.cli.stats import nothing, read
from headroom.counting import Summary, totals
from headroom.perf import Row, built_in, measure
from headroom.policy import PRESETS


@click.command()
@click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted.")
@click.option(
    "--hours",
    type=click.FloatRange(min=0),
    help="The proxy's real traffic of the last hours, instead of the built-in workloads.",
)
@click.option("--json", "as_json", is_flag=True, help="The rows as JSON.")
def perf(policy: str | None, hours: float | None, as_json: bool) -> None:
    """Measure the built-in workloads here: tokens, facts that stay visible, time.

    Each workload is labelled as real (recorded from a real tool) or generated. Cold is the first
    call of a new process, imports included; warm is the median of later calls on new content.
    With --hours nothing is run: it shows what the requests of the last hours took and came to.
    """
    if hours is None:
        _workloads(policy or settings.load().policy.name, as_json)
    elif policy is not None:
        raise click.UsageError("--policy is for the built-in workloads; leave it out with --hours")
    else:
        _traffic(hours, as_json)


def _traffic(hours: float, as_json: bool) -> None:
    found = read(hours, "model")
    if as_json:
        output.as_json(totals.as_json(found))
        return
    console = output.stdout()
    if not found.total.requests:
        console.print(nothing(found), soft_wrap=True, markup=False)
        return
    _print_traffic(console, found, hours)


def _print_traffic(console: Console, found: Summary, hours: float) -> None:
    total = found.total
    console.print(
        f"[bold]{total.requests:,}[/] requests in the last {hours:g} hours, {total.errors:,} errors"
    )
    if total.bill.requests:
        for sentence in bills.sentences(total.bill, found.prices):
            console.print(sentence, soft_wrap=True)
    rows = (
        ("time we added", bills.latency(total.ours)),
        ("upstream's first byte", bills.latency(total.first_byte)),
        ("tokens", f"{total.tokens_before:,} → {total.tokens_after:,}"),
        ("saved", f"{total.savings_percent:.1f} %"),
        ("input read from cache", f"{total.bill.cache_hit_percent:.1f} %"),
        ("retrievals", f"{total.retrievals:,}"),
    )
    table = output.table("", "what", ">how much")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    _print_models(console, found)


def _print_models(console: Console, found: Summary) -> None:
    columns = (">requests", ">ours", ">first byte", ">saved", ">cached", ">billed", ">net")
    table = output.table("by model, times as medians", "model", *columns)
    table.columns[0].no_wrap, table.columns[0].overflow = False, "fold"
    for name, group in found.groups.items():
        table.add_row(
            escape(name) or "–",
            f"{group.requests:,}",
            bills.median(group.ours),
            bills.median(group.first_byte),
            f"{group.savings_percent:.1f} %",
            f"{group.bill.cache_hit_percent:.0f} %",
            bills.money(group.bill.cost_after),
            bills.money(group.bill.net_saved),
        )
    console.print(table)


def _workloads(policy: str, as_json: bool) -> None:
    rows = []
    with Progress(console=output.stderr(), transient=True) as progress:
        task = progress.add_task("measuring", total=len(built_in()))
        for workload in built_in():
            progress.update(task, description=f"measuring {workload.name}")
            rows.append(measure(workload, policy))
            progress.advance(task)
    if as_json:
        output.as_json(rows)
        return
    _print(rows, policy)


def _print(rows: list[Row], policy: str) -> None:
    machine = f"{platform.machine()}, Python {platform.python_version()}, {platform.system()}"
    title = f"policy {policy} · {machine}"
    columns = (">tokens", ">after", ">saved", ">facts", ">cold ms", ">warm ms")
    table = output.table(title, "content", "kind", *columns)
    for row in rows:
        table.add_row(
            row.name,
            row.origin,
            f"{row.original_tokens:,}",
            f"{row.compressed_tokens:,}",
            f"{row.savings_percent:.1f} %",
            f"{row.facts_visible}/{row.facts}",
            f"{row.cold_ms:.0f}",
            f"{row.warm_ms:.0f}",
        )
    console = output.stdout()
    console.print(table)
    for row in rows:
        fidelity = "lossless" if row.lossless else "originals in the store"
        console.print(f"[bold]{row.name}[/]: {row.about}; {fidelity}")
    console.print(
        "facts: texts that the answer needs, listed with each workload, that stay visible"
    )
