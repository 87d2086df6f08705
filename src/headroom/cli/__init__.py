"""The command line: one file per command, loaded only when it is called.

Results go to stdout, everything said to a person goes to stderr, so that a pipe carries the
result alone. An error says what happened and what to do next; no traceback for a user's mistake.
"""

import importlib
import sys

import rich_click as click

from headroom import __version__
from headroom.errors import HeadroomError

COMMANDS = {
    "compress": "headroom.cli.compress",
    "config": "headroom.cli.config",
    "doctor": "headroom.cli.doctor",
    "evals": "headroom.cli.evals",
    "holdout": "headroom.cli.holdout",
    "mcp": "headroom.cli.mcp",
    "perf": "headroom.cli.perf",
    "prices": "headroom.cli.prices",
    "proxy": "headroom.cli.proxy",
    "retrieve": "headroom.cli.retrieve",
    "service": "headroom.cli.service",
    "stats": "headroom.cli.stats",
    "store": "headroom.cli.store",
    "unwrap": "headroom.cli.unwrap",
    "wrap": "headroom.cli.wrap",
}


class _Commands(click.RichGroup):
    """Finds a command's module by name, so that `--version` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="headroom")
def root() -> None:
    """Compress what an AI agent reads, keep every original, give it back on demand."""


def main() -> None:
    """The `headroom` command."""
    run(root, "headroom")


def run(command: click.Command, name: str) -> None:
    """Run a command under the name by which it was called; a user's mistake is one line."""
    try:
        command(prog_name=name)
    except HeadroomError as error:
        click.echo(f"headroom: {error}", err=True)
        sys.exit(1)
