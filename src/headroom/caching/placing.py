"""Where a request's prompt is worth keeping in the provider's cache, for clients that do not say.

Rule: from the request alone, so that every worker places alike, and nothing but the placed is
changed. In a request that has breakpoints (or a key) of its own, nothing is placed.

A breakpoint goes on the tools, on the system text, on the end of the request, and on the end of
the one before it: there the provider finds what it kept, however many blocks were added since.
This file does not know what was sent before, nor what anything costs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

from headroom.caching.busts import Steadiness
from headroom.caching.rules import rules_for
from headroom.wire import ANTHROPIC_MESSAGES
from headroom.wire.anthropic_messages import breakpoints as marks
from headroom.wire.json_spans import Array, Object, Splice, Text
from headroom.wire.openai_responses.items import is_said, request_in
from headroom.wire.parts import model_of

FOR_THIS_REQUEST = "[for this request: "
"""How a text begins that no later request will carry."""

_BYTES_PER_TOKEN = 3.5
_NO_CACHE = re.compile(r"claude-(?:instant|v?[12](?![0-9])|3-sonnet)")
_OPENAI = re.compile(r"(?:ft:)?(?:gpt-(?!oss)|chatgpt-|codex-|o[1-9](?![0-9a-z]))")
"""OpenAI's own models by name. Other servers of the same API refuse a key they do not know."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A placed breakpoint: what carries it (`tools[3]`), and the changes that put it there."""

    name: str
    splices: tuple[Splice, ...]


class _Spot(NamedTuple):
    """A node that may carry a breakpoint; `order` is its place in the prompt, `size` the bytes
    of prompt up to its end."""

    order: tuple[int, int, int]
    node: Text | Object
    size: int

    @property
    def name(self) -> str:
        room, index, _ = self.order
        return f"{('tools', 'system', 'messages')[room]}[{index}]"

    @property
    def is_in_messages(self) -> bool:
        return self.order[0] == 2


def steadily(
    body: dict[str, Any], steady: Steadiness, model: str = "", *, always: bool = False
) -> list[Breakpoint]:
    """The breakpoints that a request wants in view of those before it: what changes with every
    request is written to the cache for nobody."""
    if not steady.ends and not steady.beginning:
        return []
    return placed(body, model, always=always, ends=steady.ends)


def placed(
    body: dict[str, Any], model: str = "", *, always: bool = False, ends: bool = True
) -> list[Breakpoint]:
    """The breakpoints that an Anthropic request wants, in the order of its prompt.

    `model` is the model's name where the body has none. None are placed for a model without
    a cache, where too little stands before them to be kept, or for a single question, whose
    prompt nobody would read from the cache; the latter are placed with `always`. Without `ends`
    none are placed in messages, for a client that does not send the same ones again.
    """
    model = (model or model_of(body)).lower()
    if "claude" not in model or _NO_CACHE.search(model) or not isinstance(body, Object):
        return []
    if not (always or goes_on(body)) or marks.are_set(body):
        return []
    rules = rules_for(ANTHROPIC_MESSAGES.name, model)
    worth = [
        spot
        for spot in _wanted(body, rules.look_back)
        if spot.size >= rules.least * _BYTES_PER_TOKEN and (ends or not spot.is_in_messages)
    ]
    chosen = sorted(worth[: marks.MOST], key=lambda spot: spot.order)
    return [Breakpoint(spot.name, marks.marked(spot.node)) for spot in chosen]


def cache_key(body: dict[str, Any], session: str, *, always: bool = False) -> list[Splice]:
    """The change that gives an OpenAI request (Chat, Responses) a `prompt_cache_key` made of a
    session's name: what comes with one key is kept on one machine.

    None for a request that has one, for models that are not OpenAI's, and for a single question:
    many of those share their beginning, and would lose each other.
    """
    request, _ = request_in(body)
    if not session or "prompt_cache_key" in request or not isinstance(request, Object):
        return []
    if not request or not _OPENAI.match(model_of(request)) or not (always or goes_on(body)):
        return []
    name = blake2b(session.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    start = request.start + 1
    return [Splice(start, start, b'"prompt_cache_key":"headroom-%b",' % name.encode())]


def goes_on(body: dict[str, Any]) -> bool:
    """Whether a request belongs to a conversation, in any of the three APIs: it offers tools, or
    the model has spoken in it. Others are single questions."""
    request, _ = request_in(body)
    if any(request.get(key) for key in ("tools", "functions", "previous_response_id")):
        return True
    messages, items = request.get("messages"), request.get("input")
    said = (
        isinstance(message, dict) and message.get("role") == "assistant"
        for message in (messages if isinstance(messages, list) else ())
    )
    return any(said) or any(map(is_said, items if isinstance(items, list) else ()))


def _wanted(body: Object, look_back: int) -> Iterator[_Spot]:
    """Where breakpoints would do good, the best first.

    The system's covers the tools too, so it goes before theirs. Where the turn before the last
    request added more blocks than the provider looks back over, its beginning goes before both:
    the client may not have asked in between.
    """
    tools, system = body.get("tools"), body.get("system")
    before = _size(tools)
    fixed = [
        *_last(0, tools, marks.tools_that_carry(tools), 0),
        *_last(1, system, marks.blocks_that_carry(system), before),
    ]
    ends = list(_ends(body.get("messages"), before + _size(system)))
    yield from ends[:2]
    if len(ends) > 2 and _is_far(body["messages"], ends[2], ends[1], look_back):
        yield ends[2]
    yield from reversed(fixed)


def _size(node: Any) -> int:
    return node.end - node.start if isinstance(node, (Text, Array)) else 0


def _last(
    room: int, nodes: Any, carriers: Iterator[tuple[int, Text | Object]], before: int
) -> Iterator[_Spot]:
    """The last of a room's nodes that may carry a breakpoint, if there is one."""
    for index, node in islice(carriers, 1):
        yield _Spot((room, index, 0), node, before + node.end - nodes.start)


def _ends(messages: Any, before: int) -> Iterator[_Spot]:
    """Where this request ends, and the last ones before it did, at most three, each once."""
    found: set[tuple[int, int, int]] = set()
    answered = True
    for index in range(len(messages) - 1 if isinstance(messages, Array) else -1, -1, -1):
        is_answer = _role(messages[index]) == "assistant"
        if answered and not is_answer:
            spot = _at_or_before(messages, index, before)
            if spot is None or len(found) == 3:
                return
            if spot.order not in found:
                found.add(spot.order)
                yield spot
        answered = is_answer


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


def _at_or_before(messages: Array, last: int, before: int) -> _Spot | None:
    """The last block up to the end of a message that may carry a breakpoint."""
    for index in range(last, -1, -1):
        message = messages[index]
        content = message.get("content") if isinstance(message, dict) else None
        for at, block in marks.blocks_that_carry(content):
            if not _is_passing(block):
                return _Spot((2, index, at), block, before + block.end - messages.start)
    return None


def _is_passing(block: Text | Object) -> bool:
    text = block if isinstance(block, Text) else block.get("text")
    return isinstance(text, str) and text.startswith(FOR_THIS_REQUEST)


def _is_far(messages: Array, earlier: _Spot, later: _Spot, look_back: int) -> bool:
    """Whether, looking back from the later spot, the provider does not see the earlier one."""
    (_, first, start), (_, last, end) = earlier.order, later.order
    between = sum(
        len(marks.blocks_of(message.get("content")))
        for message in messages[first:last]
        if isinstance(message, dict)
    )
    return between - start + end >= look_back
