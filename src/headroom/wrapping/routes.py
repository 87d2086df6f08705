"""Where a plan leads, read from the plan itself, and how our program is called from it."""

import json
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from headroom.agents import Proxy
from headroom.plans import FilePatch, Machine, Plan, editing

_ORIGIN = re.compile(r"https?://[^/\"\\\s]+")
_HERE = re.compile(r"https?://(?:127(?:\.\d+){3}|localhost|\[::1\]):\d+")


def leads_to(plan: Plan, proxy: Proxy) -> bool:
    """Whether the plan leads an agent's requests to this proxy."""
    return proxy.url in _origins(plan)


def other_proxy(plan: Plan, proxy: Proxy) -> str:
    """The place on this machine that the plan leads to instead; empty where there is none."""
    origins = _origins(plan)
    here = [origin for origin in origins if _HERE.fullmatch(origin)]
    return here[0] if here and proxy.url not in origins else ""


def in_place(machine: Machine, patches: Iterable[FilePatch]) -> bool:
    """Whether every file says what the patches ask for."""
    return all(
        editing.says(patch.format, machine.read(patch.path), patch.changes) for patch in patches
    )


def headroom_argv(machine: Machine) -> tuple[str, ...]:
    """How `headroom` is called by programs that know no PATH of ours: the command that the user
    types where it is this installation's, else this Python."""
    found = machine.which("headroom")
    here = Path(sys.executable).parent
    if found is not None and found.resolve().parent in (here, here.resolve()):
        return (str(found.absolute()),)
    beside = shutil.which("headroom", path=str(here))
    return (beside,) if beside else (sys.executable, "-m", "headroom")


def _origins(plan: Plan) -> list[str]:
    said = [step.value for patch in plan.patches for step in patch.changes]
    ran = [list(command.argv) for command in plan.commands]
    return _ORIGIN.findall(json.dumps([said, ran]))
