"""Cache breakpoints of a request: whether it has any, what may carry one, how one is written.

Rule: a breakpoint changes nothing but itself. A text that stands bare becomes a list of one block
around the same bytes, which is the same prompt to the provider. Where breakpoints pay is not
known here.
https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
"""

from collections.abc import Iterator
from typing import Any

from headroom.wire.json_spans import Array, Object, Splice, Text

MOST = 4
"""Breakpoints that a request may have."""
KEY = "cache_control"

_LEVELS = 3
"""A text in a document in a result: deeper no block stands."""
_MARK = b',"cache_control":{"type":"ephemeral"}'
_CARRIERS = frozenset(
    {"text", "image", "document", "search_result", "tool_use", "server_tool_use", "tool_result"}
)


def are_set(body: dict[str, Any]) -> bool:
    """Whether the client sets breakpoints itself, anywhere, or has the provider set them."""
    if body.get(KEY) is not None or _any_marked(body.get("tools")):
        return True
    messages = body.get("messages")
    return _any_marked(body.get("system")) or any(
        isinstance(message, dict) and _any_marked(message.get("content"))
        for message in (messages if isinstance(messages, list) else ())
    )


def _any_marked(blocks: Any, levels: int = _LEVELS) -> bool:
    """Whether a block is, or one inside of it: of a result, or of a document's source."""
    for block in blocks if levels and isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        if KEY in block and block[KEY] is not None:
            return True
        if "content" in block and _any_marked(block["content"], levels - 1):
            return True
        source = block.get("source")
        if isinstance(source, dict) and _any_marked(source.get("content"), levels - 1):
            return True
    return False


def tools_that_carry(tools: Any) -> Iterator[tuple[int, Object]]:
    """The tools that may carry a breakpoint, with their index, from the last on: those that have a
    name and are not loaded on demand."""
    for index, tool in _backwards(tools):
        custom = tool.get("custom")
        deferred = isinstance(custom, dict) and custom.get("defer_loading")
        if isinstance(tool.get("name"), str) and not deferred and not tool.get("defer_loading"):
            yield index, tool


def blocks_that_carry(content: Any) -> Iterator[tuple[int, Text | Object]]:
    """The blocks of a content that may carry one, with their index, from the last on: thinking
    and empty texts may not. A bare text is the one block that it stands for."""
    if isinstance(content, Text) and content.strip():
        yield 0, content
    for index, block in _backwards(content):
        if block.get("type") in _CARRIERS and (block["type"] != "text" or _says(block)):
            yield index, block


def _backwards(listed: Any) -> Iterator[tuple[int, Object]]:
    """What has no breakpoint yet, not even one of null, which would then stand there twice."""
    if not isinstance(listed, Array):
        return
    for index in range(len(listed) - 1, -1, -1):
        if isinstance(listed[index], Object) and KEY not in listed[index]:
            yield index, listed[index]


def _says(block: Object) -> bool:
    text = block.get("text")
    return isinstance(text, str) and bool(text.strip())


def blocks_of(content: Any) -> list[Any]:
    """The blocks of a content; a bare text is one."""
    if isinstance(content, Array):
        return content
    return [content] if isinstance(content, Text) else []


def marked(node: Text | Object) -> tuple[Splice, ...]:
    """The changes that put a breakpoint on a block, a tool or a bare text."""
    if isinstance(node, Object):
        return (Splice(node.end - 1, node.end - 1, _MARK),)
    return (
        Splice(node.start, node.start, b'[{"type":"text","text":'),
        Splice(node.end, node.end, _MARK + b"}]"),
    )
