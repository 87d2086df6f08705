"""The MCP server (extra `mcp`): compression, retrieval and figures for any MCP client.

    headroom mcp serve

Names load on first use: the protocol answers before what a call needs is loaded, and only
`server` and `http` know the SDK.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headroom.mcp.http import Listening, serve_http
    from headroom.mcp.roots import Roots, default_folders
    from headroom.mcp.server import create_server, serve_stdio
    from headroom.mcp.tools import Tools

__all__ = [
    "Listening",
    "Roots",
    "Tools",
    "create_server",
    "default_folders",
    "serve_http",
    "serve_stdio",
]

_HOMES = {
    "Listening": "http",
    "Roots": "roots",
    "Tools": "tools",
    "create_server": "server",
    "default_folders": "roots",
    "serve_http": "http",
    "serve_stdio": "server",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'headroom.mcp' has no attribute {name!r}")
    return getattr(importlib.import_module(f"headroom.mcp.{_HOMES[name]}"), name)
