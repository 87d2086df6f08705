"""Where in a client's assistant message the turns end that it was shown only in part.

Clients split and join texts, strip them, leave out empty ones and reasoning: the place is found
by the words, and by blocks that came back as they were.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headroom.wire.bedrock_converse.blocks import is_clients_call, shown, spoken, text_of
from headroom.wire.json_spans import Array, Splice, encoded


@dataclass(frozen=True, slots=True)
class Rest:
    """What follows the cut: from block `index` on, and of that, if it is cut through, what
    stands behind the first `skipped` characters of its text."""

    index: int
    skipped: int

    def is_empty(self, content: Sequence[Any]) -> bool:
        """Whether nothing follows."""
        return self.index >= len(content)


def rest_of(content: Sequence[dict[str, Any]], said: Sequence[dict[str, Any]]) -> Rest:
    """What of a client's content follows what was `said`; all of it if it does not begin so."""
    visible = shown(said)
    text = spoken(visible)
    kept = {_identity(block) for block in visible if text_of(block) is None}
    for index, block in enumerate(content):
        here = text_of(block)
        if here is None:
            if _identity(block) in kept or (text.strip() and not is_clients_call(block)):
                continue
            return Rest(0, 0) if text.strip() else Rest(index, 0)
        if not here.strip():
            continue
        if not text.strip():
            return Rest(index, 0)
        cut = _cut(text, here)
        if cut is None:
            return Rest(0, 0)
        text, skipped = cut
        if here[skipped:].strip():
            return Rest(index, skipped) if "text" in block else Rest(0, 0)
    return Rest(0, 0) if text.strip() else Rest(len(content), 0)


def before(content: Array, rest: Rest, *, emptied: bool) -> list[Splice]:
    """Changes that take out what stands before the cut; all of it only where it is `emptied`."""
    if rest.is_empty(content):
        return [Splice(content.start + 1, content.end - 1, b"")] if emptied else []
    block = content[rest.index]
    changes = [Splice(content[0].start, block.start, b"")] if rest.index else []
    if rest.skipped:
        text = block["text"]
        changes.append(Splice(text.start, text.end, encoded(text[rest.skipped :])))
    return changes


def _identity(block: dict[str, Any]) -> bytes:
    return json.dumps(block, sort_keys=True, default=repr).encode()


def _cut(text: str, here: str) -> tuple[str, int] | None:
    """What of `text` is still to come behind a block that says `here`, and how much of the
    block it takes; None if the two part ways."""
    if text.startswith(here):
        return text[len(here) :], len(here)
    if here.startswith(text):
        return "", len(text)
    wanted, bare = text.strip(), here.strip()
    if wanted.startswith(bare):
        return wanted[len(bare) :], len(here)
    if bare.startswith(wanted):
        return "", here.index(wanted) + len(wanted)
    return None
