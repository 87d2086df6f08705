"""`headroom mcp wrap`: runs another MCP server and compresses its results on the way."""

import os
import shutil
import sys
from io import FileIO

import rich_click as click

from headroom.mcp import wrapping
from headroom.policy import PRESETS


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted.")
@click.option(
    "--retrieval/--no-retrieval",
    default=None,
    help="Offer a tool to get back what is omitted; without it edits are lossless.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def wrap(policy: str | None, retrieval: bool | None, command: tuple[str, ...]) -> None:
    """Run another MCP server (stdio) and compress its results on the way.

    COMMAND is what your client runs today: `headroom mcp wrap -- npx -y some-server`. Its tools
    and schemas stay as they are; headroom_retrieve joins them.
    """
    flags = {"policy": policy, "retrieval": retrieval}
    try:
        client = (_taken(0, "rb"), _taken(1, "wb"))
        code = wrapping.run(_found(command), flags, client, sys.stderr)
    except OSError as error:
        raise click.ClickException(
            f"cannot start {command[0]}: {error.strerror or error}"
        ) from error
    sys.exit(code)


def _taken(number: int, mode: str) -> FileIO:
    """The client's pipe, for us alone: whatever else reads or prints here cannot disturb it."""
    pipe = FileIO(os.dup(number), mode)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, number)
    os.close(nothing)
    return pipe


def _found(command: tuple[str, ...]) -> list[str]:
    """The command as it can be started: Windows finds `npx` only by its whole name."""
    name, *arguments = command
    if sys.platform == "win32":
        name = shutil.which(name) or name
    return [name, *arguments]
