"""The seam of a framing: how the payloads of an answer are cut out of its bytes, and put back.

A framing knows how events are delimited and nothing of what a payload says. Concatenated, the
`raw` of all frames and `rest()` are the bytes that were fed: what nobody changes goes on as it
came.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it came. `payload` is its data, empty where it has none or is not readable;
    `name` is the event's name, empty where the stream does not name its events."""

    raw: bytes
    payload: bytes
    name: bytes = b""


class Framing(Protocol):
    """Cuts one stream into frames. Any chunking of the same bytes gives the same frames."""

    def feed(self, data: bytes) -> list[Frame]:
        """The events that are complete with `data`."""
        ...

    def frame(self, payload: bytes, like: Frame | None) -> bytes:
        """The bytes of an event with this payload, spelled as the stream spells its events;
        `like` is the frame in whose place it stands."""
        ...

    def rest(self) -> bytes:
        """The bytes of an event that is not complete yet."""
        ...
