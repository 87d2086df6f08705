"""What of a diff goes: gaps, each with the words that stand for it.

Machine-made files become one line each. Where the rest still exceeds the budget, unchanged
lines go too, those farther from a change first. A changed line of source never goes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from headroom.calls import call_of
from headroom.compressors._api import Sample
from headroom.compressors.diff import context, versions
from headroom.compressors.diff.origins import origin
from headroom.compressors.diff.reading import MODES, NOWHERE, File
from headroom.markers import gap_line
from headroom.policy import Policy

_CHARACTERS_PER_TOKEN = 3.5
_LEAST_FILE = 400
_LEAST_CONTEXT = 280
_READABLE = 400
_LONGEST = 380
_PATH = 120
_GAP = len(gap_line("12 lines")) + 1
_KEPT_HEADERS = tuple(mode for mode in MODES if "file mode" not in mode)


class Gap(NamedTuple):
    """Lines `start` to `end` (excluded) that go: unchanged ones, or of a file that a machine
    `made`. `what` says what they are, up to line `through` where more of the file goes; where it
    is empty, only their number is told."""

    start: int
    end: int
    made: bool = False
    what: str = ""
    through: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Gaps in order, and single header lines that go without a word in their place."""

    gaps: list[Gap] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)


def planned(lines: Sequence[str], found: Sequence[File], sample: Sample, policy: Policy) -> Plan:
    """The gaps of a diff under this policy."""
    room = policy.budget * _CHARACTERS_PER_TOKEN
    asked = sample.query.lower()
    if len(sample.text) <= room:
        asked += call_of(sample.tool, sample.source).command.lower()
    made, source = [], []
    for file in found:
        kind = "" if _is_named(file, asked) else origin(lines, file)
        if kind and sum(map(len, lines[file.start : file.end])) >= _LEAST_FILE:
            made += _machine_made(lines, file, kind, sample.query)
        else:
            source.append(file)
    hidden = sum(sum(map(len, lines[gap.start : gap.end])) + gap.end - gap.start for gap in made)
    left = len(sample.text) - hidden - room
    shrunk = _shrunk(lines, source, sample.query, left) if left > 0 else []
    indexes = [
        index
        for file in (source if shrunk else ())
        for index in range(file.start, file.body)
        if lines[index].startswith("index ")
    ]
    return Plan(sorted([*made, *shrunk], key=lambda gap: gap.start), indexes)


def _is_named(file: File, asked: str) -> bool:
    """Whether the question names the file (or the command does and the diff fits the budget)."""
    name = file.path.rpartition("/")[2].lower()
    if not name or name not in asked:
        return False
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", asked) is not None


def _machine_made(lines: Sequence[str], file: File, kind: str, query: str) -> list[Gap]:
    """The file as one gap; what tells of renames and modes stays, and so do the changed lines
    that the question names, where they are not too long to be read."""
    kept = {i for i in range(file.start, file.body) if lines[i].startswith(_KEPT_HEADERS)}
    if kept:
        kept.add(file.start)
    if query:
        changed = [
            (index, index + 1)
            for hunk in file.hunks
            for index, sign in enumerate(hunk.signs, hunk.start + 1)
            if sign in "+-" and len(lines[index]) <= _READABLE
        ]
        kept |= context.named(lines, changed, query)
    spans = context.worth(lines, [(file.start, file.end)], frozenset(kept))
    if not spans:
        return []
    named = sum(1 for index in kept if index >= file.body)
    what = _counted(lines, file, f"{_fate(lines, file)}{kind}", named)
    if kind == "lock file":
        moves = versions.told(lines, file, query, _LONGEST - len(what))
        what += f"; {moves}" if moves else ""
    first = Gap(*spans[0], made=True, what=what, through=file.end)
    return [first, *(Gap(start, end, made=True) for start, end in spans[1:])]


def _counted(lines: Sequence[str], file: File, kind: str, named: int) -> str:
    """`path (lock file): 37 hunks omitted, +412 −388 lines`."""
    path = file.path if len(file.path) <= _PATH else f"…{file.path[1 - _PATH :]}"
    but = f" but for {named} that the question names" if named else ""
    if not file.hunks:
        return f"{path} ({kind}): patch of {file.end - file.body:,} lines omitted"
    signs = "".join([hunk.signs for hunk in file.hunks])
    hunks = "1 hunk" if len(file.hunks) == 1 else f"{len(file.hunks):,} hunks"
    changed = f"+{signs.count('+'):,} −{signs.count('-'):,} lines"
    return f"{path or 'a file'} ({kind}): {hunks} omitted, {changed}{but}"


def _fate(lines: Sequence[str], file: File) -> str:
    header = [line.rstrip("\r") for line in lines[file.start : file.body]]
    if f"--- {NOWHERE}" in header or any(line.startswith("new file") for line in header):
        return "new, "
    if f"+++ {NOWHERE}" in header or any(line.startswith("deleted file") for line in header):
        return "deleted, "
    return ""


def _shrunk(lines: Sequence[str], source: Sequence[File], query: str, excess: float) -> list[Gap]:
    """Gaps in unchanged lines, no nearer to changes than the budget asks for; none where they
    save less than their marker costs."""
    spans: list[context.Span] = []
    saved = 0
    hunks = [hunk for file in source for hunk in file.hunks]
    for nearest in context.NEAREST:
        far = [span for hunk in hunks for span in context.unchanged(lines, hunk, nearest)]
        spans = context.worth(lines, far, context.named(lines, far, query))
        saved = sum(sum(map(len, lines[start:end])) + end - start - _GAP for start, end in spans)
        if saved > excess:
            break
    return [Gap(start, end) for start, end in spans] if saved >= _LEAST_CONTEXT else []
