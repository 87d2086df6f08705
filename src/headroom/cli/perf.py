"""`headroom perf`: the built-in workloads, measured on this machine."""

import platform

import rich_click as click
from rich.progress import Progress

from headroom import settings
from headroom.cli import output
from headroom.perf import Row, built_in, measure
from headroom.policy import PRESETS


@click.command()
@click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted.")
@click.option("--json", "as_json", is_flag=True, help="The rows as JSON.")
def perf(policy: str | None, as_json: bool) -> None:
    """Measure the built-in workloads here: tokens, facts that stay visible, time.

    Each workload is labelled as real (recorded from a real tool) or generated. Cold is the first
    call of a new process, imports included; warm is the median of later calls on new content.
    """
    policy = policy or settings.load().policy.name
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
