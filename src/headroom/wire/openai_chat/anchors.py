"""Where hidden turns belong in a client's history: names for its assistant messages.

A message that calls tools is named by the id of its first call. Where the id may recur (some
servers count calls), or nothing is called, the name is a hash of what is said and of what the
user had asked: the same words come again, in this session and in others. Clients trim and wrap
texts, so white space does not count.
"""

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from headroom.wire.openai_chat.said import Node, word
from headroom.wire.parts import is_text_part, messages_of

_UNIQUE = re.compile(r"[A-Za-z]*[0-9][A-Za-z0-9]*")
_SHORTEST_UNIQUE = 8
_SHORTEST_ALONE = 24
_ENDS = 1_000


def places(body: Node) -> Iterator[tuple[Node, list[str]]]:
    """The client's assistant messages, each with the anchors that a turn may have there."""
    for message, asked in _asked(body):
        if message.get("role") == "assistant":
            call_id, text = first_id(message), text_of(message)
            names = (anchor(call_id, text, asked), anchor(call_id, text, ""))
            yield message, list(dict.fromkeys(name for name in names if name))


def context_of(body: Node) -> str:
    """What an answer to this request is an answer to: the user's texts, before any edit."""
    contexts = [asked for _, asked in _asked(body)]
    return contexts[-1] if contexts else ""


def anchor(call_id: str, text: str, asked: str) -> str:
    """The name of an assistant message; empty where nothing tells it from others. Where `asked`
    is not known, only a longer text does."""
    if any(len(run) >= _SHORTEST_UNIQUE for run in _UNIQUE.findall(call_id)):
        return f"call {_digest(call_id)}"
    said = " ".join((call_id, *text.split())).strip()
    if not said or (not asked and len(said) < _SHORTEST_ALONE):
        return ""
    return f"said {_digest(said, asked)}"


def text_of(message: Node) -> str:
    """A message's text; parts are joined."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["text"] for part in parts if is_text_part(part))


def first_id(message: Node) -> str:
    """The id of a message's first tool call, or empty."""
    calls = message.get("tool_calls")
    return word(calls[0], "id") if isinstance(calls, list) and calls else ""


def _asked(body: Node) -> Iterator[tuple[Node, str]]:
    """Every message with a name for what the user had asked: the first text, the nearest one,
    and how often it had been said."""
    first = asked = ""
    said: Counter[str] = Counter()
    for _, message in messages_of(body):
        if message.get("role") == "user" and (text := text_of(message)):
            # The ends of a long text tell it from others, and cost nothing.
            digest = _digest(text[:_ENDS], text[-_ENDS:], str(len(text)))
            first = first or digest
            said[digest] += 1
            asked = f"{first} {digest} {said[digest]}"
        yield message, asked


def _digest(*parts: Any) -> str:
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(joined, digest_size=12).hexdigest()
