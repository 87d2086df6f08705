"""Hidden turns in requests: at the end of one that continues, and back in later ones.

What a continuation carries, a restored request repeats: the model's message with its calls, a
`role: tool` message for each. The client's own message comes behind, less what was said in the
hidden legs, as the client was shown all legs as one message. Where that cannot be found in it,
the hidden turns stand before the message as the client sent it: still a valid history.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from headroom.wire._api import Memory, Turn
from headroom.wire.json_spans import Array, Object, Splice, Text
from headroom.wire.json_spans import encoded as string
from headroom.wire.openai_chat.anchors import places, text_of
from headroom.wire.openai_chat.said import Node, is_kept, is_ours
from headroom.wire.parts import is_text_part
from headroom.wire.values import decoded, encoded


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the client was not shown: whole messages before its own; our calls inside its own,
    each with the number of the client's calls before it; and their results behind."""

    before: tuple[Node, ...]
    calls: tuple[tuple[int, Node], ...]
    after: tuple[Node, ...]


def hidden(turns: Sequence[tuple[Turn, Sequence[str]]]) -> Hidden:
    """What is hidden of an answer: the turns in which the model went on alone, and the last one
    where that was beside the client's calls."""
    before: list[Node] = []
    calls: list[tuple[int, Node]] = []
    after: list[Node] = []
    for turn, results in turns:
        said, answered = decoded(turn.said), _answered(turn, results)
        if turn.alone:
            before += (said, *answered)
            continue
        after += answered
        every = said.get("tool_calls") if isinstance(said, dict) else None
        theirs = 0
        for call in every if isinstance(every, list) else ():
            if is_ours(call):
                calls.append((theirs, call))
            theirs += not is_ours(call)
    return Hidden(tuple(before), tuple(calls), tuple(after))


def memory(anchor: str, kept: Hidden) -> Memory:
    """What to remember under `anchor`."""
    return Memory(anchor, encoded([kept.before, kept.calls, kept.after]))


def carry_on(body: Node, turn: Turn, results: Sequence[str]) -> Sequence[Splice]:
    """Changes that put `turn` and its results at the end of the messages."""
    messages = body.get("messages")
    if not isinstance(messages, Array):
        return ()
    new = b",".join((turn.said, *map(encoded, _answered(turn, results))))
    return [Splice(messages.end - 1, messages.end - 1, b"," + new if messages else new)]


def anchors(body: Node) -> list[str]:
    """The anchors of the assistant messages, in order."""
    return [name for _, names in places(body) for name in names]


def restore(body: Node, known: Mapping[str, bytes]) -> list[Splice]:
    """Changes that put remembered turns back; `known` is what was remembered, by anchor."""
    return [
        change
        for message, names in places(body)
        for data in [next((known[name] for name in names if name in known), None)]
        if data is not None and isinstance(message, Object)
        if (kept := _recalled(data)) is not None
        for change in _restored(message, kept)
    ]


def _answered(turn: Turn, results: Sequence[str]) -> list[Node]:
    texts = [*results, *[""] * len(turn.calls)]
    return [
        {"role": "tool", "tool_call_id": call.id, "content": text}
        for call, text in zip(turn.calls, texts, strict=False)
    ]


def _recalled(data: bytes) -> Hidden | None:
    """What was remembered; None where it is not what `memory` writes."""
    match decoded(data):
        case [list(before), list(calls), list(after)]:
            found = [(at, call) for at, call in _pairs(calls) if isinstance(call, dict)]
            return Hidden(_dicts(before), tuple(found), _dicts(after))
    return None


def _pairs(values: list[Any]) -> Iterator[tuple[int, Any]]:
    for value in values:
        match value:
            case [int(at), call]:
                yield max(at, 0), call


def _dicts(values: list[Any]) -> tuple[Node, ...]:
    return tuple(value for value in values if isinstance(value, dict))


def _restored(message: Object, kept: Hidden) -> Iterator[Splice]:
    before = b",".join(map(encoded, kept.before))
    changes = _without(message, kept.before)
    if changes is None:
        yield Splice(message.start, message.end, before)
        return
    if before:
        yield Splice(message.start, message.start, before + b",")
    yield from changes
    calls = message.get("tool_calls")
    if isinstance(calls, Array) and all(isinstance(call, Object) for call in calls) and calls:
        yield from (_inserted(calls, at, encoded(call)) for at, call in kept.calls)
        yield from (Splice(message.end, message.end, b"," + encoded(m)) for m in kept.after)


def _inserted(calls: Array, at: int, call: bytes) -> Splice:
    if at < len(calls):
        return Splice(calls[at].start, calls[at].start, call + b",")
    return Splice(calls[-1].end, calls[-1].end, b"," + call)


def _without(message: Object, before: Sequence[Node]) -> list[Splice] | None:
    """Changes that take what the hidden legs said out of the client's message; None where
    nothing is left of it."""
    said = [each for each in before if each.get("role") == "assistant"]
    changes: list[Splice] = []
    for key in dict.fromkeys(key for each in said for key in each if is_kept(key)):
        if key != "content":
            changes += _cut(message.get(key), [each.get(key) for each in said])
    content, earlier = message.get("content"), "".join(map(text_of, said))
    rest = _rest(text_of(message), earlier)
    if rest is None or not earlier or not isinstance(content, (Text, Array)):
        return changes
    others = ("tool_calls", "function_call", "refusal", "audio")
    if not rest.strip() and not any(message.get(key) for key in others):
        return None
    return [*changes, *_content(content, rest)]


def _rest(text: str, earlier: str) -> str | None:
    """What follows `earlier` in `text`, or None; clients trim texts."""
    trimmed = (text, earlier), (text.lstrip(), earlier.lstrip()), (text.lstrip(), earlier.strip())
    return next((whole[len(head) :] for whole, head in trimmed if whole.startswith(head)), None)


def _content(content: Text | Array, rest: str) -> Iterator[Splice]:
    """Changes that leave of the content's texts the last `len(rest)` characters."""
    if isinstance(content, Text):
        yield Splice(content.start, content.end, string(rest) if rest.strip() else b"null")
        return
    left = len(rest)
    emptied = []
    for part in reversed(content):
        if is_text_part(part):
            keep = min(left, len(part["text"]))
            left -= keep
            if not keep:
                emptied.append(part)
            elif keep < len(part["text"]):
                shown = string(part["text"][-keep:])
                yield Splice(part["text"].start, part["text"].end, shown)
    if len(emptied) == len(content):
        yield Splice(content.start, content.end, b"null")
    else:
        yield from _removed(content, emptied)


def _removed(content: Array, parts: list[Any]) -> Iterator[Splice]:
    """Changes that take `parts`, which stand before one that stays, out of a list."""
    for part, following in pairwise(content):
        if any(part is each for each in parts) and hasattr(following, "start"):
            yield Splice(part.start, following.start, b"")


def _cut(value: Any, said: list[Any]) -> Iterator[Splice]:
    """Changes that take from a field of the client's message what the hidden legs said in it."""
    texts = [each for each in said if isinstance(each, str)]
    lists = [each for each in said if isinstance(each, list)]
    if isinstance(value, Text) and texts and value.startswith("".join(texts)):
        yield Splice(value.start, value.end, string(value[len("".join(texts)) :]))
    elif isinstance(value, Array) and (count := sum(map(len, lists))):
        if count >= len(value):
            yield Splice(value.start, value.end, b"[]")
        elif hasattr(value[0], "start") and hasattr(value[count], "start"):
            yield Splice(value[0].start, value[count].start, b"")
