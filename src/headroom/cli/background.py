"""`headroom proxy start`, `stop` and `status`: the proxy in the background.

`start` is what an agent's hook calls before each session: where a proxy runs already, it loads no
more than it takes to find that out.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rich_click as click

from headroom import background, settings
from headroom.background import Known, Running
from headroom.cli import proxy_options as options
from headroom.settings import Settings

NOT_RUNNING = 3
_PORT = click.option("--port", type=int, help="The proxy's port; 8787 by default.")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@click.command()
@options.of_a_proxy
@click.option("--quiet", is_flag=True, help="Say nothing where all is well.")
def start(quiet: bool, **flags: Any) -> None:
    """Start the proxy in the background, unless it runs already.

    One of an older version is ended and started anew. It goes by the user's settings and these
    options, not by the project's file, and runs until `headroom proxy stop`.
    """
    chosen = _chosen(flags)
    given = {name: _absolute(said) for name, said in flags.items() if said is not None}
    running = background.find(chosen) or background.ensure(chosen, given)
    if not quiet:
        click.echo("\n".join(_told(running, given)), err=True)


@click.command()
@_PORT
@options.TOKEN_FILE
def stop(**flags: Any) -> None:
    """End the proxy on a port; streams are finished first."""
    chosen = _chosen(flags)
    process = background.stop(chosen)
    port = chosen.proxy.port
    ended = f"the proxy on port {port} (process {process}) has ended"
    click.echo(ended if process else f"no proxy runs on port {port}", err=True)


@click.command()
@_PORT
@options.TOKEN_FILE
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def status(as_json: bool, **flags: Any) -> None:
    """Show each proxy that was started, or the one on --port; exit code 3 where none runs.

    Without --port the exit code tells of the port in the settings.
    """
    found = background.known(_chosen(flags), others=flags["port"] is None)
    if as_json:
        click.echo(json.dumps([asdict(known) for known in found], indent=2))
    else:
        click.echo("\n".join(map(_line, found)))
    if not found[0].healthy:
        sys.exit(NOT_RUNNING)


def _chosen(flags: Mapping[str, Any]) -> Settings:
    """The settings without the project's file, which came with a repository: the proxy is for
    all of the user's projects."""
    users = settings.files()[0].parent
    return settings.load(directory=users, overrides=options.overrides(flags))


def _absolute(said: object) -> object:
    return str(said.absolute()) if isinstance(said, Path) else said


def _told(running: Running, given: Mapping[str, object]) -> list[str]:
    how = "was outdated and runs anew" if running.restarted else "runs"
    lines = [
        f"headroom proxy {running.version} {how if running.started else 'runs already'} on "
        f"{running.url} (process {running.process})"
    ]
    known = running.flags
    if known is not None and any(known.get(name) != said for name, said in given.items()):
        lines.append(
            "It was started with other options; for these: headroom proxy stop, then start."
        )
    return lines


def _line(known: Known) -> str:
    if not known.healthy:
        parts = [f"{known.url}  not running"]
    else:
        state = "degraded" if known.problems else "healthy"
        parts = [f"{known.url}  {state}", f"version {known.version}"]
        parts += [f"up {_span(known.uptime_seconds or 0.0)}", f"process {known.process}"]
    parts += [f"log {known.log}"] if known.log else []
    return "\n".join(["  ".join(parts), *(f"  {problem}" for problem in known.problems)])


def _span(seconds: float) -> str:
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds:.0f} s"
