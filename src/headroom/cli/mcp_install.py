"""`headroom mcp install` and `uninstall`: the MCP server registered with clients, and taken out.

Each client has a plan of its own, so one whose file cannot be changed stops no other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import rich_click as click
from rich.markup import escape

from headroom import agents, settings
from headroom.agents import Agent, Proxy
from headroom.cli import output
from headroom.plans import FilePatch, Machine, Plan, PlanError, Runner
from headroom.wrapping import headroom_argv

_PREFIX = "mcp-"
_NAMES = tuple(agent.name for agent in agents.AGENTS)
_agents = click.option(
    "--agent",
    "names",
    multiple=True,
    type=click.Choice(_NAMES),
    metavar="AGENT",
    help=f"Only this one; repeatable. One of {', '.join(_NAMES)}.",
)
_json = click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done with one client. `problems` need the user."""

    agent: str
    title: str
    what: str
    files: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()


@click.command()
@_agents
@click.option("--dry-run", is_flag=True, help="Show what would change, as a diff.")
@_json
def install(names: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Register the MCP server with every client found here, or with those named.

    `headroom mcp uninstall` leaves every file as it was. `headroom wrap` registers it too.
    """
    chosen = settings.load()
    machine = Machine.here(settings.environment())
    proxy = Proxy(chosen.proxy.url, headroom_argv(machine), settings.files()[0])
    runner = Runner(chosen.home / "changes")
    done = [
        _installed(runner, agent, patches, dry_run)
        for agent in _wanted(machine, names)
        if (patches := agent.registration(machine, proxy)) or names
    ]
    if dry_run and not as_json:
        for one in done:
            click.echo("".join(one.diffs), nl=False)
    _report(done, as_json, "No client was found here; name one with --agent.")


@click.command()
@_agents
@_json
def uninstall(names: Sequence[str], as_json: bool) -> None:
    """Take the MCP server out of the clients where `headroom mcp install` registered it."""
    runner = Runner(settings.load().home / "changes")
    applied = runner.applied()
    done = [
        _uninstalled(runner, name, title)
        for name, title in applied.items()
        if name.startswith(_PREFIX) and (not names or name.removeprefix(_PREFIX) in names)
    ]
    done += [
        _Done(name, name, "was not registered")
        for name in names
        if f"{_PREFIX}{name}" not in applied
    ]
    _report(done, as_json, "The MCP server is not registered by `headroom mcp install`.")


def _wanted(machine: Machine, names: Sequence[str]) -> Iterator[Agent]:
    for agent in agents.AGENTS:
        if agent.name in names or (not names and agent.is_here(machine)):
            yield agent


def _installed(
    runner: Runner, agent: Agent, patches: tuple[FilePatch, ...], dry_run: bool
) -> _Done:
    files = tuple(str(patch.path) for patch in patches)
    if not patches:
        return _Done(agent.name, agent.title, "takes no MCP servers")
    if _keys(patches) <= _keys(runner.patches(agent.name)):
        return _Done(agent.name, agent.title, "registered by `headroom wrap`", files)
    plan = Plan(f"{_PREFIX}{agent.name}", agent.title, patches)
    try:
        changes = runner.preview(plan) if dry_run else runner.apply(plan).changes
    except PlanError as error:
        return _Done(agent.name, agent.title, "not registered", files, (str(error),))
    diffs = tuple(change.diff for change in changes if change.diff)
    what = "would be registered" if dry_run else "registered"
    return _Done(agent.name, agent.title, what if diffs else "registered already", files, (), diffs)


def _uninstalled(runner: Runner, name: str, title: str) -> _Done:
    agent = name.removeprefix(_PREFIX)
    try:
        outcome = runner.revert(name)
    except PlanError as error:
        return _Done(agent, title, "still registered", (), (str(error),))
    files = tuple(str(change.path) for change in outcome.changed)
    return _Done(agent, title, "taken out", files, tuple(outcome.problems))


def _keys(patches: Sequence[FilePatch]) -> set[tuple[Path, tuple[str, ...]]]:
    """The places in files that patches are about."""
    return {(patch.path, change.keys) for patch in patches for change in patch.changes}


def _report(done: Sequence[_Done], as_json: bool, nothing: str) -> None:
    if as_json:
        output.as_json([_plain(one) for one in done])
    elif not done:
        click.echo(nothing)
    else:
        _tell(done)
    if any(one.problems for one in done):
        raise SystemExit(1)


def _tell(done: Sequence[_Done]) -> None:
    console = output.stdout()
    table = output.table("", "agent", "what", "file")
    table.columns[2].no_wrap = False
    for one in done:
        table.add_row(escape(one.title), escape(one.what), escape("\n".join(one.files)))
    console.print(table)
    for problem in (problem for one in done for problem in one.problems):
        console.print(f"[yellow]![/] {escape(problem)}", soft_wrap=True)


def _plain(one: _Done) -> dict[str, object]:
    said: dict[str, object] = {"agent": one.agent, "what": one.what, "files": one.files}
    shown = {"diff": "".join(one.diffs)} if one.diffs else {}
    return {**said, "problems": one.problems, **shown}
