"""A gap: entries of a listing that are left out, and the few words that stand in their place.

    node_modules/: [… 312 lines, 40-351: 300 .js, 12 .json]

A gap is short because one full marker at the end of the text says how to get what is missing.
Line numbers count from 1 in the original.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from headroom import markers

_KINDS = 3


class Entry(NamedTuple):
    """One line of a listing: its index, the folder it stands in (ends in `/`, or empty) and its
    name. Lines around the entries of a folder (`total 12`) have no name."""

    line: int
    folder: str
    name: str


MAKE_ENTRY: Callable[[tuple[int, str, str]], Entry] = partial(tuple.__new__, Entry)
"""An entry of its three fields, as `Entry._make`, without a Python call for each."""


class Gap(NamedTuple):
    """The lines `start` to `end` (indexes, `end` excluded) of one folder, left out."""

    start: int
    end: int
    folder: str
    text: str


class Form(Protocol):
    """A text of one form, cut once. To be worth what its reader has to piece together it must be
    `least_saved` characters shorter, and at most the part `most_left` of what it was."""

    least_saved: int
    most_left: float

    def __init__(self, text: str) -> None: ...

    def entries(self) -> Sequence[Entry]:
        """What may be left out, in the order of the lines."""
        ...

    def fold(self, gaps: Mapping[int, Gap]) -> str | None:
        """The text shorter, with these gaps (by their first line); None where it cannot be
        told apart from the original's own words."""
        ...


def gap(entries: Sequence[Entry], folder: str) -> Gap:
    """The gap in place of these neighbouring entries."""
    start, end = entries[0].line, entries[-1].line + 1
    where = f"{start + 1}-{end}" if end > start + 1 else f"{end}"
    what = _kinds([entry.name for entry in entries if entry.name])
    count = end - start
    said = markers.gap_line(f"{count:,} line{'s' * (count != 1)}, {where}: {what}")
    return Gap(start, end, folder, said)


def _kinds(names: Iterable[str]) -> str:
    """How many names of which ending: `300 .js, 12 .json`."""
    found = Counter(map(ending, names))
    told = [f"{count:,} {ending}" for ending, count in found.most_common(_KINDS)]
    rest = found.total() - sum(count for _, count in found.most_common(_KINDS))
    return ", ".join([*told, f"{rest:,} more"] if rest else told)


def ending(name: str) -> str:
    """`.py`; `other` where there is none."""
    stem, dot, ending = name.rstrip("/*@").rpartition(".")
    return f".{ending}" if dot and stem and ending.isalnum() and len(ending) < 8 else "other"


def footer(gaps: Sequence[Gap], ref: str) -> str:
    """The marker for all gaps."""
    missing = sum(each.end - each.start for each in gaps)
    what = f"{missing:,} line{'s' * (missing != 1)} omitted, counted in place"
    return markers.omission(what, ref, lines=f"{gaps[0].start + 1}-{gaps[-1].end}")
