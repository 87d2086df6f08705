"""The options of `headroom proxy` and of the commands beneath it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from headroom.policy import PRESETS
from headroom.settings.keys import ALIGNING, LOG_FORMATS, LOG_LEVELS

_Command = TypeVar("_Command", bound=Callable[..., Any])

TOKEN_FILE = click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Holds the token that clients must send; or set HEADROOM_PROXY_TOKEN.",
)
_ALL = (
    click.option("--port", type=int, help="Where to listen; 8787 by default."),
    click.option("--host", help="The address to listen on; any but this machine's needs a token."),
    click.option("--workers", type=int, help="Processes that serve; 1 by default."),
    click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted."),
    click.option("--anthropic-upstream", metavar="URL", help="Where Anthropic's API is."),
    click.option("--openai-upstream", metavar="URL", help="OpenAI's, or any that speaks it."),
    click.option("--chatgpt-upstream", metavar="URL", help="For clients with a ChatGPT login."),
    click.option("--gemini-upstream", metavar="URL", help="Where Gemini's API is."),
    click.option("--bedrock-upstream", metavar="URL", help="Where AWS Bedrock is; by region."),
    TOKEN_FILE,
    click.option(
        "--retrieval/--no-retrieval",
        default=None,
        help="Offer the model a tool to get back what is omitted; without it edits are lossless.",
    ),
    click.option("--deadline-ms", type=float, help="Milliseconds that compression may take; 150."),
    click.option(
        "--holdout", type=float, metavar="SHARE", help="Of sessions, pass so many uncompressed; 0."
    ),
    click.option(
        "--align-cache",
        type=click.Choice(ALIGNING),
        help="Set cache breakpoints for clients that set none; auto.",
    ),
    click.option(
        "--fix-cache/--no-fix-cache",
        default=None,
        help="Mend what loses the provider's cache with every request; off.",
    ),
    click.option("--log-level", type=click.Choice(LOG_LEVELS), help="How much to say; info."),
    click.option("--log-format", type=click.Choice(LOG_FORMATS), help="For people or programs."),
    click.option(
        "--log-content",
        is_flag=True,
        default=None,
        help="At level debug, also write the texts of edits; by default only their sizes.",
    ),
)


def of_a_proxy(command: _Command) -> _Command:
    """Gives a command all options of a proxy; each is None where it is not given."""
    for option in reversed(_ALL):
        command = option(command)
    return command


def overrides(flags: Mapping[str, Any]) -> dict[str, object]:
    """The options as overrides of settings, the token read from its file."""
    others = {name: said for name, said in flags.items() if name != "token_file"}
    return {**others, "token": _token(flags["token_file"])}


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
