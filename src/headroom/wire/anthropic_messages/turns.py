"""Turns that the client did not see: put back into its later requests, or at the end of one that
goes on.

An assistant message that the client was shown as one may be several that the model lived: said
and answered turn by turn. What was said before the last answer is taken from memory, because the
provider's cache knows it so; the rest stays as the client sends it. A client that takes the
thinking out of a message has reasons, so it is not put back into it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headroom.wire import values
from headroom.wire._api import Turn
from headroom.wire.anthropic_messages.anchors import anchors_at, blocks_of
from headroom.wire.anthropic_messages.blocks import Said, is_call, is_ours
from headroom.wire.anthropic_messages.cutting import Cut, cut, has_thinking, is_thinking
from headroom.wire.anthropic_messages.memory import Hidden, recalled, result_blocks
from headroom.wire.json_spans import Array, Object, Splice, Text, encoded


def anchors(body: dict[str, Any]) -> list[str]:
    """The anchors that memories may have in this request, in order."""
    messages = body.get("messages")
    listed = messages if isinstance(messages, list) else []
    return [anchor for at in range(len(listed)) for anchor in anchors_at(listed, at)]


def restore(body: dict[str, Any], known: Mapping[str, bytes]) -> list[Splice]:
    """Changes that put remembered turns back where they were."""
    messages = body.get("messages")
    if not isinstance(messages, Array):
        return []
    changes: list[Splice] = []
    for at, message in enumerate(messages):
        data = next((known[a] for a in anchors_at(messages, at) if a in known), None)
        turns = recalled(data) if data is not None and isinstance(message, Object) else []
        alone = [turn for turn in turns if turn.alone]
        beside = [turn for turn in turns if not turn.alone]
        if alone:
            changes += _before(message, alone)
        if beside and (inside := _inside(message, beside[0])):
            changes += (*inside, *_answered(messages, at, beside[0]))
    return changes


def carry_on(body: dict[str, Any], turn: Turn, results: Sequence[str]) -> list[Splice]:
    """Changes that put `turn` and its results at the end of the conversation."""
    messages = body.get("messages")
    if not isinstance(messages, Array) or not turn.calls:
        return []
    new = _message(b"assistant", turn.said) + b"," + _user(result_blocks(turn, results))
    at = messages.end - 1
    return [Splice(at, at, (b"," if messages else b"") + new)]


def _before(message: Object, turns: Sequence[Hidden]) -> list[Splice]:
    """Turns that were over before the client had a part in it: whole messages of their own, and
    what they said is taken out of the client's message."""
    content = message.get("content")
    blocks = blocks_of(content)
    rest = None
    if _is_plain(content):
        rest = cut(blocks, [block.value for turn in turns for block in turn.said])
    if rest is None:
        calls = [[block for block in turn.said if is_ours(block.value)] for turn in turns]
        return [Splice(message.start, message.start, _lived(turns, calls, None) + b",")]
    thinking = has_thinking(blocks)
    said = [[b for b in turn.said if thinking or not is_thinking(b.value)] for turn in turns]
    lived = _lived(turns, said, _mark(blocks[: rest[0]]))
    if rest[0] == len(blocks):
        return [Splice(message.start, message.end, lived)]
    return [Splice(message.start, message.start, lived + b","), *_taken_out(content, rest)]


def _is_plain(content: Any) -> bool:
    """Whether every block's place in the body is known."""
    return isinstance(content, Text) or (
        isinstance(content, Array) and all(isinstance(block, Object) for block in content)
    )


def _mark(blocks: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The cache mark on blocks that are taken out; it goes to what stands in their place."""
    marks = (block.get("cache_control") for block in reversed(blocks))
    mark = next((mark for mark in marks if isinstance(mark, dict)), {})
    return {name: v for name, v in mark.items() if isinstance(v, str)} or None


def _lived(
    turns: Sequence[Hidden], said: Sequence[Sequence[Said]], mark: Mapping[str, str] | None
) -> bytes:
    """The turns as messages; `said` is what is left of each."""
    parts = []
    for at, (turn, blocks) in enumerate(zip(turns, said, strict=True)):
        results = list(turn.results)
        if mark is not None and at == len(turns) - 1:
            results[-1] = values.encoded({**values.object_in(results[-1]), "cache_control": mark})
        parts += [_message(b"assistant", _listed(b.raw for b in blocks)), _user(results)]
    return b",".join(parts)


def _taken_out(content: Any, rest: Cut) -> list[Splice]:
    """Changes that leave of a message's content only what begins at `rest`."""
    index, offset = rest
    if isinstance(content, Text):
        return [_shortened(content, offset)]
    changes = []
    if index:
        changes.append(Splice(content[0].start, content[index].start, b""))
    if offset:
        changes.append(_shortened(content[index]["text"], offset))
    return changes


def _shortened(text: Text, offset: int) -> Splice:
    return Splice(text.start, text.end, encoded(text[offset:]))


def _inside(message: Object, turn: Hidden) -> list[Splice]:
    """The calls of a turn in which the client was called too, each before the client's call that
    followed it."""
    content = message.get("content")
    found = content if isinstance(content, Array) else Array()
    shown = {_id(block): block for block in found if isinstance(block, Object) and is_call(block)}
    changes = []
    waiting: list[bytes] = []
    last: Object | None = None
    for block in turn.said:
        if is_ours(block.value):
            waiting.append(block.raw)
        elif is_call(block.value) and (place := shown.get(_id(block.value))) is not None:
            changes += [Splice(place.start, place.start, raw + b",") for raw in waiting]
            waiting = []
            last = place
    if last is None:
        return []
    return [*changes, *(Splice(last.end, last.end, b"," + raw) for raw in waiting)]


def _answered(messages: Array, at: int, turn: Hidden) -> list[Splice]:
    """The turn's results, before those that the client gives in its next message."""
    following = messages[at + 1] if at + 1 < len(messages) else None
    content = None
    if isinstance(following, Object) and following.get("role") == "user":
        content = following.get("content")
    results = b",".join(turn.results)
    if isinstance(content, Array):
        new = results + (b"," if content else b"")
        return [Splice(content.start + 1, content.start + 1, new)]
    if isinstance(content, Text):
        new = b"[" + results + b',{"type":"text","text":'
        return [
            Splice(content.start, content.start, new),
            Splice(content.end, content.end, b"}]"),
        ]
    end = messages[at].end
    return [Splice(end, end, b"," + _user(turn.results))]


def _id(block: Mapping[str, Any]) -> str:
    return str(block.get("id") or "")


def _user(results: Sequence[bytes]) -> bytes:
    return _message(b"user", _listed(results))


def _message(role: bytes, content: bytes) -> bytes:
    return b'{"role":"' + role + b'","content":' + content + b"}"


def _listed(blocks: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(blocks) + b"]"
