"""The retrieve tool among a request's tools.

Most clients list their tools in `tools`, and ours goes first there. Codex in code mode has no
such list: its tools stand in an `additional_tools` item at the start of the input, as namespaces,
and the model mostly calls them from scripts. Functions inside the namespace `functions` (which is
where a function without a namespace lives anyway) are called directly there, so ours goes first in
that namespace; without one, first in the item's list. Later WebSocket frames carry neither:
what the first frame brought still holds, and nothing is offered again.

A request that runs in the background is answered to a later request that is not seen here: no
call could be taken out, so nothing is offered.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.tool_definition import retrieve_tool
from headroom.wire.json_spans import Array, Object, Splice
from headroom.wire.openai_responses.items import (
    FRAME,
    PLAIN_NAMESPACES,
    dumps,
    kind_of,
    request_in,
    text,
)


def offered(body: dict[str, Any]) -> Sequence[str]:
    """The names of the client's tools; one in a namespace bears both names, as in
    `mcp__headroom__headroom_retrieve`."""
    request, _ = request_in(body)
    return [
        name
        for tools in (request.get("tools"), *_additional(request))
        for name in _names(tools, None)
    ]


def offer(body: dict[str, Any]) -> Sequence[Splice]:
    """The changes that put our tool first, among the tools and among those that a `tool_choice`
    allows; none where it could not be called or not be served."""
    request, _ = request_in(body)
    if request.get("background") is True or not isinstance(request, Object):
        return []
    tools = request.get("tools")
    if isinstance(tools, Array) and tools:
        return [_first_in(tools, _DEFINITION), *_allowed(request)]
    for listed in _additional(request):
        if isinstance(listed, Array) and listed:
            return [_first_in(_functions(listed) or listed, _DEFINITION)]
    if "tools" in request:
        return [_first_in(tools, _DEFINITION)] if isinstance(tools, Array) else []
    if body.get("type") == FRAME and _needs_no_tools(request):
        return []
    start = request.start + 1
    return [Splice(start, start, b'"tools":[' + _DEFINITION + (b"]," if request else b"]"))]


def brings_tools(request: dict[str, Any]) -> bool:
    """Whether a request carries tools that later frames need not repeat."""
    return any(True for _ in _additional(request))


def _needs_no_tools(request: dict[str, Any]) -> bool:
    """A frame that goes on from another, or only warms up."""
    return bool(request.get("previous_response_id")) or request.get("generate") is False


def _definition() -> bytes:
    function = retrieve_tool("openai")["function"]
    # Without the word, some servers take every argument for required.
    return dumps({"type": "function", **function, "strict": False})


_DEFINITION = _definition()
_NAMED = dumps({"type": "function", "name": TOOL_NAME})


def _first_in(tools: Array, new: bytes) -> Splice:
    start = tools.start + 1
    return Splice(start, start, new + (b"," if tools else b""))


def _allowed(request: dict[str, Any]) -> Iterator[Splice]:
    """A `tool_choice` may narrow the tools to some of them."""
    choice = request.get("tool_choice")
    allowed = choice.get("tools") if isinstance(choice, dict) else None
    if isinstance(allowed, Array) and allowed:
        yield _first_in(allowed, _NAMED)


def _additional(request: dict[str, Any]) -> Iterator[Any]:
    """The tool lists inside the input."""
    items = request.get("input")
    for item in items if isinstance(items, list) else ():
        if kind_of(item) == "additional_tools":
            yield item.get("tools")


def _functions(tools: Array) -> Array | None:
    """The tools of the namespace for functions that are in no other."""
    for tool in tools:
        if isinstance(tool, dict) and tool.get("type") == "namespace":
            inside = tool.get("tools")
            if tool.get("name") == "functions" and isinstance(inside, Array) and inside:
                return inside
    return None


def _names(tools: Any, namespace: Any) -> Iterator[str]:
    for tool in tools if isinstance(tools, list) else ():
        if not isinstance(tool, dict):
            continue
        name = text(tool.get("name")) or text(tool.get("type"))
        if tool.get("type") == "namespace" and namespace is None:
            yield from _names(tool.get("tools"), name)
        else:
            yield name if namespace in PLAIN_NAMESPACES else f"{namespace}__{name}"
