"""Requests as a simulated provider reads them: what a prefix may end behind, in order.

Tokens are those of texts (a call's arguments are one), 4 for each message, and those of each
tool's compact JSON. A string and a list of one text are the same; a breakpoint is no content.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

PER_MESSAGE = 4
PREAMBLE = 346
"""Tokens that Anthropic adds to a request with tools."""
MOST_MARKS = 4

Body = dict[str, Any]
Count = Callable[[str], int]


class Piece(NamedTuple):
    """What a prefix may end behind: its content, its tokens, and the breakpoint behind it."""

    content: bytes
    tokens: int
    mark: str = ""


def messages(body: Body, count: Count) -> Iterator[Piece]:
    """A request of Anthropic's: tools, system, messages."""
    pieces = list(_marked_pieces(body, count))
    if automatic := body.get("cache_control"):
        pieces[-1] = pieces[-1]._replace(mark=automatic.get("ttl", "5m"))
    return iter(pieces)


def _marked_pieces(body: Body, count: Count) -> Iterator[Piece]:
    for at, tool in enumerate(body.get("tools") or ()):
        bare = compact(_unmarked(tool))
        size = count(bare.decode()) + (0 if at else PREAMBLE)
        yield Piece(b"tool " + bare, size, _mark(tool))
    for block in _blocks(body.get("system")):
        yield Piece(b"system " + compact(_unmarked(block)), _size(block, count), _mark(block))
    chosen = compact([body.get(name) for name in ("tool_choice", "thinking")])
    for message in body["messages"]:
        head = b"%b %b " % (chosen, message["role"].encode())
        for at, block in enumerate(_blocks(message["content"]) or [{}]):
            size = _size(block, count) + (0 if at else PER_MESSAGE)
            content = (b"" if at else head) + compact(_unmarked(block))
            yield Piece(content, size, _mark(block))


def _size(block: Body, count: Count) -> int:
    if block.get("type") == "text":
        return count(block["text"])
    if block.get("type") == "tool_use":
        return count(json.dumps(block["input"], ensure_ascii=False))
    if block.get("type") == "tool_result":
        return sum(_size(inner, count) for inner in _blocks(block.get("content")))
    return 0


def _blocks(content: Any) -> list[Body]:
    """Content as blocks: a string is a block of text."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or []


def _unmarked(block: Body) -> Body:
    bare = {key: value for key, value in block.items() if key != "cache_control"}
    if block.get("type") == "tool_result":
        bare["content"] = [_unmarked(inner) for inner in _blocks(block.get("content"))]
    return bare


def _mark(block: Body) -> str:
    inner = _blocks(block.get("content")) if block.get("type") == "tool_result" else []
    marks = [each["cache_control"] for each in (block, *inner) if each.get("cache_control")]
    return marks[-1].get("ttl", "5m") if marks else ""


def chat(body: Body, count: Count) -> Iterator[Piece]:
    """A request for a chat completion."""
    yield from _tools(body, count)
    for message in body["messages"]:
        rest = {k: v for k, v in message.items() if k not in ("content", "tool_calls")}
        content, extra = compact(rest), PER_MESSAGE
        for part in _blocks(message.get("content")):
            yield Piece(content + compact(part), count(part.get("text", "")) + extra)
            content, extra = b"", 0
        for call in message.get("tool_calls") or ():
            said = call.get("function", {}).get("arguments") or call.get("custom", {}).get("input")
            yield Piece(content + compact(call), count(said or "") + extra)
            content, extra = b"", 0
        if extra:
            yield Piece(content, extra)


def responses(body: Body, count: Count) -> Iterator[Piece]:
    """A request for a response, its whole history in it. What the model says in one go is one
    message."""
    yield from _tools(body, count)
    yield Piece(b"instructions", count(body.get("instructions") or ""))
    spoken = False
    for item in body["input"]:
        yield from _tools(item, count)
        texts = list(_texts_of(item))
        if not texts:
            yield Piece(compact(item), 0)
            continue
        says = item.get("role") == "assistant" or str(item["type"]).endswith("_call")
        extra = 0 if says and spoken else PER_MESSAGE
        spoken = says
        for at, text in enumerate(texts):
            content = compact([at, text] if at else [item, text])
            yield Piece(content, count(text) + (0 if at else extra))


def _texts_of(item: Body) -> Iterator[str]:
    for name in ("arguments", "input"):
        if isinstance(item.get(name), str):
            yield item[name]
    for name in ("content", "output"):
        content = item.get(name)
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else ():
            if part.get("type") in ("input_text", "output_text", "text"):
                yield part["text"]


def _tools(holder: Body, count: Count) -> Iterator[Piece]:
    """Each tool; one that holds others (a namespace) counts beside them."""
    for tool in holder.get("tools") or ():
        bare = compact({key: value for key, value in tool.items() if key != "tools"})
        yield Piece(bare, count(bare.decode()))
        yield from _tools(tool, count)


def compact(value: Any) -> bytes:
    return orjson.dumps(value)


def refusal(body: Body) -> str:
    """The words in which Anthropic refuses breakpoints where none may be."""
    pieces = list(_marked_pieces(body, len))
    marks = [piece.mark for piece in pieces if piece.mark]
    blocks = [b for message in body["messages"] for b in _blocks(message["content"])]
    if len(marks) + bool(body.get("cache_control")) > MOST_MARKS:
        return f"A maximum of {MOST_MARKS} blocks with cache_control may be provided."
    if "1h" in marks and "1h" in marks[marks.index("5m") if "5m" in marks else len(marks) :]:
        return "a ttl='1h' cache_control block must not come after a ttl='5m' one"
    for block in (*blocks, *_blocks(body.get("system"))):
        if block.get("cache_control") and (
            "thinking" in block["type"] or (block["type"] == "text" and not block["text"])
        ):
            return "cache_control cannot be set for thinking or empty text blocks"
    return ""
