"""Continue: an extension and a command, configured in YAML, which is not edited here.

A model's base URL stands with the model, in a list; its owner is told which line to add. The MCP
server has a file of its own.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from headroom.agents import mcp_entry
from headroom.agents._api import Options, Proxy, Session
from headroom.plans import FileFormat, FilePatch, Machine, Plan, PlanError, change

_CONFIGS = ("config.yaml", "config.json", "config.ts")
_TOOLS = (
    "Continue shows the tools of its servers in agent mode; its command `cn` does not read this "
    "file, but takes `mcpServers` in config.yaml"
)


class Continue:
    """Continue, in VS Code, JetBrains' editors and as `cn`."""

    name = "continue"
    title = "Continue"
    program = "cn"
    client = ""

    def is_here(self, machine: Machine) -> bool:
        """Whether it is installed or was used."""
        files = (_folder(machine) / name for name in _CONFIGS)
        return machine.which(self.program) is not None or any(machine.exists(p) for p in files)

    def plan(self, machine: Machine, proxy: Proxy, options: Options) -> Plan:
        """The MCP server, and what its owner has to write."""
        patches = self.registration(machine, proxy) if options.mcp else ()
        notes = (*_to_write(machine, proxy), *((_TOOLS,) if patches else ()))
        return Plan(self.name, self.title, patches, notes=notes)

    def session(
        self, machine: Machine, proxy: Proxy, arguments: Sequence[str], options: Options
    ) -> Session:
        """None: it has no option and no variable for where a model is."""
        raise PlanError(f"Continue cannot be led by an option: {_to_write(machine, proxy)[0]}")

    def registration(self, machine: Machine, proxy: Proxy) -> tuple[FilePatch, ...]:
        """The MCP server, in a file of its own."""
        said = {"mcpServers": {"headroom": mcp_entry.entry(proxy)}}
        whole = change(to=json.dumps(said, indent=2, ensure_ascii=False) + "\n")
        path = _folder(machine) / "mcpServers" / "headroom.json"
        return (FilePatch(path, FileFormat.WHOLE, (whole,), mcp_entry.WHY),)

    def obstacles(self, machine: Machine, proxy: Proxy, directory: Path) -> tuple[str, ...]:
        """The configuration, as long as it does not name the proxy."""
        config = _config(machine)
        content = machine.read(config) or b""
        if proxy.url.encode() in content:
            return ()
        return (f"{config} does not name the proxy, so no model is called through it",)


def _folder(machine: Machine) -> Path:
    return machine.folder("CONTINUE_GLOBAL_DIR", ".continue")


def _config(machine: Machine) -> Path:
    """The one that is read: of several the first."""
    files = [_folder(machine) / name for name in _CONFIGS]
    return next((path for path in files if machine.exists(path)), files[0])


def _to_write(machine: Machine, proxy: Proxy) -> tuple[str, ...]:
    config = _config(machine)
    url = f"{proxy.url}/v1/"
    line = f'"apiBase": "{url}"' if config.suffix == ".json" else f"apiBase: {url}"
    return (
        f"add `{line}` to each model of the providers anthropic and openai in {config}; "
        f"for gemini it is {proxy.url}/v1beta/",
        "a model that is called through Continue's own service cannot be redirected",
    )
