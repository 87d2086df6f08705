"""A server of the official SDK: one tool with progress and structured rows, one that fails."""

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("shop")


@server.tool()
async def list_issues(repository: str, ctx: Context) -> list[dict[str, str | int]]:
    """Lists issues."""
    await ctx.report_progress(1, 2, "half")
    return [
        {"number": n, "title": f"Timeout {n} in {repository}", "state": "open", "comments": n % 7}
        for n in range(300)
    ]


@server.tool()
def read_log(day: str) -> str:
    """Reads a log."""
    lines = [f"2026-03-01 10:00:{n % 60:02} INFO worker polled queue {n % 5}" for n in range(2_000)]
    lines[1_234] = "2026-03-01 10:00:34 ERROR no such queue: orders-7"
    return "\n".join(lines)


@server.tool()
def fail() -> str:
    """Fails."""
    raise ToolError("no such issue: 77")


if __name__ == "__main__":
    server.run()
