"""Hidden turns of a Gemini conversation: sent on, and put back where they were.

The client keeps one turn of the model's where the model lived several: said, retrieved, said on.
What it sends back is cut where the shown part of the hidden turns ends, and they take that part's
place. Where it cannot be found, they go before all that was said, without what they showed; that
is still a history the API takes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from headroom.wire import json_spans
from headroom.wire._api import Turn
from headroom.wire.gemini import beside
from headroom.wire.gemini.content import (
    is_hidden,
    is_signed,
    is_solid,
    is_thought,
    parts_of,
    shown,
    text_of,
    visible_text,
)
from headroom.wire.gemini.history import History, Spoken
from headroom.wire.gemini.legs import Leg, read, responses, thoughts
from headroom.wire.gemini.places import Place, located
from headroom.wire.json_spans import Array, Object, Splice
from headroom.wire.values import encoded


def anchors(body: dict[str, Any]) -> list[str]:
    """The anchors of the model's turns in a request, in order."""
    return [anchor for spoken in History().turns(body) for anchor in spoken.anchors]


def restore(body: dict[str, Any], known: Mapping[str, bytes]) -> list[Splice]:
    """The changes that put the remembered turns back."""
    contents = body.get("contents")
    if not known or not isinstance(contents, Array):
        return []
    changes: list[Splice] = []
    for spoken in History().turns(body):
        data = next((known[anchor] for anchor in spoken.anchors if anchor in known), b"")
        if not data or any(map(is_hidden, spoken.parts)):
            continue
        legs = read(data)
        alone = [leg for leg in legs if leg.alone]
        if alone:
            changes += _put_back(contents, spoken, alone)
        begin = Place().after_all([part for leg in alone for part in shown(leg.parts)])
        for leg in legs[len(alone) :]:
            changes += beside.put_back(contents, spoken, leg, begin)
    return changes


def carry_on(body: dict[str, Any], turn: Turn, results: Sequence[str]) -> list[Splice]:
    """The change that appends a turn and its results to the request that was sent."""
    contents = body.get("contents")
    if not isinstance(contents, Array):
        return []
    answer = {"role": "user", "parts": responses(turn.calls, results)}
    new = turn.said + b"," + encoded(answer)
    end = contents.end - 1
    return [Splice(end, end, b"," + new if contents else new)]


def _put_back(contents: Array, spoken: Spoken, legs: Sequence[Leg]) -> list[Splice]:
    """Legs in which nothing was for the client to answer, in place of what they showed."""
    showed = [part for leg in legs for part in shown(leg.parts)]
    at = located(spoken.parts, Place().after_all(showed))
    if at is None or not visible_text(spoken.parts).startswith(visible_text(showed)):
        return _before(contents, spoken, legs)
    index, inside = at
    if not inside:
        index = _behind_thoughts(spoken.parts, index, "".join(leg.thoughts for leg in legs))
    if not any(map(_says_something, spoken.parts[index:])):
        return [Splice(contents[spoken.first].start, contents[spoken.last].end, _contents(legs))]
    if not isinstance(spoken.parts[index], Object):
        return _before(contents, spoken, legs)
    return _cut(contents, spoken, index, inside, _contents(legs))


def _before(contents: Array, spoken: Spoken, legs: Sequence[Leg]) -> list[Splice]:
    start = contents[spoken.first].start
    return [Splice(start, start, _contents([_silent(leg) for leg in legs]) + b",")]


def _cut(contents: Array, spoken: Spoken, index: int, inside: int, hidden: bytes) -> list[Splice]:
    """`hidden` in place of all parts before `index`, and of so many characters inside it."""
    part = spoken.parts[index]
    owner = spoken.first
    while index >= len(parts_of(contents[owner])):
        index -= len(parts_of(contents[owner]))
        owner += 1
    changes = [Splice(contents[spoken.first].start, contents[owner].start, hidden + b",")]
    if index:
        changes.append(Splice(contents[owner]["parts"].start + 1, part.start, b""))
    if inside:
        text = part["text"]
        changes.append(Splice(text.start, text.end, json_spans.encoded(text[inside:])))
    return changes


def _contents(legs: Sequence[Leg]) -> bytes:
    return b",".join(encoded(content) for leg in legs for content in leg.contents)


def _silent(leg: Leg) -> Leg:
    """The leg without what the client was shown of it."""
    kept = [part for part in leg.parts if is_hidden(part) or not (text_of(part) or is_solid(part))]
    return Leg({**leg.said, "parts": kept}, leg.results)


def _behind_thoughts(parts: Sequence[Any], index: int, known: str) -> int:
    """The end of what belongs to legs with the `known` thoughts; `index` is the first part that
    is shown of what follows them."""
    end = index
    while index and Place().after(parts[index - 1]) == Place():
        index -= 1
    passed = thoughts(parts[:index])
    while index < end and not is_signed(parts[index]):
        passed += thoughts(parts[index : index + 1])
        if not known.startswith(passed):
            break
        index += 1
    return index


def _says_something(part: Any) -> bool:
    if not isinstance(part, Object):
        return True
    return bool(text_of(part)) or is_solid(part) or is_thought(part) or is_signed(part)
