"""`headroom mcp`: the MCP server. Its protocol has stdout to itself."""

import functools
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from headroom import mcp as served
from headroom import settings
from headroom.cli.mcp_install import install, uninstall
from headroom.cli.mcp_wrap import wrap
from headroom.errors import SettingsError
from headroom.settings import Settings

if TYPE_CHECKING:
    from headroom.mcp import Tools


@click.group()
def mcp() -> None:
    """Compression and retrieval as tools for MCP clients."""


mcp.add_command(wrap)
mcp.add_command(install)
mcp.add_command(uninstall)


@mcp.command()
@click.option("--http", is_flag=True, help="Serve over HTTP, at /mcp; by default over stdio.")
@click.option("--port", type=int, default=8_788, help="Where --http listens; 8788 by default.")
@click.option(
    "--host",
    default="127.0.0.1",
    help="The address of --http; any but this machine's needs HEADROOM_PROXY_TOKEN.",
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A folder whose files may be read; repeatable, by default the working directory.",
)
def serve(http: bool, port: int, host: str, roots: Sequence[Path]) -> None:
    """Serve the tools headroom_retrieve, headroom_compress and headroom_stats.

    A client starts it by itself: `claude mcp add headroom -- headroom mcp serve`. Store, project
    and settings are those of the proxy and the library.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    chosen = settings.load(overrides={"host": host, "port": port})
    allowed = served.Roots(roots or served.default_folders())
    tools = functools.cache(lambda: served.Tools(chosen, allowed))
    with suppress(KeyboardInterrupt):
        if http:
            _over_http(chosen, tools)
        else:
            _from_sdk("serve_stdio")(tools)


def _over_http(chosen: Settings, tools: "Callable[[], Tools]") -> None:
    own = chosen.proxy
    if not own.is_loopback and not own.token:
        raise SettingsError(
            f"host {own.host} can be reached from other machines, so a token is needed: set "
            "HEADROOM_PROXY_TOKEN and let clients send it, or stay on 127.0.0.1"
        )
    start = _from_sdk("serve_http")
    listening = served.Listening(own.host, own.port, own.token, own.allowed_hosts)
    said = f"headroom mcp on {own.url}/mcp" + (", with the token" if own.token else "")
    start(tools, listening, lambda: click.echo(said, err=True))


def _from_sdk(name: str) -> Any:
    try:
        return getattr(served, name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "headroom":
            raise
        raise click.ClickException(
            "`headroom mcp serve` needs the MCP SDK: pip install 'headroom-ai[mcp]'"
        ) from error
