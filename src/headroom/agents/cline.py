"""Cline: its command reads its providers from a file; the extension keeps its own to itself."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from headroom.agents import mcp_entry, places
from headroom.agents._api import Options, Proxy, Session, gateway, upstream
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

_PROVIDERS = {"anthropic": "anthropic", "openai-native": "openai", "gemini": "gemini"}
"""What Cline calls those whose API the proxy speaks, and what we do."""
_EXTENSION = Path("saoudrizwan.claude-dev", "settings", "cline_mcp_settings.json")


class Cline:
    """Cline, the command and the extension of editors."""

    name = "cline"
    title = "Cline"
    program = "cline"
    client = ""

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or was used."""
        used = machine.exists(_providers_file(machine)) or machine.exists(_servers_file(machine))
        installed = machine.which(self.program) is not None
        return installed or used or any(True for _ in _extensions(machine))

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The base URL of each provider that the command knows, and the MCP server."""
        changes = tuple(_base_urls(machine, proxy))
        patches = self.registration(machine, proxy) if options.mcp else ()
        if changes:
            providers = FilePatch(
                _providers_file(machine), FileFormat.JSON, changes, "its requests go to the proxy"
            )
            patches = (providers, *_gateways(machine, proxy), *patches)
        notes = tuple(_notes(machine, proxy))
        used = tuple(_PROVIDERS[name] for name, _ in _known(machine, proxy))
        return Plan(self.name, self.title, patches, (), notes, used)

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """None: it has no option and no variable for a base URL."""
        raise PlanError(
            "Cline takes a base URL from its files alone; `headroom wrap cline` writes it there"
        )

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server for all of Cline's programs, and for older extensions that were used."""
        files = (_servers_file(machine), *_extensions(machine))
        return tuple(mcp_entry.registered(path, proxy) for path in files)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """The provider in use, where that is none of those that were led here."""
        said = _read(machine)
        used = said.get("lastUsedProvider")
        if not isinstance(used, str) or used in {name for name, _ in _known(machine, proxy)}:
            return ()
        return (
            f"Cline's provider is {used}, whose requests do not go through the proxy: choose "
            f"one of {', '.join(_PROVIDERS)} with `cline auth`, and wrap it again",
        )


def _providers_file(machine: Machine) -> Path:
    return machine.home / ".cline" / "data" / "settings" / "providers.json"


def _servers_file(machine: Machine) -> Path:
    return machine.folder("CLINE_MCP_SETTINGS_PATH", ".cline/data/settings/cline_mcp_settings.json")


def _extensions(machine: Machine) -> Iterator[Path]:
    """The lists of servers of extensions that do not share the command's."""
    for folder in places.vscode_folders(machine):
        path = folder / "globalStorage" / _EXTENSION
        if machine.exists(path):
            yield path


def _read(machine: Machine) -> Mapping[str, Value]:
    said = editing.value(FileFormat.JSON, machine.read(_providers_file(machine)))
    return said if isinstance(said, dict) else {}


def _settings(machine: Machine) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Each provider that the user has set up, with its settings."""
    providers = _read(machine).get("providers")
    for name, said in providers.items() if isinstance(providers, dict) else ():
        settings = said.get("settings") if isinstance(said, dict) else None
        if isinstance(settings, dict):
            yield name, settings


def _known(machine: Machine, proxy: Proxy) -> Iterator[tuple[str, str]]:
    """Those that can be led here, and the gateway that each calls by now, if it calls one."""
    for name, settings in _settings(machine):
        url = settings.get("baseUrl")
        if name not in _PROVIDERS:
            continue
        onward = gateway(machine, proxy, _PROVIDERS[name], url)
        new = url is not None and not proxy.is_base(url)
        # Cline puts no version before its paths, and the proxy's paths have one.
        if not (onward and new and name != "gemini" and not onward.endswith("/v1")):
            yield name, onward.removesuffix("/v1beta")


def _base_urls(machine: Machine, proxy: Proxy) -> Iterator[KeyChange]:
    for name, _ in _known(machine, proxy):
        url = proxy.url if name == "gemini" else proxy.openai
        yield change("providers", name, "settings", "baseUrl", to=url)


def _gateways(machine: Machine, proxy: Proxy) -> Iterator[FilePatch]:
    for name, onward in _known(machine, proxy):
        if onward:
            yield upstream(proxy, _PROVIDERS[name], onward)


def _notes(machine: Machine, proxy: Proxy) -> Iterator[str]:
    led = dict(_known(machine, proxy))
    for name, onward in led.items():
        if onward:
            yield f"requests to {name} still go to your gateway, {onward}, by way of the proxy"
    for name, settings in _settings(machine):
        if name not in led:
            where = settings.get("baseUrl") or "its own service"
            yield f"the provider {name} calls {where}, as before"
    if not led:
        yield "the command has no provider yet that can be led here: `cline auth`, then wrap again"
    yield (
        "the extension keeps its provider to itself. In its settings: with Anthropic, tick `Use "
        f"custom base URL` and enter {proxy.url}; with OpenAI Compatible the base URL is "
        f"{proxy.openai}"
    )
