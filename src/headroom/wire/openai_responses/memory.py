"""What is remembered of an answer that was not shown whole, and under which names.

A client's later request means the answer by the id of a call that it answers, by the id or the
text of a message, or by the id of a response. Each name holds all that is needed to put back what
was hidden there; a request that goes on from a response needs only the results that are missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from headroom.wire._api import Memory
from headroom.wire.openai_responses.items import (
    Item,
    awaits_client,
    bare,
    dumps,
    is_ours,
    is_said,
    kind_of,
    said_in,
    text,
)
from headroom.wire.values import decoded

_SHORTEST = 16
"""Characters (spaces apart) from which a text alone names an answer: "Done." is said often."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A leg: what the model said, and the results of its calls of ours."""

    said: tuple[Item, ...]
    outputs: tuple[Item, ...]
    response: str = ""


def call_name(item: Item) -> str:
    """The name of a call, or of its result; empty without an id."""
    call_id = text(item.get("call_id"))
    return f"call:{call_id}" if call_id else ""


def item_name(item: Item) -> str:
    """The name of an item, or of a reference to it; empty without an id."""
    item_id = text(item.get("id"))
    return f"item:{item_id}" if item_id else ""


def text_name(asked: str, said: str) -> str:
    """The name of what was `said` after the user `asked`; empty where that is too little."""
    said = bare(said)
    if len(said) < _SHORTEST:
        return ""
    whole = f"{bare(asked)}\0{said}".encode("utf-8", "surrogatepass")
    return f"text:{blake2b(whole, digest_size=15).hexdigest()}"


def response_name(response_id: Any) -> str:
    """The name of a response; empty without an id."""
    return f"response:{response_id}" if isinstance(response_id, str) and response_id else ""


def seal_of(item: Item) -> str:
    """What tells encrypted reasoning from other: clients drop its id. Empty where there is none."""
    sealed = text(item.get("encrypted_content")).encode("utf-8", "surrogatepass")
    return blake2b(sealed, digest_size=15).hexdigest() if sealed else ""


def memories(legs: Sequence[Hidden], asked: str) -> Sequence[Memory]:
    """What to remember of an answer in `legs`; nothing where nothing was hidden."""
    if not any(leg.outputs for leg in legs):
        return []
    whole = dumps({"legs": [_leg(leg) for leg in legs]})
    last = legs[-1]
    left = [] if awaits_client(last.said) else list(last.outputs)
    chained = dumps({"previous_response_id": last.response, "outputs": left})
    going_on = [leg.response for leg in legs[: None if left else -1]] if last.response else []
    found = [Memory(name, chained) for name in map(response_name, going_on) if name]
    return found + [Memory(name, whole) for name in dict.fromkeys(_names(legs, asked)) if name]


def read(data: bytes) -> list[Hidden]:
    """The legs in a memory's data; none where it cannot be read."""
    value = decoded(data)
    legs = value.get("legs") if isinstance(value, dict) else None
    return [
        Hidden(_items(leg.get("said")), _items(leg.get("outputs")))
        for leg in (legs if isinstance(legs, list) else ())
        if isinstance(leg, dict)
    ]


def read_chained(data: bytes) -> tuple[str, tuple[Item, ...]]:
    """The response to go on from, and the results that it waits for."""
    value = decoded(data)
    if not isinstance(value, dict):
        return "", ()
    return text(value.get("previous_response_id")), _items(value.get("outputs"))


def _names(legs: Sequence[Hidden], asked: str) -> Iterator[str]:
    shown = [item for leg in legs for item in leg.said if not is_ours(item)]
    calls = [item for item in shown if is_said(item) and call_name(item)]
    messages = [item for item in shown if kind_of(item) == "message"]
    if calls:
        yield call_name(calls[0])
    elif messages:
        yield item_name(messages[-1])
        yield text_name(asked, said_in(messages[-1]))
        # Clients that keep only the text join it.
        yield text_name(asked, "".join(map(said_in, messages)))


def _leg(leg: Hidden) -> dict[str, Any]:
    answered = {item.get("call_id") for item in leg.outputs}
    kept = [
        item if kind_of(item) == "message" or is_ours(item) else _mark(item)
        for item in leg.said
        if not is_ours(item) or item.get("call_id") in answered
    ]
    return {"said": kept, "outputs": leg.outputs}


def _mark(item: Item) -> Item:
    """As much of an item as tells which one it is."""
    mark: Item = {key: item[key] for key in ("type", "id", "call_id") if key in item}
    return {**mark, "seal": seal} if (seal := seal_of(item)) else mark


def _items(value: Any) -> tuple[Item, ...]:
    items = value if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, dict))
