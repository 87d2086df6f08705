"""One part of a Gemini content, read in both spellings that the API takes.

A content is `{"role": …, "parts": […]}`; a part holds one thing: a text, a call, a response, data.
Nothing here raises on a wrong shape: it is read as nothing there.
https://ai.google.dev/api/caching#Content
"""

from collections.abc import Iterable, Sequence
from typing import Any

from headroom.markers import TOOL_NAME

Part = dict[str, Any]


def either(node: Part, camel: str, snake: str) -> Any:
    """What stands under a name in either spelling."""
    value = node.get(camel)
    return node.get(snake) if value is None else value


def contents_of(body: Part) -> list[Any]:
    """The contents of a request, in order."""
    contents = body.get("contents")
    return contents if isinstance(contents, list) else []


def parts_of(content: Any) -> list[Any]:
    """The parts of a content."""
    parts = content.get("parts") if isinstance(content, dict) else None
    return parts if isinstance(parts, list) else []


def is_model(content: Any) -> bool:
    """Whether the model said this content."""
    return isinstance(content, dict) and content.get("role") == "model"


def is_thought(part: Any) -> bool:
    """Whether a part is a thought, which clients show apart or drop."""
    return isinstance(part, dict) and part.get("thought") is True


def is_signed(part: Any) -> bool:
    """Whether the provider has signed a part: then it goes back as it came."""
    return isinstance(part, dict) and bool(either(part, "thoughtSignature", "thought_signature"))


def text_of(part: Any) -> str:
    """The text that a part shows, or empty."""
    if not isinstance(part, dict) or is_thought(part):
        return ""
    text = part.get("text")
    return text if isinstance(text, str) else ""


def call_of(part: Any) -> Part | None:
    """The function call that a part is, or None."""
    call = either(part, "functionCall", "function_call") if isinstance(part, dict) else None
    return call if isinstance(call, dict) else None


def response_of(part: Any) -> Part | None:
    """The function response that a part is, or None."""
    if not isinstance(part, dict):
        return None
    response = either(part, "functionResponse", "function_response")
    return response if isinstance(response, dict) else None


def word(node: Part, key: str) -> str:
    """The string under `key`, or empty."""
    value = node.get(key)
    return value if isinstance(value, str) else ""


def is_hidden(part: Any) -> bool:
    """Whether a part is a call of the retrieve tool, which the client is not shown."""
    call = call_of(part)
    return call is not None and call.get("name") == TOOL_NAME


def has_calls(parts: Iterable[Any]) -> bool:
    """Whether there is a call among `parts`."""
    return any(call_of(part) is not None for part in parts)


def is_solid(part: Any) -> bool:
    """Whether a part is something other than a text or a thought: it keeps its place, and
    clients neither join nor split it."""
    if not isinstance(part, dict) or is_thought(part) or text_of(part):
        return False
    return any(value is not None and key not in _BESIDE for key, value in part.items())


_BESIDE = frozenset(
    ("text", "thought", "thoughtSignature", "thought_signature", "partMetadata", "part_metadata")
)


def shown(parts: Iterable[Any]) -> list[Any]:
    """What the client is shown of `parts`."""
    return [part for part in parts if not is_hidden(part)]


def joined(parts: Iterable[Any]) -> list[Any]:
    """`parts` with the pieces of a text, as a stream brings them, made one. What is signed is
    never joined with anything, as its signature holds for that part alone."""
    whole: list[Any] = []
    for part in parts:
        if whole and _is_plain(part) and _is_plain(whole[-1]) and _alike(part, whole[-1]):
            whole[-1] = {**whole[-1], "text": whole[-1]["text"] + part["text"]}
        elif part != {"text": ""}:
            whole.append(part)
    return whole


def _is_plain(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str) and len(part) <= 2


def _alike(part: Part, other: Part) -> bool:
    return set(part) == set(other) <= {"text", "thought"} and is_thought(part) == is_thought(other)


def visible_text(parts: Sequence[Any]) -> str:
    """All that `parts` show as text."""
    return "".join(text_of(part) for part in parts)
