"""A run read: every line with its kind and its role, and the stack traces.

Here the findings of the other modules meet: words of trouble, places, frames, diffs. Most are
found out once per shape of line. What is shown of them is decided elsewhere.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from headroom.compressors.build_output import frames, kinds, trouble
from headroom.compressors.build_output.trouble import Role
from headroom.compressors.build_output.views import Lines

_LINTED = 0.25
_ASSERTED = ("E  ", ">  ")
_RULES = ("___", "=")
_HEADING = re.compile(r"_{3,} .{1,300} _{3,}$")
_SECTION = re.compile(r"=+ (?P<name>.{1,80}) =+$")
_SOURCE = "    "
_END = "= end ="
_WENT_WELL = ("PASSES", "XPASSES", "XFAILURES")
_DIFFED = "diff --git "
_OPEN = (Role.NONE, Role.ALARM)
_ARROW, _POINTING = "-->", 2
_SIGNS = ("", " ", "-", "+", "\\")
_HEADERS = ("index ", "--- ", "+++ ", "new ", "old ", "deleted ", "similarity ", "rename ")
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(slots=True)
class Run:
    """What is known of each line. `roles` names only lines that have one; `asserted` are the
    lines with which a test runner explains a failure, `blocks` the failures that it rules off
    and `quoted` the source in them. The next line says the place of those in `pointed`."""

    lines: Lines
    kinds: list[str]
    roles: dict[int, Role] = field(default_factory=dict)
    traces: list[frames.Trace] = field(default_factory=list)
    asserted: list[int] = field(default_factory=list)
    blocks: list[range] = field(default_factory=list)
    quoted: set[int] = field(default_factory=set)
    pointed: set[int] = field(default_factory=set)


def read_run(lines: Lines) -> Run:
    """Every line of a run, judged."""
    of_kind = {shape: kinds.kind_of(shape) for shape in set(lines.shapes)}
    words = trouble.words_of(of_kind)
    run = Run(lines, list(map(of_kind.__getitem__, lines.shapes)))
    roles = trouble.roles(words, of_kind)
    run.roles = {number: roles[lines.shapes[number]] for number in _having(lines.shapes, roles)}
    _mark_diffs(run, words)
    _mark_frames(run, words)
    run.asserted = _having(lines.shapes, {line for line in words if line.startswith(_ASSERTED)})
    run.blocks = list(_blocks(lines, {line for line in words if line.startswith(_RULES)}))
    _mark_places(run, words)
    _mark_edges(run)
    _mark_blocks(run)
    return run


def _having(shapes: list[str], wanted: Collection[str]) -> list[int]:
    """The lines of the shapes that are `wanted`, in order."""
    return [number for number, shape in enumerate(shapes) if shape in wanted] if wanted else []


def _mark_blocks(run: Run) -> None:
    """Between a failure's heading and its end, indented lines are the test's source."""
    for block in run.blocks:
        run.roles[block.start] = Role.FAILED
        for number in block[1:]:
            quoted = run.lines.seen[number].startswith((_SOURCE, *_ASSERTED))
            if quoted:
                run.quoted.add(number)
            if quoted and run.roles.get(number, Role.FAILED) < Role.FAILED:
                del run.roles[number]


def _blocks(lines: Lines, ruled: set[str]) -> Iterator[range]:
    """Failures as pytest rules them off, each from its heading on; tests that passed are listed
    so as well, in a section of their own. `ruled` are the shapes of lines that begin a rule."""
    well = False
    opened = -1
    ruling = [(number, lines.seen[number]) for number in _having(lines.shapes, ruled)]
    for number, line in [*ruling, (len(lines.seen), _END)]:
        heading = _HEADING.match(line)
        section = _SECTION.match(line)
        if (heading or section) and opened >= 0:
            yield range(opened, number)
            opened = -1
        if heading and not well:
            opened = number
        elif section:
            well = section["name"] in _WENT_WELL


def _mark_places(run: Run, words: dict[str, list[str]]) -> None:
    """Lines that open with a place are a linter's where most do, or where a code follows."""
    shapes = run.lines.shapes
    places = trouble.places(words)
    found = _having(shapes, places)
    linted = len(found) > _LINTED * (len(run.kinds) - run.kinds.count(kinds.BLANK))
    arrows = [line for line, said in words.items() if said[:1] == [_ARROW]]
    for number in _having(shapes, {line for line in arrows if _is_pointing(words[line])}):
        if number and _is_free(run, number - 1):
            run.roles.setdefault(number - 1, Role.ERROR)
            run.pointed.add(number - 1)
    warns: dict[str, bool] = {}
    for number in found:
        line = shapes[number]
        tells = (linted or places[line]) and run.kinds[number] == kinds.OTHER
        if tells and run.roles.get(number, Role.NONE) in _OPEN:
            if line not in warns:
                warns[line] = trouble.role_of(line, kinds.OTHER) is Role.WARNING
            run.roles[number] = Role.WARNING if warns[line] else Role.ERROR


def _is_pointing(words: list[str]) -> bool:
    """Whether behind its arrow a line of these words only names a place: that of the line above."""
    return len(words) == _POINTING and trouble.PLACE.match(words[1]) is not None


def _mark_frames(run: Run, words: dict[str, list[str]]) -> None:
    """Frames quote code and names; what they say of errors is no trouble of its own."""
    opening = frames.openings(words)
    numbers = _having(run.lines.shapes, opening)
    starts = list(frames.beginnings(run.lines.shapes, numbers, words, opening))
    run.traces = list(frames.traces(run.lines.shapes, starts))
    for trace in run.traces:
        for number in range(trace.starts[0], trace.end):
            run.kinds[number] = kinds.FRAMES
            run.roles.pop(number, None)


def _mark_edges(run: Run) -> None:
    """The line before the frames of a trace and the one behind name what went wrong."""
    for trace in run.traces:
        for edge in (trace.starts[0] - 1, trace.end):
            if 0 <= edge < len(run.kinds) and _is_free(run, edge):
                known = run.roles.get(edge, Role.NONE)
                if edge < trace.end or _is_left_of(run, edge, trace.starts[0]):
                    run.roles[edge] = max(known, Role.ERROR)


def _is_free(run: Run, number: int) -> bool:
    return run.kinds[number] == kinds.OTHER


def _is_left_of(run: Run, number: int, other: int) -> bool:
    """Whether a line is less indented than another: it names the exception of its frames."""
    line, frame = run.lines.seen[number], run.lines.seen[other]
    return len(line) - len(line.lstrip()) < len(frame) - len(frame.lstrip())


def _mark_diffs(run: Run, words: dict[str, list[str]]) -> None:
    """Hunks of a diff that the run printed: their lines only quote what they say."""
    opening = _having(run.lines.shapes, {line for line in words if line.startswith(_DIFFED)})
    if not opening:
        return
    numbers = list(_hunk_lines(run.lines.seen, opening))
    quoted = {run.lines.shapes[number] for number in numbers}
    roles = trouble.roles({line: words[line] for line in quoted}, dict.fromkeys(quoted, kinds.DIFF))
    for number in numbers:
        run.kinds[number] = kinds.DIFF
        run.roles.pop(number, None)
        if run.lines.shapes[number] in roles:
            run.roles[number] = roles[run.lines.shapes[number]]


def _hunk_lines(seen: list[str], opening: list[int]) -> Iterator[int]:
    """The lines under a diff's first: its other headers, and as many as its hunks announce."""
    number = 0
    for first in opening:
        number = max(number, first + 1)
        old = new = 0
        while number < len(seen):
            line = seen[number]
            sign = line[:1]
            if (old > 0 or new > 0) and sign in _SIGNS:
                old -= sign in ("", " ", "-")
                new -= sign in ("", " ", "+")
            else:
                hunk = _HUNK.match(line)
                if hunk is None and not line.startswith(_HEADERS):
                    break
                old, new = (int(hunk[1] or 1), int(hunk[2] or 1)) if hunk else (0, 0)
            yield number
            number += 1
