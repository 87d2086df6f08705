"""Where in a client's items the turns belong that it was not shown.

The items that the client was shown tell the place: what was hidden goes behind the last of them
that came before it, else before the first that came after it, else before the item that named the
answer. A client that kept one text of several messages has that text parted again.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from headroom.wire.json_spans import Array, Object, Splice
from headroom.wire.openai_responses.items import (
    Item,
    bare,
    dumps,
    is_ours,
    is_said,
    kind_of,
    said_in,
    text,
    texts,
    without_id,
)
from headroom.wire.openai_responses.memory import Hidden, seal_of

_Found = dict[int, int]
"""Which of the items that the model said is which of the client's."""


def put_back(items: Array, at: int, legs: Sequence[Hidden]) -> list[Splice]:
    """The changes that put the hidden part of an answer back; item `at` named the answer."""
    start, end = _said_around(items, at)
    if start == end:
        return missing_results(items, at, legs)
    track = [item for leg in legs for item in leg.said]
    found = _found(items, track, start, end)
    whole = "".join(said_in(item) for item in track if kind_of(item) == "message")
    joined = [i for i in range(start, end) if _is_joined(items[i], whole)]
    parted = bool(joined) and joined[0] not in found.values()
    changes: list[Splice] = []
    if parted:
        changes += _parted(items, joined[0], legs)
        found[_last_message(track)] = joined[0]
    before = 0
    for number, leg in enumerate(legs):
        lasts = number + 1 == len(legs)
        if lasts or not parted:
            changes += _leg_back(items, leg, before, (track, found, min(at, end)), lasts=lasts)
        before += len(leg.said)
    return changes


def missing_results(items: Array, at: int, legs: Sequence[Hidden]) -> list[Splice]:
    """The change that puts the last leg's results before item `at`, where the server holds the
    calls."""
    return inserted(items, at, legs[-1].outputs) if legs else []


def inserted(items: Array, at: int, new: Sequence[Item]) -> list[Splice]:
    """The change that puts `new` items before item `at`; none where that has no known place."""
    written = b",".join(filter(None, map(dumps, new)))
    if not written:
        return []
    if at == 0:
        start = items.start + 1
        return [Splice(start, start, written + (b"," if items else b""))]
    if at >= len(items):
        return [Splice(items.end - 1, items.end - 1, b"," + written)]
    following = items[at]
    if not isinstance(following, Object):
        return []
    return [Splice(following.start, following.start, written + b",")]


def _leg_back(
    items: Array,
    leg: Hidden,
    before: int,
    known: tuple[Sequence[Item], _Found, int],
    *,
    lasts: bool,
) -> list[Splice]:
    """One leg's calls and results; `before` items of the track came before it. In the last leg
    the results follow all that was said, as the client's own do."""
    if not leg.outputs:
        return []
    track, found, named = known
    kept = all(
        before + n in found for n, item in enumerate(leg.said) if kind_of(item) == "reasoning"
    )
    changes: list[Splice] = []
    place = named
    for number, item in enumerate(leg.said, before):
        if is_ours(item):
            place = _place(number, len(track), found, named)
            changes += inserted(items, place, [item if kept else without_id(item)])
    if not lasts:
        place = max(place, _place(before + len(leg.said), len(track), found, named))
    else:
        while place < len(items) and is_said(items[place]):
            place += 1
    return [*changes, *inserted(items, place, leg.outputs)]


def _place(number: int, count: int, found: _Found, named: int) -> int:
    """Where what stands at `number` in the track belongs among the client's items."""
    earlier = next((found[n] for n in range(number - 1, -1, -1) if n in found), None)
    if earlier is not None:
        return earlier + 1
    return next((found[n] for n in range(number, count) if n in found), named)


def _said_around(items: Array, at: int) -> tuple[int, int]:
    """The run of the model's items that item `at` is of, or that its result follows."""
    end = at
    while end >= 0 and not is_said(items[end]):
        if not kind_of(items[end]).endswith("_output"):
            return at, at
        end -= 1
    start = end
    while start > 0 and is_said(items[start - 1]):
        start -= 1
    end += 1
    while end < len(items) and is_said(items[end]):
        end += 1
    return max(start, 0), end


def _found(items: Array, track: Sequence[Item], start: int, end: int) -> _Found:
    """Which item of the track is which of `items`, in order."""
    found: _Found = {}
    for number, item in enumerate(track):
        if is_ours(item):
            continue
        index = next((i for i in range(start, end) if _same(items[i], item)), None)
        if index is not None:
            found[number] = index
            start = index + 1
    return found


def _same(item: Any, told: Item) -> bool:
    """Whether the client's `item` is the one it was `told`."""
    for key in ("call_id", "id"):
        if text(told.get(key)) and item.get(key) == told[key]:
            return True
    if seal := text(told.get("seal")):
        return seal_of(item) == seal
    if kind_of(told) != "message" or kind_of(item) != "message":
        return False
    said = bare(said_in(told))
    return said != "" and said == bare(said_in(item))


def _is_joined(item: Any, whole: str) -> bool:
    return kind_of(item) == "message" and whole != "" and bare(said_in(item)) == bare(whole)


def _last_message(track: Sequence[Item]) -> int:
    return max(number for number, item in enumerate(track) if kind_of(item) == "message")


def _parted(items: Array, index: int, legs: Sequence[Hidden]) -> list[Splice]:
    """The one message that holds what was said over all legs, as the legs' own items. Where it
    does not part, the turns go before it."""
    message = items[index]
    rest: Any = message.get("content")
    new: list[Item] = []
    for leg in legs[:-1]:
        for item in leg.said:
            if kind_of(item) == "message" and rest is not None:
                rest = _behind(rest, said_in(item))
        new += _without_reasoning(leg)
    if rest is None:
        return inserted(items, index, [item for item in new if kind_of(item) != "message"])
    if texts(rest) or (isinstance(rest, str) and rest.strip()):
        new.append(without_id({**message, "content": rest}))
    written = b",".join(map(dumps, new))
    return [Splice(message.start, message.end, written)] if written else []


def _without_reasoning(leg: Hidden) -> Iterator[Item]:
    """A leg's messages, calls and results, for a history that has no reasoning."""
    reasoned = any(kind_of(item) == "reasoning" for item in leg.said)
    for item in leg.said:
        if is_ours(item) or kind_of(item) == "message":
            yield without_id(item) if reasoned else item
    yield from leg.outputs


def _behind(content: Any, said: str) -> Any:
    """What follows `said` in a content; None where it does not begin so."""
    said = said.strip()
    if isinstance(content, str):
        content = content.lstrip()
        return content[len(said) :] if content.startswith(said) else None
    parts = list(content) if isinstance(content, list) else []
    while parts and said:
        part = parts.pop(0)
        if not isinstance(part.get("text") if isinstance(part, dict) else None, str):
            return None
        have = part["text"].strip()
        if have.startswith(said):
            left = have[len(said) :]
            return [{**part, "text": left}, *parts] if left else parts
        if not said.startswith(have):
            return None
        said = said[len(have) :].lstrip()
    return parts if not said else None
