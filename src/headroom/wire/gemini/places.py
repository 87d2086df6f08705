"""Places in what the model said, counted as the client sees it.

A client may join and split texts and drop thoughts, so a place is told by the characters and the
other shown parts (calls, data) before it, not by an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headroom.wire.gemini.content import is_solid, text_of


@dataclass(frozen=True, slots=True)
class Place:
    """After so many shown characters and other shown parts."""

    characters: int = 0
    solids: int = 0

    def after(self, part: Any) -> "Place":
        """The place behind a part that stands here."""
        return Place(self.characters + len(text_of(part)), self.solids + is_solid(part))

    def after_all(self, parts: Sequence[Any]) -> "Place":
        """The place behind parts that stand here."""
        place = self
        for part in parts:
            place = place.after(part)
        return place


def located(parts: Sequence[Any], place: Place) -> tuple[int, int] | None:
    """The first shown part that does not end before `place`, and how many of its characters do;
    `len(parts)` where all end before it, None where the parts do not come to that place."""
    here = Place()
    for index, part in enumerate(parts):
        behind = here.after(part)
        if behind == here:
            continue
        if here == place:
            return index, 0
        if behind.characters > place.characters or behind.solids > place.solids:
            inside = here.solids == place.solids == behind.solids
            return (index, place.characters - here.characters) if inside else None
        here = behind
    return (len(parts), 0) if here == place else None
