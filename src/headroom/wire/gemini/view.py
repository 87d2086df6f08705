"""Gemini `generateContent`: `contents` of parts, with calls and responses among them.

A response is an object of any shape; each long string in it is a text. Thoughts, signed parts,
data and files are never edited. Contents of the model that follow each other are one message, as
some clients keep each piece of a stream as a content of its own; its role reads "assistant".
https://ai.google.dev/api/generate-content
"""

from collections.abc import Iterator
from typing import Any

import orjson

from headroom.conversation import Block, Conversation, Kind, Message, Path
from headroom.wire.gemini.content import (
    Part,
    call_of,
    contents_of,
    either,
    is_model,
    is_signed,
    is_thought,
    parts_of,
    response_of,
    text_of,
    word,
)
from headroom.wire.parts import model_of

MIN_RESULT = 200
"""Characters below which a string inside a response is no text of its own."""

_CALL, _RESPONSE = "functionCall", "functionResponse"
_ROLES = {
    None: Kind.USER_TEXT,
    "user": Kind.USER_TEXT,
    "function": Kind.USER_TEXT,
    "model": Kind.ASSISTANT_TEXT,
}
_OWN = (
    (_CALL, "function_call"),
    (_RESPONSE, "function_response"),
    ("inlineData", "inline_data"),
    ("fileData", "file_data"),
    ("text", "text"),
)


def view(body: dict[str, Any]) -> Conversation:
    """The conversation in a decoded request body; its system text comes first."""
    messages = [
        Message("system", tuple(blocks))
        for key in ("systemInstruction", "system_instruction")
        if (blocks := _texts(body.get(key), (key,), Kind.SYSTEM_TEXT))
    ]
    calls = _Calls()
    spoken: list[Block] | None = None
    for index, content in enumerate(contents_of(body)):
        path = ("contents", index)
        if not is_model(content):
            messages += _said(spoken)
            spoken = None
            role = content.get("role") if isinstance(content, dict) else None
            known = role is None or isinstance(role, str)
            blocks = _content(content, path, calls) if known and role in _ROLES else []
            messages.append(Message(str(role or "user"), tuple(blocks)))
            continue
        if spoken is None:
            spoken = []
            calls.clear()
        spoken += _content(content, path, calls)
    messages += _said(spoken)
    return Conversation(model_of(body), tuple(messages))


def recognises(message: dict[str, Any]) -> bool:
    """Whether a message carries what only this API has."""
    return "content" not in message and any(
        isinstance(part, dict)
        and "type" not in part
        and any(either(part, *names) is not None for names in _OWN)
        for part in parts_of(message)
    )


class _Calls:
    """The calls of the model's last turn that wait for their response. Many carry no id: then
    name and order pair them, and the call's place stands for its id."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, str, str]] = []

    def clear(self) -> None:
        self._waiting.clear()

    def add(self, call: Part, path: Path) -> str:
        given = word(call, "id")
        used = given or ".".join(str(step) for step in path[1:])
        self._waiting.append((given, word(call, "name"), used))
        return used

    def answered(self, response: Part) -> str:
        given, name = word(response, "id"), word(response, "name")
        for by_id in (True, False):
            for index, (call_id, called, used) in enumerate(self._waiting):
                if given == call_id != "" if by_id else name == called:
                    del self._waiting[index]
                    return used
        return given


def _said(blocks: list[Block] | None) -> list[Message]:
    return [] if blocks is None else [Message("assistant", tuple(blocks))]


def _content(content: Any, path: Path, calls: _Calls) -> list[Block]:
    if not isinstance(content, dict):
        return []
    kind = _ROLES[content.get("role")]
    blocks: list[Block] = []
    for index, part in enumerate(parts_of(content)):
        where = (*path, "parts", index)
        if (call := call_of(part)) is not None:
            blocks.append(_call(part, call, where, calls))
        elif (response := response_of(part)) is not None:
            blocks += _results(part, response, where, calls.answered(response))
        else:
            blocks += _text(part, where, kind)
    return blocks


def _texts(content: Any, path: Path, kind: Kind) -> list[Block]:
    if isinstance(content, str):
        return [Block(path, kind, content)]
    return [
        block
        for index, part in enumerate(parts_of(content))
        for block in _text(part, (*path, "parts", index), kind)
    ]


def _text(part: Any, path: Path, kind: Kind) -> list[Block]:
    if not isinstance(part, dict) or is_thought(part) or not isinstance(part.get("text"), str):
        return []
    return [Block((*path, "text"), kind, text_of(part), fixed=is_signed(part))]


def _call(part: Part, call: Part, path: Path, calls: _Calls) -> Block:
    try:
        arguments = orjson.dumps(call.get("args"), default=lambda _: None).decode()
    except TypeError:
        arguments = ""  # nested too deep, or no JSON: it is only read, for what it may have shown
    return Block(
        (*path, _CALL if part.get(_CALL) is call else "function_call", "args"),
        Kind.TOOL_CALL,
        arguments,
        word(call, "name"),
        calls.add(call, (*path[:2], path[-1])),
    )


def _results(part: Part, response: Part, path: Path, call_id: str) -> Iterator[Block]:
    key = _RESPONSE if part.get(_RESPONSE) is response else "function_response"
    tool, fixed = word(response, "name"), is_signed(part)
    for where, text in _strings(response.get("response"), (*path, key, "response")):
        yield Block(where, Kind.TOOL_RESULT, text, tool, call_id, fixed)


def _strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every long string in `value`, in order. What stands beside a media type is data."""
    waiting = [(path, value)]
    while waiting:
        where, node = waiting.pop()
        if isinstance(node, str):
            if len(node) >= MIN_RESULT:
                yield where, node
        elif isinstance(node, list):
            waiting += (((*where, i), item) for i, item in reversed(list(enumerate(node))))
        elif isinstance(node, dict):
            is_media = either(node, "mimeType", "mime_type") is not None
            waiting += (
                ((*where, key), item)
                for key, item in reversed(list(node.items()))
                if not (is_media and key == "data")
            )
