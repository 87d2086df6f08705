"""What wrapping changed, taken back."""

from collections.abc import Sequence

from headroom.plans import Outcome, PlanError, Runner
from headroom.wrapping.choices import OWN


def unwrap(runner: Runner, name: str | None) -> dict[str, Outcome]:
    """Take back what one agent's wrapping changed, or everything, the last first. With the last
    agent go the settings that were given while wrapping.

    Raises:
        PlanError: it is not wrapped.
    """
    applied = runner.applied()
    if name is not None and name not in applied:
        others = [known for known in applied if known != OWN]
        known = f"wrapped are: {', '.join(others)}" if others else "nothing is wrapped"
        raise PlanError(f"{name} is not wrapped; {known}")
    names: Sequence[str] = [*reversed(applied)] if name is None else [name]
    done = {name: _reverted(runner, name, alone=len(names) == 1) for name in names}
    if list(runner.applied()) == [OWN] and OWN not in done:
        done[OWN] = runner.revert(OWN)
    return done


def _reverted(runner: Runner, name: str, *, alone: bool) -> Outcome:
    """One of several that fails keeps no other from being taken back."""
    try:
        return runner.revert(name)
    except PlanError as error:
        if alone:
            raise
        return Outcome(problems=[str(error)])
