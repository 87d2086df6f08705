"""Layouts of requests: how each wire format's body falls into pieces.

Where a client sets breakpoints (Anthropic, Bedrock Converse) a piece is a tool, a text of the
system prompt or a part of a message, told by its bytes; elsewhere it is a tool or a message, told
by its texts. Pure; nothing here fails on a strange body, which has fewer pieces.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from headroom.caching.content import SIZE, Part, lifetime, parts
from headroom.caching.layout import Layout, Piece, Zone
from headroom.caching.merging import Found, merged
from headroom.caching.rules import rules_for
from headroom.conversation import Conversation, Message, Path
from headroom.edits import Measure
from headroom.tokens import estimate
from headroom.wire.json_spans import Array, Object, Text

PER_MESSAGE = 4
"""Tokens that a message costs beside its texts."""
_NOTHING = Measure(0, 0)
_CHOICES = ("thinking", "tool_choice")
_SYSTEM = ("system", "developer")
_MOST_BYTES = 20_000

Key = tuple[str | int, ...]


class Said(NamedTuple):
    """A body as it was read: its bytes, its tree with positions, what it says."""

    body: bytes
    tree: Mapping[str, Any]
    talk: Conversation


class Sent(NamedTuple):
    """What went upstream: the measures of the texts of `talk`, the tokens of our tool (0 where it
    was not offered), and where in the body breakpoints of ours were put."""

    measures: Sequence[Measure]
    exact: bool
    tool_tokens: int = 0
    placed: Sequence[int] = ()


def layout_of(form: str, model: str, said: Said, sent: Sent, asked: Said | None = None) -> Layout:
    """The layout of a request. `asked` is the body as the client sent it, where that is not what
    was made short: what only `said` has is ours, what only `asked` has did not go upstream."""
    rules = rules_for(form, model)
    ours = theirs = _pieces(said, sent.measures, explicit=rules.explicit)
    if asked is not None:
        was = list(_as_asked(said.talk, asked.talk, sent.measures))
        theirs = _pieces(asked, was, explicit=rules.explicit)
    pieces = merged(ours, theirs, sent.placed)
    if sent.tool_tokens:
        pieces.insert(0, Piece(Zone.TOOLS, -1, "", b"", 0, sent.tool_tokens, sent=1))
    system = _system((asked or said).talk, explicit=rules.explicit)
    return Layout(model, rules, tuple(pieces), sent.exact, _choices(said), system)


def _as_asked(
    said: Conversation, asked: Conversation, measures: Sequence[Measure]
) -> Iterator[Measure]:
    """The measures of what the client sent: of the same texts as measured, and of a text that went
    upstream in other words by how much longer it is than they are."""
    texts = [block for message in said.messages for block in message.blocks]
    known = {block.text: measure for block, measure in zip(texts, measures, strict=False)}
    there = {block.path: block.text for block in texts}
    for block in (block for message in asked.messages for block in message.blocks):
        measure, other = known.get(block.text), there.get(block.path, "")
        if measure is None:
            more = estimate(block.text) - estimate(other)
            measure = Measure(max(known.get(other, _NOTHING).before + more, 0), 0)
        yield measure


def _pieces(said: Said, measures: Sequence[Measure], *, explicit: bool) -> list[Found]:
    known = _measured(said.talk, measures, explicit=explicit)
    found = list(_tools(said))
    if not explicit:
        return [*found, *_messages(said.talk, known)]
    for part in parts(said.tree.get("system"), said.body):
        measure = known.get(("system", part.at), _NOTHING)
        found.append(_found(Zone.SYSTEM, part.at, "system", part, measure))
    messages = said.tree.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, Object):
            found += _of_message(index, message, said.body, known)
    mark = lifetime(said.tree.get("cache_control"))
    if found and mark:
        # One for the whole request stands behind its last piece.
        found[-1] = found[-1]._replace(mark=found[-1].mark or mark)
    return found


def _found(zone: Zone, at: int, name: str, part: Part, measure: Measure) -> Found:
    return Found(zone, at, name, part.digest, measure, part.mark, part.start, part.end)


def _of_message(
    index: int, message: Object, body: bytes, known: Mapping[Key, Measure]
) -> Iterator[Found]:
    role = str(message.get("role"))
    named = _short(role)
    for part in parts(message.get("content"), body):
        measure = known.get(("messages", index, part.at), _NOTHING)
        measure = measure if part.at else _more(measure, PER_MESSAGE)
        digest = named + part.digest
        yield Found(Zone.MESSAGES, index, role, digest, measure, part.mark, part.start, part.end)


def _short(role: str) -> bytes:
    """What tells roles apart in a digest."""
    named = role.encode("utf-8", "surrogatepass")
    return named if len(named) <= SIZE else blake2b(named, digest_size=SIZE + 1).digest()


def _messages(talk: Conversation, known: Mapping[Key, Measure]) -> Iterator[Found]:
    for index, message in enumerate(talk.messages):
        zone = Zone.SYSTEM if message.role in _SYSTEM and not index else Zone.MESSAGES
        measure = _more(known.get((index,), _NOTHING), PER_MESSAGE)
        yield Found(zone, index, message.role, _digest_of(message), measure)


def _more(measure: Measure, tokens: int) -> Measure:
    return Measure(measure.before + tokens, measure.after + tokens, measure.sent)


def _digest_of(message: Message) -> bytes:
    state = blake2b(message.role.encode("utf-8", "surrogatepass"), digest_size=SIZE)
    for block in message.blocks:
        head = f"\0{block.kind.value}\0{block.tool}\0{block.call_id}\0{len(block.text)}\0"
        state.update((head + block.text).encode("utf-8", "surrogatepass"))
    return state.digest()


def _tools(said: Said) -> Iterator[Found]:
    tools = said.tree.get("tools")
    config = said.tree.get("toolConfig")
    if isinstance(config, dict):
        tools = config.get("tools")
    for part in parts(tools, said.body):
        tokens = _tokens(said.body[part.start : part.end])
        yield _found(Zone.TOOLS, part.at, _name(part.value), part, Measure(tokens, tokens))


def _tokens(tool: bytes) -> int:
    return _known_tokens(tool) if len(tool) <= _MOST_BYTES else _tokens_of(tool)


@lru_cache(maxsize=256)
def _known_tokens(tool: bytes) -> int:
    """A client's tools come again with each request."""
    return _tokens_of(tool)


def _tokens_of(tool: bytes) -> int:
    return estimate(tool.decode("utf-8", "replace"))


def _name(tool: Any) -> str:
    """A tool's name, wherever its API puts it."""
    if not isinstance(tool, dict):
        return ""
    for inside in (tool, tool.get("function"), tool.get("toolSpec")):
        if isinstance(inside, dict) and isinstance(inside.get("name"), str):
            return str(inside["name"])
    return ""


def _measured(
    talk: Conversation, measures: Sequence[Measure], *, explicit: bool
) -> dict[Key, Measure]:
    """The measures of the texts of each piece, added up."""
    found: dict[Key, Measure] = {}
    ahead = iter(measures)
    for index, message in enumerate(talk.messages):
        for block in message.blocks:
            measure = next(ahead, _NOTHING)
            key = _key(block.path) if explicit else (index,)
            was = found.get(key)
            found[key] = measure if was is None else _sum(was, measure)
    return found


def _sum(one: Measure, other: Measure) -> Measure:
    sent = hash((one.sent, other.sent)) if other.sent else one.sent
    return Measure(one.before + other.before, one.after + other.after, sent)


def _key(path: Path) -> Key:
    """The piece that a text is in, by the text's path."""
    if len(path) > 3 and path[2] == "content":
        return (path[0], path[1], path[3])
    if path[:1] == ("system",):
        return ("system", path[1] if len(path) > 1 else 0)
    return (*path[:2], 0)


def _choices(said: Said) -> bytes:
    state = blake2b(digest_size=SIZE)
    for name in _CHOICES:
        value = said.tree.get(name)
        if isinstance(value, (Object, Array, Text)):
            state.update(said.body[value.start : value.end])
        state.update(b"\0")
    return state.digest()


def _system(talk: Conversation, *, explicit: bool) -> tuple[str, ...]:
    """The texts of the system prompt, each at the place of its piece."""
    first = talk.messages[0] if talk.messages else None
    if first is None or first.role not in _SYSTEM:
        return ()
    if not explicit:
        return ("\n".join(block.text for block in first.blocks),)
    texts = {_key(block.path): block.text for block in first.blocks}
    places = [place for room, place, *_ in texts if room == "system" and isinstance(place, int)]
    return tuple(texts.get(("system", at), "") for at in range(max(places, default=-1) + 1))
