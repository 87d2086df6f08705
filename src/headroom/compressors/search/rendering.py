"""A result that is too large: every path and line number, the texts that tell most, a marker.

    [search: 60 matches in 2 files; 3 shown, "also 12,45-47" numbers the others]
    src/app.py:
    7:def create_app():
    also 12,45-47 (45: 1,204 characters)
    src/cli.py: also 3,9
    [… text of 57 matches omitted · headroom_retrieve("k3f9a2c1", lines="2-60")]

Context goes before matches. A shown line is verbatim.
"""

from collections.abc import Sequence
from operator import itemgetter

from headroom.compressors._api import Sample
from headroom.compressors.search import context, lossless, selection
from headroom.compressors.search.entries import Entry, entries, ranges, shown
from headroom.compressors.search.ranking import Ranking
from headroom.compressors.search.selection import File
from headroom.compressors.search.shapes import LONG, MATCH, SEPARATOR, Found, Group, Row
from headroom.markers import omission

_LINE = itemgetter(4)


def shortened(
    found: Found, alike: Sequence[list[Entry]], sample: Sample, budget: int
) -> str | None:
    """The result with less context, or with fewer texts of matches; None where there is
    nothing to omit. `alike` has the entries of each group."""
    page = _Page(found, sample)
    if {row.mark for group in found.groups for row in group.rows} == {MATCH}:
        return page.selected(found.groups, alike, budget)
    within = context.widest(found.groups, budget)
    if within >= 0:
        return page.windows(within)
    bare = [context.without_context(group) for group in found.groups]
    return page.selected(bare, [entries(group.rows) for group in bare], budget)


class _Page:
    """The lines written so far, and what was left out of them."""

    def __init__(self, found: Found, sample: Sample) -> None:
        self._found = found
        self._sample = sample
        self._lines: list[str] = []
        self._omitted: list[Row] = []
        self._end = 0
        self._gaps: list[int] = []

    def windows(self, within: int) -> str | None:
        """All matches, and the context that stands no further than `within` from one."""
        for item in self._found.items:
            if isinstance(item, str):
                self._other(item)
                continue
            near = context.distances(item.rows)
            start = len(self._lines) + bool(item.path)
            rows = []
            for row, distance in zip(item.rows, near, strict=True):
                if distance <= within:
                    rows.append(row)
                elif row.mark:
                    self._omit(row, start + len(rows))
            if rows:
                self._group(item, [row.shown for row in rows], "")
        return self._finished([])

    def selected(
        self, bare: Sequence[Group], alike: Sequence[list[Entry]], budget: int
    ) -> str | None:
        """The matches that tell most, and of the others the numbers. `bare` are the groups
        without context."""
        ranking = Ranking(self._sample, [row.text for group in bare for row in group.rows])
        files = [
            File(group.path, together, ranking.ranks(group.path, together))
            for group, together in zip(bare, alike, strict=True)
        ]
        chosen = iter(zip(bare, alike, selection.chosen(files, budget), strict=True))
        told = joined = 0
        for item in self._found.items:
            if isinstance(item, str):
                self._other(item)
                continue
            group, together, places = next(chosen)
            if len(group.rows) < len(item.rows):
                self._omitted += [row for row in item.rows if context.is_context(row)]
            kept = [together[place] for place in sorted(places)]
            left = together
            if places:
                left = [entry for place, entry in enumerate(together) if place not in places]
            told += sum(map(len, kept))
            joined += sum(len(entry) > 1 for entry in kept)
            if group.rows:
                self._group(group, [shown(entry) for entry in kept], self._also(left))
        notes = [f"{told:,} shown"]
        if self._found.numbered:
            notes = [f'{told:,} shown, "also 12,45-47" numbers the others']
        return self._finished([*notes, *([lossless.JOINED] if joined else [])])

    def _other(self, line: str) -> None:
        if line != SEPARATOR:
            self._lines.append(line)

    def _omit(self, row: Row, gap: int) -> None:
        """`gap` is the place of the line that the omitted row would have been."""
        self._omitted.append(row)
        self._gaps.append(gap)

    def _also(self, left: Sequence[Entry]) -> str:
        """The line that numbers the rows of `left`, and says which of them are long."""
        rows = sorted([row for entry in left for row in entry], key=_LINE)
        self._omitted += rows
        if not rows:
            return ""
        if not self._found.numbered:
            return f"also {len(rows):,} more"
        return f"also {ranges([row.number for row in rows])}{_long(rows)}"

    def _group(self, group: Group, shown: list[str], also: str) -> None:
        """A group's lines: on one line where its path and one thing is all there is."""
        if group.heading is not None:
            self._lines += [group.heading.rstrip("\r"), *shown]
        elif not group.path:
            self._lines += shown
        elif shown and not also and len(group.rows) == 1:
            self._lines.append(group.line(group.rows[0]))
        elif not shown:
            also = f"{group.path}: {also}"
        else:
            self._lines += [group.path + MATCH, *shown]
        if also:
            self._lines.append(also)
        self._end = len(self._lines)

    def _finished(self, notes: list[str]) -> str | None:
        if not self._omitted:
            return None
        marker, place = self._marker()
        self._lines.insert(place, marker)
        return lossless.with_header(self._found, self._lines, notes)

    def _marker(self) -> tuple[str, int]:
        """The marker and its place: where the lines would stand if they were one run."""
        lines = sorted(row.line + 1 for row in self._omitted)
        matches = sum(row.mark == MATCH for row in self._omitted)
        kinds = [f"text of {matches:,} match{'' if matches == 1 else 'es'}"] if matches else []
        others = len(lines) - matches
        kinds += [f"{others:,} context line{'' if others == 1 else 's'}"] if others else []
        span = f"{lines[0]}-{lines[-1]}"
        marker = omission(f"{' and '.join(kinds)} omitted", self._sample.ref, lines=span)
        is_one_run = not matches and lines[-1] - lines[0] + 1 == len(lines)
        place = self._gaps[0] if is_one_run else self._end
        return marker, min(place, len(self._lines))


def _long(rows: Sequence[Row]) -> str:
    """Which of the rows are so long that asking for them has its price, and how long."""
    long = [row for row in rows if len(row.text) > LONG]
    if not long:
        return ""
    sizes = sorted(len(row.text) for row in long)
    size = f"{sizes[0]:,}" if sizes[0] == sizes[-1] else f"{sizes[0]:,}-{sizes[-1]:,}"
    return f" ({ranges([row.number for row in long])}: {size} characters)"
