"""What a file defines, as rows: where the signature begins, where the body begins and ends.

The type that both readers give: `blocks` (by how rows are laid out) and `grammar` (by a parser).
"""

from dataclasses import dataclass
from typing import NamedTuple


class Definition(NamedTuple):
    """Signature in rows `header` to `start`, body in `start` to `end` (both excluded at their
    ends; the row that only closes the body is not in it).

    `holds` tells that the body is a list of members (a class, a namespace), whose own rows stay.
    """

    header: int
    start: int
    end: int
    name: str
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The definitions in order of their headers, and how many places left doubt."""

    definitions: list[Definition]
    doubts: int = 0
