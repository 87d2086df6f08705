"""What explains a line that stays: the indented, pointed or marked lines under it.

Each explanation is shown once: lines that an earlier failure showed in the same wording are
left out under the next. A failure is told by its first lines; of frames only those that decide.
It knows nothing of budgets but the most lines that one head may have.
"""

import re
from collections.abc import Iterable, Iterator

from headroom.compressors.build_output import frames, kinds
from headroom.compressors.build_output.reading import Run
from headroom.compressors.build_output.repeats import wording
from headroom.compressors.build_output.trouble import Role

_ON = re.compile(
    r"\s*(?:\||\^|~|=(?: |$)|-->|:::|\d{1,6} +\||E |>|note:|help:|at |Caused by|Suppressed"
    r"|\.\.\. \d|symbol:|location:|required:|found:|reason:|[│╷╵┃╭╰╮╯┌└]|goroutine \d|created by "
    r"|\[signal |exit status \d|Hint:|The above|During handling|left:|right:)"
    r"|[-+?!] |[-+]\S|@@ "
)
_DIVIDES = re.compile(r"\s*(?:[=_*#]{5,}|-{5,}|─{5,})")
_MOST_SCANNED = 400
_BLANK_RUN = 1
_ASSERTED_HEAD = 16
_ASSERTED_TAIL = 4
_TRACE_MOST = 12


def under(run: Run, heads: Iterable[int], most: int) -> set[int]:
    """The lines that explain `heads`, at most `most` for each, none twice in one wording."""
    told: set[str] = set()
    found: set[int] = set()
    for head in heads:
        taken = 0
        for number in _following(run, head):
            said = wording(run.lines.seen[number])
            if said and said not in told:
                told.add(said)
                found.add(number)
                taken += 1
                if taken == most:
                    break
    return found


def traced(run: Run, shown: set[int]) -> set[int]:
    """The frames that decide, of every trace that an earlier one has not told already."""
    told: set[str] = set()
    found: set[int] = set()
    for trace in run.traces:
        for span in frames.deciding(run.lines.seen, trace)[:_TRACE_MOST]:
            said = wording(run.lines.seen[span.start])
            if said not in told:
                told.add(said)
                found.update(span)
    return found - shown


def asserted(run: Run, shown: set[int]) -> set[int]:
    """What a test runner says of its failures: the first and last of each run of such lines."""
    told: set[str] = set()
    found: set[int] = set()
    for first, last in _runs(run.asserted):
        count = last - first + 1
        for number in range(first, last + 1):
            within = number - first < _ASSERTED_HEAD or last - number < _ASSERTED_TAIL
            said = wording(run.lines.seen[number])
            if said not in told and (within or count <= _ASSERTED_HEAD + _ASSERTED_TAIL):
                told.add(said)
                found.add(number)
    return found - shown


def _following(run: Run, head: int) -> Iterator[int]:
    """The lines under `head` that go on with it, up to the next head."""
    seen = run.lines.seen
    depth = _depth(seen[head])
    blank = 0
    for number in range(head + 1, min(len(seen), head + 1 + _MOST_SCANNED)):
        line = seen[number]
        if run.kinds[number] == kinds.FRAMES:
            blank = 0
            continue
        if not line.strip():
            blank += 1
            if blank > _BLANK_RUN:
                return
            continue
        if run.roles.get(number, Role.NONE) > Role.WARNING or _DIVIDES.match(line):
            return
        if _depth(line) <= depth and not _ON.match(line):
            return
        if run.kinds[number] in (kinds.OTHER, kinds.BLANK, kinds.SETTINGS):
            yield number
        blank = 0


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = -2
    for number in numbers:
        if number != last + 1:
            if first >= 0:
                yield first, last
            first = number
        last = number
    if first >= 0:
        yield first, last


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
