"""The shown lines as text, with what is missing counted where it is missing.

    [… lines 3-80: 70 passed, 8 other]
    FAILED tests/test_shop.py::test_price - assert 3 == 4
    [… 56 more like this line: shop/cart.py:3, 9, 12; shop/tax.py:7]
    [… 134 of 140 lines omitted where told above · headroom_retrieve("k3f9a2c1", lines="3-80")]

A shown line is as it was, and has no number in front. One gap alone is a full marker; several
are told shortly, and the last line says how to get any of them. Where single lines are missing
between shown ones again and again, one mark behind them counts them ("in lines 3-80").
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from headroom.compressors.build_output import failures, kinds
from headroom.compressors.build_output.reading import Run
from headroom.compressors.build_output.repeats import place_of
from headroom.compressors.build_output.selection import Choice
from headroom.compressors.build_output.trouble import Role, window
from headroom.markers import gap_line, omission

_LEAST_GAP = 120
_LEAST_SCATTERED = 40
_TINY = 3
_NEAR = 4
_SCATTERED = 3
_ERROR_PLACES, _PLACES = 3_000, 300
_LONG = 3_000


class Gap(NamedTuple):
    """Lines from `start` to `stop` (excluded) of which `missing` are not shown."""

    start: int
    stop: int
    missing: Sequence[int]


def render(run: Run, choice: Choice, ref: str) -> str | None:
    """The compressed text, or None where nothing is missing."""
    gaps = list(_gaps(run.lines.raw, choice.shown))
    long = [number for number in sorted(choice.shown) if len(run.lines.raw[number]) > _LONG]
    if not gaps and not long:
        return None
    missing = sum(len(gap.missing) for gap in gaps)
    told = _kinds_told(run, choice)
    if len(gaps) == 1 and not long:
        what = f"{_lines(missing)} omitted ({_counted(told, gaps[0])})"
        return "\n".join(_woven(run, choice, gaps, [omission(what, ref, lines=_span(gaps[0]))]))
    out = _woven(run, choice, gaps, [_mark(told, gap) for gap in gaps])
    if not out[-1]:
        out.pop()
    said = [f"{missing:,} of {_lines(len(run.lines.raw))} omitted"] if gaps else []
    said += [f"{len(long)} long line{'s' * (len(long) > 1)} shortened"] if long else []
    largest = _span(max(gaps, key=lambda gap: len(gap.missing))) if gaps else str(long[0] + 1)
    return "\n".join([*out, omission(f"{', '.join(said)} where told above", ref, lines=largest)])


def _mark(told: list[str], gap: Gap) -> str:
    scattered = gap.stop - gap.start > len(gap.missing)
    where = "in lines" if scattered else "lines" if len(gap.missing) > 1 else "line"
    span = _span(gap) if len(gap.missing) > 1 else str(gap.start + 1)
    return gap_line(f"{where} {span}: {_counted(told, gap)}")


def _gaps(raw: list[str], shown: set[int]) -> Iterator[Gap]:
    """The runs of lines not shown that are worth a mark; small ones near each other as one."""
    before = list(accumulate(map(len, raw), initial=0))
    tiny: list[range] = []
    for span in _spans(raw, shown):
        size = _size(before, span)
        if len(span) <= _TINY and size >= _LEAST_SCATTERED:
            if tiny and span.start - tiny[-1].stop > _NEAR:
                yield from _together(tiny, before)
                tiny = []
            tiny.append(span)
        elif size >= _LEAST_GAP:
            yield from _together(tiny, before)
            tiny = []
            yield Gap(span.start, span.stop, span)
    yield from _together(tiny, before)


def _size(before: list[int], span: range) -> int:
    """How many characters the lines of a span have, by how many stand before each line."""
    return before[span.stop] - before[span.start] + len(span)


def _spans(raw: list[str], shown: set[int]) -> Iterator[range]:
    edges = [-1, *sorted(shown), len(raw)]
    for last, following in pairwise(edges):
        if following - last > 1:
            yield range(last + 1, following)


def _together(tiny: list[range], before: list[int]) -> Iterator[Gap]:
    """Small runs as one gap where there are several, else each that is worth a mark."""
    if len(tiny) >= _SCATTERED:
        yield Gap(tiny[0].start, tiny[-1].stop, [number for span in tiny for number in span])
        return
    for span in tiny:
        if _size(before, span) >= _LEAST_GAP:
            yield Gap(span.start, span.stop, span)


def _counted(told: list[str], gap: Gap) -> str:
    """How many lines of what kind are missing in a gap; blank ones are not counted."""
    found = Counter(map(told.__getitem__, gap.missing))
    other = found.pop(kinds.OTHER, 0)
    found.pop(kinds.BLANK, 0)
    parts = [f"{count:,} {kind}" for kind, count in found.most_common()]
    return ", ".join([*parts, *([f"{other:,} other"] if other else [])]) or "blank"


def _kinds_told(run: Run, choice: Choice) -> list[str]:
    """What each line counts as where it is missing."""
    told = list(run.kinds)
    for numbers, kind in ((choice.repeated, kinds.REPEATED), (choice.named, kinds.FAILING)):
        for number in numbers:
            told[number] = kind
    return told


def _woven(run: Run, choice: Choice, gaps: list[Gap], marks: list[str]) -> list[str]:
    """The lines that are not missing, and each gap's mark where it ends."""
    out: list[str] = []
    at = 0
    for gap, mark in zip(gaps, marks, strict=True):
        out += _told(run, choice, range(at, gap.start))
        if gap.stop - gap.start > len(gap.missing):
            hidden = set(gap.missing)
            out += _told(run, choice, (n for n in range(gap.start, gap.stop) if n not in hidden))
        out.append(mark)
        at = gap.stop
    return out + list(_told(run, choice, range(at, len(run.lines.raw))))


def _told(run: Run, choice: Choice, numbers: Iterable[int]) -> Iterator[str]:
    for number in numbers:
        raw = run.lines.raw[number]
        yield raw if len(raw) <= _LONG else _excerpt(raw, number)
        if number in choice.alike:
            yield _more(run, number, choice.alike[number])
        if number in choice.failed:
            others = choice.failed[number]
            names = failures.names(run.lines.seen[other] for other in others)
            yield gap_line(f"{len(others):,} more failing: {names}")


def _excerpt(raw: str, number: int) -> str:
    """What stands for a line that is too long to be shown: its size and its telling part."""
    told = window(raw).strip()
    return gap_line(f"line {number + 1} of {len(raw):,} characters, holds: {told}")


def _more(run: Run, shown: int, others: list[int]) -> str:
    """What stands for lines of one kind: how many, and where they point to."""
    most = _ERROR_PLACES if run.roles.get(shown) is Role.ERROR else _PLACES
    places: dict[str, dict[str, None]] = {}
    length = 0
    for number in others:
        path, place = _place(run, number)
        if path:
            length += len(place) + (0 if path in places else len(path))
            places.setdefault(path, {})[place] = None
        if length > most:
            break
    path, place = _place(run, shown)
    if {file: list(each) for file, each in places.items()} == {path: [place]}:
        places = {}
    listed = "; ".join(f"{file}:{', '.join(each)}" for file, each in places.items())
    if len(listed) > most:
        listed = listed[: listed.rfind(" ", 0, most)] + " …"
    return gap_line(f"{len(others):,} more like this line{': ' if listed else ''}{listed}")


def _place(run: Run, number: int) -> tuple[str, str]:
    """Where a line points to; some compilers say it on the next line, behind an arrow."""
    return place_of(run.lines.seen[number + (number in run.pointed)])


def _lines(count: int) -> str:
    return f"{count:,} line{'' if count == 1 else 's'}"


def _span(gap: Gap) -> str:
    return f"{gap.start + 1}-{gap.stop}"
