"""opencode: base URLs of its providers, in the user's configuration.

Of its files a later one beats the user's (a project's, one that a variable names), and all of them
beat the variables of base URLs.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headroom.agents import no_proxy, once
from headroom.agents._api import Options, Proxy, Session, gateway, upstream
from headroom.plans import (
    FileFormat,
    FilePatch,
    KeyChange,
    Machine,
    Plan,
    PlanError,
    System,
    Value,
    change,
    editing,
)

_NAMES = ("opencode.jsonc", "opencode.json")
"""The first beats the second."""
_OLD = "config.json"
_SCHEMA = "https://opencode.ai/config.json"
_CONTENT = "OPENCODE_CONFIG_CONTENT"
_PROVIDERS = {"anthropic": "anthropic", "openai": "openai", "google": "gemini"}
_KEYS = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
    "google": ("GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"),
}
_VARIABLES = {"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL"}
_OPENAI_LIKE = (None, "@ai-sdk/openai-compatible", "@ai-sdk/openai")
_MANAGED = {
    System.LINUX: "/etc/opencode",
    System.MACOS: "/Library/Application Support/opencode",
    System.WINDOWS: "C:/ProgramData/opencode",
}
_OWN_HOSTS = (
    "a login with ChatGPT or GitHub Copilot in opencode, and the models that opencode hosts, call "
    "hosts of their own as before"
)
_NONE = (
    "no key or login of Anthropic, OpenAI or Google was found for opencode: once there is one, "
    "`headroom wrap opencode` again"
)
_NO_HOOK = "opencode has no hook that starts the proxy; `headroom service install` keeps it running"


@dataclass(frozen=True, slots=True)
class _Led:
    """One of its providers: the base URL that it gets, whose API that is, and the one it has."""

    ident: str
    base: str
    provider: str
    url: object

    @property
    def keys(self) -> tuple[str, ...]:
        """Where the configuration has the base URL."""
        return ("provider", self.ident, "options", "baseURL")


class Opencode:
    """opencode, with keys of the providers."""

    name = "opencode"
    title = "opencode"
    program = "opencode"
    client = "opencode"

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or has settings."""
        return machine.which(self.program) is not None or machine.exists(_target(machine))

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The base URLs, in the user's file and in those of the user's that beat it."""
        led, left = _led(machine, proxy, _merged(machine, _users(machine)))
        steps = [change(*each.keys, to=each.base) for each in led]
        changes = (*_schema(machine), *steps)
        why = "its requests go to the proxy"
        patches = [FilePatch(_target(machine), FileFormat.JSON, changes, why)] if led else []
        for path in _beating(machine):
            if own := [step for step in steps if _said(machine, path, *step.keys) is not None]:
                patches.append(FilePatch(path, FileFormat.JSON, tuple(own), why))
        notes = [_OWN_HOSTS, *left]
        for each in led:
            if onward := gateway(machine, proxy, each.provider, _past_version(each)):
                patches.append(upstream(proxy, each.provider, onward))
                notes.append(_onward(each, onward))
        if options.mcp:
            patches.extend(self.registration(machine, proxy))
        if options.hook:
            notes.append(_NO_HOOK)
        providers = tuple(dict.fromkeys(each.provider for each in led))
        return Plan(self.name, self.title, tuple(patches), (), tuple(notes), providers)

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """The configuration in a variable, which beats all files, joined with what it says."""
        given = _given(machine)
        merged = _joined(_merged(machine, _users(machine)), given)
        led, left = _led(machine, proxy, merged)
        content: dict[str, Value] = given
        for each in led:
            once.check(machine, proxy, each.provider, _past_version(each), self)
            options_of: Value = {"options": {"baseURL": each.base}}
            content = _joined(content, {"provider": {each.ident: options_of}})
        if options.mcp and "headroom" not in _table(merged.get("mcp")):
            content = _joined(content, {"mcp": {"headroom": _server(proxy)}})
        if not led:
            raise PlanError(". ".join(left))
        said = json.dumps(content, ensure_ascii=False)
        return Session(tuple(arguments), {_CONTENT: said, **_past(machine)}, left)

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server for all projects."""
        changes = (*_schema(machine), change("mcp", "headroom", to=_server(proxy)))
        return (FilePatch(_target(machine), FileFormat.JSON, changes, "headroom's tools"),)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """Base URLs in what beats the user's file, and a corporate proxy that it would ask."""
        found = []
        for path in (*_of_project(machine, directory), *_in(Path(_MANAGED[machine.system]))):
            for ident, url in _elsewhere(proxy, _read(machine, path)):
                found.append(f"{path} sets the base URL of {ident} to {url}: remove it there")
        content = editing.value(FileFormat.JSON, machine.environ.get(_CONTENT, "").encode())
        for ident, url in _elsewhere(proxy, _table(content)):
            found.append(f"{_CONTENT} sets the base URL of {ident} to {url}: remove it there")
        if past := _past(machine).get(no_proxy.NAMES[-1]):
            found.append(f"opencode asks the HTTP proxy for the proxy here: set NO_PROXY={past}")
        return tuple(found)


def _folder(machine: Machine) -> Path:
    return machine.folder("XDG_CONFIG_HOME", ".config") / "opencode"


def _in(folder: Path) -> tuple[Path, ...]:
    return tuple(folder / name for name in _NAMES)


def _target(machine: Machine) -> Path:
    """The user's file that wins, else the one that is made."""
    paths = (*_in(_folder(machine)), _folder(machine) / _OLD)
    return next((path for path in paths if machine.exists(path)), paths[1])


def _beating(machine: Machine) -> Iterator[Path]:
    """What the user has that beats it, the strongest last."""
    if said := machine.environ.get("OPENCODE_CONFIG"):
        yield Path(said).expanduser()
    yield from reversed(_in(machine.home / ".opencode"))
    if said := machine.environ.get("OPENCODE_CONFIG_DIR"):
        yield from reversed(_in(Path(said).expanduser()))


def _users(machine: Machine) -> tuple[Path, ...]:
    """All files of the user's, the strongest last."""
    folder = _folder(machine)
    return (folder / _OLD, *reversed(_in(folder)), *_beating(machine))


def _of_project(machine: Machine, directory: Path) -> Iterator[Path]:
    """Those of the folder and of all up to the repository's, or to the root."""
    for folder in (directory, *directory.parents):
        if folder == machine.home:
            return
        yield from (*_in(folder), *_in(folder / ".opencode"))
        if machine.exists(folder / ".git" / "HEAD") or machine.exists(folder / ".git"):
            return


def _read(machine: Machine, path: Path) -> dict[str, Value]:
    return _table(editing.value(FileFormat.JSON, machine.read(path)))


def _said(machine: Machine, path: Path, *keys: str) -> Value:
    return editing.value(FileFormat.JSON, machine.read(path), *keys)


def _table(value: object) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _merged(machine: Machine, paths: Sequence[Path]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for path in paths:
        merged = _joined(merged, _read(machine, path))
    return merged


def _joined(one: Mapping[str, Value], other: Mapping[str, Value]) -> dict[str, Value]:
    """Both, the other's word where they differ."""
    joined = dict(one)
    for key, value in other.items():
        known = joined.get(key)
        both = isinstance(known, dict) and isinstance(value, dict)
        joined[key] = _joined(_table(known), _table(value)) if both else value
    return joined


def _led(
    machine: Machine, proxy: Proxy, said: Mapping[str, Value]
) -> tuple[list[_Led], tuple[str, ...]]:
    """The providers that the proxy can serve, and sentences on those that it cannot."""
    known = _table(said.get("provider"))
    led = []
    for ident, provider in _PROVIDERS.items():
        if not _has(machine, known, ident):
            continue
        url = _url(known.get(ident)) or machine.environ.get(_VARIABLES.get(ident, ""))
        base = f"{proxy.url}/v1beta" if provider == "gemini" else proxy.openai
        led.append(_Led(ident, base, provider, url))
    own = {ident: _url(entry) for ident, entry in known.items() if ident not in _PROVIDERS}
    own = {ident: url for ident, url in own.items() if url}
    if len(own) == 1 and (only := _only(machine, proxy, said, *own.items())):
        return [*(each for each in led if each.provider != "openai"), only], ()
    left = "{} calls {} as before: the proxy has one upstream of OpenAI's kind"
    notes = [left.format(ident, url) for ident, url in own.items()]
    return led, tuple(notes if led else [*notes, _NONE])


def _has(machine: Machine, known: Mapping[str, Value], ident: str) -> bool:
    """Whether opencode can call this provider. One that its configuration names it offers even
    without a key, so no other may be named there. Of its logins only the names are looked at."""
    logins = machine.folder("XDG_DATA_HOME", ".local/share") / "opencode" / "auth.json"
    by_variable = any(machine.environ.get(name) for name in _KEYS[ident])
    return by_variable or ident in known or ident in _read(machine, logins)


def _only(
    machine: Machine, proxy: Proxy, said: Mapping[str, Value], own: tuple[str, object]
) -> _Led | None:
    """The user's own provider in the place of OpenAI, where nothing shows that OpenAI is called:
    its key would reach the other's host."""
    ident, url = own
    known = _table(said.get("provider"))
    is_like = _table(known.get(ident)).get("npm") in _OPENAI_LIKE
    if not is_like or _has(machine, known, "openai"):
        return None
    has = editing.value(
        FileFormat.TOML, machine.read(proxy.settings_file), "proxy", "openai_upstream"
    )
    if has is not None and has != gateway(machine, proxy, "openai", url):
        return None
    return _Led(ident, proxy.openai, "openai", url)


def _onward(led: _Led, url: str) -> str:
    said = f"the proxy sends its requests to {led.ident} on to {url}"
    others = "; so it does with those of all agents that call OpenAI's API through it"
    return said if led.ident in _PROVIDERS else said + others


def _url(entry: object) -> str:
    url = _table(_table(entry).get("options")).get("baseURL")
    return url if isinstance(url, str) else ""


def _past_version(led: _Led) -> object:
    """The base URL as an upstream has it: the proxy's paths of Gemini hold the version."""
    if led.provider == "gemini" and isinstance(led.url, str):
        return led.url.rstrip("/").removesuffix("/v1beta")
    return led.url


def _schema(machine: Machine) -> tuple[KeyChange, ...]:
    """opencode writes this into a file that lacks it: into a new one we do, so that it is still
    as we wrote it when it is to go."""
    path = _target(machine)
    is_needed = not machine.exists(path) or _said(machine, path, "$schema") == _SCHEMA
    return (change("$schema", to=_SCHEMA),) if is_needed else ()


def _server(proxy: Proxy) -> dict[str, Value]:
    command: list[Value] = [*proxy.headroom, "mcp", "serve"]
    return {"type": "local", "command": command, "enabled": True}


def _given(machine: Machine) -> dict[str, Value]:
    said = machine.environ.get(_CONTENT)
    if not said:
        return {}
    content = editing.value(FileFormat.JSON, said.encode())
    if not isinstance(content, dict):
        raise PlanError(f"{_CONTENT} is no JSON object")
    return content


def _elsewhere(proxy: Proxy, said: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for ident, entry in _table(said.get("provider")).items():
        url = _url(entry)
        if ident in _PROVIDERS and url and not proxy.is_base(url):
            yield ident, url


def _past(machine: Machine) -> dict[str, str]:
    past = no_proxy.needed({}, machine.environ)
    return dict.fromkeys(no_proxy.NAMES, past) if past else {}
