"""aider: its own settings file sets the variables by which litellm, that it calls with, finds us.

What `set-env` says there beats the environment and every `.env`. The file is YAML, which is not
edited here but for a block of lines of ours.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from headroom.agents import no_proxy, once
from headroom.agents._api import Options, Proxy, Session, gateway, upstream
from headroom.plans import (
    FileFormat,
    FilePatch,
    Machine,
    Plan,
    PlanError,
    Unreadable,
    Value,
    change,
    editing,
)

_CONF = ".aider.conf.yml"
_BLOCK = (change(to=[]),)
_SETS = re.compile(r"""(?m)^["']?(?:--)?set-env["']?\s*:""")
_BASE = re.compile(r"""(?m)^["']?(?:--)?openai-api-base["']?\s*:\s*["']?([^\s"'#]+)""")
_SIGNIFICANT = re.compile(r"(?m)^(?!\s*(?:#|$)|---\s*$).*$")
_KEY = re.compile(r"""["']?[\w-]+["']?\s*:""")
_VARIABLE = re.compile(r"""(?m)^\s*(?:export\s+)?(\w+)\s*=\s*["']?([^\s"'#]*)""")
_NO_HOOK = "aider has no hook that starts the proxy; `headroom service install` keeps it running"
_WHICH = (
    "models of OpenAI, Anthropic and Gemini go through the proxy; those of other providers "
    "(openrouter/…, deepseek/…) as before"
)
_REPLACED = "--set-env and --config on its command line replace what its settings file says"


class Aider:
    """aider, with keys of OpenAI, Anthropic or Gemini."""

    name = "aider"
    title = "aider"
    program = "aider"
    client = ""

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or has settings."""
        return machine.which(self.program) is not None or machine.exists(_conf(machine))

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The variables in `set-env`; the gateways that it calls so far stay.

        Raises:
            PlanError: the file sets variables itself, or is not written line by line.
        """
        text = _users(machine)
        environ = _environ(machine, text)
        variables = _variables(proxy, environ)
        patches = [] if _says(text, variables) else [_block(machine, text, variables)]
        notes = [_WHICH, _REPLACED]
        called = dict(_called(environ))
        for provider, url in called.items():
            if onward := gateway(machine, proxy, provider, url):
                patches.append(upstream(proxy, provider, onward))
                notes.append(f"the proxy sends its requests to {provider} on to {onward}")
        if options.hook:
            notes.append(_NO_HOOK)
        return Plan(self.name, self.title, tuple(patches), (), tuple(notes), tuple(called))

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """The variables for this run, which no `set-env` may set otherwise."""
        text = _users(machine)
        environ = _environ(machine, text)
        for provider, url in _called(environ):
            once.check(machine, proxy, provider, url, self)
        variables = _variables(proxy, environ)
        if beating := [each[0] for each in variables.items() if _sets(machine, text, *each)]:
            raise PlanError(
                f"{', '.join(beating)} in {_conf(machine)} or {machine.home / '.env'} beats what "
                "can be set for one run"
            )
        return Session(tuple(arguments), variables)

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """Nothing: it knows no MCP."""
        return ()

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """Another `set-env`, which replaces ours: the project's, or a variable's."""
        found = []
        if "AIDER_SET_ENV" in machine.environ:
            found.append(f"AIDER_SET_ENV replaces set-env in {_conf(machine)}: unset it")
        for path in _of_project(machine, directory):
            text = _decoded(machine.read(path))
            if _SETS.search(text) and not _says(text, _variables(proxy, {})):
                found.append(
                    f"set-env in {path} replaces the one in {_conf(machine)}: write the lines of "
                    "that one there too"
                )
        return tuple(found)


def _conf(machine: Machine) -> Path:
    return machine.home / _CONF


def _users(machine: Machine) -> str:
    """Its settings file without our block."""
    content = machine.read(_conf(machine))
    if content is None:
        return ""
    try:
        return _decoded(editing.drop(FileFormat.LINES, content, None, _BLOCK)[0])
    except Unreadable as error:
        raise PlanError(f"{_conf(machine)} was left alone: {error}") from error


def _decoded(content: bytes | None) -> str:
    return (content or b"").decode("utf-8-sig", "replace")


def _environ(machine: Machine, conf: str) -> dict[str, str]:
    """The variables that it runs with in no project, without our block."""
    own = dict(_VARIABLE.findall(_decoded(machine.read(machine.home / ".env"))))
    environ = {**machine.environ, **own}
    if found := _BASE.search(conf):
        environ.setdefault("AIDER_OPENAI_API_BASE", found[1])
    return environ


def _called(environ: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """By which base URL it calls each provider."""
    openai = ("OPENAI_BASE_URL", "AIDER_OPENAI_API_BASE", "OPENAI_API_BASE")
    yield "openai", _first(environ, openai)
    yield "anthropic", _first(environ, ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"))
    gemini = environ.get("GEMINI_API_BASE")
    yield "gemini", gemini.rstrip("/").removesuffix("/v1beta") if gemini else None


def _first(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _variables(proxy: Proxy, environ: Mapping[str, str]) -> dict[str, str]:
    """Each in the name that wins, and OpenAI's in the one that older versions know alone."""
    variables = {
        "OPENAI_BASE_URL": proxy.openai,
        "OPENAI_API_BASE": proxy.openai,
        "ANTHROPIC_API_BASE": proxy.url,
        "GEMINI_API_BASE": f"{proxy.url}/v1beta",
    }
    past = no_proxy.needed({}, environ)
    return {**variables, **dict.fromkeys(no_proxy.NAMES, past)} if past else variables


def _lines(variables: Mapping[str, str]) -> list[str]:
    return [f"- {name}={value}" for name, value in variables.items()]


def _says(text: str, variables: Mapping[str, str]) -> bool:
    """Whether the user has written all that there himself."""
    there = {line.strip() for line in text.splitlines()}
    return bool(_SETS.search(text)) and there.issuperset(_lines(variables))


def _block(machine: Machine, text: str, variables: Mapping[str, str]) -> FilePatch:
    said = "; ".join(_lines(variables))
    if _SETS.search(text):
        raise PlanError(f"{_conf(machine)} sets variables itself: write under its set-env: {said}")
    first = _SIGNIFICANT.search(text)
    if first and not _KEY.match(first[0]):
        raise PlanError(
            f"{_conf(machine)} cannot be added to: write into it, under set-env: {said}"
        )
    lines: list[Value] = ["set-env:", *_lines(variables)]
    why = "its requests go to the proxy"
    return FilePatch(_conf(machine), FileFormat.LINES, (change(to=lines),), why)


def _sets(machine: Machine, text: str, name: str, value: str) -> bool:
    """Whether a file sets this variable to something else, in a way that beats the environment."""
    env = dict(_VARIABLE.findall(_decoded(machine.read(machine.home / ".env"))))
    said = text if _SETS.search(text) else ""
    return env.get(name, value) != value or (f"{name}=" in said and f"{name}={value}" not in said)


def _of_project(machine: Machine, directory: Path) -> Iterator[Path]:
    """The settings files of the folder and of the repository that it is in."""
    if directory != machine.home:
        yield directory / _CONF
    for folder in (directory, *directory.parents):
        if machine.exists(folder / ".git" / "HEAD") or machine.exists(folder / ".git"):
            if folder not in (directory, machine.home):
                yield folder / _CONF
            return
