"""The shortened diff as text: what stays line for line, and a line in the place of each gap.

    [… 12 lines]                                         unchanged lines; one marker at the end
    [… uv.lock (lock file): 9 hunks omitted, +40 −38 lines · headroom_retrieve("…", lines="5-99")]

Where many files are left out, their lines name the range in the original and the marker at the
end tells the call: a call for each would cost more than it says.
"""

from collections.abc import Sequence

from headroom.compressors.diff.plan import Gap, Plan
from headroom.markers import gap_line, omission

_FEW = 3


def render(lines: Sequence[str], plan: Plan, folded: Sequence[int], ref: str) -> str:
    """The text without the plan's gaps and without the `folded` header lines."""
    short = sum(1 for gap in plan.gaps if gap.what) > _FEW
    spans = [(gap.start, gap.end, [_line(gap, ref, short)]) for gap in plan.gaps]
    spans += [(index, index + 1, []) for index in (*folded, *plan.indexes)]
    out = _joined(lines, spans)
    if short or not all(gap.what for gap in plan.gaps):
        if not out[-1]:
            out.pop()
        out.append(_closing(plan, ref))
    return "\n".join(out)


def without(lines: Sequence[str], gone: Sequence[int]) -> str:
    """The text without these lines."""
    return "\n".join(_joined(lines, [(index, index + 1, []) for index in gone]))


def _joined(lines: Sequence[str], spans: list[tuple[int, int, list[str]]]) -> list[str]:
    """The lines with other lines in the place of the spans; a span within another counts for
    nothing."""
    out: list[str] = []
    at = 0
    for start, end, instead in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            out += lines[at:start]
            out += instead
            at = end
    return [*out, *lines[at:]]


def _line(gap: Gap, ref: str, short: bool) -> str:
    if not gap.what:
        return gap_line(_lines(gap.end - gap.start))
    reach = f"{gap.start + 1}-{gap.through}"
    if short:
        return gap_line(f"{gap.what}: lines {reach}")
    return omission(gap.what, ref, lines=reach)


def _closing(plan: Plan, ref: str) -> str:
    """The marker that explains the short lines above it."""
    parts = []
    made = sum(gap.end - gap.start for gap in plan.gaps if gap.made)
    if made:
        parts.append(f"{_lines(made)} of files that a machine wrote")
    unchanged = sum(gap.end - gap.start for gap in plan.gaps if not gap.made)
    if unchanged:
        parts.append(f"{_lines(unchanged)} that did not change")
    if plan.indexes:
        parts.append(f'{_lines(len(plan.indexes))} "index …"')
    return omission(f"omitted above in all: {', '.join(parts)}", ref)


def _lines(count: int) -> str:
    return f"{count:,} lines" if count > 1 else "1 line"
