"""OpenAI Chat Completions: `messages` with `tool_calls` and `role: tool` results.

Texts stand in `content`, as a string or in parts of type `text`; a call's text is its arguments,
or the input of a custom tool. Refusals, images, audio and reasoning are no texts of ours.
https://platform.openai.com/docs/api-reference/chat/create
"""

from typing import Any

from headroom.conversation import Block, Conversation, Kind, Message, Path
from headroom.wire.parts import is_text_part, messages_of, model_of

_KINDS = {
    "user": Kind.USER_TEXT,
    "assistant": Kind.ASSISTANT_TEXT,
    "tool": Kind.TOOL_RESULT,
    "function": Kind.TOOL_RESULT,
    "system": Kind.SYSTEM_TEXT,
    "developer": Kind.SYSTEM_TEXT,
}
_SPELLINGS = (("function", "arguments"), ("custom", "input"))


def view(body: dict[str, Any]) -> Conversation:
    """The conversation in a decoded request body."""
    tools: dict[str, str] = {}
    messages = []
    for index, message in messages_of(body):
        path = ("messages", index)
        calls = _calls(message, path)
        tools.update((call.call_id, call.tool) for call in calls)
        blocks = _texts(message, (*path, "content"), tools) + calls
        messages.append(Message(str(message.get("role", "")), tuple(blocks)))
    return Conversation(model_of(body), tuple(messages))


def _texts(message: dict[str, Any], path: Path, tools: dict[str, str]) -> list[Block]:
    role = message.get("role")
    kind = _KINDS.get(role) if isinstance(role, str) else None
    if kind is None:
        return []
    call_id = message.get("tool_call_id")
    call_id = call_id if isinstance(call_id, str) else ""
    name = message.get("name")
    tool = ""
    if kind is Kind.TOOL_RESULT:
        tool = tools.get(call_id, "") or (name if isinstance(name, str) else "")
    content = message.get("content")
    if isinstance(content, str):
        return [Block(path, kind, content, tool, call_id)]
    return [
        Block((*path, index, "text"), kind, part["text"], tool, call_id)
        for index, part in enumerate(content if isinstance(content, list) else ())
        if is_text_part(part)
    ]


def _calls(message: dict[str, Any], path: Path) -> list[Block]:
    """Tool calls, and the single `function_call` of older clients."""
    calls = message.get("tool_calls")
    found = [
        _call(call[kind], text, (*path, "tool_calls", index, kind), call.get("id"))
        for index, call in enumerate(calls if isinstance(calls, list) else ())
        if isinstance(call, dict)
        for kind, text in _SPELLINGS
        if isinstance(call.get(kind), dict)
    ]
    if isinstance(legacy := message.get("function_call"), dict):
        found.append(_call(legacy, "arguments", (*path, "function_call"), ""))
    return [block for block in found if block is not None]


def _call(called: dict[str, Any], text: str, path: Path, call_id: Any) -> Block | None:
    said = called.get(text)
    if not isinstance(said, str):
        return None
    name = str(called.get("name") or "")
    call_id = call_id if isinstance(call_id, str) else ""
    return Block((*path, text), Kind.TOOL_CALL, said, name, call_id)


def recognises(message: dict[str, Any]) -> bool:
    """Whether a message carries what only this API has."""
    own = ("tool_calls", "tool_call_id", "function_call")
    return message.get("role") in ("tool", "function") or any(key in message for key in own)
