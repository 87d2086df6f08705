"""The retrieve tool among a Chat Completions request's tools.

It stands first in `tools`. Where the API could not serve it, nothing is offered: with several
choices asked for (`n`), which would each need a continuation of their own; beside the older
`functions`; and with a `prediction`, which the API takes without tools only.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from headroom.markers import TOOL_NAME
from headroom.tool_definition import retrieve_tool
from headroom.wire.json_spans import Array, Object, Splice

_TOOL = orjson.dumps(retrieve_tool("openai"))
_NAMED = orjson.dumps({"type": "function", "function": {"name": TOOL_NAME}})


def offered(body: dict[str, Any]) -> list[str]:
    """The names of the client's own tools: functions, custom tools, and older `functions`."""
    return [name for name in _names(body) if isinstance(name, str) and name]


def _names(body: dict[str, Any]) -> Iterator[Any]:
    for tool in _listed(body, "tools"):
        called = tool.get("function") or tool.get("custom") or tool
        yield called.get("name") if isinstance(called, dict) else None
    for function in _listed(body, "functions"):
        yield function.get("name")


def _listed(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    values = body.get(key)
    listed = values if isinstance(values, list) else []
    return [value for value in listed if isinstance(value, dict)]


def offer(body: dict[str, Any]) -> Sequence[Splice]:
    """Changes that put the tool first in `tools`, and among the tools that a `tool_choice`
    allows; none where it cannot be offered."""
    if not isinstance(body, Object) or not isinstance(body.get("messages"), list):
        return ()
    several = isinstance(body.get("n"), (int, float)) and body["n"] > 1
    if several or body.get("functions") or body.get("prediction"):
        return ()
    if "tools" not in body:
        # The body holds its messages, so something follows.
        return [Splice(body.start + 1, body.start + 1, b'"tools":[' + _TOOL + b"],")]
    tools = body["tools"]
    return [_first(tools, _TOOL), *_allowed(body)] if isinstance(tools, Array) else ()


def _allowed(body: dict[str, Any]) -> Iterator[Splice]:
    """A `tool_choice` may narrow the tools to some of them."""
    choice = body.get("tool_choice")
    allowed = choice.get("allowed_tools") if isinstance(choice, dict) else None
    tools = allowed.get("tools") if isinstance(allowed, dict) else None
    if isinstance(tools, Array) and tools:
        yield _first(tools, _NAMED)


def _first(values: Array, new: bytes) -> Splice:
    return Splice(values.start + 1, values.start + 1, new + b"," if values else new)
