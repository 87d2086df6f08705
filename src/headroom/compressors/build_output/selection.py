"""Which lines stand. What decides stands whatever the budget is; the rest while it lasts.

Always: every failing test, every distinct error with what explains it, every kind of other
trouble, totals and exit codes, and what the question names. While the allowance lasts: one
warning of each kind, the command a failure came from, the run's first and last lines, what
stands before a failure, and lines of no known kind. A passing test never stands.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress, islice

from headroom.compressors.build_output import details, failures, kinds
from headroom.compressors.build_output.reading import Run
from headroom.compressors.build_output.repeats import message, template, wording
from headroom.compressors.build_output.trouble import Role, went_badly
from headroom.relevance import is_word, terms_of

CHARACTERS_PER_TOKEN = 3.5
_ALARMS = 3
_SAMPLES = {Role.ERROR: 3, Role.WARNING: 1}
_MANY_ERRORS = 1.5
_LEAST_ALLOWANCE = 180
_SHARE = 0.01
_APART = 45
_DETAIL_MOST, _DETAIL_LEAST = 14, 3
_LINE = 12
_STATEMENT = 4
_MANY_FAILED = 2
_FAILED_SAMPLES = 10
_NAMED = 40
_FEW = 5
_LEAST_WORD = 5
_TAIL = 4
_STEPS = (kinds.OTHER, kinds.PROGRESS)
_COMMAND = re.compile(
    r"(?:\$ |\+ (?!')|> \S+@\S+ |> Task |##\[(?:group|command)\]|==> |=+ \S.{0,80} =+$|Run |"
    r"\[INFO\] --- |Step \d+/\d+ |# \w\S+/|-+ .{1,80} -+$|\[\d+/\d+\] |Script )"
)


@dataclass(slots=True)
class Choice:
    """The lines to show; for a shown line those that only repeat its kind (`alike`) and the
    failing tests that are told by name (`failed`)."""

    shown: set[int] = field(default_factory=set)
    alike: dict[int, list[int]] = field(default_factory=dict)
    failed: dict[int, list[int]] = field(default_factory=dict)
    repeated: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)


def choose(run: Run, query: str, budget: int) -> Choice:
    """What to show of `run`."""
    choice = Choice()
    by_role: dict[Role, list[int]] = defaultdict(list)
    for number in sorted(run.roles):
        by_role[run.roles[number]].append(number)
    _take_failed(run, by_role[Role.FAILED], choice, budget)
    _take_errors(run, by_role[Role.ERROR], choice, budget)
    _take_alike(run, by_role[Role.ALARM], choice, _ALARMS)
    _take_summaries(run, by_role[Role.SUMMARY], choice)
    heads = sorted(choice.shown.difference(block.start for block in run.blocks))
    most = max(_DETAIL_LEAST, min(_DETAIL_MOST, budget // (_LINE * (len(heads) or 1))))
    choice.shown |= details.traced(run, choice.shown)
    said = details.asserted(run, choice.shown)
    choice.shown |= said
    choice.shown |= details.under(run, heads, most)
    pointed = sorted(number for number in said if run.lines.seen[number][0] == ">")
    choice.shown |= details.under(run, pointed, _STATEMENT)
    _drop_bare_headings(run, choice)
    choice.shown |= set(_asked_for(run.lines.seen, query))
    _fill(run, choice, by_role[Role.WARNING], budget)
    return choice


def _take_failed(run: Run, numbers: list[int], choice: Choice, budget: int) -> None:
    """Every failing test; where a list at the end names it again, only there. Of very many the
    first stand as they are, and the others by their names."""
    told: dict[str, int] = {}
    listed = failures.listed(run.lines.seen[number] for number in numbers)
    for number in numbers:
        line = run.lines.seen[number]
        said = failures.verdict(line)
        if said in told:
            choice.repeated.add(number)
        elif failures.inline_id(line) in listed:
            choice.named.add(number)
        else:
            told[said] = number
    distinct = list(told.values())
    if len(distinct) <= _FAILED_SAMPLES or _size(run, distinct) <= _MANY_FAILED * budget:
        choice.shown.update(distinct)
        return
    choice.shown.update(distinct[:_FAILED_SAMPLES])
    choice.failed[distinct[_FAILED_SAMPLES - 1]] = distinct[_FAILED_SAMPLES:]
    choice.named.update(distinct[_FAILED_SAMPLES:])


def _size(run: Run, numbers: Iterable[int]) -> float:
    """About how many tokens the lines cost."""
    return sum(len(run.lines.raw[number]) for number in numbers) / CHARACTERS_PER_TOKEN


def _take_errors(run: Run, numbers: list[int], choice: Choice, budget: int) -> None:
    """Every distinct error; of too many of a kind the first few, the others by their places."""
    told: dict[str, int] = {}
    lines: set[str] = set()
    for number in numbers:
        line = run.lines.seen[number]
        pointed = number in run.pointed
        if line in lines and not pointed:
            choice.repeated.add(number)
            continue
        said = wording(line)
        if pointed:
            said += run.lines.seen[number + 1]
        else:
            lines.add(line)
        if said in told:
            choice.repeated.add(number)
        else:
            told[said] = number
    distinct = list(told.values())
    if _size(run, distinct) <= _MANY_ERRORS * budget:
        choice.shown.update(distinct)
    else:
        _take_alike(run, distinct, choice, _SAMPLES[Role.ERROR])


def _take_alike(run: Run, numbers: list[int], choice: Choice, samples: int) -> None:
    """The first few of each kind; the last of them stands for the others."""
    by_shape: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        by_shape[run.lines.shapes[number]].append(number)
    by_kind: dict[str, list[int]] = defaultdict(list)
    for shape, alike in by_shape.items():
        by_kind[message(shape)] += alike
    for unsorted in by_kind.values():
        members = sorted(unsorted)
        choice.shown.update(members[:samples])
        if len(members) > samples:
            choice.alike[members[samples - 1]] = members[samples:]
            choice.repeated.update(members[samples:])


def _take_summaries(run: Run, numbers: list[int], choice: Choice) -> None:
    """All that tell of failures, each wording once; of those where all went well, the last."""
    told: set[str] = set()
    well: dict[str, int] = {}
    for number in numbers:
        line = run.lines.seen[number]
        said = wording(line)
        if went_badly(line) and said not in told:
            choice.shown.add(number)
        else:
            well[template(line)] = number
        told.add(said)
    choice.shown.update(well.values())
    choice.repeated.update(set(numbers) - choice.shown)


def _drop_bare_headings(run: Run, choice: Choice) -> None:
    """A failure's heading without anything under it says no more than the list of failures."""
    failed = [run.lines.seen[number] for number, role in run.roles.items() if role is Role.FAILED]
    names = {failures.test_of(each) for each in failures.listed(failed)}
    shown = sorted(choice.shown)
    for block in run.blocks:
        following = bisect_right(shown, block.start)
        bare = following == len(shown) or shown[following] >= block.stop
        if bare and failures.test_of(run.lines.seen[block.start].strip("_ ")) in names:
            choice.shown.discard(block.start)
            choice.named.add(block.start)


def _asked_for(seen: list[str], query: str) -> Iterator[int]:
    """Lines that hold what `query` names: identifiers, and words and numbers that few hold."""
    terms = terms_of(query[:2_000])
    together = "\n".join(seen).lower() if terms else ""
    lowered = together.split("\n")
    for term in terms:
        common = is_word(term) or term.isdigit()
        if (is_word(term) and len(term) < _LEAST_WORD) or term not in together:
            continue
        hits = [number for number, line in enumerate(lowered) if term in line]
        if term.isdigit():
            whole = re.compile(rf"(?<!\d){term}(?!\d)")
            hits = [number for number in hits if whole.search(seen[number])]
        if not common and len(hits) > _NAMED:
            yield from (*hits[:_FEW], *hits[-_FEW:])
        elif not common or len(hits) <= _FEW:
            yield from hits


def _fill(run: Run, choice: Choice, warnings: list[int], budget: int) -> None:
    """Adds what helps to read the rest, while the allowance lasts."""
    size = sum(map(len, run.lines.raw)) / CHARACTERS_PER_TOKEN
    room = min(budget, max(_LEAST_ALLOWANCE, _SHARE * size)) * CHARACTERS_PER_TOKEN
    warned = Choice()
    _take_alike(run, warnings, warned, _SAMPLES[Role.WARNING])
    choice.repeated |= warned.repeated
    for number in _wished(run, choice, sorted(warned.shown)):
        if number in choice.shown:
            continue
        apart = choice.shown.isdisjoint((number - 1, number + 1))
        room -= len(run.lines.raw[number]) + 1 + _APART * apart
        if room < 0:
            break
        choice.shown.add(number)
        if number in warned.alike:
            choice.alike[number] = warned.alike[number]


def _wished(run: Run, choice: Choice, warned: list[int]) -> Iterable[int]:
    size = len(run.kinds)
    decisive = sorted(choice.shown)
    filled = compress(range(size), map(kinds.BLANK.__ne__, run.kinds))
    last = compress(range(size - 1, -1, -1), map(kinds.BLANK.__ne__, reversed(run.kinds)))
    yield from islice(filled, 1)
    yield from reversed(list(islice(last, _TAIL)))
    yield from warned
    yield from _commands_before(run, decisive)
    yield from _just_before(run, decisive)
    plain = (
        number
        for number in compress(range(size), map(kinds.OTHER.__eq__, run.kinds))
        if number not in choice.repeated and number not in choice.named and number not in run.quoted
    )
    said = {number: template(run.lines.shapes[number]) for number in islice(plain, _COUNTED)}
    often = Counter(said.values())
    yield from (number for number, kind in said.items() if often[kind] == 1)


_COUNTED = 400


def _commands_before(run: Run, decisive: list[int]) -> Iterator[int]:
    """The last command or section that was opened before each decisive line."""
    opened = -1
    at = 0
    for number in decisive:
        for between in range(number - 1, at - 1, -1):
            if run.kinds[between] in _STEPS and _COMMAND.match(run.lines.shapes[between]):
                opened = between
                break
        at = number
        if opened >= 0:
            yield opened


def _just_before(run: Run, decisive: list[int]) -> Iterator[int]:
    for number in decisive:
        for before in range(max(0, number - 2), number):
            if run.kinds[before] == kinds.OTHER and before not in run.roles:
                yield before
