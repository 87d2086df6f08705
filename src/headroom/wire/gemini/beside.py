"""Hidden calls that stood beside the client's own, put back among them.

The client's own parts stay as it sends them: it may have given ids to calls that came without.
Responses come in the order of their calls.
"""

from collections.abc import Sequence
from typing import Any

from headroom.wire.gemini.content import (
    Part,
    call_of,
    is_hidden,
    is_model,
    parts_of,
    response_of,
)
from headroom.wire.gemini.history import Spoken
from headroom.wire.gemini.legs import Leg
from headroom.wire.gemini.places import Place, located
from headroom.wire.json_spans import Object, Splice
from headroom.wire.values import encoded


def put_back(contents: Sequence[Any], spoken: Spoken, leg: Leg, begin: Place) -> list[Splice]:
    """The changes that put the leg's hidden calls and their responses back; the leg begins at
    `begin` of what was spoken."""
    following = _following(contents, spoken.last + 1)
    changes: list[Splice] = []
    unplaced: list[Part] = []
    here, before = begin, 0
    results = iter(leg.results)
    for part in leg.parts:
        if is_hidden(part):
            result = next(results)
            changes += _call(spoken.parts, here, part)
            answer = _response(following, before, result)
            changes += answer
            unplaced += () if answer else (result,)
        else:
            here = here.after(part)
            before += call_of(part) is not None
    return changes + _of_its_own(contents, spoken, unplaced)


def _call(parts: Sequence[Any], place: Place, call: Part) -> list[Splice]:
    at = located(parts, place)
    if at is None:
        calls = [index for index, part in enumerate(parts) if call_of(part) is not None]
        at = (calls[0] if calls else len(parts)), 0
    index, inside = at
    return _beside(parts, index + bool(inside), call)


def _beside(parts: Sequence[Any], index: int, new: Part) -> list[Splice]:
    """`new` before the part at `index`, or behind the last."""
    if index < len(parts) and isinstance(parts[index], Object):
        start = parts[index].start
        return [Splice(start, start, encoded(new) + b",")]
    if parts and isinstance(parts[-1], Object):
        end = parts[-1].end
        return [Splice(end, end, b"," + encoded(new))]
    return []


def _following(contents: Sequence[Any], first: int) -> list[Any]:
    """The parts that the client answers with, up to what the model says next."""
    parts: list[Any] = []
    for content in contents[first:]:
        if is_model(content):
            break
        parts += parts_of(content)
    return parts


def _response(following: Sequence[Any], before: int, result: Part) -> list[Splice]:
    """`result` behind the client's first responses, `before` in number."""
    at = [index for index, part in enumerate(following) if response_of(part) is not None]
    if before < len(at):
        return _beside(following, at[before], result)
    if at:
        end = following[at[-1]].end
        return [Splice(end, end, b"," + encoded(result))]
    return _beside(following, 0, result) if following else []


def _of_its_own(contents: Sequence[Any], spoken: Spoken, results: Sequence[Part]) -> list[Splice]:
    """Responses that the client has nothing to stand beside of."""
    if not results:
        return []
    end = contents[spoken.last].end
    content = {"role": "user", "parts": list(results)}
    return [Splice(end, end, b"," + encoded(content))]
