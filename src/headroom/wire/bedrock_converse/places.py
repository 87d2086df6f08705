"""The places in a conversation where hidden turns may belong, by name.

An assistant message is named by the id of its first call where it has one. Else by what it says
together with what it answers (the ids of the tool results before it, or the user's words), with
all white space left out, as clients join and split texts. Where what was answered is not known,
a long enough text names the first message that says it.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from headroom.wire.bedrock_converse.blocks import Content, client_ids, objects_in, spoken
from headroom.wire.parts import messages_of

_TELLING = 40
"""Characters from which on a text is taken for unlike all others of a conversation."""


def places(body: dict[str, Any]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The index of every assistant message that can be named, with its names."""
    heard = ""
    met: set[str] = set()
    for index, message in messages_of(body):
        content = [block for _, block in objects_in(message.get("content"))]
        role = message.get("role")
        if role == "user":
            heard = _heard(content)
        elif role == "assistant":
            names = tuple(name for name in names_of(content, heard) if name not in met)
            met.update(names)
            if names:
                yield index, names


def names_of(content: Content, heard: str) -> list[str]:
    """The names of an assistant message that answers what was `heard`, best first."""
    if ids := client_ids(content):
        return [f"call:{ids[0]}"]
    said = _plain(spoken(content))
    names = [_hashed("said", heard, said)] if heard and said else []
    return [*names, _hashed("text", "", said)] if len(said) >= _TELLING else names


def heard_last(body: dict[str, Any]) -> str:
    """What the answer to this request will answer."""
    contents = [m.get("content") for _, m in messages_of(body) if m.get("role") == "user"]
    return _heard([block for _, block in objects_in(contents[-1])]) if contents else ""


def _heard(content: Content) -> str:
    results = [block.get("toolResult") for block in content]
    ids = [str(result.get("toolUseId")) for result in results if isinstance(result, dict)]
    return _hashed("results", *ids) if ids else _hashed("user", _plain(spoken(content)))


def _plain(text: str) -> str:
    return "".join(text.split())


def _hashed(kind: str, *parts: str) -> str:
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return f"{kind}:{blake2b(data, digest_size=16).hexdigest()}"
