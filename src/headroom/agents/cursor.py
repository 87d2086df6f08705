"""Cursor: its requests are made by its own servers, so only the MCP server can be given to it."""

from collections.abc import Sequence
from pathlib import Path

from headroom.agents import mcp_entry, places
from headroom.agents._api import Options, Proxy, Session
from headroom.plans import FilePatch, Machine, Plan, PlanError

_ELSEWHERE = (
    "Cursor's requests are made by its own servers, which cannot reach a proxy on this machine: "
    "they go as before"
)
_KEY_OF_ONES_OWN = (
    "with an API key of your own Cursor takes another base URL for OpenAI's models (Settings > "
    "Models), but only a public HTTPS address, since its servers call it"
)


class Cursor:
    """Cursor, the editor and its command-line agent."""

    name = "cursor"
    title = "Cursor"
    program = ""
    client = ""

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or was used."""
        folder = machine.home / ".cursor"
        files = (folder / name for name in ("mcp.json", "argv.json", "cli-config.json"))
        return (
            any(machine.which(program) for program in ("cursor", "cursor-agent"))
            or any(machine.exists(path) for path in files)
            or places.was_started(machine, places.application_data(machine) / "Cursor" / "User")
        )

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The MCP server alone."""
        patches = self.registration(machine, proxy) if options.mcp else ()
        return Plan(self.name, self.title, patches, notes=(_ELSEWHERE, _KEY_OF_ONES_OWN))

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """None: no run of it can be led through the proxy."""
        raise PlanError(f"{_ELSEWHERE}. `headroom wrap cursor` registers the MCP server")

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server for all projects."""
        return (mcp_entry.registered(machine.home / ".cursor" / "mcp.json", proxy),)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """A project's server of the same name, which wins."""
        return mcp_entry.hidden(machine, proxy, directory / ".cursor" / "mcp.json")
