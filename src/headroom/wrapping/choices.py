"""Settings of ours that the user gives while wrapping, as a plan for the user's settings file.

An agent that starts the proxy later does not have this shell's options and variables: what decides
where the proxy is has to be in the file.
"""

from collections.abc import Mapping

from headroom import settings
from headroom.plans import Applied, FileFormat, FilePatch, Plan, PlanError, change
from headroom.settings import Setting
from headroom.wrapping.usual import users_folder

OWN = "headroom"
"""The name of the plan."""
_PLACE = ("host", "port")
_ENVIRONMENT = "environment "


def lasting(given: Mapping[str, object]) -> dict[str, object]:
    """What is to be written down: the user's options by key, and the place of the proxy where
    only a variable says it.

    Raises:
        PlanError: a variable would win over an option.
    """
    said = {setting.name: setting for setting in settings.explain(directory=users_folder())}
    for name, value in given.items():
        if said[name].source.startswith(_ENVIRONMENT) and said[name].value != value:
            raise PlanError(
                f"{_variable(said[name])} is {said[name].value} here and wins over "
                f"{settings.FILE_NAME}; unset it, or leave out --{name}"
            )
    place = [said[name] for name in _PLACE if said[name].source.startswith(_ENVIRONMENT)]
    return {**{setting.name: setting.value for setting in place}, **given}


def as_plan(said: Mapping[str, object], before: Applied | None) -> Plan:
    """The plan that writes it, with what an earlier one wrote and is not said now."""
    patches = before.plan.patches if before else ()
    changes = {step.keys: step for patch in patches for step in patch.changes}
    for name, value in said.items():
        keys = ("proxy", name) if name in settings.PROXY_KEYS else (name,)
        changes[keys] = change(*keys, to=value if isinstance(value, int) else str(value))
    patch = FilePatch(
        settings.files()[0], FileFormat.TOML, tuple(changes.values()), "what you chose for it"
    )
    return Plan(OWN, f"Your {settings.FILE_NAME}", (patch,))


def _variable(setting: Setting) -> str:
    return setting.source.removeprefix(_ENVIRONMENT)
