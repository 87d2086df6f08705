"""Gemini CLI: a variable in its own `.env` leads it, since its settings name no base URL.

With that variable it takes a gateway's login for granted, which it then refuses; so the login by
key is chosen in its settings where none is. A Google login speaks another API and stays as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from headroom.agents import dotenv, mcp_entry, no_proxy, once
from headroom.agents._api import Options, Proxy, Session, gateway, start_line, upstream
from headroom.plans import (
    FileFormat,
    FilePatch,
    KeyChange,
    Machine,
    Plan,
    PlanError,
    Value,
    change,
    editing,
)

_URL = "GOOGLE_GEMINI_BASE_URL"
_NO_PROXY = "NO_PROXY"
"""The spelling that wins."""
_KEY = "gemini-api-key"
_LOGIN = ("security", "auth", "selectedType")
_ELSEWHERE = {
    "oauth-personal": "Google's Code Assist (its Google login)",
    "compute-default-credentials": "Google's Code Assist (the machine's Google login)",
    "vertex-ai": "Vertex AI",
}
_HOOK_MILLISECONDS = 30_000
_NEAREST = (
    "it reads one .env alone, the nearest: in a project that has one, or in a folder that you do "
    "not trust, its requests go past the proxy"
)


class Gemini:
    """Gemini CLI, with an API key."""

    name = "gemini"
    title = "Gemini CLI"
    program = "gemini"
    client = "gemini-cli"

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or was used."""
        return machine.which(self.program) is not None or machine.exists(_settings(machine))

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The base URL in its `.env`; the login, a hook and the MCP server in its settings."""
        patches = self.registration(machine, proxy) if options.mcp else ()
        if where := _elsewhere(machine):
            note = f"it calls {where}, which the proxy does not speak: its requests go as before"
            return Plan(self.name, self.title, patches, notes=(note,))
        lines = change(to=[f"{name}={value}" for name, value in _variables(machine, proxy)])
        env = FilePatch(
            _env_file(machine), FileFormat.LINES, (lines,), "its requests go to the proxy"
        )
        if changes := tuple(_own_settings(machine, proxy, options)):
            why = (
                "a login by API key; it starts the proxy" if options.hook else "a login by API key"
            )
            patches = (FilePatch(_settings(machine), FileFormat.JSON, changes, why), *patches)
        onward = gateway(machine, proxy, "gemini", _called(machine))
        if onward:
            patches = (upstream(proxy, "gemini", onward), *patches)
        notes = tuple(_notes(machine, onward, options))
        return Plan(self.name, self.title, (env, *patches), (), notes, ("gemini",))

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """The variables alone, which beat every `.env`."""
        if where := _elsewhere(machine):
            raise PlanError(f"Gemini CLI calls {where}, which the proxy does not speak")
        if not _login(machine):
            raise PlanError(
                "Gemini CLI needs a login that is chosen in its settings: choose its API key with "
                "/auth, or let `headroom wrap gemini` do so"
            )
        once.check(machine, proxy, "gemini", _called(machine), self)
        past = no_proxy.needed(_said(machine), machine.environ)
        passed_by = {_NO_PROXY: past} if past else {}
        return Session(tuple(arguments), {_URL: proxy.url, **passed_by})

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server for all projects."""
        return (mcp_entry.registered(_settings(machine), proxy),)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """Variables, a nearer `.env`, a project's or a distrusted folder's settings."""
        if _elsewhere(machine):
            return ()
        nearer = filter(None, (_nearer(machine, proxy, directory),))
        return (*_in_environ(machine, proxy), *nearer, *_in_project(machine, directory))


def _folder(machine: Machine) -> Path:
    return machine.folder("GEMINI_CLI_HOME", "") / ".gemini"


def _settings(machine: Machine) -> Path:
    return _folder(machine) / "settings.json"


def _setting(machine: Machine, *keys: str) -> Value:
    return editing.value(FileFormat.JSON, machine.read(_settings(machine)), *keys)


def _env_file(machine: Machine) -> Path:
    """The one that it reads where no project has one. A new one would hide `~/.env`."""
    own = _folder(machine) / ".env"
    general = _folder(machine).parent / ".env"
    return general if machine.exists(general) and not machine.exists(own) else own


def _said(machine: Machine) -> Mapping[str, str]:
    return dotenv.variables(machine.read(_env_file(machine)))


def _environ(machine: Machine) -> Mapping[str, str]:
    """The variables that it runs with: those of the file are set where the shell set none."""
    return {**_said(machine), **machine.environ}


def _called(machine: Machine) -> str | None:
    return _environ(machine).get(_URL)


def _login(machine: Machine) -> str:
    """How it logs in; empty where nothing says it but the presence of a key."""
    for keys in (("security", "auth", "enforcedType"), _LOGIN):
        said = _setting(machine, *keys)
        if isinstance(said, str) and said:
            return said
    environ = _environ(machine)
    if environ.get("GOOGLE_GENAI_USE_GCA") == "true":
        return "oauth-personal"
    return "vertex-ai" if environ.get("GOOGLE_GENAI_USE_VERTEXAI") == "true" else ""


def _elsewhere(machine: Machine) -> str:
    return _ELSEWHERE.get(_login(machine), "")


def _variables(machine: Machine, proxy: Proxy) -> Iterator[tuple[str, str]]:
    yield _URL, proxy.url
    past = no_proxy.needed(_said(machine), machine.environ)
    if past and _NO_PROXY not in machine.environ:
        yield _NO_PROXY, past


def _own_settings(machine: Machine, proxy: Proxy, options: Options) -> Iterator[KeyChange]:
    if _login(machine) in ("", _KEY):
        yield change(*_LOGIN, to=_KEY)
    if options.hook:
        command: Value = {
            "type": "command",
            "name": "headroom",
            "command": start_line(proxy, machine.system),
            "timeout": _HOOK_MILLISECONDS,
        }
        yield change("hooks", "SessionStart", to={"hooks": [command]}, append=True)


def _notes(machine: Machine, onward: str, options: Options) -> Iterator[str]:
    if onward:
        yield f"requests still go to your gateway, {onward}, by way of the proxy"
    yield _NEAREST
    if options.hook and _setting(machine, "hooksConfig", "enabled") is False:
        yield (
            "hooks are switched off in its settings (hooksConfig.enabled), so it cannot start the "
            "proxy; `headroom service install` does"
        )


def _in_environ(machine: Machine, proxy: Proxy) -> Iterator[str]:
    url = machine.environ.get(_URL)
    if url is not None and not proxy.is_base(url):
        yield f"{_URL} is {url} in the environment, which beats {_env_file(machine)}: unset it"
    past = no_proxy.needed({}, machine.environ)
    if past and _NO_PROXY in machine.environ:
        yield f"{_NO_PROXY} in the environment sends requests elsewhere: set it to {past}"


def _nearer(machine: Machine, proxy: Proxy, directory: Path) -> str:
    """What is read in this directory in place of our file, if it does not lead here too."""
    ignores = _setting(machine, "advanced", "ignoreLocalEnv") is True
    home = _folder(machine).parent
    for folder in (directory, *directory.parents):
        for path in (folder / ".gemini" / ".env", folder / ".env"):
            if path == _env_file(machine):
                return ""
            skipped = ignores and path.parent == folder != home
            content = None if skipped else machine.read(path)
            if content is None:
                continue
            url = dotenv.variables(content).get(_URL)
            line = f"{_URL}={proxy.url}"
            what = f"is read here in place of {_env_file(machine)}: add the line {line} to it"
            return "" if proxy.is_base(url) else f"{path} {what}"
    return ""


def _in_project(machine: Machine, directory: Path) -> Iterator[str]:
    path = directory / ".gemini" / "settings.json"
    said = editing.value(FileFormat.JSON, machine.read(path), *_LOGIN)
    if path != _settings(machine) and (where := _ELSEWHERE.get(str(said))):
        yield f"{path} makes Gemini CLI call {where}, past the proxy"
    trusted = _folder(machine) / "trustedFolders.json"
    rule = editing.value(FileFormat.JSON, machine.read(trusted), str(directory))
    if rule == "DO_NOT_TRUST":
        yield f"you do not trust {directory}, where Gemini CLI reads no .env: trust it there"
