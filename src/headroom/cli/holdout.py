"""`headroom holdout`: sessions held out against compressed ones, and what is switched off."""

import time
from collections.abc import Sequence

import rich_click as click
from rich.console import Console

from headroom import settings
from headroom.billing import Prices
from headroom.cli import output, sentences
from headroom.trials import COMPRESSED, HELD_OUT, Report, Switch, Trip, as_json
from headroom.trials.comparison import ArmSum
from headroom.trials.home import read as report_of
from headroom.trials.report import loss_of, signed, verdict_of
from headroom.trials.session_costs import UNITS

HOUR = 3_600.0


@click.group(invoke_without_command=True)
@click.option("--days", type=click.FloatRange(min=0), help="Of the last days only.")
@click.option("--hours", type=click.FloatRange(min=0), help="Of the last hours only.")
@click.option("--json", "as_json_", is_flag=True, help="The figures as JSON.")
@click.pass_context
def holdout(ctx: click.Context, days: float | None, hours: float | None, as_json_: bool) -> None:
    """Compare compressed sessions with those held out, and show what is switched off.

    `headroom proxy --holdout 0.1` lets a tenth of the sessions pass as they are. Sessions count
    once they have been quiet for an hour.
    """
    if ctx.invoked_subcommand is not None:
        return
    if days is not None and hours is not None:
        raise click.UsageError("give --days or --hours, not both")
    span = 24 * days if days is not None else hours
    report = _report(None if span is None else time.time() - span * HOUR)
    if as_json_:
        output.as_json(as_json(report))
        return
    _print(output.stdout(), report)


@holdout.command()
@click.option("--agent", help="Only what is off for this agent.")
@click.option("--model", help="Only what is off for this model.")
@click.option("--json", "as_json_", is_flag=True, help="What was off, as JSON.")
def resume(agent: str | None, model: str | None, as_json_: bool) -> None:
    """Compress again what was switched off; only sessions that begin from now on are judged."""
    switch = Switch(settings.load().home)
    ended = switch.resume(agent, model)
    if as_json_:
        names = [trip.loss.group._asdict() if trip.loss.group else None for trip in ended]
        output.as_json({"resumed": names})
        return
    console = output.stdout()
    for trip in ended:
        sentences.say(console, sentences.GOOD, f"compressed again: {loss_of(trip)}")
    left = switch.trips()
    if ended:
        return
    if left:
        sentences.say(console, sentences.INFO, "Nothing that is switched off goes by these names.")
        _print_trips(console, left)
    else:
        sentences.say(console, sentences.INFO, "Nothing is switched off.")


def _report(since: float | None) -> Report:
    chosen = settings.load()
    return report_of(chosen.home, chosen.proxy, Prices.load(chosen.prices), since)


def _print(console: Console, report: Report) -> None:
    found = report.comparison
    if found.held.sessions or found.compressed.sessions:
        _print_arms(console, report)
    sentences.say(console, sentences.INFO, verdict_of(report))
    if not report.share:
        sentences.say(console, sentences.INFO, "No session is held out now. To hold out a tenth:")
        sentences.say_mend(console, "headroom proxy --holdout 0.1")
    if report.trips:
        _print_trips(console, report.trips)
    elif not report.switch:
        sentences.say(console, sentences.INFO, "The kill switch is disabled by the settings.")


def _print_arms(console: Console, report: Report) -> None:
    found = report.comparison
    cost = "units a session" if report.currency == UNITS else "$ a session"
    table = output.table("sessions", "arm", ">sessions", ">turns", ">" + cost, ">from cache")
    for name, arm in ((HELD_OUT, found.held), (COMPRESSED, found.compressed)):
        table.add_row(name, *_figures(arm, report.currency))
    if found.cost and found.turns:
        pair = (found.turns, found.cost)
        table.add_row("difference", "", *(signed(one.estimate) for one in pair), "")
        table.add_row("95 % from", "", *(signed(one.low) for one in pair), "")
        table.add_row("to", "", *(signed(one.high) for one in pair), "")
    console.print(table)
    if found.cost:
        said = "Differences are between sessions of the same agent and model, then averaged."
        sentences.say(console, sentences.INFO, said)


def _figures(arm: ArmSum, currency: str) -> tuple[str, ...]:
    cost = f"{arm.cost_per_session:,.0f}" if currency == UNITS else f"{arm.cost_per_session:,.4f}"
    return (
        f"{arm.sessions:,}",
        f"{arm.turns_per_session:.1f}",
        cost,
        f"{arm.cache_hit_percent:.1f} %",
    )


def _print_trips(console: Console, trips: Sequence[Trip]) -> None:
    for trip in trips:
        since, until = (_day(when) for when in (trip.since, trip.until))
        said = f"Switched off since {since}, to be tried anew {until}: {loss_of(trip)}."
        sentences.say(console, sentences.WARNING, said)
    sentences.say_mend(console, "headroom holdout resume")


def _day(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
