"""Hidden calls that stood beside what the client was shown: back among its calls, and their
results before its results."""

from collections.abc import Sequence
from typing import Any

from headroom.wire.bedrock_converse.blocks import Content, is_clients_call, is_hidden
from headroom.wire.bedrock_converse.cutting import Rest
from headroom.wire.json_spans import Array, Object, Splice
from headroom.wire.values import encoded


def joined(
    content: Array, rest: Rest, after: Any, said: Sequence[Any], answers: Sequence[Any]
) -> list[Splice]:
    """Changes that join the calls in `said` to what of `content` is the rest, and `answers` to
    the message `after` it; nothing where that one is not the user's, as calls without results
    are refused."""
    heard = after.get("content") if isinstance(after, Object) else None
    results = encoded(answers)
    calls = _calls([block for block in said if isinstance(block, dict)])
    if not isinstance(heard, Array) or after.get("role") != "user" or not calls:
        return []
    changes = [_placed(content, rest, following, call) for following, call in calls]
    start = heard.start + 1
    heard_first = results[1:-1] + (b"," if heard else b"")
    insertions = _one_at_a_place(changes, empty=rest.is_empty(content))
    return [*insertions, Splice(start, start, heard_first)]


def _calls(said: Content) -> list[tuple[str, bytes]]:
    """The hidden calls in order, each with the id of the client's call that follows it."""
    found = []
    following = ""
    for block in reversed(said):
        if is_clients_call(block):
            following = str(block["toolUse"].get("toolUseId"))
        elif is_hidden(block):
            found.append((following, encoded(block)))
    return found[::-1]


def _placed(content: Array, rest: Rest, following: str, call: bytes) -> tuple[int, bool, bytes]:
    """The byte where a call goes, whether a block follows it there, and the call."""
    for block in content[rest.index :] if following else ():
        if is_clients_call(block) and block["toolUse"].get("toolUseId") == following:
            return block.start, True, call
    return content.end - 1, False, call


def _one_at_a_place(placed: Sequence[tuple[int, bool, bytes]], *, empty: bool) -> list[Splice]:
    """Insertions with their commas; with nothing else in the list, the first has none before."""
    changes = []
    for index, (at, followed, call) in enumerate(placed):
        if followed:
            changes.append(Splice(at, at, call + b","))
        else:
            changes.append(Splice(at, at, call if empty and index == 0 else b"," + call))
    return changes
