"""The seam of an agent: what is known of one client program, as pure functions of the machine.

An agent says which configuration leads its requests through the proxy. It writes nothing, starts
nothing and asks nobody: plans are applied by `headroom.plans`.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from headroom.plans import FileFormat, FilePatch, Machine, Plan, System, change, editing

_OWN_HOSTS = {
    "anthropic": ("api.anthropic.com",),
    "openai": ("api.openai.com",),
    "chatgpt": ("chatgpt.com",),
    "bedrock": (),
    "gemini": ("generativelanguage.googleapis.com",),
}


@dataclass(frozen=True, slots=True)
class Onward:
    """The gateway that another agent has the proxy go on to: its name and title, and the URL."""

    agent: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Proxy:
    """What a plan is made for: where the proxy is (`url`, without a slash at its end), how
    `headroom` is called on this machine, and the user's settings file. `others` are upstreams in
    that file which are there for other agents, by provider: no key of this agent is for them."""

    url: str
    headroom: tuple[str, ...]
    settings_file: Path
    others: Mapping[str, Onward] = field(default_factory=dict)

    @property
    def openai(self) -> str:
        """The base URL as clients of OpenAI's API want it."""
        return f"{self.url}/v1"

    def is_base(self, url: object) -> bool:
        """Whether a base URL leads here."""
        return isinstance(url, str) and (url == self.url or url.startswith(f"{self.url}/"))


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose: whether the agent also gets our MCP server, and a hook that starts the
    proxy with the agent. `model` is for agents that must be told one."""

    mcp: bool = True
    hook: bool = True
    model: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One run through the proxy that leaves the agent's configuration alone: the arguments after
    the program's name, and the variables to set. `notes` are sentences for the user."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Agent(Protocol):
    """One client program. `name` is what the user types, `title` what it is called, `program`
    what runs it (empty for one that is no command), `client` how the proxy's counts name it (empty
    where no request of its own tells)."""

    name: str
    title: str
    program: str
    client: str

    def is_here(self, machine: Machine) -> bool:
        """Whether the agent seems to be installed or was used."""
        ...

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """All that leads the agent's requests through the proxy from now on."""
        ...

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """One run of the agent through the proxy, with the user's arguments.

        Raises:
            PlanError: this agent cannot be led there so; the text says what to do instead.
        """
        ...

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """What registers our MCP server with the agent; nothing where it takes none."""
        ...

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """What would lead requests elsewhere in spite of the plan, for a run in this directory: a
        variable, a project's settings. Sentences that say how to mend it."""
        ...


def gateway(machine: Machine, proxy: Proxy, provider: str, url: object) -> str:
    """The gateway that an agent with this base URL calls; empty where that is the provider.

    Of one without a base URL, or that calls the proxy already, it is the gateway that the proxy
    has, but for another agent's: so a plan made a second time is the same.
    """
    if url is not None and not proxy.is_base(url):
        return as_gateway(provider, url)
    found, other = goes_on(machine, proxy, provider), proxy.others.get(provider)
    return "" if other and other.url == found else found


def goes_on(machine: Machine, proxy: Proxy, provider: str) -> str:
    """The gateway that the proxy calls by the user's settings file; empty for the provider."""
    content = machine.read(proxy.settings_file)
    said = editing.value(FileFormat.TOML, content, "proxy", f"{provider}_upstream")
    return as_gateway(provider, said)


def as_gateway(provider: str, url: object) -> str:
    """A URL without a slash at its end; empty where it is the provider's own, or none."""
    if not isinstance(url, str) or urlsplit(url).hostname in _OWN_HOSTS.get(provider, ()):
        return ""
    return url.rstrip("/")


def upstream(proxy: Proxy, provider: str, url: str) -> FilePatch:
    """Lets the proxy call the gateway that the agent has called so far."""
    return FilePatch(
        proxy.settings_file,
        FileFormat.TOML,
        (change("proxy", f"{provider}_upstream", to=url.rstrip("/")),),
        f"requests go on to {url}, where they went before",
    )


def start_line(proxy: Proxy, system: System) -> str:
    """The line by which an agent's hook starts the proxy; quick where it runs already."""
    words = (*proxy.headroom, "proxy", "start", "--quiet")
    if system is System.WINDOWS:
        # Every shell that may run it there takes slashes, and no other quotes than these.
        return " ".join(f'"{w}"' if " " in w else w for w in (w.replace("\\", "/") for w in words))
    return shlex.join(words)
