"""Message lists as programs save them, whatever the API: a list, a body, or lines of either.

    [message, …]                       one conversation
    {"messages": [message, …], …}      one conversation: a request body, or a record with an "id"
    [list or body, …]                  several
    lines of any of these              several; lines of single messages are one

Whose messages they are is for the readers to say.
"""

import json
from collections.abc import Iterator
from typing import Any

from headroom.errors import TranscriptError

Body = dict[str, Any]


def bodies(text: str) -> Iterator[Body]:
    """The conversations in `text`, each as a body with its list under "messages".

    Raises:
        TranscriptError: a value in the text is none of the shapes above.
    """
    loose: list[Body] = []
    for place, value in _values(text):
        if _is_message(value):
            loose.append(value)
        else:
            yield from _bodies_of(value, place)
    if loose:
        yield {"messages": loose}


def looks_like(text: str) -> bool:
    """Whether the first value in `text` is one of the shapes above."""
    try:
        place, value = next(_values(text))
        return _is_message(value) or next(_bodies_of(value, place), None) is not None
    except (StopIteration, TranscriptError):
        return False


def identity(body: Body) -> str:
    """The "id" that a record gives its conversation, or empty."""
    found = body.get("id")
    return str(found) if isinstance(found, (str, int)) else ""


def _values(text: str) -> Iterator[tuple[str, Any]]:
    """The JSON values of `text` with their place in words: one value, or one a line."""
    try:
        yield "the file", json.loads(text)
        return
    except (ValueError, RecursionError):
        pass
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TranscriptError(f"line {number} is not JSON ({error})") from error


def _bodies_of(value: Any, place: str) -> Iterator[Body]:
    if isinstance(value, list) and value and not any(map(_is_message, value)):
        for number, item in enumerate(value, 1):
            yield _body(item, f"item {number} of {place}")
    else:
        yield _body(value, place)


def _body(value: Any, place: str) -> Body:
    body = {"messages": value} if isinstance(value, list) else value
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise TranscriptError(f'{place} is no list of messages and has none under "messages"')
    _check(body["messages"], place)
    return body


def _check(messages: list[Any], place: str) -> None:
    for number, message in enumerate(messages, 1):
        if not _is_message(message):
            raise TranscriptError(f'message {number} of {place} is no object with a "role"')


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str)
