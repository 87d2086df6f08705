"""Whether a text is a log: probed by lines from its head, its middle and its end.

What speaks for a log: a time or a level near the start of most lines, and lines that repeat
one shape. What has a better owner (diffs, matches with `path:12:`, tables, documents, code,
test sessions, listings) is not claimed, whatever repeats in it. It never looks at all of a text.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache

from headroom.compressors.log import alarms, masks
from headroom.compressors.log.lines import read
from headroom.compressors.log.timestamps import has_time

NOT_MINE = -1.0
_PROBE = 4_000
_LINES = 30
_WIDTH = 400
_LEAST = 5
_MOST = 0.6
_HALF = 0.5
_SOME = 0.3
_FEW = 0.2
_MANY = 60
_HEAD = 100
_SAYING = 2
# A line that names a level, found by the level: what must stand before it is looked at behind it.
_LEVELS = (
    *("TRACE", "DEBUG", "INFO", "NOTICE", "WARNING", "WARN", "ERROR", "FATAL", "CRITICAL", "CRIT"),
    *("SEVERE", "ALERT", "EMERG", "trace", "debug", "info", "notice", "warning", "warn", "error"),
    *("fatal", "critical", "Info", "Warning", "Error", "Debug"),
)
_LEVEL_WORDS = ("error", "info", "warn", "debug", "trace", "notice", "fatal", "crit", "severe",
                "alert", "emerg")  # fmt: skip
# One of these stands in every line with a time, and may stand in others. Each begins with a
# character that is quickly looked for, and has what is looked for first, all digits as zeros.
_CLOCKS = tuple(
    (sign, re.compile(clock))
    for sign, clock in (
        (b":0", r":\d\d?[:.]\d"),
        (b".0", r"\.\d\d?[:.]\d"),
        (b" 000000", r" \d{6}(?:\d{4})? "),
        (b"T000000 ", r"T\d{6} "),
        (b",000000 ", r",\d{6} "),
        (b":000000 ", r":\d{6} "),
        (b"-000000 ", r"-\d{6} "),
        (b"\n0000000000 ", r"\n1\d{9} "),
        (b"\n<0", r"\n<\d"),
        (b"\n[", r"\n\[ *\d+\.\d"),
    )
)
# A time at the start of a line, as most logs write it: what `has_time` finds in any of them.
_USUAL_TIME = re.compile(r"\n[\[(]?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?=\D|$)")
_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
# What may be part of a number or an id, so that lines of one shape are equal without it.
_IN_IDS = b"0123456789abcdefABCDEFxX#.-/+_%@ \t\x0b\x0c\r=,;()[]{}<>\"'|:&?"
_GLOG = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d|<\d{1,3}>|\[ *\d+\.\d{3,}\] |(?:\S+ ){0,5}1\d{9} ")
_MATCH = re.compile(r"\n(?=[^\s:]*[A-Za-z/.])[^\s:]+:\d+:(?!\d\d(?!\d))")
_DIAGNOSIS = re.compile(
    r"(?<![\w./\\-])[\w./\\-]+\.[A-Za-z]\w{0,9}(?:\"?,? ?(?:: )?line \d|\(\d+(?:,\d+)?\)|:\d+[: ])"
)
_POINTED = re.compile(r"^ *--> \S+:\d+", re.MULTILINE)
_OPENING = re.compile(r"<(?:!doctype|\?xml|html|div|[a-z]+>)|#{1,6} [a-z]")
_DIFF = ("diff --git ", "@@ -", "--- a/", "+++ b/", "Index: ")
_CODE = (
    *(
        "def ",
        "class ",
        "import ",
        "func ",
        "package ",
        "#include",
        "using ",
        "public ",
        "private ",
    ),
    *("const ", "let ", "var ", "fn ", "if (", "for (", "//", "/*", "* "),
)
_CODE_WORD = re.compile(r"from \w+ import|(?:return|else)\b|@\w+$")
_CODE_END = ("{", "}", ";")
_DOCUMENT = re.compile(r"#{1,6} |\s*[-*] \[?|```|\| ?[-:]{3}|<!DOCTYPE|</?\w+[^>]*>\s*$|> ")
_TESTS = re.compile(
    r"=+ (?:test session|FAILURES|ERRORS|short test)|.*::\w+ (?:PASSED|FAILED)"
    r"|--- (?:PASS|FAIL): |test \S+ \.\.\. |running \d+ test|\s*[✓✗✕] |(?:PASS|FAIL)\s+\S+\.\w"
)
_LISTING = re.compile(
    r"\n(?:[-dlcbps][rwxsStT-]{9}|\|.*\|[^\S\n]*$|\+[-+]+\+$|\d+[.)] )", re.MULTILINE
)
_RULER = re.compile(r"^ *-+(?:\+-+)+ *$", re.MULTILINE)
_WORD = re.compile(r"(?<![\w./\\-])[A-Za-z]{2,}(?![\w/\\-]|\.\w)")
_KEYS = {"level", "lvl", "severity", "msg", "message", "event", "log"}
_TIMES = {"ts", "time", "timestamp", "@timestamp", "datetime", "date"}


def likelihood(text: str) -> float:
    """0 to 1, or `NOT_MINE`."""
    pieces = _probes(text)
    most = 3 * _LINES if len(pieces) == 1 else _LINES
    outer = [line for piece in pieces for line in piece[:most]]
    start = text[:_WIDTH].lstrip()
    if len(outer) < _LEAST or _OPENING.match(start.lower()):
        return NOT_MINE
    may_be_records = sum([line[0] == "{" for line in outer]) > _HALF * len(outer)
    if not may_be_records and _is_quiet(outer):
        return NOT_MINE
    lines = [line for piece in pieces for line in _events(piece)[:most]]
    if len(lines) < _LEAST or _is_laid_out(text, lines):
        return NOT_MINE
    if start[:1] in ("{", "["):
        records = [line for line in lines if line.startswith("{") and line.endswith("}")]
        if len(records) > _MOST * len(lines):
            return _records(records)
    return _as_log(lines)


def _is_quiet(lines: list[str]) -> bool:
    """Whether a glance shows next to no times and levels, and lines that are mostly unlike:
    then nothing speaks for a log. It may err to no."""
    text = "\n".join(["", *lines])
    few = _FEW * len(lines)
    clocks = 0
    for clock in _clocks_in(text):
        clocks += len(clock.findall(text))
        if clocks > few:
            return False
    lowered = text.lower()
    if sum([lowered.count(word) for word in _LEVEL_WORDS]) > few and _levelled(lines) > _FEW:
        return False
    letters = text.encode("ascii", "replace").translate(None, _IN_IDS)
    return len(set(letters.split(b"\n"))) > (1 - _MOST) * len(lines)


def _clocks_in(text: str) -> list[re.Pattern[str]]:
    """The clocks that a glance does not rule out; digits other than ASCII's are not known to it."""
    if not text.isascii():
        return [clock for _, clock in _CLOCKS]
    zeroed = text.encode().translate(_TO_ZERO)
    return [clock for sign, clock in _CLOCKS if sign in zeroed]


def _is_laid_out(text: str, lines: list[str]) -> bool:
    """Whether the lines are a listing's or a table's, or point at code."""
    if "--> " in text[:_PROBE] and _POINTED.search(text, 0, _PROBE):
        return True
    return _begun(lines, _LISTING) > _HALF or _RULER.search(text, 0, _WIDTH) is not None


def _as_log(lines: list[str]) -> float:
    # Matches may be of a log file.
    if _begun(lines, _MATCH) > _MOST:
        return NOT_MINE
    timed = _timed(lines)
    levelled = _levelled(lines)
    if _has_owner(lines, timed, levelled):
        return NOT_MINE
    repeated = 1 - len(masks.shapes(lines).distinct) / len(lines)
    if timed < _SOME and levelled < _SOME:
        marked = len(lines) > _MANY and timed + levelled > _FEW
        return 0.3 if marked or (repeated > _MOST and _says_something(lines)) else NOT_MINE
    return min(1.0, 0.3 + 0.4 * timed + 0.2 * levelled + 0.2 * repeated)


def _probes(text: str) -> list[list[str]]:
    """Whole lines that are neither blank nor indented, from one or three places."""
    if len(text) <= 3 * _PROBE:
        return [_outer(text)]
    later = [text[at : at + _PROBE] for at in (len(text) // 2, len(text) - _PROBE)]
    return [_outer(text[:_PROBE]), *[_outer(piece.partition("\n")[2]) for piece in later]]


def _outer(piece: str) -> list[str]:
    return [line[:_WIDTH] for line in read(piece).shown if line and not line[0].isspace()]


def _events(lines: list[str]) -> list[str]:
    """Lines without those that continue the one above."""
    return (
        lines
        if alarms.stand_alone(lines)
        else [line for line in lines if not alarms.continues(line)]
    )


def _timed(lines: list[str]) -> float:
    text = "\n".join(["", *lines])
    if len(_USUAL_TIME.findall(text)) == len(lines):
        return 1.0
    if not any(clock.search(text) for clock in _clocks_in(text)):
        return 0.0
    return _share(lines, lambda line: has_time(line) or _GLOG.match(line) is not None)


def _levelled(lines: list[str]) -> float:
    heads = "\n".join(["", *[line[:_HEAD] for line in lines], ""])
    named = tuple([level for level in _LEVELS if level in heads])
    return len(_levels_of(named).findall(heads)) / len(lines) if named else 0.0


# The texts of one session name the same few levels.
@lru_cache(maxsize=32)
def _levels_of(levels: tuple[str, ...]) -> re.Pattern[str]:
    """What finds lines that name one of these levels."""
    found = "|".join([rf"{level}(?<=[\s\[<(|\"'=/:]{level})" for level in levels])
    return re.compile(rf"(?:{found})(?=[\s\]>)|\"',:]).*")


def _begun(lines: list[str], kind: re.Pattern[str]) -> float:
    """The share of lines that begin as `kind`, which begins with a line end, says."""
    return len(kind.findall("\n".join(["", *lines]))) / len(lines)


def _share(lines: list[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, lines)) / len(lines)


def _has_owner(lines: list[str], timed: float, levelled: float) -> bool:
    """Whether the text is of a kind that another part knows better. Times on most lines
    outweigh all but tables."""
    if levelled < _SOME and _is_table(lines):
        return True
    if timed > _MOST:
        return False
    if timed < _SOME and _share(lines, lambda line: bool(_DIAGNOSIS.search(line))) > _FEW:
        return True
    if levelled > _MOST:
        return False
    tests = sum(1 for line in lines if _TESTS.match(line))
    if tests > max(1, len(lines) // 20) or any(line.startswith(_DIFF) for line in lines[:_LINES]):
        return True
    return _share(lines, lambda line: _is_code(line) or bool(_DOCUMENT.match(line))) > _SOME


def _says_something(lines: list[str]) -> bool:
    """Whether lines of one shape, without times and levels, read like messages: most have words,
    as names of files and rows of figures have not, or they are the same few lines again."""
    if len(set(lines)) <= _FEW * len(lines):
        return True
    return _share(lines, lambda line: len(_WORD.findall(line)) >= _SAYING) > _HALF


def _is_code(line: str) -> bool:
    bare = line.strip()
    return bare.startswith(_CODE) or bare.endswith(_CODE_END) or bool(_CODE_WORD.match(bare))


def _is_table(lines: list[str]) -> bool:
    """As many commas, or tabs, in each line, under a line without a digit."""
    return not re.search(r"\d", lines[0]) and any(
        len(counts) == 1 and counts != {0}
        for counts in ({line.count(mark) for line in lines} for mark in ",\t;")
    )


def _records(lines: list[str]) -> float:
    """JSON lines are a log where they carry a time and a message or level."""
    keys: set[str] = set()
    for line in lines[:3]:
        try:
            keys.update(json.loads(line))
        except ValueError:
            continue
    if keys & _KEYS and keys & _TIMES:
        return 0.9
    return NOT_MINE
