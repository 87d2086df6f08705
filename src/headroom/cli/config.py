"""`headroom config`: every setting in force, and who decided it."""

import rich_click as click
from rich.markup import escape

from headroom import settings
from headroom.cli import output


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The settings as JSON.")
def config(as_json: bool) -> None:
    """Show every setting in force with its source: environment, file or default.

    A command's flag wins over the environment, the environment over the user's file. The
    project's file (headroom.toml in the working directory) may only make things safer. The
    token is shown as set or unset.
    """
    found = settings.explain()
    if as_json:
        output.as_json([_plain(setting) for setting in found])
        return
    table = output.table("settings", "setting", "value", "source")
    for column in table.columns[1:]:
        column.no_wrap, column.overflow = False, "fold"
    for setting in found:
        table.add_row(*map(escape, (setting.name, _said(setting.shown), setting.source)))
    console = output.stdout()
    console.print(table)
    for whose, path in zip(("the user's", "the project's"), settings.files(), strict=True):
        there = "" if path.exists() else " (not there)"
        console.print(f"{whose} file: {path}{there}", soft_wrap=True, markup=False)


def _plain(setting: settings.Setting) -> dict[str, object]:
    return {"setting": setting.name, "value": setting.shown, "source": setting.source}


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
