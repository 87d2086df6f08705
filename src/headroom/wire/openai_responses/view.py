"""OpenAI Responses, read: `instructions`, and `input` as a text or as items.

Messages, calls and results are read. Reasoning, compaction, images, files, references and what
server-side tools did are no texts of ours. What the model said in one go is one message, however
many items it came in; items that are not read do not part it, so that a client which drops
reasoning later still has the same conversation.
"""

from collections.abc import Sequence
from typing import Any

from headroom.conversation import Block, Conversation, Kind, Message, Path
from headroom.markers import TOOL_NAME
from headroom.wire.openai_responses.items import (
    PLAIN_NAMESPACES,
    Item,
    dumps,
    is_text,
    kind_of,
    request_in,
    text,
    texts,
)
from headroom.wire.parts import model_of

_KINDS = {
    "user": Kind.USER_TEXT,
    "assistant": Kind.ASSISTANT_TEXT,
    "system": Kind.SYSTEM_TEXT,
    "developer": Kind.SYSTEM_TEXT,
}
_CALLS = {
    "function_call": ("arguments", ""),
    "custom_tool_call": ("input", ""),
    "local_shell_call": ("action", "local_shell"),
    "shell_call": ("action", "shell"),
    "apply_patch_call": ("operation", "apply_patch"),
}
"""Where a call's arguments are, and the name of a tool that the call does not name."""
_RESULTS = frozenset(
    {
        *("function_call_output", "custom_tool_call_output", "local_shell_call_output"),
        *("shell_call_output", "apply_patch_call_output"),
    }
)
_OWN = frozenset({*_CALLS, *_RESULTS, "message", "reasoning", "item_reference", "compaction"})


def view(body: dict[str, Any]) -> Conversation:
    """The conversation in a decoded request body, or in a WebSocket frame."""
    request, path = request_in(body)
    reader = Reader()
    reader.instruct(request, path)
    reader.read(request.get("input"), (*path, "input"))
    return Conversation(model_of(request), reader.messages())


class Reader:
    """Reads items into messages, going on from what was `said` before; `tools` names the tool of
    each call so far. Neither is changed."""

    def __init__(self, said: Sequence[Message] = (), tools: dict[str, str] | None = None) -> None:
        self._read = [(message.role, list(message.blocks)) for message in said]
        self.tools = dict(tools or {})

    def instruct(self, request: dict[str, Any], path: Path) -> None:
        """Read the instructions of a request at `path`; they come before all else."""
        if isinstance(instructions := request.get("instructions"), str):
            block = Block((*path, "instructions"), Kind.SYSTEM_TEXT, instructions)
            self._read.insert(0, ("system", [block]))

    def read(self, value: Any, path: Path) -> None:
        """Read an `input` at `path`."""
        if isinstance(value, str):
            self._add("user", [Block(path, Kind.USER_TEXT, value)])
        for index, item in enumerate(value if isinstance(value, list) else ()):
            kind = kind_of(item)
            if kind == "message":
                self._message(item, (*path, index, "content"))
            elif kind in _CALLS:
                self._call(item, (*path, index))
            elif kind in _RESULTS:
                self._result(item, (*path, index, "output"))

    def messages(self) -> tuple[Message, ...]:
        """What has been read so far."""
        return tuple(Message(role, tuple(blocks)) for role, blocks in self._read)

    def _add(self, role: str, blocks: list[Block]) -> None:
        if not blocks:
            return
        if role == "assistant" and self._read and self._read[-1][0] == role:
            self._read[-1][1].extend(blocks)
        else:
            self._read.append((role, blocks))

    def _message(self, item: Item, path: Path) -> None:
        role = text(item.get("role"))
        if role in _KINDS:
            found = _texts(item.get("content"), path)
            self._add(role, [Block(where, _KINDS[role], said) for where, said in found])

    def _call(self, item: Item, path: Path) -> None:
        key, implied = _CALLS[kind_of(item)]
        name, call_id = _name_of(item) or implied, _call_id(item)
        arguments = item.get(key)
        if not isinstance(arguments, str):
            arguments = dumps(arguments).decode("utf-8")
        # A script that retrieves prints what it got: its result is not to be compressed again.
        retrieves = kind_of(item) == "custom_tool_call" and TOOL_NAME in arguments
        self.tools[call_id] = f"{name}__{TOOL_NAME}" if retrieves else name
        self._add("assistant", [Block((*path, key), Kind.TOOL_CALL, arguments, name, call_id)])

    def _result(self, item: Item, path: Path) -> None:
        call_id = _call_id(item)
        name = self.tools.get(call_id) or _name_of(item)
        output = item.get("output")
        found = _texts(output, path)
        if kind_of(item) == "shell_call_output":
            found = _streams(output, path)
        blocks = [Block(where, Kind.TOOL_RESULT, said, name, call_id) for where, said in found]
        self._add("tool", blocks)


def recognises(message: dict[str, Any]) -> bool:
    """Whether an item carries what only this API has."""
    return message.get("type") in _OWN or bool(texts(message.get("content")))


def _call_id(item: Item) -> str:
    return text(item.get("call_id")) or text(item.get("id"))


def _name_of(item: Item) -> str:
    """The tool that an item names, spelled as clients that know no namespaces spell it."""
    name, namespace = text(item.get("name")), item.get("namespace")
    if namespace in PLAIN_NAMESPACES or not isinstance(namespace, str):
        return name
    return f"{namespace}__{name}"


def _texts(content: Any, path: Path) -> list[tuple[Path, str]]:
    if isinstance(content, str):
        return [(path, content)]
    return [
        ((*path, index, "text"), part["text"])
        for index, part in enumerate(content if isinstance(content, list) else ())
        if is_text(part)
    ]


def _streams(output: Any, path: Path) -> list[tuple[Path, str]]:
    """What commands printed: chunks of both streams."""
    return [
        ((*path, index, stream), chunk[stream])
        for index, chunk in enumerate(output if isinstance(output, list) else ())
        if isinstance(chunk, dict)
        for stream in ("stdout", "stderr")
        if isinstance(chunk.get(stream), str)
    ]
