"""Claude Desktop: an app with a login of its own, to which only the MCP server can be given."""

from collections.abc import Sequence
from pathlib import Path

from headroom.agents import mcp_entry, places
from headroom.agents._api import Options, Proxy, Session
from headroom.plans import FilePatch, Machine, Plan, PlanError

_ELSEWHERE = "Claude Desktop has no setting for where its requests go: they go as before"
_RESTART = "quit Claude Desktop and start it again, so that it reads its servers"


class ClaudeDesktop:
    """Claude Desktop; on Linux the builds that keep its files where other programs do."""

    name = "claude-desktop"
    title = "Claude Desktop"
    program = ""
    client = ""

    def is_here(self, machine: Machine) -> bool:
        """Whether it was ever started."""
        folder = _file(machine).parent
        return any(machine.exists(path) for path in (_file(machine), folder / "config.json"))

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The MCP server alone."""
        patches = self.registration(machine, proxy) if options.mcp else ()
        notes = (_ELSEWHERE, _RESTART) if patches else (_ELSEWHERE,)
        return Plan(self.name, self.title, patches, notes=notes)

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """None: no run of it can be led through the proxy."""
        raise PlanError(f"{_ELSEWHERE}. `headroom wrap {self.name}` registers the MCP server")

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server."""
        return (mcp_entry.registered(_file(machine), proxy),)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """None: it knows no projects."""
        return ()


def _file(machine: Machine) -> Path:
    return places.application_data(machine) / "Claude" / "claude_desktop_config.json"
