"""The compressed log as text: verbatim lines with their numbers, and notes that count the rest.

    [log: 2,000 lines, 34 kinds of line; …]
    12: 2015-10-18 18:01:47 INFO served request 17 in 45 ms
      ×311 more, lines 14–1980, to 18:10:55; served request 18–4000; in 3–900

A line that starts with a number and a colon is that line of the original, as it was. A line
that starts with two spaces and `×` or `↑` is a note. Every line of the original is shown,
counted in a note, or blank.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from headroom import markers
from headroom.compressors.log.templates import BLANK, Mined
from headroom.compressors.log.timestamps import span, time_of
from headroom.compressors.log.variables import MORE

_DETAILS = 4


class Hidden(NamedTuple):
    """How many lines of a template (by its number) are not shown, the first and the last."""

    template: int
    lines: int
    first: int
    last: int


class Note(NamedTuple):
    """What a template's lines that are not shown have in common."""

    lines: int
    first: int
    last: int
    time: str
    details: tuple[str, ...]


def hidden(mined: Mined, shown: set[int]) -> list[Hidden]:
    """What is not shown, of each template of which something is not."""
    found = []
    told = Counter(map(mined.of_line.__getitem__, shown))
    for number, template in enumerate(mined.templates):
        members = template.members
        left = len(members) - told.get(number, 0)
        if left:
            first = last = 0
            while members[first] in shown:
                first += 1
            while members[last - 1] in shown:
                last -= 1
            found.append(Hidden(number, left, members[first], members[last - 1]))
    return found


def notes(
    lines: Sequence[str], mined: Mined, missing: Iterable[Hidden], details: dict[int, list[str]]
) -> dict[int, Note]:
    """By the index of the first shown line of each template, the note that follows it."""
    found = {}
    for number, left, start, end in missing:
        first = mined.templates[number].members[0]
        time = span(time_of(lines[first]), time_of(lines[end]))
        told = tuple(details.get(number, ()))
        found[first] = Note(left, start + 1, end + 1, time, told)
    return found


def render(lines: Sequence[str], shown: Iterable[int], found: dict[int, Note]) -> list[str]:
    """Shown lines in order, each followed by its note; notes of neighbours that count the
    same become one."""
    out: list[str] = []
    run: list[Note] = []
    before = -1
    for index in sorted(shown):
        note = found.get(index)
        if run and (note is None or note.lines != run[0].lines or index != before + 1):
            out.append(_written(run))
            run = []
        out.append(f"{index + 1}: {lines[index]}")
        if note is not None:
            run.append(note)
        before = index
    if run:
        out.append(_written(run))
    return out


def _written(run: list[Note]) -> str:
    first = min([note.first for note in run])
    last = max([note.last for note in run])
    where = f"lines {first}–{last}" if first != last else f"line {first}"
    head = f"×{run[0].lines:,} more, {where}"
    if len(run) > 1:
        head = f"↑{len(run)} lines ×{run[0].lines:,} more each, {where}"
    time = next(note.time for note in run if note.last == last)
    if time:
        head += f", {'to' if first != last else 'at'} {time}"
    details = list(dict.fromkeys([detail for note in run for detail in note.details]))
    told = [detail for detail in details if detail != MORE][:_DETAILS]
    if len(told) < len(details):
        told.append(MORE)
    return "  " + "; ".join([head, *told])


def header(lines: int, kinds: int, cleaned: bool) -> str:
    """What the reader has before him."""
    noise = " Terminal colours and overwritten progress are left out." if cleaned else ""
    return (
        f"[log: {lines:,} lines of {kinds:,} kind{'s' * (kinds != 1)}. "
        '"N: …" is line N as it was, the first of its kind; '
        f'"×N more" counts the further lines like it, with their line range and values.{noise}]'
    )


def footer(mined: Mined, missing: Sequence[Hidden], ref: str) -> str:
    """The marker for all that is not shown."""
    levels: Counter[str] = Counter()
    for each in missing:
        levels[mined.templates[each.template].level] += each.lines
    total = levels.total()
    if not total:
        return markers.omission("blank lines and terminal noise omitted", ref)
    named = ", ".join(f"{count:,} {level}" for level, count in levels.most_common() if level)
    blank = mined.of_line.count(BLANK)
    what = f"{total:,} line{'s' * (total != 1)} omitted"
    what += f" ({named})" if named else ""
    what += ", all counted above" + (f"; {blank:,} blank" if blank else "")
    first = min(each.first for each in missing) + 1
    last = max(each.last for each in missing) + 1
    return markers.omission(what, ref, lines=f"{first}-{last}")
