"""Writes docs/cli.md from the commands themselves; `make docs` runs it."""

from pathlib import Path

import click

from headroom.cli import COMMANDS, root

HEAD = """# The command line

Written from the commands' own help by `make docs`. What can be set by a file or the environment is in
[Settings](settings.md).
"""


def main() -> None:
    """Write the page."""
    parent = click.Context(root, info_name="headroom")
    parts = [HEAD]
    for name in COMMANDS:
        command = root.get_command(parent, name)
        if command is None or command.hidden:
            continue
        context = click.Context(command, info_name=name, parent=parent)
        parts.append(_section(context, command))
        if isinstance(command, click.Group):
            parts += (
                _section(click.Context(sub, info_name=sub.name, parent=context), sub)
                for sub in command.commands.values()
            )
    Path("docs/cli.md").write_text("\n".join(parts), "utf-8")


def _section(context: click.Context, command: click.Command) -> str:
    formatter = click.HelpFormatter(width=96)
    click.Command.format_usage(command, context, formatter)
    click.Command.format_help_text(command, context, formatter)
    click.Command.format_options(command, context, formatter)
    return f"## {context.command_path}\n\n```\n{formatter.getvalue().strip()}\n```\n"


if __name__ == "__main__":
    main()
