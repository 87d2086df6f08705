"""Whose key goes where: the proxy has one upstream of each provider, for all agents.

So agents that call different places of one provider cannot share it. An upstream that the user
has written himself is none of theirs, and counts for all.
"""

from collections.abc import Mapping
from pathlib import Path

from headroom.agents import Onward, as_gateway
from headroom.plans import Applied, FileFormat, Plan, PlanError, Runner, editing
from headroom.wrapping.choices import OWN

_ENDING = "_upstream"


def of_the_user(runner: Runner, file: Path) -> dict[str, str]:
    """By provider, the gateways that the settings file would name without any agent's plan.

    Raises:
        PlanError: what was changed on this machine cannot be read.
    """
    content = runner.file_without(file, [name for name in runner.applied() if name != OWN])
    said = editing.value(FileFormat.TOML, content, "proxy")
    return _gateways(said) if isinstance(said, dict) else {}


def of_others(
    agent: str, in_force: Mapping[str, Applied], file: Path, users: Mapping[str, str]
) -> dict[str, Onward]:
    """By provider, the gateways that the file names for other agents alone."""
    own = _written(in_force[agent].plan, file) if agent in in_force else {}
    return {
        provider: Onward(name, applied.plan.title, url)
        for name, applied in in_force.items()
        if name not in (agent, OWN)
        for provider, url in _written(applied.plan, file).items()
        if provider not in own and url != users.get(provider)
    }


def refuse_two(
    plan: Plan, in_force: Mapping[str, Applied], file: Path, users: Mapping[str, str]
) -> None:
    """Let pass a plan whose agent calls what every other one of its providers' agents calls.

    Raises:
        PlanError: another is led through the proxy to another place.
    """
    wanted = {**users, **_written(plan, file)}
    for name, applied in in_force.items():
        if name in (plan.name, OWN):
            continue
        theirs = {**users, **_written(applied.plan, file)}
        for provider in _used(plan, file):
            mine, other = wanted.get(provider, ""), theirs.get(provider, "")
            if mine != other and provider in _used(applied.plan, file):
                raise PlanError(
                    f"{plan.title} calls {_place(provider, mine)}, and {applied.plan.title}, which "
                    f"is wrapped, {_place(provider, other)}. The proxy has one {provider}_upstream "
                    "for both, and a key would reach a host that it is not for. Take the other "
                    f"back first (headroom unwrap {name}), give both the same gateway, or leave "
                    f"{plan.title} unwrapped"
                )


def _used(plan: Plan, file: Path) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*plan.providers, *_written(plan, file))))


def _written(plan: Plan, file: Path) -> dict[str, str]:
    patches = [patch for patch in plan.patches if patch.path == file]
    return _gateways({step.keys[-1]: step.value for patch in patches for step in patch.changes})


def _gateways(said: Mapping[str, object]) -> dict[str, str]:
    named = {key.removesuffix(_ENDING): url for key, url in said.items() if key.endswith(_ENDING)}
    found = {provider: as_gateway(provider, url) for provider, url in named.items()}
    return {provider: url for provider, url in found.items() if url}


def _place(provider: str, url: str) -> str:
    return url or f"the API of {provider} itself"
