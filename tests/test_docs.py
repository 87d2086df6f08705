"""The documents keep their promises: examples run, commands and settings are described."""

import contextlib
import io
import re
from pathlib import Path

import pytest
import rich_click as click

from headroom import settings
from headroom.cli import COMMANDS, root

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = [
    (page.name, number, block)
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    )
]


@pytest.mark.parametrize(("page", "number", "block"), EXAMPLES, ids=lambda value: str(value)[:24])
def test_examples_run_and_print_what_they_say(page, number, block):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, f"{page}#{number}", "exec"), {"__name__": "example"})  # noqa: S102
    said = re.search(r"((?:^#.*\n)*)\Z", block, re.M)[1]
    assert printed.getvalue() == re.sub(r"^# ?", "", said, flags=re.M)


def options():
    context = click.Context(root)
    for name in COMMANDS:
        command = root.get_command(context, name)
        subcommands = getattr(command, "commands", {})
        for sub in (command, *subcommands.values()):
            label = name if sub is command else f"{name} {sub.name}"
            for parameter in sub.params if not sub.hidden else ():
                for spelling in parameter.opts if isinstance(parameter, click.Option) else ():
                    yield label, spelling


@pytest.mark.parametrize(("command", "option"), sorted(set(options())))
def test_every_command_and_option_is_documented(command, option):
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    section = re.search(rf"^## headroom {command}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert section, f"docs/cli.md has no section for `headroom {command}`; run: make docs"
    assert option in section[1]


def test_every_setting_is_documented():
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for name in settings.VARIABLES:
        assert f"`{name}`" in page


def test_local_links_lead_somewhere():
    for page in PAGES:
        prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", prose):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_dependency_has_its_line():
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", pyproject, re.M | re.S)[1]
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    for name in re.findall(r'"([a-z0-9-]+)', block):
        assert f"`{name}`" in page


def test_changelog_fragments_are_one_paragraph_each():
    fragments = sorted((ROOT / "changelog" / "unreleased").glob("*.md"))
    assert fragments
    for fragment in fragments:
        kind, _, text = fragment.read_text("utf-8").partition(": ")
        assert kind in ("Added", "Changed", "Fixed", "Removed"), fragment.name
        assert text.strip()
        assert "\n\n" not in text.strip()
