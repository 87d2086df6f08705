"""What is said to a person in several sentences: each behind a sign, wrapped at words.

A command or a path stays whole, so that it can be copied; what is no terminal gets long lines.
"""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

GOOD, INFO, WARNING, BAD = ("✓", "green"), ("·", "dim"), ("!", "yellow"), ("✗", "red")
_NO_END = 1_000_000


def say(
    console: Console, sign: tuple[str, str], text: str, label: str = "", column: int = 0
) -> None:
    """One sentence, behind its sign and, from column to column, a label."""
    head = f"{label:<{column}}  " if column else ""
    shown = Text.assemble(sign, " ", head)
    indent = " " * (2 + len(head))
    shown.append(_wrapped(console, text, indent)[len(indent) :])
    console.print(shown, soft_wrap=True)


def say_mend(console: Console, text: str, column: int = 0) -> None:
    """What to do about the sentence above; a command, on a line of its own."""
    indent = " " * (4 + column if column else 2)
    console.print(Text.assemble(indent, ("→ ", "dim"), text), soft_wrap=True)


def say_pairs(console: Console, pairs: Iterable[Sequence[str]]) -> None:
    """Words, and behind each what it is for; below each other where there is no room."""
    known = [(left, right) for left, right in pairs]
    column = max((len(left) for left, _ in known), default=0)
    for left, right in known:
        if 2 + column + 2 + len(right) <= _width(console):
            console.print(Text(f"  {left:<{column}}  ").append(right, "dim"), soft_wrap=True)
        else:
            indent = " " * 6
            console.print(Text(f"  {left}"), soft_wrap=True)
            console.print(Text(_wrapped(console, right, indent), "dim"), soft_wrap=True)


def short(path: Path) -> str:
    """A path as people write it."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _wrapped(console: Console, text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        _width(console),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _width(console: Console) -> int:
    return console.width if console.is_terminal else _NO_END
