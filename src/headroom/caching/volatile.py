"""What in a text changes from one request to the next: times, dates, random ids, counters.

Rule: told from the texts alone, in linear time. What is named here is said to a user; nothing of
a text is ever repeated in a name.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

TIME = "a time of day"
DATE = "a date"
RANDOM = "a random id"
COUNTER = "a number that counts"
TEMPORARY = "a temporary path"

_LOOKED_AT = 120
"""Characters around a difference that are looked at."""

_CLOCK = r"(?<![\d:.])\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?![\d:])(?:\s?[AaPp]\.?[Mm]\b\.?)?"
_ISO = r"(?<!\d)\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?"
_EPOCH = r"(?<![\d.])1[4-9]\d{8}(?:\d{3}|\d{6}|\.\d{1,9})?(?!\d)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = r"\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b"
_DATE = (
    r"(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|(?<!\d)\d{1,2}[/.]\d{1,2}[/.]\d{2,4}(?!\d)"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?|\b\d{{1,2}}\.?\s+{_MONTH}(?:\s+\d{{4}})?"
    rf"|{_DAY}"
)
_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_MIXED = r"(?:[A-Za-z][\w-]*\d[\w-]*[A-Za-z]|\d[\w-]*[A-Za-z][\w-]*\d)"
_TOKEN = rf"(?<![\w-])(?=[\w-]*{_MIXED})[\w-]{{8,64}}(?![\w-])"
_PATH = r"(?:/tmp|/var/folders|/var/tmp|/private/var|\\Temp|%TEMP%|/dev/shm)[/\\][^\s\"'<>]{1,100}"
_NUMBER = r"(?<!\d)\d{1,15}(?!\d)"

_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (TEMPORARY, _PATH),
        (RANDOM, _UUID),
        (TIME, f"{_ISO}|{_CLOCK}|{_EPOCH}"),
        (DATE, _DATE),
        (RANDOM, _TOKEN),
    )
)
_COUNTS = re.compile(_NUMBER)


def kind_of(before: str, after: str) -> str | None:
    """What differs first between two texts, in words; None where it is nothing of this kind."""
    at = _first_difference(before, after)
    if at is None:
        return None
    for kind, pattern in _KINDS:
        if all(_around(pattern, text, at) is not None for text in (before, after)):
            return kind
    old, new = (_around(_COUNTS, text, at) for text in (before, after))
    return COUNTER if old and new and int(old) < int(new) else None


def _first_difference(before: str, after: str) -> int | None:
    """The first place where two texts differ; None where both are the same."""
    if before == after:
        return None
    shorter = min(len(before), len(after))
    return (
        bisect_left(range(1, shorter + 1), True, key=lambda size: before[:size] != after[:size])
        if shorter
        else 0
    )


def _around(pattern: re.Pattern[str], text: str, at: int) -> str | None:
    """What matches and holds (or ends at) a place in a text."""
    start = max(0, at - _LOOKED_AT)
    window = text[start : at + _LOOKED_AT]
    for found in pattern.finditer(window):
        if found.start() <= at - start <= found.end():
            return found[0]
    return None


@dataclass(frozen=True, slots=True)
class Statement:
    """A line or a sentence that says a time or an id and nothing else: where it stands in its
    text (with the white space that parts it from the next), what it says, what kind that is."""

    start: int
    end: int
    text: str
    kind: str


_LINE = re.compile(r"^(?:[ \t]*```|[^\n]*\d)[^\n]*", re.M)
"""A line that ends or begins an example, or has a digit, without which no moment is told."""
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])(?<![AaPp]\.[Mm]\.)\s+(?=\S)")
_LONGEST = 160
_WORDS = (
    "the|it|its|is|as|of|at|on|in|and|or|current|currently|present|local|system|server|utc|gmt"
    "|user|users|s|your|our|this|request|requested|message|right|day|date|time|datetime|timestamp"
    "|now|today|unix|epoch|iso|clock|generated|sent|asked|zone|timezone|seconds|ms"
)
_LABEL = re.compile(rf"[\W_]*(?:(?:{_WORDS})(?:[\W_]+|$))+", re.I)
_SAYS_WHEN = re.compile(
    r"(?<![a-z])(?:time|now|today|datetime|timestamp|date|epoch|clock|generated|sent|asked"
    r"|requested|as[\W_]of)(?![a-z])",
    re.I,
)
_ZONE = r"\s*[(\[]?(?:Z|[A-Z]{2,5})?\s*(?:[+-]\d{1,2}(?::?\d{2})?)?"
_WHEN = re.compile(
    rf"(?:[\w,./ -]{{0,40}}?[ ,T])?(?:{_ISO}|{_CLOCK}|{_EPOCH}){_ZONE}[^\d\n]{{0,40}}"
)
_ID = re.compile(
    r"[\W_]*(?:(?:the|this|your|current|x|unique|random)[\W_]+)*"
    r"(?:request|req|trace|correlation|invocation|span|nonce|run|message|idempotency|seed)"
    r"(?:[\s_-]*(?:id|identifier|uuid|guid|key|nonce|seed))?[\"'`*_]*\s*(?:[:=>]|\bis\b)[\s\"'`*<]*"
    rf"(?:{_UUID}|(?=[\w.-]*\d[\w.-]*\d)[\w.-]{{5,80}})[^\w\n]{{0,20}}(?:</[\w-]+>\s*)?",
    re.I,
)


def statements(text: str) -> Iterator[Statement]:
    """What a text says of the moment it was written in: lines such as `Current time: 10:05` or
    `Request-ID: 8f14e45f`, and such sentences. A date without a time is none, nor is
    what stands in a fenced example."""
    fenced = False
    for line in _LINE.finditer(text):
        if line[0].lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield from _in_line(text, line.start(), line.end())


def _in_line(text: str, start: int, end: int) -> Iterator[Statement]:
    if end - start > 20 * _LONGEST:
        return
    begins = [start, *(start + gap.end() for gap in _SENTENCE_ENDS.finditer(text[start:end]))]
    for begin, stop in zip(begins, [*begins[1:], end], strict=True):
        said = text[begin:stop].strip()
        if kind := _kind(said):
            yield Statement(*_with_gap(text, begin, stop), said, kind)


def _kind(said: str) -> str | None:
    if len(said) > _LONGEST:
        return None
    if _ID.fullmatch(said):
        return RANDOM
    label = _LABEL.match(said)
    if label and _SAYS_WHEN.search(label[0]) and _WHEN.fullmatch(said, label.end()):
        return TIME
    return None


def _with_gap(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with the one newline that ends its line; at the end of a text, with the white space
    before it."""
    if end == len(text):
        return len(text[:start].rstrip()), end
    whole_line = start == 0 or text[start - 1] == "\n"
    return start, end + (whole_line and text[end] == "\n")
