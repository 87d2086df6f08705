"""`headroom unwrap`: what `headroom wrap` changed, taken back."""

from collections.abc import Mapping

import rich_click as click
from rich.text import Text

from headroom import background, settings
from headroom.cli import output, sentences
from headroom.errors import SettingsError
from headroom.plans import Change, Outcome, Runner
from headroom.wrapping import runner_of, users_settings
from headroom.wrapping import unwrap as take_back


@click.command()
@click.argument("name", required=False, metavar="[AGENT]")
@click.option("--all", "everything", is_flag=True, help="Every agent, service and setting.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
def unwrap(name: str | None, everything: bool, as_json: bool) -> None:
    """Leave every file as it was before `headroom wrap`.

    A file that was changed since keeps those changes: only what is ours is taken out of it, and
    what cannot be is named. Exit code 1 then.
    """
    if (name is None) != everything:
        raise click.UsageError("name an AGENT, or give --all")
    runner = runner_of(settings.home())
    titles = runner.applied()
    done = take_back(runner, name)
    if as_json:
        output.as_json({name: _plain(outcome) for name, outcome in done.items()})
    else:
        _report(done, titles)
        _report_proxy(runner, done)
    if any(outcome.problems for outcome in done.values()):
        raise SystemExit(1)


def _report(done: Mapping[str, Outcome], titles: Mapping[str, str]) -> None:
    console = output.stdout()
    if not done:
        console.print("Nothing is wrapped.")
    for name, outcome in done.items():
        said = "is as it was before, but for this:" if outcome.problems else "is as it was before."
        console.print(Text(titles[name], "bold").append(f" {said}", "not bold"), soft_wrap=True)
        for problem in outcome.problems:
            sentences.say(console, sentences.WARNING, problem)
        sentences.say_pairs(console, map(_what, outcome.changed))


def _report_proxy(runner: Runner, done: Mapping[str, Outcome]) -> None:
    try:
        running = background.find(users_settings({})) if done else None
    except SettingsError as error:
        sentences.say(output.stdout(), sentences.WARNING, str(error))
        return
    if running is None:
        return
    file = settings.files()[0]
    console = output.stdout()
    ours = any(change.path == file for outcome in done.values() for change in outcome.changed)
    if not runner.applied():
        console.print("\nThe proxy still runs. End it with: headroom proxy stop", soft_wrap=True)
    elif ours:
        said = f"\nThe proxy knows of {sentences.short(file)} once it is started anew:"
        console.print(said, soft_wrap=True, markup=False)
        sentences.say_mend(console, "headroom proxy stop && headroom proxy start")


def _what(change: Change) -> tuple[str, str]:
    return sentences.short(change.path), "removed" if change.after is None else "restored"


def _plain(outcome: Outcome) -> dict[str, object]:
    return {
        "files": [str(change.path) for change in outcome.changed],
        "problems": outcome.problems,
    }
