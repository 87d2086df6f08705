"""Where the arguments of calls are in an answer of Gemini: an object, whole in one chunk. A body
may be a list of chunks."""

from collections.abc import Iterator
from typing import Any

from headroom.conversation import Block, Conversation, Kind, Message, Path
from headroom.wire.arguments import ArgumentReader, Piece, Role, any_of, objects, tree, word
from headroom.wire.gemini.content import (
    call_of,
    contents_of,
    either,
    is_model,
    is_signed,
    parts_of,
    response_of,
)

_concerns = any_of(b'"functionCall"', b'"function_call"')


def _pieces(body: Any, payload: bytes) -> Iterator[Piece]:
    for number, chunk in objects(body if isinstance(body, list) else [body]):
        for place, candidate in objects(chunk.get("candidates")):
            for index, part in enumerate(parts_of(candidate.get("content"))):
                if (call := call_of(part)) is not None:
                    key = f"{number}.{place}.{index}"
                    yield Piece(Role.OPEN, key, word(call, "id"), word(call, "name"))
                    yield from tree(key, call.get("args"), payload)


def _more(payload: bytes, key: str, text: str) -> bytes:
    """Arguments never come in pieces, so nothing is ever added."""
    return payload


ARGUMENTS = ArgumentReader(None, _concerns, _pieces, _more)


def with_results(talk: Conversation, body: Any) -> Conversation:
    """The calls of a request and their results, and of a response without a text that is long
    enough to be compressed the first one that there is."""
    shown: dict[Path, list[Block]] = {}
    for block in (block for message in talk.messages for block in message.blocks):
        shown.setdefault(block.path[:4], []).append(block)
    blocks: list[Block] = []
    waiting: list[Block] = []
    was_model = False
    for index, content in enumerate(contents_of(body) if isinstance(body, dict) else ()):
        if is_model(content) and not was_model:
            waiting.clear()
        was_model = is_model(content)
        for place, part in enumerate(parts_of(content)):
            path: Path = ("contents", index, "parts", place)
            here = shown.get(path, [])
            waiting += (block for block in here if block.kind is Kind.TOOL_CALL)
            if (response := response_of(part)) is not None:
                call = _answered(waiting, response)
                here = here or _first_text(part, response, path, call)
            blocks += here
    return Conversation(talk.model, (Message("user", tuple(blocks)),))


def _answered(waiting: list[Block], response: dict[str, Any]) -> Block | None:
    """The call that a response answers, by its id, else by name and order."""
    given, name = word(response, "id"), word(response, "name")
    by_id = (call for call in waiting if given and call.call_id == given)
    by_name = (call for call in waiting if call.tool == name)
    call = next(by_id, None) or next(by_name, None)
    if call is not None:
        waiting.remove(call)
    return call


def _first_text(part: Any, response: dict[str, Any], path: Path, call: Block | None) -> list[Block]:
    key = "functionResponse" if part.get("functionResponse") is response else "function_response"
    waiting: list[tuple[Path, Any]] = [((*path, key, "response"), response.get("response"))]
    while waiting and call is not None and not is_signed(part):
        where, node = waiting.pop()
        if isinstance(node, str):
            return [Block(where, Kind.TOOL_RESULT, node, call.tool, call.call_id)]
        if isinstance(node, list):
            waiting += reversed([((*where, at), item) for at, item in enumerate(node)])
        elif isinstance(node, dict) and either(node, "mimeType", "mime_type") is None:
            waiting += reversed([((*where, name), item) for name, item in node.items()])
    return []
