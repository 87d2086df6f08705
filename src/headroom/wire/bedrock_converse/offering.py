"""The retrieve tool among the tools of a request: first, so that what a client appends to its
list, or the cache point it ends it with, stays where it is.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from headroom.tool_definition import retrieve_tool
from headroom.wire.bedrock_converse.blocks import objects_in
from headroom.wire.json_spans import Array, Object, Splice


def offered(body: dict[str, Any]) -> Sequence[str]:
    """The names of the client's tools; those that it hands to the model past Converse, in the
    model's own spelling, are among them."""
    config, extra = body.get("toolConfig"), body.get("additionalModelRequestFields")
    tools = config.get("tools") if isinstance(config, dict) else None
    own = extra.get("tools") if isinstance(extra, dict) else None
    named = [part.get("toolSpec") or part.get("systemTool") for _, part in objects_in(tools)]
    named += [part for _, part in objects_in(own)]
    names = [spec.get("name") for spec in named if isinstance(spec, dict)]
    return [name for name in names if isinstance(name, str)]


def offer(body: dict[str, Any]) -> Sequence[Splice]:
    """Changes that put the tool first; nothing where the body is not as documented."""
    tool = _definition()
    config = body.get("toolConfig")
    if "toolConfig" not in body:
        return _first(body, b'"toolConfig":{"tools":[%s]}' % tool)
    if not isinstance(config, dict):
        return ()
    if "tools" not in config:
        return _first(config, b'"tools":[%s]' % tool)
    tools = config["tools"]
    return _first(tools, tool) if isinstance(tools, list) else ()


def _first(container: Any, new: bytes) -> Sequence[Splice]:
    """A new first part of a list or an object."""
    if not isinstance(container, (Array, Object)):
        return ()
    start = container.start + 1
    return (Splice(start, start, new + b"," if container else new),)


def _definition() -> bytes:
    plain = retrieve_tool("anthropic")
    schema = {"json": plain.pop("input_schema")}
    return orjson.dumps({"toolSpec": {**plain, "inputSchema": schema}})
