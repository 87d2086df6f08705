"""The SDK's server around the tools, and stdio as its way to a client.

stdout is the protocol's; everything else that is said goes to stderr. It knows what a tool is
called, and nothing of what it does.
"""

import signal
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import anyio
import mcp_types as types
from anyio import to_thread
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from headroom import originals
from headroom.mcp.definitions import INSTRUCTIONS, META, Definition, definitions

if TYPE_CHECKING:
    from headroom.mcp.tools import Answer, Tools

NAME = "headroom"


def create_server(tools: "Callable[[], Tools]") -> Server[Any]:
    """The server, whose tools are asked for by the first call: clients wait for the handshake."""
    listed = types.ListToolsResult(tools=[_tool(each) for each in definitions()])

    async def list_tools(_: object, __: types.PaginatedRequestParams | None) -> Any:
        return listed

    async def call_tool(_: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        arguments = params.arguments or {}
        return _result(await to_thread.run_sync(lambda: tools().call(params.name, arguments)))

    return Server(
        NAME,
        version=version("headroom-ai"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve_stdio(tools: "Callable[[], Tools]") -> None:
    """Serve one client over stdin and stdout until it closes them."""
    # Raised as an exception, Ctrl+C would wait for the thread that waits for stdin.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(_over_stdio, create_server(tools))


async def _over_stdio(server: Server[Any]) -> None:
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _tool(definition: Definition) -> types.Tool:
    hints = types.ToolAnnotations(
        read_only_hint=definition.changes_nothing,
        # Said of what only reads, it would be noise.
        destructive_hint=None if definition.changes_nothing else False,
        open_world_hint=False,
    )
    return types.Tool(
        name=definition.name,
        description=definition.description,
        input_schema=definition.schema,
        annotations=hints,
        _meta=META,
    )


def _result(answer: "Answer") -> types.CallToolResult:
    text = types.TextContent(type="text", text=_sendable(answer.text))
    return types.CallToolResult(content=[text], is_error=answer.failed)


def _sendable(text: str) -> str:
    """Bytes that never were UTF-8 become signs that say so; the protocol has no others."""
    return originals.to_bytes(text).decode("utf-8", "replace")
