"""The seam of a compressor: a sample in, a proposal or nothing out.

A compressor knows one kind of content. It keeps no state between calls, reads no clock and no
file, and knows nothing of conversations, wire formats, stores or tokens billed. The same
sample and policy give the same proposal, in every process. It may raise anything.
"""

from dataclasses import dataclass
from typing import Protocol

from headroom.edits import Proposal
from headroom.policy import Policy


@dataclass(frozen=True, slots=True)
class Sample:
    """All that a compressor may see of a text.

    `tool` and `source` are the tool's name and arguments where a tool made the text; `query`
    is what the reader is after, and `asked` the part of it that a person said. `ref` is the name
    the original has in the store: a marker that omits part of `text` cites it, and line numbers
    and JSON paths in markers count within `text`.
    """

    text: str
    tool: str = ""
    source: str = ""
    query: str = ""
    ref: str = ""
    asked: str = ""


class Compressor(Protocol):
    """One kind of content."""

    name: str

    def score(self, sample: Sample) -> float:
        """How surely the sample is of this kind, 0 to 1; below 0: not mine. Cheap: it may
        look at the head and a few probes of the text, never at all of it."""
        ...

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """A shorter text, or None where there is nothing to gain. With `policy.omit` false
        the proposal is LOSSLESS. The engine guards size, so a rough check is enough here."""
        ...
