"""`headroom store`: what is kept, whether it is whole, and how to be rid of it."""

import sys
import time

import rich_click as click
from rich.markup import escape

from headroom import library, settings
from headroom.cli import output
from headroom.counting.shown import ShownEdits

DAY = 86_400.0


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
@click.pass_context
def store(ctx: click.Context, as_json: bool) -> None:
    """Show the store of originals: how many, how large, how old, where."""
    if ctx.invoked_subcommand is not None:
        return
    figures = library.disk_store().stats()
    if as_json:
        output.as_json(figures)
        return
    table = output.table("originals", "what", ">how much")
    table.add_row("originals", f"{figures.originals:,}")
    table.add_row("their size", output.size(figures.bytes_original))
    table.add_row("on disk", output.size(figures.bytes_stored))
    table.add_row("oldest", _when(figures.oldest))
    table.add_row("newest", _when(figures.newest))
    console = output.stdout()
    console.print(table)
    console.print(f"in {figures.path}", soft_wrap=True, markup=False)


@store.command("list")
@click.option("--limit", default=20, show_default=True, help="How many, the latest used first.")
@click.option("--json", "as_json", is_flag=True, help="The entries as JSON.")
def list_(limit: int, as_json: bool) -> None:
    """List originals, the latest used first."""
    entries = library.disk_store().entries(limit)
    if as_json:
        output.as_json(entries)
        return
    table = output.table("originals", "ref", "project", ">size", "stored", "last used")
    for entry in entries:
        size = output.size(entry.size)
        times = (_when(entry.stored), _when(entry.accessed))
        table.add_row(entry.ref, escape(entry.scope), size, *times)
    output.stdout().print(table)


@store.command()
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def verify(as_json: bool) -> None:
    """Read every original and compare it with its hash; exit 1 where one is damaged."""
    with output.working("reading every original"):
        found = library.disk_store().verify()
    if as_json:
        output.as_json(found)
    elif found.clean:
        click.echo(f"{found.checked:,} originals checked, all of them whole")
    else:
        for ref in found.corrupt:
            click.echo(f"damaged: {ref}")
        for ref in found.missing:
            click.echo(f"missing: {ref}")
        click.echo("The rest is whole. `headroom store purge --ref REF` forgets a damaged one.")
    if not found.clean:
        sys.exit(1)


@store.command()
@click.option(
    "--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Those not used for so long."
)
@click.option("--ref", "refs", multiple=True, help="This one; may be given more than once.")
@click.option("--everything", is_flag=True, help="All of them, of every project.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="The count as JSON.")
def purge(
    older_than: float | None, refs: tuple[str, ...], everything: bool, yes: bool, as_json: bool
) -> None:
    """Remove originals for good; their markers can no longer be redeemed."""
    if (older_than is not None) + bool(refs) + everything != 1:
        raise click.UsageError("say which: --older-than DAYS, --ref REF or --everything")
    if not refs and not yes:
        which = "every original" if everything else f"what was not used for {older_than:g} days"
        click.confirm(f"Remove {which}? Its markers can then not be redeemed", abort=True, err=True)
    purged = library.disk_store().purge(
        older_than=None if older_than is None else older_than * DAY,
        refs=refs or None,
        everything=everything,
    )
    # What the dashboard shows of edits may hold the same texts.
    ShownEdits(settings.home()).clear()
    if as_json:
        output.as_json({"purged": purged})
    else:
        click.echo(f"{purged:,} originals removed")


def _when(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
