"""Claude Code: its settings' `env` beats the environment, so the base URL stands there.

With another base URL it switches off what it does not trust a gateway with; what a setting brings
back is brought back where the gateway is only this proxy.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
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

_URL = "ANTHROPIC_BASE_URL"
_BEDROCK_URL = "ANTHROPIC_BEDROCK_BASE_URL"
_BEDROCK = "CLAUDE_CODE_USE_BEDROCK"
_ELSEWHERE = {
    "CLAUDE_CODE_USE_VERTEX": "Vertex AI",
    "CLAUDE_CODE_USE_FOUNDRY": "Microsoft Foundry",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "Claude Platform on AWS",
    "CLAUDE_CODE_USE_MANTLE": "Bedrock's own Messages API",
    "CLAUDE_CODE_USE_GATEWAY": "a gateway that one logs in to",
}
_TOOL_SEARCH = "ENABLE_TOOL_SEARCH"
_HOOK_SECONDS = 30
_MANAGED = {
    System.LINUX: "/etc/claude-code/managed-settings.json",
    System.MACOS: "/Library/Application Support/ClaudeCode/managed-settings.json",
    System.WINDOWS: "C:/Program Files/ClaudeCode/managed-settings.json",
}
_WINDOW = (
    "behind another base URL Claude Code takes Sonnet's context window for 200k tokens; "
    "`/model sonnet[1m]` gives it all of it"
)
_SIDE_TASKS = (
    "with a claude.ai login, and behind another base URL, Claude Code asks the main model for "
    "small side tasks; ANTHROPIC_DEFAULT_HAIKU_MODEL in its settings' env names a smaller one"
)
_NO_HOOKS = (
    "hooks are switched off in its settings (disableAllHooks), so it cannot start the proxy; "
    "`headroom service install` does"
)


class Claude:
    """Claude Code, with an API key, a claude.ai login or Bedrock."""

    name = "claude"
    title = "Claude Code"
    program = "claude"
    client = "claude-code"

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or was used."""
        return machine.which(self.program) is not None or any(
            machine.exists(path) for path in (_settings(machine), _state(machine))
        )

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The base URL and a hook in its settings, the MCP server in its state."""
        patches = self.registration(machine, proxy) if options.mcp else ()
        said = _read(machine, _settings(machine))
        environ = _environ(machine, said)
        if where := _elsewhere(environ):
            note = f"it calls {where}, which the proxy does not speak: its requests go as before"
            return Plan(self.name, self.title, patches, notes=(note,))
        changes = list(_variables(machine, proxy, said))
        if options.hook:
            changes.append(_hook(machine, proxy))
        settings = FilePatch(
            _settings(machine), FileFormat.JSON, tuple(changes), "its requests go to the proxy"
        )
        provider, url = _called(environ)
        onward = gateway(machine, proxy, provider, url)
        if onward:
            patches = (upstream(proxy, provider, onward), *patches)
        notes = tuple(_notes(environ, said, onward, options))
        return Plan(self.name, self.title, (settings, *patches), (), notes, (provider,))

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """`--settings` with the base URL, joined with those of the user's arguments."""
        given, rest = _given(machine, arguments)
        said = _read(machine, _settings(machine))
        environ = {**_environ(machine, said), **_table(given.get("env"))}
        if where := _elsewhere(environ):
            raise PlanError(f"Claude Code calls {where}, which the proxy does not speak")
        provider, url = _called(environ)
        once.check(machine, proxy, provider, url, self)
        own = {step.keys[1]: step.value for step in _variables(machine, proxy, said)}
        settings = {**given, "env": {**_table(given.get("env")), **own}}
        before = ["--settings", json.dumps(settings, ensure_ascii=False)]
        if options.mcp and not _is_registered(machine):
            # Joined by "=": it would take all arguments that follow for more of its values.
            before.append(
                f"--mcp-config={json.dumps({'mcpServers': {'headroom': _server(proxy)}})}"
            )
        return Session((*before, *rest))

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server for all projects. Its tools are shown at once, not searched for."""
        step = change("mcpServers", "headroom", to=_server(proxy))
        return (FilePatch(_state(machine), FileFormat.JSON, (step,), "headroom's tools"),)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """Settings that beat the user's: the project's, the organization's."""
        local = directory / ".claude" / "settings.local.json"
        shared = directory / ".claude" / "settings.json"
        found = []
        for path in (Path(_MANAGED[machine.system]), local, shared):
            env = _table(_read(machine, path).get("env"))
            url = env.get(_URL)
            if path != _settings(machine) and url is not None and not proxy.is_base(url):
                found.append(f"{path} sets {_URL} to {url}, which wins: remove it there")
            elif where := _elsewhere(env):
                found.append(f"{path} makes Claude Code call {where}, past the proxy")
        return tuple(found)


def _settings(machine: Machine) -> Path:
    return machine.folder("CLAUDE_CONFIG_DIR", ".claude") / "settings.json"


def _state(machine: Machine) -> Path:
    """What it keeps of its projects, with the servers for all of them."""
    said = machine.environ.get("CLAUDE_CONFIG_DIR")
    return (machine.folder("CLAUDE_CONFIG_DIR", ".") if said else machine.home) / ".claude.json"


def _read(machine: Machine, path: Path) -> dict[str, Value]:
    return _table(editing.value(FileFormat.JSON, machine.read(path)))


def _table(value: object) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _environ(machine: Machine, said: Mapping[str, Value]) -> dict[str, object]:
    """The variables that it runs with."""
    return {**machine.environ, **_table(said.get("env"))}


def _elsewhere(environ: Mapping[str, object]) -> str:
    return next((title for name, title in _ELSEWHERE.items() if _is_on(environ.get(name))), "")


def _is_on(value: object) -> bool:
    return str(value or "").lower() in ("1", "true", "yes", "on")


def _called(environ: Mapping[str, object]) -> tuple[str, object]:
    """The provider that it calls, and by which base URL."""
    if _is_on(environ.get(_BEDROCK)):
        return "bedrock", environ.get(_BEDROCK_URL)
    return "anthropic", environ.get(_URL)


def _variables(machine: Machine, proxy: Proxy, said: Mapping[str, Value]) -> Iterator[KeyChange]:
    env, environ = _table(said.get("env")), _environ(machine, said)
    provider, url = _called(environ)
    yield change("env", _BEDROCK_URL if provider == "bedrock" else _URL, to=proxy.url)
    chosen = env.get(_TOOL_SEARCH, machine.environ.get(_TOOL_SEARCH, "true"))
    if provider == "anthropic" and chosen == "true" and not gateway(machine, proxy, provider, url):
        yield change("env", _TOOL_SEARCH, to="true")
    if past := no_proxy.needed(env, machine.environ):
        yield from (change("env", name, to=past) for name in no_proxy.NAMES)


def _hook(machine: Machine, proxy: Proxy) -> KeyChange:
    line = start_line(proxy, machine.system)
    hook: Value = {"type": "command", "command": line, "timeout": _HOOK_SECONDS}
    return change("hooks", "SessionStart", to={"hooks": [hook]}, append=True)


def _server(proxy: Proxy) -> dict[str, Value]:
    words: list[Value] = [*proxy.headroom, "mcp", "serve"]
    return {"type": "stdio", "command": words[0], "args": words[1:], "alwaysLoad": True}


def _is_registered(machine: Machine) -> bool:
    return "headroom" in _table(_read(machine, _state(machine)).get("mcpServers"))


def _notes(
    environ: Mapping[str, object], said: Mapping[str, Value], onward: str, options: Options
) -> Iterator[str]:
    if options.hook and said.get("disableAllHooks") is True:
        yield _NO_HOOKS
    if onward:
        yield f"the proxy sends its requests on to {onward}"
    if _is_on(environ.get(_BEDROCK)):
        yield "the proxy signs requests to Bedrock with its own AWS credentials: those of your user"
    elif not onward:
        yield _WINDOW
        if not environ.get("ANTHROPIC_API_KEY") and not said.get("apiKeyHelper"):
            yield _SIDE_TASKS


def _given(machine: Machine, arguments: Sequence[str]) -> tuple[dict[str, Value], list[str]]:
    """The settings among the arguments, a file or JSON, and the arguments without them."""
    rest = list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    at = next((at for at, word in enumerate(rest[:end]) if _names_settings(word)), None)
    if at is None:
        return {}, rest
    _, joined, value = rest.pop(at).partition("=")
    if not joined:
        if at >= len(rest):
            raise PlanError("--settings needs a file or JSON")
        value = rest.pop(at)
    content = value.encode() if value.lstrip().startswith("{") else machine.read(Path(value))
    said = editing.value(FileFormat.JSON, content)
    if not isinstance(said, dict):
        raise PlanError(f"the settings in `--settings {value}` cannot be read")
    if said.get("env") and not value.lstrip().startswith("{"):
        # Joined with ours it would stand in the list of processes, keys and all.
        raise PlanError(
            f"{value} has an `env`, which only you should read: `headroom wrap claude` leads every "
            "run through the proxy, this file's too, if it names no base URL"
        )
    return said, rest


def _names_settings(word: str) -> bool:
    return word == "--settings" or word.startswith("--settings=")
