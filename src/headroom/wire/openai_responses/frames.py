"""What a WebSocket frame goes on from: the conversation that a server keeps between frames.

A frame names the response it follows and brings the new items alone. Decisions about them rest on
all that came before, so it is kept here as the client said it, by response, until so many others
have come that nobody will go back to it. A frame that follows an unknown response stands alone.

For each frame that goes upstream, those of our own further legs included: `follow` it, then let
the thread hear (`hear`) the events that answer it, as upstream sent them.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from headroom.conversation import Block, Conversation, Message
from headroom.wire.openai_responses.items import FRAME, request_in, text
from headroom.wire.openai_responses.offering import brings_tools
from headroom.wire.openai_responses.streamed import ENDS, EVENT
from headroom.wire.openai_responses.view import Reader
from headroom.wire.parts import model_of
from headroom.wire.values import decoded

MAX_RESPONSES = 64
"""How many responses of one connection are remembered."""
_ITEM_DONE = b"output_item.done"
_STREAM = re.compile(rb'"stream_id"\s*:\s*("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Followed:
    """A frame's conversation with all that it goes on from.

    Only texts of this frame have a path; those that came earlier are there to be decided alike,
    and are not in the frame. `inherits_tools` tells that tools stand in an earlier frame's input:
    ours is among them if it was offered then.
    """

    conversation: Conversation
    inherits_tools: bool


@dataclass(frozen=True, slots=True)
class _History:
    """What stands before a frame: its texts without paths, the tools of its calls."""

    messages: tuple[Message, ...] = ()
    tools: dict[str, str] = field(default_factory=dict)
    brings_tools: bool = False


@dataclass(slots=True)
class _Lane:
    """A frame that upstream is answering, and the finished items of the answer."""

    history: _History
    items: list[bytes] = field(default_factory=list)


class Thread:
    """The conversations of one WebSocket connection."""

    def __init__(self, limit: int = MAX_RESPONSES) -> None:
        self._limit = limit
        self._responses: OrderedDict[str, _History] = OrderedDict()
        self._lanes: dict[str, _Lane] = {}

    def follow(self, frame: dict[str, Any]) -> Followed | None:
        """The conversation of a frame that goes upstream; None for one that asks for no response.
        Lanes (`stream_id`) are answered side by side."""
        if frame.get("type") != FRAME:
            return None
        request, path = request_in(frame)
        before = self._responses.get(text(request.get("previous_response_id")), _History())
        reader = Reader(before.messages, before.tools)
        reader.read(request.get("input"), (*path, "input"))
        after = _History(
            _without_paths(reader.messages()),
            reader.tools,
            before.brings_tools or brings_tools(request),
        )
        self._lanes[text(frame.get("stream_id"))] = _Lane(after)
        reader.instruct(request, path)
        conversation = Conversation(model_of(request), reader.messages())
        return Followed(conversation, before.brings_tools)

    def hear(self, payload: bytes) -> None:
        """An event from upstream. Only finished items and the end of an answer are looked at."""
        found = EVENT.search(payload)
        kind = found[1] if found else b""
        if kind == _ITEM_DONE and self._lanes:
            if lane := self._lanes.get(lane_of(payload)):
                lane.items.append(payload)
        elif kind in ENDS:
            event = decoded(payload)
            lane = self._lanes.pop(lane_of(payload), None)
            response = event.get("response") if isinstance(event, dict) else None
            if lane is not None and isinstance(response, dict) and kind != b"failed":
                self._remember(lane, response)

    def _remember(self, lane: _Lane, response: dict[str, Any]) -> None:
        output = response.get("output") or [_item_in(payload) for payload in lane.items]
        reader = Reader(lane.history.messages, lane.history.tools)
        reader.read(output, ())
        after = _History(_without_paths(reader.messages()), reader.tools, lane.history.brings_tools)
        self._responses[text(response.get("id"))] = after
        if len(self._responses) > self._limit:
            self._responses.popitem(last=False)


def lane_of(payload: bytes) -> str:
    """The lane that a frame is in; empty for the one that needs no name."""
    found = _STREAM.search(payload)
    return text(decoded(found[1])) if found else ""


def ends(payload: bytes) -> bool:
    """Whether an event is the last of its answer."""
    found = EVENT.search(payload)
    return found is not None and found[1] in ENDS


def _item_in(payload: bytes) -> Any:
    event = decoded(payload)
    return event.get("item") if isinstance(event, dict) else None


def _without_paths(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Messages that stand in no frame to come. Those that do already are kept as they are."""
    return tuple(
        Message(message.role, tuple(map(_without_path, message.blocks)))
        if message.blocks[-1].path
        else message
        for message in messages
    )


def _without_path(block: Block) -> Block:
    return Block((), block.kind, block.text, block.tool, block.call_id) if block.path else block
