"""The retrieve tool among a request's tools.

It stands first: what a client appends to its tools then leaves the bytes before it as they were.
"""

from typing import Any

import orjson

from headroom.tool_definition import retrieve_tool
from headroom.wire.json_spans import Array, Object, Splice

_TOOL = orjson.dumps(retrieve_tool("anthropic"))


def offered(body: dict[str, Any]) -> list[str]:
    """The names of the tools in the request."""
    tools = body.get("tools")
    named = [
        tool.get("name")
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict)
    ]
    return [name for name in named if isinstance(name, str)]


def offer(body: dict[str, Any]) -> list[Splice]:
    """Changes that put the retrieve tool first; none where `tools` is no list."""
    if not isinstance(body, Object):
        return []
    if "tools" not in body:
        new = b'"tools":[' + _TOOL + b"]" + (b"," if body else b"")
        return [Splice(body.start + 1, body.start + 1, new)]
    tools = body["tools"]
    if not isinstance(tools, Array):
        return []
    return [Splice(tools.start + 1, tools.start + 1, _TOOL + (b"," if tools else b""))]
