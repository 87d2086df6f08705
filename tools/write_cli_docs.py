"""Writes docs/cli.md from the commands themselves; `make docs` runs it."""

from pathlib import Path

import click

from headroom.cli import COMMANDS, root

HEAD = """# The command line

Written from the commands' own help by `make docs`.

## Settings

| variable | meaning |
| --- | --- |
| `HEADROOM_HOME` | the folder of the store; by default the platform's data directory |
| `HEADROOM_CONFIG` | the settings file, in place of the one in the platform's configuration directory |
| `HEADROOM_PROJECT` | the scope of refs: one project's are unknown to another; by default `default` |
| `HEADROOM_POLICY` | `safe`, `balanced` or `aggressive`, where a command does not say |
| `HEADROOM_STORE_DAYS` | days that an original is kept after its last use; 30 |
| `HEADROOM_STORE_GB` | size up to which originals are kept; 2 |
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
