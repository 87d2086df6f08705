"""`headroom doctor`: one screen on what is well, what is not, and what mends it."""

from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from headroom import settings, wrapping
from headroom.agents import Proxy
from headroom.cli import output, sentences
from headroom.doctor import Doctor, Finding, State
from headroom.plans import Machine

_SIGNS = {
    State.GOOD: sentences.GOOD,
    State.INFO: sentences.INFO,
    State.WARNING: sentences.WARNING,
    State.BAD: sentences.BAD,
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def doctor(as_json: bool) -> None:
    """Look at everything: the proxy, each agent's way, the cache, the store, conflicts.

    Exit code 0 when all is well, 1 when something needs you.
    """
    chosen = wrapping.users_settings({})
    machine = Machine.here(settings.environment())
    proxy = Proxy(chosen.proxy.url, wrapping.headroom_argv(machine), settings.files()[0])
    with output.working("looking…", not as_json):
        found = Doctor(machine, chosen, proxy, Path.cwd()).look()
    if as_json:
        output.as_json(found)
    else:
        _report(found)
    if any(finding.state in (State.WARNING, State.BAD) for finding in found):
        raise SystemExit(1)


def _report(found: Sequence[Finding]) -> None:
    console = output.stdout()
    column = max(len(finding.about) for finding in found)
    for finding in found:
        sign = _SIGNS[finding.state]
        sentences.say(console, sign, finding.says, finding.about, column)
        if finding.mend:
            sentences.say_mend(console, finding.mend, column)
