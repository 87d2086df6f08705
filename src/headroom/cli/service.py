"""`headroom service`: the proxy started at log-in, so that no agent is left without it."""

import shlex

import rich_click as click

from headroom import background, settings, wrapping
from headroom import service as services
from headroom.background.environment import for_proxy
from headroom.cli import output, sentences
from headroom.plans import Machine, PlanError
from headroom.settings import Settings

_NOT_RUNNING = 3


@click.group("service")
def service() -> None:
    """Have the proxy run from log-in on, as a service of yours."""


@service.command()
@click.option("--dry-run", is_flag=True, help="Show what would be written and run.")
def install(dry_run: bool) -> None:
    """Install and start the service (systemd, launchd, or a Windows task).

    A proxy that runs in the background already makes place for it. HEADROOM_ variables of this
    shell become its own.
    """
    chosen = wrapping.users_settings({})
    machine = Machine.here(settings.environment())
    runner = wrapping.runner_of(chosen.home)
    log = chosen.home.absolute() / "logs" / "service.log"
    argv = wrapping.headroom_argv(machine)
    plan = services.plan(machine, argv, log, _variables(chosen))
    if dry_run:
        for change in runner.preview(plan):
            click.echo(change.diff, nl=not change.diff.endswith("\n"))
        for command in plan.commands:
            click.echo(f"would run: {shlex.join(command.argv)}")
        return
    chosen.proxy.check()
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with output.working("starting the service…"):
        running = wrapping.install(runner, plan, chosen)
    console = output.stdout()
    said = f"The proxy runs as a service now and from log-in on: {running.url}"
    sentences.say(console, sentences.GOOD, said)
    for note in plan.notes:
        sentences.say(console, sentences.INFO, note)


@service.command()
def uninstall() -> None:
    """Stop the service and remove it."""
    runner = wrapping.runner_of(settings.home())
    outcome = wrapping.uninstall(runner)
    console = output.stdout()
    for problem in outcome.problems:
        sentences.say(console, sentences.WARNING, problem)
    if outcome.problems:
        raise SystemExit(1)
    sentences.say(console, sentences.GOOD, "The service is gone, and its proxy has ended.")
    if set(runner.applied()) - {wrapping.OWN}:
        sentences.say(console, sentences.WARNING, "Agents that are wrapped need a proxy:")
        sentences.say_mend(console, "headroom proxy start")


@service.command()
def status() -> None:
    """Whether the service is installed, and the proxy healthy; exit code 3 where it is not."""
    chosen = wrapping.users_settings({})
    if services.NAME not in wrapping.runner_of(chosen.home).applied():
        raise PlanError("the service is not installed; install it: headroom service install")
    (known,) = background.known(chosen, others=False)
    state = "healthy" if known.healthy else "not running; to see why, run: headroom proxy"
    click.echo(f"installed; the proxy on {known.url} is {state}")
    if not known.healthy:
        raise SystemExit(_NOT_RUNNING)


def _variables(chosen: Settings) -> dict[str, str]:
    """What this shell says of our settings; the service's own environment would not have it.

    Raises:
        PlanError: there is a token among it, which has no place in a file of the system's.
    """
    if chosen.proxy.token:
        raise PlanError(
            "the service would not have the token (HEADROOM_PROXY_TOKEN is set); unset it, or run "
            "`headroom proxy` with --token-file yourself"
        )
    environ = for_proxy(settings.environment(), chosen.proxy.port)
    ours = sorted(name for name in settings.VARIABLES if name.startswith("HEADROOM_"))
    return {name: environ[name] for name in ours if environ.get(name)}
