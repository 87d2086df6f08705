"""`headroom proxy`: says where it listens and whom it calls, then serves until it is stopped."""

import errno
import json
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import rich_click as click
from click.core import ParameterSource

from headroom import __version__, settings
from headroom import proxy as served
from headroom.background import health
from headroom.cli import background
from headroom.cli import proxy_options as options
from headroom.errors import SettingsError
from headroom.settings import ProxySettings, Settings, Upstreams


@click.group(invoke_without_command=True, subcommand_metavar="[start|stop|status]")
@options.of_a_proxy
@click.pass_context
def proxy(context: click.Context, /, **flags: Any) -> None:
    """Compress between any client and its provider, without a change to either.

    Clients are pointed at it by their base URL. It runs until Ctrl+C; streams are finished
    first. Every option is also a key of headroom.toml and an environment variable: `headroom
    config` shows them. With `start` it runs in the background.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    chosen = settings.load(overrides=options.overrides(flags))
    chosen.proxy.check()
    serve = _served_by()
    _refuse_taken(chosen.proxy)
    _announce(chosen)
    with suppress(KeyboardInterrupt):
        serve(chosen)


proxy.add_command(background.start)
proxy.add_command(background.stop)
proxy.add_command(background.status)


def _refuse_options(context: click.Context) -> None:
    """An option before a command would be lost."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            flag = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"write {flag} behind `{context.invoked_subcommand}`")


def _served_by() -> Callable[[Settings], None]:
    try:
        return served.serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "headroom":
            raise
        raise click.ClickException(
            f"`headroom proxy` needs {error.name}: pip install 'headroom-ai[proxy]'"
        ) from error


def _refuse_taken(chosen: ProxySettings) -> None:
    """Says who has the port, where somebody has it."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            chosen.host, chosen.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, number) as trial:
            if sys.platform != "win32":
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            who = (
                "another headroom proxy"
                if health.ask(chosen.url, chosen.token)
                else "another program"
            )
            raise SettingsError(
                f"{who} is already running on port {chosen.port}; stop it, or choose another "
                "with --port"
            ) from error
        raise SettingsError(
            f"cannot listen on {chosen.host}:{chosen.port}: {error.strerror or error}"
        ) from error


def _announce(chosen: Settings) -> None:
    own = chosen.proxy
    upstreams = {name: getattr(own.upstreams, name) for name in Upstreams.__slots__}
    if own.log_format == "json":
        about = {"event": "start", "url": own.url, "upstreams": upstreams, "home": str(chosen.home)}
        click.echo(json.dumps(about | {"version": __version__}), err=True)
        return
    where = own.url if own.is_loopback else f"{own.host}, port {own.port}"
    lines = [f"headroom proxy {__version__} on {where}", ""]
    lines += (f"  {name:<10} → {url}" for name, url in upstreams.items())
    lines += ["", "Point a client at it:", f"  ANTHROPIC_BASE_URL={own.url}"]
    lines += [f"  OPENAI_BASE_URL={own.url}/v1", f"  GOOGLE_GEMINI_BASE_URL={own.url}", ""]
    lines += ["Clients must send the token as x-headroom-token."] if own.token else []
    gigabytes = chosen.store_bytes / settings.GB
    lines.append(
        f"Policy {chosen.policy.name}. Originals are kept in {chosen.home} for "
        f"{chosen.store_days:g} days, up to {gigabytes:g} GB."
    )
    lines.append("What it saves: headroom stats. Ctrl+C ends it.")
    click.echo("\n".join(lines), err=True)
