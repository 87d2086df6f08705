import io
from pathlib import Path

import pytest
from rich.console import Console

from headroom.cli import sentences

LONG = "wrapped, but its configuration was changed since by somebody who did not say why at all"
COMMAND = "headroom proxy stop --port 18791 && headroom proxy start --port 18791 --policy balanced"


def shown(width: int | None, say: object) -> list[str]:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=width is not None, no_color=True, highlight=False
    )
    say(console)  # type: ignore[operator]
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_sentences_keep_to_the_terminal_and_break_between_words_alone(width: int) -> None:
    lines = shown(width, lambda c: sentences.say(c, sentences.GOOD, LONG, "Claude Code", 14))
    plain = [line.replace("\x1b[0m", "") for line in lines]
    assert max(map(len, plain)) <= width
    assert plain[0].startswith("✓ Claude Code     wrapped")
    assert all(line.startswith(" " * 18) for line in plain[1:])
    assert " ".join(" ".join(plain).split()[3:]) == LONG


def test_what_is_no_terminal_gets_one_line() -> None:
    assert shown(None, lambda c: sentences.say(c, sentences.BAD, LONG)) == [f"✗ {LONG}"]


@pytest.mark.parametrize("width", [None, 40, 80])
def test_a_command_stays_on_one_line_to_be_copied(width: int | None) -> None:
    (line,) = shown(width, lambda c: sentences.say_mend(c, COMMAND, 14))
    assert line.replace("\x1b[2m", "").replace("\x1b[0m", "") == f"{' ' * 18}→ {COMMAND}"


def test_a_path_that_is_longer_than_the_line_stays_whole() -> None:
    path = "/home/" + "a" * 60
    assert (
        path in shown(40, lambda c: sentences.say(c, sentences.INFO, f"kept in {path} for now"))[1]
    )


def test_pairs_stand_below_each_other_where_there_is_no_room() -> None:
    pairs = [("~/a", "short"), ("~/longer", LONG)]
    wide = shown(None, lambda c: sentences.say_pairs(c, pairs))
    assert wide == ["  ~/a       short", f"  ~/longer  {LONG}"]
    narrow = shown(60, lambda c: sentences.say_pairs(c, pairs))
    assert narrow[1] == "  ~/longer"
    assert len(narrow) == 4


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    assert shown(None, lambda c: sentences.say(c, sentences.INFO, "[red]x[/] [/]")) == [
        "· [red]x[/] [/]"
    ]


def test_a_path_below_the_home_folder_is_short() -> None:
    assert sentences.short(Path.home() / ".a" / "b.json") == "~/.a/b.json"
    assert sentences.short(Path("/etc/hosts")) == str(Path("/etc/hosts"))
