"""Codex: `openai_base_url` leads the provider it has built in, with its login and its history.

A provider of the user's own is led by its own `base_url`. Neither a variable nor a project's
configuration can lead Codex elsewhere.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headroom.agents import no_proxy, once
from headroom.agents._api import Options, Proxy, Session, gateway, start_line, upstream
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

_OWN, _LOGIN = "openai", "chatgpt"
_BUILT_IN = ("amazon-bedrock", "lmstudio", "ollama", "ollama-chat")
_HOOK_SECONDS = 30
_TRUST = (
    "Codex runs the hook that starts the proxy once you have allowed it: type /hooks in Codex; "
    "or let `headroom service install` keep the proxy running"
)


@dataclass(frozen=True, slots=True)
class _Provider:
    """Where its requests go: under which keys that stands, and what stands there; whether the
    proxy knows its kind, and whether they may carry a ChatGPT login."""

    name: str
    keys: tuple[str, ...]
    url: Value
    is_known: bool = True
    has_login: bool = True

    @property
    def upstreams(self) -> tuple[str, ...]:
        """Those of the proxy that its requests may use."""
        return (_OWN, _LOGIN) if self.has_login else (_OWN,)


class Codex:
    """Codex, with an API key, a ChatGPT login, or a provider of the user's own."""

    name = "codex"
    title = "Codex"
    program = "codex"
    client = "codex"

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or was used."""
        return machine.which(self.program) is not None or machine.exists(_file(machine))

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The base URL and the MCP server in config.toml, a hook beside it."""
        patches = list(self.registration(machine, proxy)) if options.mcp else []
        provider = _provider(_read(machine, _file(machine)))
        if problem := _problem(proxy, provider):
            return Plan(self.name, self.title, tuple(patches), notes=(problem,))
        steps = (change(*provider.keys, to=proxy.openai),)
        patches.insert(
            0, FilePatch(_file(machine), FileFormat.TOML, steps, "its requests go to the proxy")
        )
        patches += _onward(machine, proxy, provider)
        if options.hook:
            patches.append(_hook(machine, proxy))
        if past := no_proxy.needed({}, machine.environ):
            patches.append(_past(machine, past))
        onward = gateway(machine, proxy, _OWN, provider.url)
        notes = [f"the proxy sends its requests on to {onward}"] if onward else []
        notes += [_TRUST] if options.hook else []
        return Plan(self.name, self.title, tuple(patches), (), tuple(notes), provider.upstreams)

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """Overrides of the configuration, before the user's arguments."""
        said = _read(machine, _file(machine))
        if chosen := _profile(arguments):
            said |= _read(machine, _folder(machine) / f"{chosen}.config.toml")
        provider = _provider(said)
        if problem := _problem(proxy, provider):
            raise PlanError(problem)
        once.check(machine, proxy, _OWN, provider.url, self)
        if provider.has_login:
            once.check(machine, proxy, _LOGIN, None, self)
        steps = [change(*provider.keys, to=proxy.openai)]
        if options.mcp and "headroom" not in _table(said.get("mcp_servers")):
            steps += _server(proxy)
        before = [word for step in steps for word in ("-c", _override(step))]
        past = no_proxy.needed({}, machine.environ)
        return Session((*before, *arguments), dict.fromkeys(no_proxy.NAMES, past) if past else {})

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server for all projects."""
        return (
            FilePatch(_file(machine), FileFormat.TOML, tuple(_server(proxy)), "headroom's tools"),
        )

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """What the organization has set over the user's configuration."""
        if machine.system is System.WINDOWS:
            return ()
        path = Path("/etc/codex/managed_config.toml")
        provider = _provider(_read(machine, path))
        if provider.url is None or proxy.is_base(provider.url):
            return ()
        return (f"{path} sets {'.'.join(provider.keys)} to {provider.url}, which wins",)


def _folder(machine: Machine) -> Path:
    return machine.folder("CODEX_HOME", ".codex")


def _file(machine: Machine) -> Path:
    return _folder(machine) / "config.toml"


def _read(machine: Machine, path: Path) -> dict[str, Value]:
    return _table(editing.value(FileFormat.TOML, machine.read(path)))


def _table(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _provider(said: Mapping[str, Value]) -> _Provider:
    name = said.get("model_provider", _OWN)
    if not isinstance(name, str) or name == _OWN:
        return _Provider(_OWN, ("openai_base_url",), said.get("openai_base_url"))
    own = _table(_table(said.get("model_providers")).get(name))
    url = own.get("base_url")
    is_known = url is not None or (bool(own) and name not in _BUILT_IN)
    has_login = own.get("requires_openai_auth") is True
    return _Provider(name, ("model_providers", name, "base_url"), url, is_known, has_login)


def _problem(proxy: Proxy, provider: _Provider) -> str:
    """Why its requests cannot be led through the proxy; empty where they can."""
    if not provider.is_known:
        return f"its requests go to {provider.name} as before: the proxy cannot stand before that"
    url = provider.url
    if isinstance(url, str) and not proxy.is_base(url) and not url.rstrip("/").endswith("/v1"):
        return (
            f"its requests go to {url} as before: the proxy calls OpenAI's API under addresses "
            "that end in /v1"
        )
    return ""


def _onward(machine: Machine, proxy: Proxy, provider: _Provider) -> Iterator[FilePatch]:
    """To a gateway, to which requests with a ChatGPT login went as well."""
    if not gateway(machine, proxy, _OWN, provider.url):
        return
    for name in provider.upstreams:
        if found := gateway(machine, proxy, name, provider.url):
            yield upstream(proxy, name, found)


def _hook(machine: Machine, proxy: Proxy) -> FilePatch:
    line = start_line(proxy, machine.system)
    hook: Value = {"type": "command", "command": line, "timeout": _HOOK_SECONDS}
    step = change("hooks", "SessionStart", to={"hooks": [hook]}, append=True)
    path = _folder(machine) / "hooks.json"
    return FilePatch(path, FileFormat.JSON, (step,), "it starts the proxy")


def _past(machine: Machine, hosts: str) -> FilePatch:
    lines: list[Value] = [f"{name}={json.dumps(hosts)}" for name in no_proxy.NAMES]
    step = KeyChange((), lines)
    why = "requests to this machine pass your corporate proxy by"
    return FilePatch(_folder(machine) / ".env", FileFormat.LINES, (step,), why)


def _server(proxy: Proxy) -> Iterator[KeyChange]:
    words: list[Value] = [*proxy.headroom, "mcp", "serve"]
    yield change("mcp_servers", "headroom", "command", to=words[0])
    yield change("mcp_servers", "headroom", "args", to=words[1:])


def _override(step: KeyChange) -> str:
    """A change as Codex takes it on its command line, the value as TOML."""
    return f"{step.name}={json.dumps(step.value, ensure_ascii=False)}"


def _profile(arguments: Sequence[str]) -> str:
    """The profile that the user's arguments name."""
    for at, word in enumerate(arguments):
        if word == "--":
            break
        if word in ("-p", "--profile"):
            return next(iter(arguments[at + 1 :]), "")
        if word.startswith("--profile="):
            return word.partition("=")[2]
    return ""
