"""The retrieve tool among a Gemini request's tools.

It stands first in the first list of function declarations. Where the API would refuse functions
nothing is offered: beside built-in tools alone, with a cached content (which brings its own
tools), with an answer that must be JSON or media. Nor where a call could not be taken out of the
answer: several candidates, or calls whose arguments are streamed.
"""

from typing import Any

import orjson

from headroom.tool_definition import retrieve_tool
from headroom.wire.gemini.content import Part, either, word
from headroom.wire.json_spans import Array, Object, Splice

_DECLARATION = orjson.dumps(retrieve_tool("gemini")["function_declarations"][0])


def offered(body: dict[str, Any]) -> list[str]:
    """The names of the functions that the client declares."""
    return [
        name
        for tool in _tools(body)
        for declaration in _declarations(tool) or ()
        if isinstance(declaration, dict) and (name := word(declaration, "name"))
    ]


def offer(body: dict[str, Any]) -> list[Splice]:
    """The change that puts our function first; nothing where it could not be called."""
    if either(body, "cachedContent", "cached_content") or _is_in_pieces(body):
        return []
    declared = next((d for tool in _tools(body) if (d := _declarations(tool)) is not None), None)
    if declared is not None:
        return _first_in(declared, _DECLARATION)
    if _tools(body) or _is_bound(body):
        return []
    entry = b'{"functionDeclarations":[' + _DECLARATION + b"]}"
    if body.get("tools") is not None:
        return _first_in(body["tools"], entry)
    return _first_key(body, entry)


def _tools(body: dict[str, Any]) -> list[Any]:
    tools = body.get("tools")
    return tools if isinstance(tools, list) else []


def _declarations(tool: Any) -> list[Any] | None:
    if not isinstance(tool, dict):
        return None
    declared = either(tool, "functionDeclarations", "function_declarations")
    return declared if isinstance(declared, list) else None


def _first_in(values: Any, new: bytes) -> list[Splice]:
    if not isinstance(values, Array):
        return []
    start = values.start + 1
    return [Splice(start, start, new + (b"," if values else b""))]


def _first_key(body: dict[str, Any], entry: bytes) -> list[Splice]:
    if not isinstance(body, Object) or "tools" in body:
        return []
    start = body.start + 1
    return [Splice(start, start, b'"tools":[' + entry + (b"]," if body else b"]"))]


def _under(node: Part, camel: str, snake: str) -> Part:
    value = either(node, camel, snake)
    return value if isinstance(value, dict) else {}


def _config(body: dict[str, Any]) -> Part:
    return _under(body, "generationConfig", "generation_config")


def _is_in_pieces(body: dict[str, Any]) -> bool:
    count = either(_config(body), "candidateCount", "candidate_count")
    tools = _under(body, "toolConfig", "tool_config")
    calling = _under(tools, "functionCallingConfig", "function_calling_config")
    names = ("streamFunctionCallArguments", "stream_function_call_arguments")
    return count not in (None, 0, 1) or bool(either(calling, *names))


def _is_bound(body: dict[str, Any]) -> bool:
    """Whether the answer must have a shape in which models without functions of their own refuse
    them."""
    config = _config(body)
    kind = either(config, "responseMimeType", "response_mime_type")
    media = either(config, "responseModalities", "response_modalities")
    schemas = ("responseSchema", "response_schema", "responseJsonSchema", "response_json_schema")
    return (
        kind not in (None, "", "text/plain")
        or any(config.get(name) is not None for name in schemas)
        or (isinstance(media, list) and any(str(kind).upper() != "TEXT" for kind in media))
    )
