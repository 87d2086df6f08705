"""Whether a text is a listing, and of which form: told by lines from its head, middle and end.

A row of `ls -l` or a branch of a tree is unmistakable. A list of bare paths is one where most
lines are nothing but a path; matches (`path:12:`), diffs, code and prose are not.
"""

import re
from collections.abc import Callable, Sequence

from headroom.calls import call_of
from headroom.compressors._api import Sample
from headroom.compressors.listing import columns, paths, recursive, tree
from headroom.compressors.listing.gaps import Form
from headroom.compressors.listing.long_form import LongForm

NOT_MINE = -1.0
_PROBE = 4_000
_MOST_LINES = 40
_LEAST = 4
_SURE = 0.95
_LIKELY = 0.8
_LISTING_COMMAND = re.compile(
    r"(?:^|[\s;&|(])(?:ls|find|fd|tree|du|git (?:status|ls-files|ls-tree|diff --name|diff-tree)"
    r"|find_file|glob|rg --files|unzip -l|tar \S*t|dir|locate)\b"
)
# What rows of any layout begin with, so that most other texts are told at one glance.
_ROWS = re.compile(
    r"\n(?:[-dlbcpsD][-rwxsStT]{9}| *\d+ +\d+ [-dlbcpsD][-rwxsStT]{9}"
    r"| *\d[\d.,]{0,18}[KMGTPE]?  (?:[A-Z]|\d\d))"
)
_STATUS = re.compile(r"(?:On branch |HEAD detached |## )\S+")
_NO_ENTRY = re.compile(r"[^\s:]+:\d+(?::|$)|[a-z]{2,9}://|\S+::")


def probes(text: str) -> list[str]:
    """Whole lines that are not blank from the head, the middle and the end."""
    if len(text) <= _PROBE:
        return [line for line in text.split("\n") if line.strip()][: 3 * _MOST_LINES]
    pieces = [text[:_PROBE].rpartition("\n")[0]]
    for at in (len(text) // 2, len(text) - _PROBE):
        pieces.append(text[at : at + _PROBE].partition("\n")[2].rpartition("\n")[0])
    return [line for piece in pieces for line in piece.split("\n")[:_MOST_LINES] if line.strip()]


def form_of(sample: Sample) -> tuple[type[Form] | None, float]:
    """The form that the text has, and how sure that is; none below 0."""
    lines = probes(sample.text)
    if len(lines) < _LEAST:
        return None, NOT_MINE
    joined = "\n".join(["", *lines])
    may_be_rows = len(_ROWS.findall(joined)) > 0.5 * len(lines)
    if may_be_rows and _share(lines, lambda line: columns.layout_of(line) is not None) > 0.5:
        return LongForm, _SURE
    if ("─" in joined or "-- " in joined) and _share(lines, tree.is_drawn) > 0.5:
        return tree.Tree, _SURE
    head = sample.text[: 2 * _PROBE]
    first = head.partition("\n")[0]
    if recursive.is_heading(first) and recursive.is_recursive(head.split("\n")):
        return recursive.Recursive, _LIKELY
    return _path_list(sample, lines, first)


def _path_list(sample: Sample, lines: Sequence[str], first: str) -> tuple[type[Form] | None, float]:
    if sum(["/" in line for line in lines]) <= 0.2 * len(lines):
        return None, NOT_MINE
    asked = _LISTING_COMMAND.search(call_of(sample.tool, sample.source).command) is not None
    asked = asked or sample.tool.lower() in ("glob", "ls", "list_dir", "find_file", "list_files")
    found = _share(lines, _is_entry)
    if _STATUS.match(first) and found > 0.3:
        return paths.Paths, 0.9
    if found > 0.6:
        return paths.Paths, 0.9 if asked else _LIKELY
    if asked and found > 0.2:
        return paths.Paths, 0.5
    return None, NOT_MINE


def _is_entry(line: str) -> bool:
    """Whether a line is a path, and no match, address or test."""
    return paths.is_path(line) and _NO_ENTRY.match(line) is None


def _share(lines: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, lines)) / len(lines)
