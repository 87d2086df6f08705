"""Hidden turns put into a request: at its end for the next leg, and back where they were for the
client's later requests.

What the client was shown of a hidden turn stands at the beginning of its assistant message. The
message is cut there and the turn, as the model lived it, stands before the rest. Where the cut
cannot be found the turn stands before the whole message: a valid history, with a text twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire._api import Turn
from headroom.wire.bedrock_converse.blocks import objects_in, results_for
from headroom.wire.bedrock_converse.cutting import Rest, before, rest_of
from headroom.wire.bedrock_converse.joining import joined
from headroom.wire.bedrock_converse.places import places
from headroom.wire.json_spans import Array, Object, Splice
from headroom.wire.values import decoded, encoded


def carry_on(body: dict[str, Any], turn: Turn, results: Sequence[str]) -> Sequence[Splice]:
    """Changes that add a turn and its results; nothing where there is no list of messages."""
    messages = body.get("messages")
    if not isinstance(messages, Array):
        return ()
    answered = _message("user", encoded(results_for(turn.calls, results)))
    end = messages.end - 1
    begun = messages[-1] if messages else None
    content = begun.get("content") if isinstance(begun, dict) else None
    if isinstance(begun, dict) and begun.get("role") == "assistant" and isinstance(content, Array):
        # Roles take turns: what the client began for the model, the model has gone on with.
        more = (b"," if content else b"") + turn.said[1:-1]
        at = content.end - 1
        return (Splice(at, at, more), Splice(end, end, b"," + answered))
    added = _message("assistant", turn.said) + b"," + answered
    return (Splice(end, end, b"," + added if messages else added),)


def anchors(body: dict[str, Any]) -> Sequence[str]:
    """The names that memories may have here."""
    return [name for _, names in places(body) for name in names]


def restore(body: dict[str, Any], known: Mapping[str, bytes]) -> Sequence[Splice]:
    """Changes that put remembered turns back; a memory that cannot be read is passed over."""
    changes: list[Splice] = []
    messages = body.get("messages")
    if not isinstance(messages, Array):
        return ()
    for index, names in places(body):
        data = next((known[name] for name in names if name in known), None)
        message = messages[index]
        if data is not None and isinstance(message, Object):
            after = messages[index + 1] if index + 1 < len(messages) else None
            changes += _restored(message, after, decoded(data))
    return changes


def _restored(message: Object, after: Any, memory: Any) -> Sequence[Splice]:
    content = message.get("content")
    if not isinstance(memory, dict) or not isinstance(content, Array):
        return ()
    if not all(isinstance(block, Object) for block in content):
        return ()
    turns = [
        turn
        for _, turn in objects_in(memory.get("turns"))
        if isinstance(turn.get("said"), list) and isinstance(turn.get("answers"), list)
    ]
    last = turns.pop() if turns and memory.get("open") is True else None
    rest = rest_of(content, [block for turn in turns for _, block in objects_in(turn["said"])])
    changes = [] if last is None else joined(content, rest, after, last["said"], last["answers"])
    if rest.is_empty(content) and not changes:
        rest = Rest(0, 0)  # an empty message is refused
    return [*_hidden(message, turns), *before(content, rest, emptied=bool(changes)), *changes]


def _hidden(message: Object, turns: Sequence[dict[str, Any]]) -> list[Splice]:
    added = b""
    for turn in turns:
        for role, content in (("assistant", turn["said"]), ("user", turn["answers"])):
            added += _message(role, encoded(content)) + b","
    return [Splice(message.start, message.start, added)] if added else []


def _message(role: str, content: bytes) -> bytes:
    return b'{"role":"%s","content":%s}' % (role.encode(), content)
