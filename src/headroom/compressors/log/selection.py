"""Which lines stand verbatim.

Always: the first line of every template, every line of a template seen once, the second line
of an alarm seen twice, the stack trace under the first of each alarm, lines with an odd
number, and what the question names. While the budget lasts: the log's last lines, all lines
of alarms seen a few times, second lines of other pairs, and the line before an alarm.
"""

import re
from collections.abc import Iterable, Sequence

from headroom.compressors.log import alarms
from headroom.compressors.log.templates import Mined

_TRACE = 80
_TRACES = 400
_TAIL = 3
_FEW_ALARMS = 12
_SHARE = 0.015
_NAMED = 40
_ATOMS = 24
_ATOM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:@-]*[A-Za-z0-9_]")
_TELLING = re.compile(r"\d|[a-z][A-Z]|[._/:@-]|^[A-Z_]{4,}$")
_WORD_LINES = 5
_BYTES_PER_TOKEN = 3


def always(lines: Sequence[str], mined: Mined) -> set[int]:
    """The lines that stand whatever the budget is."""
    shown = set()
    traced = 0
    for template in mined.templates:
        first = template.members[0]
        shown.add(first)
        if template.alarm:
            if len(template.members) == 2:
                shown.add(template.members[1])
            if traced < _TRACES and not alarms.continues(lines[first]):
                trace = range(first + 1, _trace_end(lines, first))
                traced += len(trace)
                shown.update(trace)
    return {index for index in shown if mined.of_line[index] >= 0}


def _trace_end(lines: Sequence[str], head: int) -> int:
    end = head + 1
    while end < len(lines) and end - head <= _TRACE and alarms.continues(lines[end]):
        end += 1
    return end


def named(lines: Sequence[str], query: str) -> set[int]:
    """Lines that hold what `query` names: identifiers, numbers, paths, and plain words that
    few lines hold."""
    found: set[int] = set()
    for atom in list(dict.fromkeys(_ATOM.findall(query[:2_000])))[:_ATOMS]:
        telling = _TELLING.search(atom) is not None
        if len(atom) < (3 if telling else 5):
            continue
        hits = [index for index, line in enumerate(lines) if atom in line]
        if telling or len(hits) <= _WORD_LINES:
            found.update(
                hits if len(hits) <= _NAMED else hits[: _NAMED // 2] + hits[-_NAMED // 2 :]
            )
        if len(found) > 4 * _NAMED:
            break
    return found


def extras(lines: Sequence[str], mined: Mined, shown: set[int], tokens: int) -> set[int]:
    """Lines worth `tokens` more, or a small share of the log where that is more: what
    repeated errors say of places and names is worth it."""
    room = max(tokens * _BYTES_PER_TOKEN, int(_SHARE * sum(map(len, lines))))
    added: set[int] = set()
    for index in _wished(lines, mined):
        if index in shown or index in added or mined.of_line[index] < 0:
            continue
        room -= len(lines[index]) + 8
        if room < 0:
            break
        added.add(index)
    return added


def _wished(lines: Sequence[str], mined: Mined) -> Iterable[int]:
    yield from range(max(0, len(lines) - _TAIL), len(lines))
    for template in mined.templates:
        few = template.alarm and len(template.members) <= _FEW_ALARMS
        if few and not alarms.continues(lines[template.members[0]]):
            yield from template.members
    for template in mined.templates:
        if len(template.members) == 2:
            yield template.members[1]
    for template in mined.templates:
        if template.alarm and template.members[0]:
            yield template.members[0] - 1
