"""A log's templates: the kinds of line it is made of, each with the lines that are of it.

Every line that is not blank belongs to exactly one template. What is judged here is judged
once per template, never per line.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from headroom.compressors.log import alarms
from headroom.compressors.log.families import families
from headroom.compressors.log.masks import Shape, Shapes, shapes

BLANK = -1


class Template(NamedTuple):
    """One kind of line. `members` are indexes of lines, ascending; `shape` is the first's."""

    members: list[int]
    shape: Shape
    alarm: bool
    level: str


class Mined(NamedTuple):
    """Templates in the order of their first lines; `of_line` is `BLANK` for a blank line. `exact`
    is equal for lines that differ in digits only, not in how many."""

    templates: list[Template]
    of_line: list[int]
    exact: list[int]


def mine(lines: Sequence[str]) -> Mined:
    """The templates of `lines`."""
    found = shapes(lines)
    tally = Counter(found.of_line)
    counts = [tally[number] for number in range(len(found.distinct))]
    alarming = alarms.alarming(found.vocabulary)
    leader = families(found, counts, alarming)
    blank = {n for n, (marks, fields) in enumerate(found.distinct) if not fields and not marks}
    members: dict[int, list[int]] = {head: [] for head in leader if head not in blank}
    place = {head: number for number, head in enumerate(members)}
    of_shape = [BLANK if number in blank else place[head] for number, head in enumerate(leader)]
    of_line = list(map(of_shape.__getitem__, found.of_line))
    blanks: list[int] = []
    lists = [*members.values(), blanks]
    for index, number in enumerate(of_line):
        lists[number].append(index)
    lists.pop(BLANK)
    return Mined(_judged(found, lists, alarming), of_line, found.exact)


def _judged(found: Shapes, lists: list[list[int]], alarming: frozenset[bytes]) -> list[Template]:
    named = alarms.levels(found.vocabulary)
    distinct, of_line = found.distinct, found.of_line
    firsts = [distinct[of_line[members[0]]] for members in lists]
    return [
        Template(
            members,
            shape,
            alarms.is_alarm(shape.fields, alarming),
            alarms.level(shape.fields, named),
        )
        for members, shape in zip(lists, firsts, strict=True)
    ]
