"""`headroom proxy`: says where it listens and whom it calls, then serves until it is stopped."""

import errno
import json
import socket
import sys
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import rich_click as click

from headroom import __version__, settings
from headroom import proxy as served
from headroom.errors import SettingsError
from headroom.policy import PRESETS
from headroom.settings import ProxySettings, Settings, Upstreams
from headroom.settings.keys import LOG_FORMATS, LOG_LEVELS

_WAIT = 2.0


@click.command()
@click.option("--port", type=int, help="Where to listen; 8787 by default.")
@click.option("--host", help="The address to listen on; any but this machine's needs a token.")
@click.option("--workers", type=int, help="Processes that serve; 1 by default.")
@click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted.")
@click.option("--anthropic-upstream", metavar="URL", help="Where Anthropic's API is.")
@click.option("--openai-upstream", metavar="URL", help="OpenAI's, or any that speaks it.")
@click.option("--chatgpt-upstream", metavar="URL", help="For clients with a ChatGPT login.")
@click.option("--gemini-upstream", metavar="URL", help="Where Gemini's API is.")
@click.option("--bedrock-upstream", metavar="URL", help="Where AWS Bedrock is; by region.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Holds the token that clients must send; or set HEADROOM_PROXY_TOKEN.",
)
@click.option(
    "--retrieval/--no-retrieval",
    default=None,
    help="Offer the model a tool to get back what is omitted; without it edits are lossless.",
)
@click.option("--deadline-ms", type=float, help="Milliseconds that compression may take; 150.")
@click.option("--log-level", type=click.Choice(LOG_LEVELS), help="How much to say; info.")
@click.option("--log-format", type=click.Choice(LOG_FORMATS), help="For people or programs.")
@click.option(
    "--log-content",
    is_flag=True,
    help="At level debug, also write the texts of edits; by default only their sizes.",
)
def proxy(token_file: Path | None, log_content: bool, **flags: Any) -> None:
    """Compress between any client and its provider, without a change to either.

    Clients are pointed at it by their base URL. It runs until Ctrl+C; streams are finished
    first. Every option is also a key of headroom.toml and an environment variable: `headroom
    config` shows them.
    """
    said = {**flags, "log_content": log_content or None, "token": _token(token_file)}
    chosen = settings.load(overrides=said)
    chosen.proxy.check()
    serve = _served_by()
    _refuse_taken(chosen.proxy)
    _announce(chosen)
    with suppress(KeyboardInterrupt):
        serve(chosen)


def _token(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        said = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"cannot read the token in {file}: {error}") from error
    if not said:
        raise click.ClickException(f"there is no token in {file}")
    return said


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
            who = "another headroom proxy" if _is_ours(chosen.url) else "another program"
            raise SettingsError(
                f"{who} is already running on port {chosen.port}; stop it, or choose another "
                "with --port"
            ) from error
        raise SettingsError(
            f"cannot listen on {chosen.host}:{chosen.port}: {error.strerror or error}"
        ) from error


def _is_ours(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/health", timeout=_WAIT) as answer:
            said = json.loads(answer.read(10_000))
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("service") == "headroom"


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
