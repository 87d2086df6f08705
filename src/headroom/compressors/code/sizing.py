"""What a gap saves, and which rows of a span are worth one."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from headroom.compressors.code.choice import Rules

_GAP_TOKENS = 14

Run = tuple[int, int]


def run_saves(run: Run, ends: Sequence[int], per_token: float) -> int:
    """About how many tokens are saved when a gap line stands for the rows of `run`. `ends` has
    the characters before each row without line ends; a token has `per_token` characters."""
    start, end = run
    return int((ends[end] - ends[start] + end - start) / per_token) - _GAP_TOKENS


def worthwhile(
    runs: Sequence[Run],
    pinned: AbstractSet[int],
    ends: Sequence[int],
    rules: Rules,
    per_token: float,
) -> tuple[Run, ...]:
    """The parts of `runs` without the pinned rows that are long enough for a gap."""
    return tuple(
        part
        for run in runs
        for part in _between(run, pinned)
        if part[1] - part[0] >= rules.least_lines
        and run_saves(part, ends, per_token) >= rules.least_saved
    )


def _between(run: Run, pinned: AbstractSet[int]) -> Iterator[Run]:
    start, end = run
    for row in sorted(row for row in range(start, end) if row in pinned) if pinned else ():
        yield start, row
        start = row + 1
    yield start, end
