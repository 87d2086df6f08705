"""Which matches of a result that is too large keep their text, and how much context.

Every match keeps its line number; only texts compete. First what must be shown, then the best
match of each file, then the best of the rest, and last the context nearest to the matches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headroom.compressors.search.entries import Entry
from headroom.compressors.search.ranking import Rank
from headroom.compressors.search.shapes import LONG, LONGEST

_CHARACTERS_PER_TOKEN = 3.4
_NUMBER = 2.0
_ROW = 2.5
_HEADING = 3.0
_LEAST_SHARE = 0.25
_SEEN_BEFORE = 6.0
_FURTHER = 0.25


@dataclass(frozen=True, slots=True)
class File:
    """A file's matches, alike ones together, and the rank of each."""

    path: str
    entries: Sequence[Entry]
    ranks: Sequence[Rank]


def cost(text: str) -> float:
    """About how many tokens a shown line costs."""
    return len(text) / _CHARACTERS_PER_TOKEN + _ROW


def cost_of_map(files: Sequence[File]) -> float:
    """About how many tokens all paths and line numbers cost."""
    numbers = sum(len(entry) for file in files for entry in file.entries)
    paths = sum(len(file.path) / _CHARACTERS_PER_TOKEN + _HEADING for file in files)
    return numbers * _NUMBER + paths


def chosen(files: Sequence[File], budget: float) -> list[set[int]]:
    """For each file the places of the entries that keep their text."""
    shown: list[set[int]] = [set() for _ in files]
    left = max(budget - cost_of_map(files), _LEAST_SHARE * budget)
    for number, file in enumerate(files):
        for place, (must, _) in enumerate(file.ranks):
            if must:
                shown[number].add(place)
                left -= _price(file.entries[place])
    for number, place in _order(files):
        price = _price(files[number].entries[place])
        if price <= left and place not in shown[number]:
            shown[number].add(place)
            left -= price
        if left <= _ROW:
            break
    return shown


def _price(entry: Entry) -> float:
    return len(entry[0].text) / _CHARACTERS_PER_TOKEN + _ROW - _NUMBER


def _order(files: Sequence[File]) -> Iterator[tuple[int, int]]:
    """All entries, best first: the best of each file in front of the second of any, unless its
    text came before or is long. Such ones and the further ones of a file count less; what is
    too long to be a person's is none of them."""
    seen: set[str] = set()
    firsts: list[tuple[float, int, int]] = []
    others: list[tuple[float, int, int]] = []
    best = [-max([score for _, score in file.ranks], default=0.0) for file in files]
    for number in sorted(range(len(files)), key=best.__getitem__):
        file = files[number]
        scores = [-score for _, score in file.ranks]
        by_rank = sorted(range(len(scores)), key=scores.__getitem__)
        for turn, place in enumerate(by_rank):
            text = file.entries[place][0].text.strip()
            if len(text) > LONGEST:
                continue
            later = text in seen or len(text) > LONG
            seen.add(text)
            costs = _SEEN_BEFORE if later else turn * _FURTHER
            entry = (scores[place] + costs, number, place)
            (others if turn or later else firsts).append(entry)
    for ordered in (firsts, others):
        ordered.sort()
        yield from ((number, place) for _, number, place in ordered)
