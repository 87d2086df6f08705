"""The seam of a wire format: one API's requests and answers.

A request is read as a conversation and edited in place, never rebuilt: with no edits the result
is the very same bytes. An answer is watched, and where the model called the retrieve tool that
the proxy serves, the call is taken out and answered without the client. All of it is pure: bytes
or Python values in, values out; no sockets, clocks or threads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from headroom.conversation import Conversation
from headroom.edits import Edit
from headroom.errors import WireError
from headroom.wire import json_spans, trees
from headroom.wire.json_spans import Splice


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider reported them. `fresh` is input that was neither read from its
    cache nor written to it; `cache_write_long` is what of `cache_write` is kept for the longer of
    its lifetimes, at a higher price."""

    fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    cache_write_long: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.fresh + other.fresh,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
            self.output + other.output,
            self.cache_write_long + other.cache_write_long,
        )

    @property
    def prompt(self) -> int:
        """All tokens of input."""
        return self.fresh + self.cache_read + self.cache_write


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the retrieve tool; `arguments` is empty where they cannot be read."""

    id: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """A leg of an answer in which the model called the retrieve tool.

    `said` is all that the model said in the leg, as the JSON that a request spells it in (content
    blocks, a message, items, parts), the calls included. `alone` says that nothing in the leg is
    for the client to answer, so upstream is to go on at once.
    """

    calls: tuple[Call, ...]
    said: bytes
    alone: bool


@dataclass(frozen=True, slots=True)
class Memory:
    """What the client was not shown of an answer, to be put back into its later requests.

    `anchor` names the place in the client's history (a call's id, or a hash of what was said);
    `data` is the format's own JSON.
    """

    anchor: str
    data: bytes


class Answer(Protocol):
    """What the client hears in answer to one request: one leg from upstream, or several where
    the model retrieved alone. A payload is one event's data in a stream, else the whole body.

    With `intercept` false it only reads the usage, and `feed` always returns None.
    """

    @property
    def usage(self) -> Usage | None:
        """Of all legs so far; None while nothing was reported."""
        ...

    @property
    def legs(self) -> Sequence[Usage]:
        """What each leg reported, in order; one that reported nothing is left out."""
        ...

    def feed(self, payload: bytes) -> Sequence[bytes] | None:
        """What the client gets for the payload: None is the payload as it came, otherwise these
        (nothing, while it is held back). Never raises: what cannot be read passes."""
        ...

    def end(self) -> Turn | None:
        """The leg has ended, complete or cut. A turn if the model called the tool in it."""
        ...

    def resume(self, turn: Turn, results: Sequence[str]) -> None:
        """Another leg follows, in which the model knows `results`, one for each of the turn's
        calls. Also to be called for a turn beside the client's own calls, whose results wait for
        the client's next request: then no leg follows."""
        ...

    def give_up(self, error: bytes) -> Sequence[bytes]:
        """No further leg comes. What the client is still owed: with `error` (upstream's error
        body) an error in a stream's own shape, without it the end of the answer as it stands."""
        ...

    def memories(self) -> Sequence[Memory]:
        """What to remember of the whole answer once it has ended."""
        ...


class Answering(Protocol):
    """Makes the reader of upstream's answer to one request. With `body`, the request as the
    client sent it, an answer is told from one that says the same to another question."""

    def __call__(
        self, *, stream: bool, intercept: bool, body: dict[str, Any] | None = None
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How one API offers, calls and answers the retrieve tool. A decoded body goes into each.

    - `offered`: the names of the tools that the client itself offers, as the model sees them.
    - `offer`: changes that put the tool first among the tools (what stands behind stays where it
      is when a client appends to them); nothing where it cannot be offered.
    - `anchors`: the anchors that memories may have in this request, in order. Cheap.
    - `restore`: changes that put remembered turns back where they were; what is known is data by
      anchor.
    - `carry_on`: changes that make the request that was sent the one of the next leg: a turn and
      the results of its calls at the end of the conversation.
    - `answer`: a reader of what upstream answers.
    """

    offered: Callable[[dict[str, Any]], Sequence[str]]
    offer: Callable[[dict[str, Any]], Sequence[Splice]]
    anchors: Callable[[dict[str, Any]], Sequence[str]]
    restore: Callable[[dict[str, Any], Mapping[str, bytes]], Sequence[Splice]]
    carry_on: Callable[[dict[str, Any], Turn, Sequence[str]], Sequence[Splice]]
    answer: Answering


@dataclass(frozen=True, slots=True)
class WireFormat:
    """One API's request: what tells it from others, and where its texts are.

    `view` reads a decoded body (dicts and lists) and must not change it; `recognises` says
    whether a message carries what only this format has. `key` names the list of messages in the
    body. `retrieval` is what the proxy needs beside it.
    """

    name: str
    view: Callable[[dict[str, Any]], Conversation]
    recognises: Callable[[dict[str, Any]], bool]
    retrieval: Retrieval
    key: str = "messages"

    def parse(self, body: bytes) -> Conversation:
        """The conversation in a request body.

        Raises:
            WireError: the body is not a JSON object.
        """
        return self.view(read(body))

    def apply(self, body: bytes, edits: Sequence[Edit]) -> bytes:
        """`body` with each edit's text spliced in; every other byte is as it was.

        Raises:
            WireError: an edit's path does not lead to the text it expects.
        """
        return json_spans.splice(body, edits) if edits else body

    def parse_messages(self, messages: Sequence[Any]) -> Conversation:
        """The conversation in a list of messages that `trees.plain` has made dicts and lists."""
        return self.view({self.key: messages})

    def apply_messages(self, messages: Sequence[Any], edits: Sequence[Edit]) -> list[Any]:
        """A new list with the edits in place; what no edit touches is shared, not copied."""
        body = trees.replaced({self.key: list(messages)}, edits)
        return list(body[self.key])


def read(body: bytes) -> dict[str, Any]:
    """The object in a request body, with positions.

    Raises:
        WireError: the body is not a JSON object.
    """
    tree = json_spans.parse(body)
    if not isinstance(tree, dict):
        raise WireError("the body is not a JSON object")
    return tree
