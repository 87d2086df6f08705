"""VS Code: its chat calls services of its own, so only the MCP server can be given to it."""

from collections.abc import Sequence
from pathlib import Path

from headroom.agents import mcp_entry, places
from headroom.agents._api import Options, Proxy, Session
from headroom.plans import FilePatch, Machine, Plan, PlanError

_ELSEWHERE = (
    "the models in VS Code's chat are called through GitHub, which cannot be redirected: these "
    "requests go as before"
)
_PROGRAMS = ("code", "code-insiders", "codium")


class VSCode:
    """VS Code and its variants, each with its own list of servers."""

    name = "vscode"
    title = "VS Code"
    program = ""
    client = ""

    def is_here(self, machine: Machine) -> bool:
        """Whether one of them is installed or was ever started."""
        installed = any(machine.which(program) for program in _PROGRAMS)
        return installed or bool(places.vscode_folders(machine))

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The MCP server alone."""
        patches = self.registration(machine, proxy) if options.mcp else ()
        return Plan(self.name, self.title, patches, notes=(_ELSEWHERE,))

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """None: no run of it can be led through the proxy."""
        raise PlanError(f"{_ELSEWHERE}. `headroom wrap {self.name}` registers the MCP server")

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server in the user's default profile of each variant that was started."""
        usual = places.application_data(machine) / "Code" / "User"
        return tuple(
            mcp_entry.registered(folder / "mcp.json", proxy, "servers", type="stdio")
            for folder in places.vscode_folders(machine) or (usual,)
        )

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """A project's server of the same name."""
        return mcp_entry.hidden(machine, proxy, directory / ".vscode" / "mcp.json", "servers")
