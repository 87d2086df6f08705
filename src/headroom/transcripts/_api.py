"""The seam of a transcript reader: an agent's session file in, its conversations out.

A reader knows one way of writing conversations down. It is pure: text in, values out, no
files and no clock. It knows nothing of compressing, nor of what a replay does with a
conversation.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

OPENAI_CHAT = "openai_chat"
ANTHROPIC_MESSAGES = "anthropic_messages"


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation that only grew, as the messages of its last request.

    `form` names the wire format of the messages. `id` is empty where the file gives none.
    `skipped` counts, by kind, what the reader left out of this conversation; what it passed
    over in the file as a whole is counted with the first.
    """

    id: str
    messages: list[dict[str, Any]]
    form: str
    skipped: Mapping[str, int] = field(default_factory=dict)


class Reader(Protocol):
    """One way of writing conversations down."""

    name: str
    expects: str  # in words for a person, as in "a list of messages"

    def recognises(self, text: str) -> bool:
        """Whether `text` is written in this way; it does not promise that all of it is well
        formed."""
        ...

    def conversations(self, text: str) -> Iterator[Transcript]:
        """The conversations in `text`, in its order.

        Raises:
            TranscriptError: a part that cannot be passed over is not as expected.
        """
        ...
