"""Copilot CLI: only an own provider can be led here, by variables that a new shell sets.

Requests to models that GitHub hosts go to GitHub, whatever is set. A key is named by the variable
that holds it, never written.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headroom.agents import no_proxy, once, shell
from headroom.agents._api import Options, Proxy, Session, gateway, start_line, upstream
from headroom.plans import (
    FileFormat,
    FilePatch,
    Machine,
    Plan,
    PlanError,
    System,
    Value,
    change,
    editing,
)

_URL = "COPILOT_PROVIDER_BASE_URL"
_TYPE = "COPILOT_PROVIDER_TYPE"
_WIRE = "COPILOT_PROVIDER_WIRE_API"
_KEY_COMMAND = "COPILOT_PROVIDER_API_KEY_COMMAND"
_MODEL = "COPILOT_MODEL"
_KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
_URLS = {"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL"}
_RESPONSES = re.compile(r"gpt-(?:[5-9]|\d\d)")
_HOOK_SECONDS = 30
_HOSTED = (
    "Copilot has no setting that leads requests to models hosted by GitHub elsewhere: they go as "
    "before, uncompressed"
)
_OTHERWISE = (
    "with a provider of your own it can be: set ANTHROPIC_API_KEY or OPENAI_API_KEY, and "
    "`headroom wrap copilot --model MODEL` (it is billed to that key then)"
)
_ELSEWHERE = (
    f"{_URL} leads to the proxy already, and is set elsewhere; if it is left in this shell from "
    "before `headroom unwrap`, wrap again in a new one"
)
_NO_HOOKS = (
    "hooks are switched off in its settings (disableAllHooks), so it cannot start the proxy; "
    "`headroom service install` does"
)


@dataclass(frozen=True, slots=True)
class _Way:
    """The variables that lead Copilot here, the provider that it calls through the proxy and by
    which base URL it would without. `key` names the variable with the key, if it is new to it."""

    variables: Mapping[str, str]
    provider: str
    url: str | None
    key: str = ""


class Copilot:
    """GitHub's Copilot CLI."""

    name = "copilot"
    title = "Copilot CLI"
    program = "copilot"
    client = "copilot"

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or was used."""
        files = ("config.json", "settings.json", "mcp-config.json")
        return machine.which(self.program) is not None or any(
            machine.exists(_folder(machine) / name) for name in files
        )

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The variables of an own provider in the shell's profile, if there is one; a hook."""
        registered = self.registration(machine, proxy) if options.mcp else ()
        profile = shell.profile(machine)
        own = profile.variables(machine) if profile else {}
        if not own and proxy.is_base(machine.environ.get(_URL)):
            return Plan(self.name, self.title, registered, notes=(_ELSEWHERE,))
        way = _way(machine, proxy, options, own)
        if way is None:
            return Plan(self.name, self.title, registered, notes=tuple(_without(machine, options)))
        patches: list[FilePatch] = []
        if profile:
            patches.append(
                profile.patch(way.variables, "new shells lead its requests to the proxy")
            )
        if options.hook:
            patches.append(_hook(machine, proxy))
        onward = gateway(machine, proxy, way.provider, way.url)
        if onward:
            patches.append(upstream(proxy, way.provider, onward))
        notes = tuple(_notes(machine, way, profile, onward, options))
        every = (*patches, *registered)
        return Plan(self.name, self.title, every, (), notes, (way.provider,))

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """The variables for this run."""
        more: tuple[str, ...] = ()
        if options.mcp and not _is_registered(machine):
            servers = json.dumps({"mcpServers": {"headroom": _server(proxy)}})
            more = (f"--additional-mcp-config={servers}",)
        way = _way(machine, proxy, options, {})
        if way is None:
            raise PlanError(". ".join(_without(machine, options)))
        once.check(machine, proxy, way.provider, way.url, self)
        if proxy.is_base(machine.environ.get(_URL)):
            return Session((*more, *arguments))
        notes = (_billed(way),) if way.key else ()
        return Session((*more, *arguments), way.variables, notes)

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server for all projects."""
        step = change("mcpServers", "headroom", to=_server(proxy))
        return (FilePatch(_servers(machine), FileFormat.JSON, (step,), "headroom's tools"),)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """A shell that has not read the profile, or has the variable from elsewhere."""
        profile = shell.profile(machine)
        if profile is None or _URL not in profile.variables(machine):
            return ()
        url = machine.environ.get(_URL)
        if proxy.is_base(url):
            return ()
        if not url:
            return (
                f"this shell is older than the change: open a new one, or run `{profile.again}`",
            )
        return (
            f"{_URL} is {url} in this shell: open a new one, or run `{profile.again}`; if it is "
            "so there too, remove what sets it",
        )


def _folder(machine: Machine) -> Path:
    return machine.folder("COPILOT_HOME", ".copilot")


def _servers(machine: Machine) -> Path:
    return _folder(machine) / "mcp-config.json"


def _way(machine: Machine, proxy: Proxy, options: Options, own: Mapping[str, str]) -> _Way | None:
    """How Copilot is led here, if it can be. `own` is what our block sets: what a new shell has
    from it does not count as the user's where the whole provider is ours."""
    said = dict(machine.environ)
    if _KEY_COMMAND in own:
        said = {name: value for name, value in said.items() if own.get(name) != value}
    model = options.model or own.get(_MODEL, "")
    way: _Way | None
    if said.get(_URL):
        way = _redirected(proxy, said, model)
    elif model:
        way = _billed_to_a_key(proxy, said, model, machine.system)
    else:
        return None
    past = no_proxy.needed(own, machine.environ)
    if way is None or not past:
        return way
    variables = {**way.variables, **dict.fromkeys(no_proxy.NAMES, past)}
    return _Way(variables, way.provider, way.url, way.key)


def _redirected(proxy: Proxy, said: Mapping[str, str], model: str) -> _Way:
    """The user's own provider, through the proxy."""
    kind = said.get(_TYPE) or "openai"
    variables = {_URL: proxy.openai if kind == "openai" else proxy.url}
    if model:
        variables[_MODEL] = model
    return _Way(variables, "anthropic" if kind == "anthropic" else "openai", said[_URL])


def _billed_to_a_key(
    proxy: Proxy, said: Mapping[str, str], model: str, system: System
) -> _Way | None:
    """The provider whose key is in a variable; of two the one whose model it is."""
    found = [provider for provider, name in _KEYS.items() if said.get(name)]
    if not found:
        return None
    provider = found[0 if model.startswith("claude") else -1]
    variables = {
        _URL: proxy.openai if provider == "openai" else proxy.url,
        _TYPE: provider,
        _KEY_COMMAND: _printing(_KEYS[provider], system),
        _MODEL: model,
    }
    if provider == "openai" and _RESPONSES.match(model):
        variables[_WIRE] = "responses"
    return _Way(variables, provider, said.get(_URLS[provider]), _KEYS[provider])


def _printing(name: str, system: System) -> str:
    return f"echo %{name}%" if system is System.WINDOWS else f"printenv {name}"


def _hook(machine: Machine, proxy: Proxy) -> FilePatch:
    line, shell_name = start_line(proxy, machine.system), "bash"
    if machine.system is System.WINDOWS:
        line, shell_name = f"& {line}", "powershell"
    hook: Value = {"type": "command", shell_name: line, "timeoutSec": _HOOK_SECONDS}
    step = change("hooks", "sessionStart", to=hook, append=True)
    path = _folder(machine) / "settings.json"
    return FilePatch(path, FileFormat.JSON, (step,), "it starts the proxy where none runs")


def _server(proxy: Proxy) -> dict[str, Value]:
    words: list[Value] = [*proxy.headroom, "mcp", "serve"]
    return {"type": "local", "command": words[0], "args": words[1:], "tools": ["*"]}


def _is_registered(machine: Machine) -> bool:
    known = editing.value(FileFormat.JSON, machine.read(_servers(machine)), "mcpServers")
    return isinstance(known, dict) and "headroom" in known


def _without(machine: Machine, options: Options) -> Iterator[str]:
    """Why it is not led here."""
    yield _HOSTED
    key = next((name for name in _KEYS.values() if machine.environ.get(name)), "")
    if not key:
        yield _OTHERWISE
    elif not options.model:
        yield f"`headroom wrap copilot --model MODEL` calls the provider of {key}, billed to it"


def _notes(
    machine: Machine, way: _Way, profile: shell.Profile | None, onward: str, options: Options
) -> Iterator[str]:
    if profile is None:
        lines = ", ".join(f"{name}={value}" for name, value in way.variables.items())
        yield f"your shell's profile is not known here: set {lines} in it"
    if way.key:
        yield _billed(way)
    if onward:
        yield f"the proxy sends its requests on to {onward}"
    settings = machine.read(_folder(machine) / "settings.json")
    if options.hook and editing.value(FileFormat.JSON, settings, "disableAllHooks") is True:
        yield _NO_HOOKS


def _billed(way: _Way) -> str:
    return f"Copilot calls {way.provider} with the key in {way.key}: GitHub does not bill for that"
