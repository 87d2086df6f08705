"""The proxy as a service, put in the place of one in the background, and taken away again."""

import time
from contextlib import suppress
from dataclasses import replace

from headroom import background, service
from headroom.background import Running
from headroom.errors import HeadroomError
from headroom.plans import Outcome, Plan, PlanError, Runner
from headroom.settings import Settings

_READY_SECONDS = 15.0
_PAUSE = 0.1
_WITHOUT = "The service is not installed. A proxy without one: headroom proxy start"


def install(runner: Runner, plan: Plan, chosen: Settings) -> Running:
    """Apply the service's plan, and wait until its proxy answers. One that runs already, be it in
    the background or this service's, makes place for it. Where that fails there is no service,
    and a proxy in the background if one ran.

    Raises:
        HeadroomError: it cannot be installed, or its proxy does not answer.
    """
    old = background.find(chosen)
    if service.NAME in runner.applied():
        runner.revert(service.NAME)
    background.stop(chosen)
    try:
        runner.apply(plan)
        running = _awaited(chosen)
    except (HeadroomError, KeyboardInterrupt) as error:
        if service.NAME in runner.applied():
            runner.revert(service.NAME)
        if old:
            with suppress(HeadroomError):
                background.ensure(chosen, old.flags)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise PlanError(f"{error}\n{_WITHOUT}") from error
    return replace(running, started=True, restarted=old is not None)


def uninstall(runner: Runner) -> Outcome:
    """Stop the service and remove it.

    Raises:
        PlanError: it is not installed.
    """
    if service.NAME not in runner.applied():
        raise PlanError("the service is not installed")
    return runner.revert(service.NAME)


def _awaited(chosen: Settings) -> Running:
    ends = time.monotonic() + _READY_SECONDS
    while (running := background.find(chosen)) is None:
        if time.monotonic() > ends:
            raise PlanError(
                f"the service was started, and no proxy answered at {chosen.proxy.url}; to see "
                "why, run it yourself: headroom proxy"
            )
        time.sleep(_PAUSE)
    return running
