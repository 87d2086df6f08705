"""Our MCP server as clients write it down: a command that they start and talk to on its stdio."""

from pathlib import Path

from headroom.agents._api import Proxy
from headroom.plans import FileFormat, FilePatch, Machine, Value, change, editing

WHY = "headroom's tools"


def entry(proxy: Proxy, **more: Value) -> dict[str, Value]:
    """The server, with what else the client wants to be told of it."""
    words = [*proxy.headroom, "mcp", "serve"]
    said: dict[str, Value] = {"command": words[0], "args": [*words[1:]]}
    return {**more, **said}


def registered(path: Path, proxy: Proxy, servers: str = "mcpServers", **more: Value) -> FilePatch:
    """The patch of a JSON file that has its servers, by name, under one key."""
    return FilePatch(
        path, FileFormat.JSON, (change(servers, "headroom", to=entry(proxy, **more)),), WHY
    )


def hidden(
    machine: Machine, proxy: Proxy, path: Path, servers: str = "mcpServers"
) -> tuple[str, ...]:
    """What a project's file says under our server's name, where that is another server."""
    there = editing.value(FileFormat.JSON, machine.read(path), servers, "headroom")
    if not isinstance(there, dict) or there.get("command") == entry(proxy)["command"]:
        return ()
    return (f"{path} has another server named headroom, which hides the user's: remove it there",)
