"""`headroom wrap`: an agent led through the proxy, for good or for one run."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import rich_click as click
from rich.console import Console
from rich.text import Text

from headroom import agents, settings
from headroom.agents import Agent, Options, Session
from headroom.cli import output, sentences
from headroom.plans import Change, Plan
from headroom.policy import PRESETS
from headroom.wrapping import Wrapped, Wrapping

NAMES = tuple(agent.name for agent in agents.AGENTS)


@click.command()
@click.argument("agent", type=click.Choice(NAMES), metavar="AGENT")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGUMENTS…]")
@click.option("--port", type=click.IntRange(1, 65_535), help="Where the proxy listens; 8787.")
@click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted.")
@click.option("--model", default="", help="For agents that must be told one (copilot).")
@click.option("--no-mcp", is_flag=True, help="Do not register the MCP server.")
@click.option("--no-hook", is_flag=True, help="No hook that starts the proxy with the agent.")
@click.option("--once", is_flag=True, help="Only run it through the proxy now; change no file.")
@click.option("--dry-run", is_flag=True, help="Show what would change, as a diff.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
def wrap(
    agent: str, arguments: tuple[str, ...], once: bool, dry_run: bool, as_json: bool, **said: Any
) -> None:
    """Lead an agent's requests through the proxy.

    Its configuration is changed so that its ordinary command goes through Headroom from now on;
    `headroom unwrap AGENT` leaves every file as it was. With arguments after -- (or --once) it is
    run once through the proxy, and no file changes: headroom wrap claude -- -p "…"
    """
    chosen = next(known for known in agents.AGENTS if known.name == agent)
    given = {key: said[key] for key in ("port", "policy") if said[key] is not None}
    options = Options(mcp=not said["no_mcp"], hook=not said["no_hook"], model=said["model"])
    wrapping = Wrapping.here(given)
    if arguments or once:
        if as_json:
            raise click.UsageError("--json tells of changes, and one run makes none")
        _once(wrapping, wrapping.session(chosen, arguments, options), dry_run)
        return
    plans = wrapping.plans(chosen, options)
    if dry_run:
        _show(plans, wrapping.preview(plans), as_json)
        return
    with output.working(f"wrapping {chosen.title}…", not as_json):
        done = wrapping.wrap(chosen, plans)
    if as_json:
        output.as_json(_plain(done))
    else:
        _report(chosen, plans, done)


def _once(wrapping: Wrapping, found: tuple[Path, Session], dry_run: bool) -> None:
    """Become the agent; does not return but from a dry run."""
    program, session = found
    argv = [str(program), *session.arguments]
    if dry_run:
        variables = (f"{name}={value}" for name, value in session.environment.items())
        click.echo(f"would run: {shlex.join([*variables, *argv])}")
        return
    for note in filter(None, (*session.notes, wrapping.ready())):
        click.echo(f"headroom: {note}", err=True)
    environment = {**settings.environment(), **session.environment}
    sys.stdout.flush()
    if sys.platform == "win32":
        sys.exit(subprocess.run(argv, env=environment, check=False).returncode)
    os.execve(argv[0], argv, environment)


def _show(plans: Iterable[Plan], changes: Sequence[Change], as_json: bool) -> None:
    commands = [shlex.join(command.argv) for plan in plans for command in plan.commands]
    notes = [note for plan in plans for note in plan.notes]
    if as_json:
        files = [{"path": str(change.path), "diff": change.diff} for change in changes]
        output.as_json({"files": files, "commands": commands, "notes": notes})
        return
    for change in changes:
        click.echo(change.diff, nl=not change.diff.endswith("\n"))
    for command in commands:
        click.echo(f"would run: {command}")
    if not changes and not commands:
        click.echo("nothing would change", err=True)
    for note in notes:
        sentences.say(output.stderr(), sentences.INFO, note)


def _report(agent: Agent, plans: Sequence[Plan], done: Wrapped) -> None:
    console = output.stdout()
    if done.proxy:
        led = f"goes through Headroom {'from now on' if done.changes else 'already'}."
    elif any(not plan.is_empty for plan in plans):
        led = "has Headroom's tools. Its requests go as before."
    else:
        led = "is left as it is."
    console.print(Text(done.title, "bold").append(f" {led}", "not bold"), soft_wrap=True)
    _report_files(console, plans, done)
    if done.proxy:
        state = (
            "restarted" if done.proxy.restarted else "started" if done.proxy.started else "running"
        )
        sentences.say(console, sentences.GOOD, f"The proxy is {state}: {done.proxy.url}")
    for problem in done.problems:
        sentences.say(console, sentences.WARNING, problem)
    if not done.is_here:
        unknown = f"{done.title} was not found here; this is for when it is installed"
        sentences.say(console, sentences.WARNING, unknown)
    for note in done.notes:
        sentences.say(console, sentences.INFO, note)
    console.print()
    sentences.say_pairs(console, _next(agent, done))


def _report_files(console: Console, plans: Iterable[Plan], done: Wrapped) -> None:
    reasons: dict[Path, list[str]] = {}
    for plan in plans:
        for patch in plan.patches:
            reasons.setdefault(patch.path, []).append(patch.why)
    if not reasons:
        return
    changed = {change.path for change in done.changes}
    console.print()
    sentences.say_pairs(
        console,
        (
            (
                sentences.short(path),
                "; ".join(dict.fromkeys(filter(None, why)))
                + ("" if path in changed else " (unchanged)"),
            )
            for path, why in reasons.items()
        ),
    )
    console.print()


def _next(agent: Agent, done: Wrapped) -> list[tuple[str, str]]:
    if not done.proxy:
        return [(f"headroom unwrap {agent.name}", "take it back")] if done.changes else []
    run = [(agent.program, "run it as always")] if agent.program else []
    return [
        *run,
        ("headroom doctor", "check that its requests came through"),
        ("headroom stats", "see what that saved"),
        (f"headroom unwrap {agent.name}", "take it back"),
    ]


def _plain(done: Wrapped) -> dict[str, object]:
    return {
        "agent": done.agent,
        "found": done.is_here,
        "proxy": done.proxy,
        "files": [str(change.path) for change in done.changes],
        "problems": done.problems,
        "notes": done.notes,
    }
