"""A long text, cut into regions: what a machine wrote, and the rest.

A person's prose is never part of a region. In a tool result everything is a machine's, so the
rest there is just what stands around a JSON value or a fence. Regions do not overlap, come in
order, and start and end at whole lines, except that a JSON value may stand within a line.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

MIN_REGION = 200
"""Characters below which a region is not worth a decision of its own."""
MIN_LOG_LINES = 8
_MAX_GAP = 40
_MOSTLY = 0.6
_SHORTEST_FENCE = 3
_MAX_JSON_ATTEMPTS = 24
_PUNCTUATION = ".,;:!?()\"'’`"

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n`]*)$", re.MULTILINE)
_OBJECT_START = re.compile(r'\{\s*"')
_LIST_START = re.compile(r'\[\s*[{\["]')
_VALUE_STARTS = re.compile(r'[\[{](?:[\s"\[{\]}0-9tfn-]|$)')
_BEFORE_JSON = frozenset(" \t\r\n:=(`>'")
_LEVEL = "TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE"
_MACHINE = re.compile(
    rf"""(?:
    [\[(<]?\d{{2,4}}[-/.]\d{{2}}[-/.]\d{{2,4}}[T\s_-]\d{{2}}[:.]\d{{2}}[:.]\d{{2}}  # a date, a time
    | [\[(]?\d{{2}}:\d{{2}}:\d{{2}}[.,\])\s]                        # 10:00:01.123
    | [\[(]?(?:[A-Z][a-z]{{2}}\s)?[A-Z][a-z]{{2}}\s[\s\d]\d\s\d{{2}}:\d{{2}}:\d{{2}}  # Jun  9 …
    | \d{{6}}\s\d{{6}}\s\d                                       # 081109 203518 143
    | [IWEF]\d{{4}}\s\d{{2}}:\d{{2}}:\d{{2}}                         # klog
    | <\d{{1,3}}>                                              # syslog priority
    | [-\w]+\s\d{{10}}\s\d{{4}}\.\d{{2}}\.\d{{2}}\s                 # alerts of clusters
    | \d{{1,3}}(?:\.\d{{1,3}}){{3}}\s\S+\s\S+\s\[                   # access logs
    | \[(?:{_LEVEL})\]|(?:{_LEVEL}):\s
    | \{{"[^\n]*\}}\s*$                                         # a JSON record a line
    | (?:time|ts|level|lvl|msg)=\S                             # logfmt
    | \s+at\s[\w.$<]|\s+File\s"|\s+\.\.\.\s\d+\smore            # frames
    | Traceback\s\(most\s|Caused\sby:\s
    )""",
    re.VERBOSE,
)


_CLOCK = re.compile(r"(?<!\d)(?:\d{2}:\d{2}:\d{2}|1\d{9}(?:\d{3})?)(?!\d)")
_HEAD = 80
_DIGITS = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, slots=True)
class Region:
    """Characters `start` to `end` (excluded) of a text, written by a machine."""

    start: int
    end: int


def regions(text: str, *, person: bool) -> list[Region]:
    """The regions of `text`; with `person`, only what is surely not a person's prose."""
    if len(text) < MIN_REGION:
        return []
    if not person and _is_one_value(text):
        return [Region(0, len(text))]
    found: list[Region] = []
    spans = _fenced(text, person=person)
    if not person and _is_document(text, spans):
        return [Region(0, len(text))]
    for start, end, fenced in spans:
        found += _inside(text, start, end, person=person and not fenced)
    return [region for region in found if region.end - region.start >= MIN_REGION]


def _is_document(text: str, spans: list[tuple[int, int, bool]]) -> bool:
    """Whether fences only set off examples in what a tool returned, and are not most of it."""
    inside = sum(end - start for start, end, fenced in spans if fenced)
    return 0 < inside < _MOSTLY * len(text)


def rest(text: str, found: list[Region]) -> str:
    """What stands outside the regions."""
    parts, at = [], 0
    for region in found:
        parts.append(text[at : region.start])
        at = region.end
    return "\n".join([*parts, text[at:]]).strip()


def _is_one_value(text: str) -> bool:
    """Whether the whole text may be JSON; what folds it finds out for sure."""
    head, tail = text[:64].lstrip()[:2], text[-64:].rstrip()[-1:]
    return (head[:1], tail) in (("{", "}"), ("[", "]")) and _VALUE_STARTS.match(head) is not None


def _fenced(text: str, *, person: bool) -> list[tuple[int, int, bool]]:
    """The text as spans in order; true marks the inside of a fence. An open fence is none; where
    a person left one open, none is, since words may stand between any two marks."""
    spans: list[tuple[int, int, bool]] = []
    at, opened, doubtful = 0, None, False
    for mark in _FENCE.finditer(text) if "```" in text or "~~~" in text else ():
        if opened is None:
            opened = None if _is_underline(text, mark) else mark
        elif mark[1].startswith(opened[1]) and mark[2].strip():
            doubtful = True
        elif mark[1].startswith(opened[1]):
            start = min(opened.end() + 1, mark.start())
            spans.append((at, opened.end(), False))
            spans.append((start, max(start, mark.start() - 1), True))
            at, opened = mark.start(), None
    if person and (doubtful or opened is not None):
        return [(0, len(text), False)]
    return [*spans, (at, len(text), False)]


def _is_underline(text: str, mark: re.Match[str]) -> bool:
    """Whether a row of signs is the line below a heading, as in reStructuredText."""
    above = text[text.rfind("\n", 0, max(0, mark.start() - 1)) + 1 : mark.start()].strip()
    return len(mark[1]) > _SHORTEST_FENCE and not mark[2].strip() and 0 < len(above) <= len(mark[1])


def _inside(text: str, start: int, end: int, *, person: bool) -> list[Region]:
    found: list[Region] = []
    at = start
    for value in _json_values(text, start, end):
        found += _lines(text, at, value.start, person=person)
        found.append(value)
        at = value.end
    return found + _lines(text, at, end, person=person)


def _json_values(text: str, start: int, end: int) -> Iterator[Region]:
    """JSON objects and lists worth a region. Attempts are few and what they read is bounded,
    since a text may hold a thousand brackets that open nothing."""
    decoder = json.JSONDecoder()
    attempts, unread = 0, 2 * (end - start)
    openings = _Openings(text, end)
    at = openings.after(start)
    while at < end and attempts < _MAX_JSON_ATTEMPTS and unread > 0:
        stop = at + 1
        if at == 0 or text[at - 1] in _BEFORE_JSON:
            attempts += 1
            try:
                _, stop = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                unread -= getattr(error, "pos", end) - at
        if stop - at >= MIN_REGION and stop <= end:
            attempts = 0
            yield Region(at, stop)
        at = openings.after(stop)


class _Openings:
    """Where objects and lists may start, asked for from left to right.

    Two patterns that each begin with one letter are found by a scan for that letter, which one
    pattern for both is not. What was found ahead is kept, so that each letter is scanned once.
    """

    def __init__(self, text: str, end: int) -> None:
        self._text = text
        self._end = end
        self._ahead = {_OBJECT_START: -1, _LIST_START: -1}

    def after(self, at: int) -> int:
        """The first opening at or behind `at`; the end where there is none."""
        for pattern, ahead in self._ahead.items():
            if ahead < at:
                found = pattern.search(self._text, at, self._end)
                self._ahead[pattern] = found.start() if found else self._end
        return min(self._ahead.values())


def _lines(text: str, start: int, end: int, *, person: bool) -> list[Region]:
    if end - start < MIN_REGION:
        return []
    if not person:
        whole = (start, end) == (0, len(text))
        return [Region(start, end) if whole else Region(*_trimmed(text, start, end))]
    return list(_machine_runs(text, start, end))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the line ends around: what follows a JSON value on its line stays outside."""
    while start < end and text[start] in "\r\n":
        start += 1
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    return start, end


def _machine_runs(text: str, start: int, end: int) -> Iterator[Region]:
    """Runs of lines that a machine wrote: also a line of words, if it bears a time and begins as
    such lines did before. Other lines between two of them belong to the run (a message of several
    lines), unless they read as words or there are too many."""
    first = last = -1
    count, gap, at = 0, 0, start
    heads: set[str] = set()
    for line in text[start:end].split("\n"):
        stop = at + len(line)
        head = line[:8].translate(_DIGITS)
        if _is_machines(line) or (head in heads and _CLOCK.search(line, 0, _HEAD)):
            heads.add(head)
            first = at if first < 0 else first
            last, count, gap = stop, count + 1, 0
        elif first >= 0:
            gap += 1
            if gap > _MAX_GAP or _reads_as_words(line):
                if count >= MIN_LOG_LINES:
                    yield Region(first, last)
                first, count, gap = -1, 0, 0
        at = stop + 1
    if first >= 0 and count >= MIN_LOG_LINES:
        yield Region(first, last)


def _is_machines(line: str) -> bool:
    """Whether a line begins as only a machine's do, or bears a time to the second (or an epoch)
    near its start and does not read as words."""
    if _MACHINE.match(line):
        return True
    return _CLOCK.search(line, 0, _HEAD) is not None and not _reads_as_words(line)


def _reads_as_words(line: str) -> bool:
    """Whether a line may be a person's: it is not indented, and most of it is plain words."""
    words = line[:400].split()
    plain = sum(word.strip(_PUNCTUATION).isalpha() for word in words)
    return not line[:1].isspace() and plain >= 3 and 2 * plain > len(words)
