"""The seam of a wire format: one API's request shape, read as a conversation and edited in place.

A wire format is pure: bytes or Python values in, values out; no sockets, clocks or threads. It
never rebuilds a body. With no edits the result is the very same bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from headroom.conversation import Conversation
from headroom.edits import Edit
from headroom.errors import WireError
from headroom.wire import json_spans, trees


@dataclass(frozen=True, slots=True)
class WireFormat:
    """One API's request: what tells it from others, and where its texts are.

    `view` reads a decoded body (dicts and lists) and must not change it; `recognises` says
    whether a message carries what only this format has.
    """

    name: str
    view: Callable[[dict[str, Any]], Conversation]
    recognises: Callable[[dict[str, Any]], bool]

    def parse(self, body: bytes) -> Conversation:
        """The conversation in a request body.

        Raises:
            WireError: the body is not a JSON object.
        """
        tree = json_spans.parse(body)
        if not isinstance(tree, dict):
            raise WireError("the body is not a JSON object")
        return self.view(tree)

    def apply(self, body: bytes, edits: Sequence[Edit]) -> bytes:
        """`body` with each edit's text spliced in; every other byte is as it was.

        Raises:
            WireError: an edit's path does not lead to the text it expects.
        """
        return json_spans.splice(body, edits) if edits else body

    def parse_messages(self, messages: Sequence[Any]) -> Conversation:
        """The conversation in a list of messages that `trees.plain` has made dicts and lists."""
        return self.view({"messages": messages})

    def apply_messages(self, messages: Sequence[Any], edits: Sequence[Edit]) -> list[Any]:
        """A new list with the edits in place; what no edit touches is shared, not copied."""
        body = trees.replaced({"messages": list(messages)}, edits)
        return list(body["messages"])
