"""What a request says, seen read-only: messages and their texts, each with its path in the body.

A conversation is a view. It never learns how a body is spelled, and nothing here is ever
written back: edits name a path, and the wire format splices them.
"""

from dataclasses import dataclass
from enum import Enum

Path = tuple[str | int, ...]
"""Keys and indices from the body's root to a text."""


class Kind(str, Enum):
    """What a text is to the conversation; only the first two may be edited."""

    USER_TEXT = "user_text"
    TOOL_RESULT = "tool_result"
    ASSISTANT_TEXT = "assistant_text"
    TOOL_CALL = "tool_call"
    SYSTEM_TEXT = "system_text"


EDITABLE = frozenset({Kind.USER_TEXT, Kind.TOOL_RESULT})


@dataclass(frozen=True, slots=True)
class Block:
    """One text of a message.

    `tool` is the tool's name, `call_id` joins a result to its call; both are empty elsewhere.
    A tool call's `text` is its arguments as JSON text. A `fixed` text is read as its kind says,
    but never edited.
    """

    path: Path
    kind: Kind
    text: str
    tool: str = ""
    call_id: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its role as the wire format spells it, and its texts in order."""

    role: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A request's messages in order; `model` is empty where the request does not name one."""

    model: str
    messages: tuple[Message, ...]
