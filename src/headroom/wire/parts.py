"""What request bodies of several APIs have in common: a `messages` list, text parts, a model."""

from collections.abc import Iterator
from typing import Any


def messages_of(body: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The body's messages with their index; anything that is not an object is passed over."""
    messages = body.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict):
            yield index, message


def is_text_part(part: Any) -> bool:
    """Whether a content part is plain text."""
    return (
        isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
    )


def model_of(body: dict[str, Any]) -> str:
    """The model that the body names, or empty."""
    model = body.get("model")
    return model if isinstance(model, str) else ""
