"""Folders said once: names below the folder they stand in, in the order of the original.

    src/headroom/
     compressors/: __init__.py _api.py
      log/: alarms.py compressor.py
     engine.py

Each space of indentation stands for the folder opened by the nearest line above with one space
less. `a/` opens a folder, `a/: b c` opens it and names what is in it; a line of names alone
(or behind `: `) names what is in the folder already open. It cuts and orders; which lines are
paths it does not know.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

T = TypeVar("T")
_PLAIN = re.compile(r'[^\s"{}\[][^\s"{}]*\Z')
_ODD = re.compile(r'[\s"{}\[]').search
_NEAR = 4
_NUMBERED = re.compile(r"(.*?)([0-9]{1,15})([^0-9]*)\Z")
_LEAST_RUN = 5
_LONGEST_NUMBERED = 120


class Step(NamedTuple):
    """A line to write: how deep, the folder it opens relative to the one around it, the number
    of the group that stands in it (-1: it only opens a folder), and whether the next stands
    inside it."""

    depth: int
    relative: str
    group: int
    around: bool


def split(path: str) -> tuple[str, str]:
    """Folder (with its slash) and name; a slash at the end belongs to the name."""
    at = path.rfind("/", 0, len(path) - 1) + 1
    return path[:at], path[at:]


def split_all(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Each path cut in two."""
    return [(path[: (at := path.rfind("/", 0, len(path) - 1) + 1)], path[at:]) for path in paths]


def are_plain(lines: Sequence[str]) -> bool:
    """Whether all these lines are plain paths or empty, at one glance; it may err to no."""
    text = "\n".join(lines)
    return not _has_odd_signs(text) and text.split() == [line for line in lines if line]


def plain_ones(lines: Sequence[str]) -> list[bool]:
    """Whether each of these lines is a plain path."""
    if _has_odd_signs("\n".join(lines)):
        return [*map(is_plain, lines)]
    return [words == [line] for words, line in zip(map(str.split, lines), lines, strict=True)]


def _has_odd_signs(text: str) -> bool:
    return any(map(text.__contains__, (*'"{}', "\n["))) or text.startswith("[")


def is_plain(path: str) -> bool:
    """Whether a path can be cut into words that read as what they are."""
    return _PLAIN.match(path) is not None


def quoted(text: str) -> str:
    """Any text as one word."""
    return json.dumps(text, ensure_ascii=False)


def words(names: Sequence[str]) -> Sequence[str]:
    """Names as words; five or more that count up by one become `img_{001..400}.png`."""
    told = names if _are_words(names) else [*map(_word, names)]
    if not _may_count(names):
        return told
    out: list[str] = []
    at = 0
    for start, end, word in _runs(names):
        out += [*told[at:start], word]
        at = end
    return [*out, *told[at:]]


def _word(name: str) -> str:
    return name if name != ":" and is_plain(name) else quoted(name)


def _are_words(names: Sequence[str]) -> bool:
    """Whether all names are plain: asked of all of them in one breath."""
    joined = "".join(names)
    return joined != "" and not _ODD(joined) and ":" not in names


def _may_count(names: Sequence[str]) -> bool:
    """Whether some names may count up: five in a row are equally long and differ."""
    if len(names) < _LEAST_RUN:
        return False
    sizes = list(map(len, names))
    ahead = range(_LEAST_RUN - 1, len(sizes), _LEAST_RUN - 1)
    # A run that long holds one of these places and the one before it.
    if not any(sizes[at] == sizes[at - 1] for at in ahead):
        return False
    return max([len(list(run)) for _, run in groupby(sizes)]) >= _LEAST_RUN


def _runs(names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Runs of names that count up, each with its range written out."""
    cut = [
        _NUMBERED.match(name) if len(name) < _LONGEST_NUMBERED and is_plain(name) else None
        for name in names
    ]
    keys = [
        (each[1], each[3], len(each[2]), int(each[2]) - index) if each else index
        for index, each in enumerate(cut)
    ]
    start = 0
    for _, members in groupby(keys):
        end = start + sum(1 for _ in members)
        first, last = cut[start], cut[end - 1]
        if end - start >= _LEAST_RUN and first and last:
            yield start, end, f"{first[1]}{{{first[2]}..{last[2]}}}{first[3]}"
        start = end


def grouped(paths: Iterable[tuple[str, T]]) -> list[tuple[str, list[T]]]:
    """Neighbours of one folder together."""
    return [
        (folder, [what for _, what in members])
        for folder, members in groupby(paths, key=itemgetter(0))
    ]


def steps(folders: Sequence[str]) -> list[Step]:
    """The lines for groups that stand in these folders, in order."""
    out: list[Step] = []
    opened: list[str] = []
    for number, folder in enumerate(folders):
        while opened and not folder.startswith(opened[-1]):
            opened.pop()
        base = len(opened[-1]) if opened else 0
        following = folders[number + 1] if number + 1 < len(folders) else ""
        shared = _shared(folder, following)
        if base < shared < len(folder):
            out.append(Step(len(opened), folder[base:shared], -1, True))
            opened.append(folder[:shared])
            base = shared
        out.append(Step(len(opened), folder[base:], number, following.startswith(folder)))
        if base < len(folder):
            opened.append(folder)
    return out


def _shared(one: str, other: str) -> int:
    """The length of the longest folder around both."""
    end = len(one)
    for _ in range(_NEAR):
        end = one.rfind("/", 0, end)
        if end < 0 or other.startswith(one[: end + 1]):
            return end + 1
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return one.rfind("/", 0, low) + 1


def line(step: Step, names: Sequence[str]) -> str:
    """A step as a line: `a/`, `a/: b c`, or `a/b` where it is one name."""
    indent = " " * step.depth
    if step.group < 0:
        return indent + step.relative
    single = names[0] if len(names) == 1 else ""
    simple = single[:1] not in ("", '"', "[") and not single.endswith("/")
    if (simple and not step.around) or (names and not step.relative and (simple or names[1:])):
        return f"{indent}{step.relative}{' '.join(names)}"
    return f"{indent}{step.relative}: {' '.join(names)}"
