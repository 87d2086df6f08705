"""Commands whose part this version does not carry yet: they say which extra it will be in."""

import rich_click as click

from headroom import __version__


def _absent(name: str, extra: str, about: str) -> click.Command:
    @click.command(name, help=f"{about} (needs the extra [{extra}])", hidden=True)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(arguments: tuple[str, ...]) -> None:
        raise click.ClickException(
            f"`headroom {name}` needs the extra [{extra}], which headroom-ai {__version__} does "
            f"not fill yet. Once it does: pip install --upgrade 'headroom-ai[{extra}]'"
        )

    command.context_settings["ignore_unknown_options"] = True
    return command


mcp = _absent("mcp", "mcp", "Serve compression and retrieval to MCP clients")
