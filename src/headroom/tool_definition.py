"""The definition of the retrieve tool, in each provider's spelling. Every token is billed on
every request, so the argument names speak for themselves."""

from typing import Any

from headroom.errors import SettingsError
from headroom.markers import TOOL_NAME

_DESCRIPTION = 'Full text behind a marker. lines="120-160", match=regex, path="$.a[3]" narrow it.'
_ARGUMENTS = ("ref", "lines", "match", "path")


def retrieve_tool(provider: str) -> dict[str, Any]:
    """The tool to hand to a model so that it can redeem markers; `retrieve` answers its call.

    Raises:
        SettingsError: `provider` is none of "anthropic", "openai", "gemini".
    """
    named = {"name": TOOL_NAME, "description": _DESCRIPTION}
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in _ARGUMENTS},
        "required": ["ref"],
    }
    shapes: dict[str, dict[str, Any]] = {
        "anthropic": {**named, "input_schema": schema},
        "openai": {"type": "function", "function": {**named, "parameters": schema}},
        "gemini": {"function_declarations": [{**named, "parameters": schema}]},
    }
    if provider not in shapes:
        raise SettingsError(f"unknown provider {provider!r}; choose one of {', '.join(shapes)}")
    return shapes[provider]
