"""A request as the provider's prompt cache sees it: pieces in order, each known by its content.

The cache matches what a request begins with, piece by piece: tools, then the system prompt, then
the messages. Where a breakpoint stands is no content. A layout holds digests and token counts; of
what was said it keeps the system prompt alone, to tell what in it varies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from headroom.caching.rules import Rules


class Zone(str, Enum):
    """What a piece is part of, in the order of the prefix."""

    TOOLS = "tools"
    SYSTEM = "system"
    MESSAGES = "messages"


class Piece(NamedTuple):
    """One piece. `name` is a tool's name or a message's role, `at` its place among those of its
    zone. `digest` is of what the client sent, empty for a piece that is ours. `before` and
    `after` are its tokens as it came and as it went upstream. `sent` names what went, None nothing.
    `mark` is the client's breakpoint behind it, `sent_mark` the one that went."""

    zone: Zone
    at: int
    name: str
    digest: bytes
    before: int = 0
    after: int = 0
    sent: int | None = None
    mark: str = ""
    sent_mark: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One request. `exact`: its tokens are the provider's own count. `choices` is a digest of what
    else in the request the cache depends on; `system` are the texts of the system prompt."""

    model: str
    rules: Rules
    pieces: tuple[Piece, ...]
    exact: bool
    choices: bytes = b""
    system: tuple[str, ...] = ()

    @property
    def after(self) -> int:
        """Tokens that went upstream, as far as they are counted."""
        return sum(piece.after for piece in self.pieces)


class Side(NamedTuple):
    """One way to send a request: the key of everything up to each piece, and the breakpoints as
    (pieces before it, lifetime asked for)."""

    keys: tuple[int, ...]
    marks: tuple[tuple[int, str], ...]


def sides(layout: Layout) -> tuple[Side, Side]:
    """The request as the client sent it, and as it went upstream. Keys hold in this process."""
    return (
        Side(_keys(layout, sent=False), _marks([piece.mark for piece in layout.pieces])),
        Side(_keys(layout, sent=True), _marks([piece.sent_mark for piece in layout.pieces])),
    )


def _keys(layout: Layout, *, sent: bool) -> tuple[int, ...]:
    key = hash(layout.model)
    found: list[int] = []
    is_begun = not layout.rules.explicit
    for piece in layout.pieces:
        if not is_begun and piece.zone is Zone.MESSAGES:
            key = hash((key, layout.choices))
            is_begun = True
        said = piece.sent if sent else piece.digest
        # A piece that is not on this side leaves the key as it is.
        if said is not None and said != b"":
            key = hash((key, said))
        found.append(key)
    return tuple(found)


def _marks(marks: Sequence[str]) -> tuple[tuple[int, str], ...]:
    return tuple((at + 1, mark) for at, mark in enumerate(marks) if mark)
