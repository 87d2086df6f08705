"""Hidden turns in a request: named, put back where they were, and carried on.

    what the client has     … reasoning  message                  reasoning  call  result
    what the model lived    … reasoning  message  retrieve  result  reasoning  call  result

Rule: the client's own items stay as they are; only what it was not shown is put between them.
Reasoning that the client has dropped stays dropped, and then the calls that came with it lose
their ids, since the API refuses an id without its reasoning.

A request that goes on from a stored response has those turns already. It lacks at most the results
that were still to come when the client got its own calls.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headroom.wire._api import Turn
from headroom.wire.json_spans import Array, Object, Splice, Text
from headroom.wire.openai_responses import memory, places
from headroom.wire.openai_responses.items import (
    FRAME,
    Item,
    dumps,
    is_said,
    kind_of,
    outputs_for,
    request_in,
    said_in,
    text,
    without_id,
)
from headroom.wire.values import decoded


def anchors(body: dict[str, Any]) -> Sequence[str]:
    """The names under which something may be remembered for this request."""
    request, _ = request_in(body)
    first = memory.response_name(request.get("previous_response_id"))
    names = [name for _, named in _named(request.get("input")) for name in named]
    return list(dict.fromkeys([first, *names] if first else names))


def restore(body: dict[str, Any], known: Mapping[str, bytes]) -> Sequence[Splice]:
    """The changes that put back what is `known`; each memory goes to one place."""
    request, _ = request_in(body)
    items = request.get("input")
    changes = _going_on(request, known)
    if not isinstance(items, Array):
        return changes
    chained = bool(request.get("previous_response_id") or request.get("conversation"))
    for at, data in _remembered(items, known):
        legs = memory.read(data)
        waits = chained and not is_said(items[at])
        put = places.missing_results if waits else places.put_back
        changes += put(items, at, legs)
    return changes


def carry_on(body: dict[str, Any], turn: Turn, results: Sequence[str]) -> Sequence[Splice]:
    """The changes that make the request that was sent the one of the next leg.

    A WebSocket frame, and a request that goes on from a stored response itself, go on from the
    leg's response and bring the results alone: the server holds the rest, and over a WebSocket
    it may hold no older response. All others bring all that was said.
    """
    request, _ = request_in(body)
    value = decoded(turn.said)
    said = value.get("input") if isinstance(value, dict) else None
    if not isinstance(request, Object) or not isinstance(said, list):
        return []
    said = [item for item in said if isinstance(item, dict)]
    outputs = outputs_for(said, results)
    if request.get("conversation"):
        return _with_input(request, outputs)
    if _stored(body, request) and (leg := text(value.get("previous_response_id"))):
        goes_on = _with_key(request, "previous_response_id", leg)
        if goes_on:
            return [*goes_on, *_with_input(request, outputs)]
    return _appended(request, [*_sendable(said, request), *outputs])


def _remembered(items: Any, known: Mapping[str, bytes]) -> Iterator[tuple[int, bytes]]:
    """Where each memory belongs. Ids tell it better than texts, which may be said twice."""
    used: set[bytes] = set()
    named = list(_named(items))
    for by_text in (False, True):
        for at, names in named:
            found = (known.get(name) for name in names if name.startswith("text:") is by_text)
            data = next(filter(None, found), b"")
            if data and data not in used:
                used.add(data)
                yield at, data


def _named(items: Any) -> Iterator[tuple[int, list[str]]]:
    """Where in the input something may be remembered, and the names it may have there."""
    asked = ""
    for at, item in enumerate(items if isinstance(items, list) else ()):
        kind = kind_of(item)
        if kind == "message" and item.get("role") == "assistant":
            said = said_in(item)
            names = [memory.item_name(item), memory.text_name(asked, said)]
            if asked:
                names.append(memory.text_name("", said))
        elif kind == "message":
            asked = said_in(item) if item.get("role") == "user" else asked
            continue
        else:
            names = [memory.item_name(item) if kind == "item_reference" else ""]
            names.append(memory.call_name(item) if kind else "")
        if found := [name for name in names if name]:
            yield at, found


def last_asked(body: dict[str, Any]) -> str:
    """What the user said last in a request."""
    request, _ = request_in(body)
    value = request.get("input")
    if isinstance(value, str):
        return value
    items = value if isinstance(value, list) else []
    said = (
        said_in(item)
        for item in reversed(items)
        if kind_of(item) == "message" and item.get("role") == "user"
    )
    return next(said, "")


def _going_on(request: dict[str, Any], known: Mapping[str, bytes]) -> list[Splice]:
    """A request that goes on from a response is to go on from the last leg of that answer, with
    the results that this waits for."""
    previous = request.get("previous_response_id")
    data = known.get(memory.response_name(previous))
    if data is None or not isinstance(previous, Text):
        return []
    last, outputs = memory.read_chained(data)
    changes = []
    if last and last != previous:
        changes += _with_key(request, "previous_response_id", last)
    items = request.get("input")
    if not outputs:
        return changes
    if isinstance(items, Array):
        return [*changes, *places.inserted(items, 0, outputs)]
    if isinstance(items, Text):
        return [*changes, *_with_input(request, [*outputs, _asking(items)])]
    return changes


def _stored(body: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether the server holds the leg's response, and the client relies on such."""
    if body.get("type") == FRAME:
        return True
    return bool(request.get("previous_response_id")) and request.get("store") is not False


def _sendable(said: Sequence[Item], request: dict[str, Any]) -> list[Item]:
    """What was said, as the next request may say it: reasoning that is not stored anywhere can
    only be sent back when it came encrypted."""
    if request.get("store") is not False:
        return list(said)
    kept = [item for item in said if kind_of(item) != "reasoning" or item.get("encrypted_content")]
    return kept if len(kept) == len(said) else [without_id(item) for item in kept]


def _appended(request: dict[str, Any], new: Sequence[Item]) -> list[Splice]:
    items = request.get("input")
    if isinstance(items, Array):
        return places.inserted(items, len(items), new)
    return _with_input(request, [_asking(items), *new] if isinstance(items, Text) else new)


def _asking(said: str) -> Item:
    return {"role": "user", "content": str(said)}


def _with_input(request: dict[str, Any], items: Sequence[Item]) -> list[Splice]:
    return _with_key(request, "input", items)


def _with_key(request: dict[str, Any], key: str, value: Any) -> list[Splice]:
    """The change that gives `key` a value; none where what stands there has no place."""
    now = request.get(key)
    if isinstance(now, (Array, Text)):
        return [Splice(now.start, now.end, dumps(value))]
    if key in request or not request or not isinstance(request, Object):
        return []
    start = request.start + 1
    return [Splice(start, start, dumps(key) + b":" + dumps(value) + b",")]
