"""Which lines tell of trouble or sum a run up, and how: the words and shapes, as data.

Words are looked for in the whole text at once; only lines that hold one are judged by shape.
It errs on the side of trouble: a false alarm costs a line, a missed one hides a failure. It
knows nothing of what is shown in the end.
"""

import re
from collections.abc import Collection, Iterator
from enum import IntEnum

from headroom.compressors.build_output import kinds

_VERDICT_STEMS = (
    *(
        "fail",
        "error",
        "xpass",
        "broken",
        "crash",
        "timeout",
        "fatal",
        "cannot",
        "denied",
        "refused",
    ),
    *("killed", "abort", "panic", "..f", ".f.", "f..", "..e", ".e.", "e.."),
)
_STEMS = (
    *(
        "exception",
        "traceback",
        "n't",
        "unable",
        "undefined",
        "undeclared",
        "unresolved",
        "missing",
    ),
    *("invalid", "expected", "conflict", "assert", "reject", "unknown", "exit", "unsupported"),
    *("incompatible", "warn", "deprecat", "illegal", "corrupt", "violat", "mismatch"),
    *("segmentation", "overflow", "unused", "***"),
)
_WORDS = frozenset(("timed", "err", "err!", "f", "e", "ko", "[ko]"))
_HINTING_WORDS = frozenset(("not", "no", "must", "nothing", "lost"))
_SUMMING = ("passed", "passing", "success", "finished", "collected", "vulnerabilit")
_SUMMING_WORDS = frozenset(
    (
        *("ran", "found", "total", "total:", "tests", "tests:", "build", "rated", "done", "time:"),
        *("real", "ok", "problems", "suites:", "files:", "failures:", "duration", "packages"),
    )
)
_VERDICT_WORDS = frozenset(("not", "ko", "[ko]", "f", "e"))
_MARKS = ("✗", "✕", "✖", "✘", "❌", "⚠", "●", "×")
_WINDOW = 260
_LONG = 600


class Role(IntEnum):
    """What a line is to the reader of a run; the higher, the more it decides."""

    NONE = 0
    WARNING = 1
    ALARM = 2
    SUMMARY = 3
    ERROR = 4
    FAILED = 5


_IN_PATH = r"[\w@+~./\\-]"
_PATH_AND_PLACE = (
    r"[^\s:(){}\[\]\"'=,]{0,200})"
    r"(?:\[(?P<listed>\d+, ?\d+)\]|:\[(?P<maven>\d+(?:,\d+)?)\]|:(?P<line>\d+(?::\d+)?)(?![\d.])"
    r"|\((?P<round>\d+(?:,\d+)?)\))"
)
PLACE = re.compile(rf"(?P<path>(?:[A-Za-z]:)?{_IN_PATH}{_PATH_AND_PLACE}")
"""A place in a file, as compilers and linters write it."""

PLACE_INSIDE = re.compile(rf"(?P<path>(?:[A-Za-z]:|(?<!{_IN_PATH})){_IN_PATH}{_PATH_AND_PLACE}")
"""The same to be searched for: no path begins inside another."""

_LOCATED = re.compile(
    r"^[ \t]{0,4}(?:(?:ERROR|WARN|error|warning|##\[\w{1,12}\])[: ]{0,2})?\[?" + PLACE.pattern
    + r"(?:[\]: ,)]|$)"
)  # fmt: skip
_CODED = re.compile(
    r"[:\]), ]*\s*(?:\[?(?:[A-Z]{1,7}\d{1,5}|[CRWEFI](?=:)|\[[A-Z]\])\b"
    r"|\[?(?:fatal )?(?:error|warning|Error|Warning)\b|.{0,40}, (?:Error|Warning) - )"
)
_NOTE = re.compile(r"[:\])] ?(?:note|info|hint|help)\b")
_SAID = (
    *("FAIL", "FAILED", "FAILURE", "FAILURES", "BROKEN", "XPASS", "XPASSED", "CRASHED", "TIMEOUT"),
)
_VERDICTS = frozenset(
    f"{before}{word}{after}"
    for word in _SAID
    for before in ("", "[", "(", "<", "***", "*", "##[error]")
    for after in ("", ":", "]", ")", ">", "!", ",", ";", ".", "***")
) | {"KO", "[KO]", "***Failed", "***Exception:", "***Timeout", "...FAILED", "...FAIL", "...failed"}
_BEGINS_FAILED = (
    *(
        "not ok",
        "FAIL",
        "FAILED",
        "F ",
        "Failed ",
        "failed ",
        "(fail) ",
        "--- FAIL",
        *_MARKS[:5],
        "●",
    ),
    *("ERROR: ", "ERROR ", "× "),
)
_FAILED = re.compile(
    r"(?:(?:FAIL|FAILED|F|Failed|failed|\(fail\)):? |not ok\b|(?:\d+\) )?[✗✕✖✘❌●×] ?\S)\S*"
    r"|ERROR:? \S+(?:::|\.py|\.[jt]sx?\b|\s\(\S+\))"
)
_ENDS_FAILED = re.compile(r"(?:\.{2,} ?|: )(?:FAIL|ERROR|failed|error)(?:ED)?\s*$")
_ENDINGS = ("FAIL", "FAILED", "ERROR", "failed", "error")
_NUMBERED = re.compile(r"\d+\) [✗✕✖✘×❌]")
_DOTS_FAILED = re.compile(r"\S+\.\w{1,5} [.sxX]*[FE][.sxXFE]*(?:\s+\[ *\d{1,3}%\])?\s*$")
_CASE_FAILED = re.compile(r"failed \(\d")
_NOT_FAILED = re.compile(
    r"\bFAIL(?:ED|URES?)?(?: ?[:=] ?|\s+)0\b|\b(?:expected|allow\w*|continue\w*) (?:to |on )?fail",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\d[\d,]* (?:tests? |specs? |test suites? |test files? )?(?:passed|passing|failed|failing"
    r"|failures?|errors?|skipped|pending|problems?|examples?|assertions?|specs?|xfailed|deselected"
    r"|warnings?|vulnerabilit\w+|tests?(?: completed)?|issues?|offenses?|items)\b"
    r"|\d% tests passed"
)
_EXIT = re.compile(r"exit(?:ed)?(?: with)? (?:code|status)|exit(?:ed)? \d")
_SUMMARY = re.compile(
    r"\W*(?:\[\w+\]\s*)?(?:Ran \d|Found \d|Tests?(?: Suites?| Files)? *:? +\d|Tests run:|TOTAL\b"
    r"|test result:|Total\b|BUILD\b|Build (?:succeeded|FAILED|failed|SUCCEEDED)|Finished\b"
    r"|Success\b|Successfully (?:built|tagged|installed)|OK(?: \(.*)?$|FAILED \(|Snapshots?:"
    r"|Duration\b|Time:|Done in|real\t|Your code has been rated|All checks|Required test coverage"
    r"|Reactor Summary|Failed tests:|Tests in error:|Test run|Test Suites:|make(?:\[\d+\])?: \*\*\*"
    r"|npm ERR!|Process completed)"
)
_BAD_COUNT = re.compile(
    r"\b[1-9]\d* (?:tests? )?(?:failed|failing|failures?|errors?|problems?)"
    r"|^=+ |\b(?:Failures|Errors|failed|errors)[:=] ?[1-9]|FAIL|\*\*\*|exit|[Tt]otal|TOTAL|rated"
)
_WARNING_CODE = re.compile(r"\[W\]|: \[?[WCR]\d{3,4}\b|: [WC]: ")
_WARN_CALL = re.compile(r"\s*(?:\w+\.)*warn\w*\($")
_ERROR_START = re.compile(
    r"\s*(?:(?:error|fatal|panic|Fatal|Error|ERROR|FATAL|E)\b[: \[]|##\[error\]|\[ERROR\]"
    r"|(?:[\w$]+[.:])*[A-Z]\w*(?:Error|Exception|Failure|Panic)\b(?!Warning)|Caused by:|Traceback )"
)
_ERROR_INSIDE = (": error", "error: ", "error[", "##[error]")
_WENT_WRONG = re.compile(
    r"(?<![\w/.=-])(?:[Ee]rror|ERROR|[Ff]ailed|[Ff]atal|FATAL|[Cc]annot|denied|refused|[Kk]illed"
    r"|[Aa]borted|panic)(?![\w/.=-]?\w)"
)
_MILD = re.compile(r"\s*\[?(?:INFO|DEBUG|info|debug|notice|TRACE|note)\]?(?:[: ]|$)")


def words_of(lines: Collection[str]) -> dict[str, list[str]]:
    """The words of each line in lower case."""
    return dict(zip(lines, map(str.split, "\n".join(lines).lower().split("\n")), strict=True))


def roles(words: dict[str, list[str]], of_kind: dict[str, str]) -> dict[str, Role]:
    """The lines that have a role; each is given with its words and its kind."""
    judged = {
        line: role_of(window(line), of_kind[line], word)
        for line, word in _candidates(words, of_kind)
    }
    return {line: role for line, role in judged.items() if role}


def _candidates(words: dict[str, list[str]], of_kind: dict[str, str]) -> Iterator[tuple[str, Role]]:
    """The lines that hold a word of trouble (`ALARM`), a word that may hint at it (`WARNING`) or
    one of a summary (`SUMMARY`). Of lines of a known kind only those that may be a verdict all
    the same."""
    vocabulary = "\n".join(["", *set().union(*words.values()), ""])
    failing = _holding(vocabulary, _VERDICT_STEMS)
    if not vocabulary.isascii():
        failing |= _holding(vocabulary, _MARKS)
    verdicts = failing | _VERDICT_WORDS
    alarming = failing | _holding(vocabulary, _STEMS) | _WORDS
    summing = _holding(vocabulary, _SUMMING) | _SUMMING_WORDS
    for line, said in words.items():
        if of_kind[line] != kinds.OTHER:
            if not verdicts.isdisjoint(said):
                yield line, Role.ALARM
        elif not alarming.isdisjoint(said):
            yield line, Role.ALARM
        elif not _HINTING_WORDS.isdisjoint(said):
            yield line, Role.WARNING
        elif not summing.isdisjoint(said):
            yield line, Role.SUMMARY


def _holding(vocabulary: str, stems: tuple[str, ...]) -> frozenset[str]:
    """The words of `vocabulary`, each on a line, that hold one of `stems`."""
    found = set()
    for stem in stems:
        at = vocabulary.find(stem)
        while at >= 0:
            end = vocabulary.find("\n", at)
            found.add(vocabulary[vocabulary.rfind("\n", 0, at) + 1 : end])
            at = vocabulary.find(stem, end)
    return frozenset(found)


def window(line: str) -> str:
    """`line`, or of a very long one what stands around its first word of trouble."""
    if len(line) <= _LONG:
        return line
    lowered = line.lower()
    first = len(lowered)
    for stem in (*_VERDICT_STEMS, *_STEMS):
        at = lowered.find(stem, 0, first + len(stem) - 1)
        first = first if at < 0 else at
    column = 0 if first == len(lowered) else first
    return line[max(0, column - _WINDOW) : column + _WINDOW]


def role_of(line: str, kind: str, word: Role = Role.ALARM) -> Role:
    """What a line of `kind` is that holds a `word` as `candidates` tells them."""
    if word is not Role.SUMMARY and _is_verdict(line):
        return Role.FAILED
    if kind in kinds.MAY_FAIL and _WENT_WRONG.search(line):
        kind = kinds.OTHER
    if kind != kinds.OTHER or _WARN_CALL.match(line):
        return Role.NONE
    if _sums_up(line):
        return Role.SUMMARY
    if word is Role.ALARM:
        return _trouble(line)
    return Role.WARNING if word is Role.WARNING and not _MILD.match(line) else Role.NONE


def _sums_up(line: str) -> bool:
    """Whether `line` tells a total, a result or an exit code."""
    return (
        _SUMMARY.match(line) is not None
        or _COUNT.search(line) is not None
        or "*** [" in line
        or ("exit" in line and _EXIT.search(line) is not None)
    )


def _trouble(line: str) -> Role:
    lowered = line.lower()
    certain = _ERROR_START.match(line) or "***" in line or "panicked at" in line
    if not certain and "error" in lowered:
        certain = any(words in line for words in _ERROR_INSIDE)
    if not certain and _warns(line, lowered):
        return Role.WARNING
    if _MILD.match(line) or _NOTE.search(line):
        return Role.NONE
    return Role.ERROR if certain or _LOCATED.match(line) else Role.ALARM


def _warns(line: str, lowered: str) -> bool:
    if "warn" in lowered or "deprecat" in lowered or "unused" in lowered or "⚠" in line:
        return True
    return _WARNING_CODE.search(line) is not None


def _is_verdict(line: str) -> bool:
    """Whether `line` says that a test, a suite or a step failed."""
    bare = line.lstrip()
    found = (
        not _VERDICTS.isdisjoint(bare.split())
        or (bare.startswith(_BEGINS_FAILED) and _FAILED.match(bare) is not None)
        or (bare.endswith(_ENDINGS) and _ENDS_FAILED.search(bare) is not None)
        or _is_verdict_inside(bare)
    )
    return found and _NOT_FAILED.search(bare) is None


def _is_verdict_inside(bare: str) -> bool:
    if "failed (" in bare and _CASE_FAILED.search(bare):
        return True
    if "::" in bare and " ERROR" in bare and not bare.startswith("ERROR"):
        return True
    if bare.endswith((".", "]", "F", "E", "s", "x", "X")) and _DOTS_FAILED.match(bare):
        return True
    return not bare.isascii() and _NUMBERED.search(bare) is not None


def went_badly(summary: str) -> bool:
    """Whether a summary line tells of failures or totals, and not that a part went well."""
    return _BAD_COUNT.search(summary) is not None


def located(line: str) -> bool | None:
    """Whether `line`, if it opens with a place in a file, goes on as a linter's do, with a code
    or a severity; None where it opens otherwise."""
    found = _LOCATED.match(line)
    return None if found is None else _CODED.match(line, found.end() - 1) is not None


def places(words: dict[str, list[str]]) -> dict[str, bool]:
    """The lines, each given with its words in lower case, that open with a place in a file, and
    what `located` tells of them."""
    opening = [
        line
        for line, said in words.items()
        if said and (":" in said[0] or "(" in said[0] or "[" in said[0]) and said[0] != "[info]"
    ]
    judged = zip(opening, map(located, opening), strict=True)
    return {line: coded for line, coded in judged if coded is not None}
