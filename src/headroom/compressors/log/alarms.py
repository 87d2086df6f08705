"""Which words tell of trouble, which name a level, and which lines continue an event.

Words only, judged once per distinct word of a log, never per line. It errs on the side of
alarm: a false alarm costs a line, a missed one hides an error.
"""

import re
from collections.abc import Iterable, Sequence

from headroom.compressors.log.timestamps import time_of

_STEMS = (
    b"error fatal fail crit alert emerg severe panic excep traceback warn denied deny refus "
    b"timeout time_out timed_out timedout unable cannot abort kill oom segfault sigsegv corrupt "
    b"lost invalid unreach reject violat exceed deadlock overflow broken crash missing unavail "
    b"undefined unexpected leak illegal unauthor forbidden notfound not_found disconnect"
).split()
_WHOLE = frozenset((b"err", b"dead", b"e0", b"f0", b"w0"))
_LEVELS = {
    b"TRACE": "TRACE",
    b"VERBOSE": "TRACE",
    b"DEBUG": "DEBUG",
    b"INFO": "INFO",
    b"INFORMATION": "INFO",
    b"NOTICE": "NOTICE",
    b"WARN": "WARN",
    b"WARNING": "WARN",
    b"ERROR": "ERROR",
    b"ERR": "ERROR",
    b"SEVERE": "ERROR",
    b"FATAL": "FATAL",
    b"CRITICAL": "FATAL",
    b"CRIT": "FATAL",
    b"ALERT": "FATAL",
    b"EMERG": "FATAL",
    b"PANIC": "FATAL",
}
_LONGEST = max(map(len, _LEVELS))
_LETTER_LEVELS = frozenset((b"E", b"F", b"W"))
_HEAD = 8
_CONTINUES = re.compile(
    r"\n(?:\s|at [\w$.<>/]+\(|Caused by: |Suppressed: |\.\.\. \d+ |goroutine \d|created by "
    r"|[\w.$]+(?:Error|Exception)\b|Traceback |During handling|The above exception"
    r"|stack backtrace:|note: |\[signal "
    r"|[\w./@*()$-]+\([0-9a-fx, {}.]*\)$|exit status \d|--- End of |\}$)",
    re.MULTILINE,
)

_CONTINUES_TIMED = re.compile(r" ?(?:\t| {4}|at [\w$.<>/]+\(|Caused by: |\.\.\. \d+ more)")
# One of these stands in every line that continues behind a time.
_BEHIND_TIME = ("\t", "    ", "at ", "Caused by: ", "... ")


def alarming(vocabulary: Iterable[bytes]) -> frozenset[bytes]:
    """The words of `vocabulary` that tell of trouble."""
    words = list(vocabulary)
    text = b"\n".join([b"", *words, b""]).lower()
    found = set(_WHOLE)
    for stem in _STEMS:
        at = text.find(stem)
        while at >= 0:
            end = text.find(b"\n", at)
            found.add(text[text.rfind(b"\n", 0, at) + 1 : end])
            at = text.find(stem, end)
    lowered = text[1:].split(b"\n")
    return frozenset([word for word, low in zip(words, lowered, strict=False) if low in found])


def levels(vocabulary: Iterable[bytes]) -> dict[bytes, str]:
    """The words of `vocabulary` that name a level, each with that level."""
    short = [word for word in vocabulary if len(word) <= _LONGEST]
    upper = b"\n".join(short).upper().split(b"\n")
    return {
        word: _LEVELS[name] for word, name in zip(short, upper, strict=False) if name in _LEVELS
    }


def is_alarm(words: tuple[bytes, ...], alarming_words: frozenset[bytes]) -> bool:
    """Whether a line of these words reports trouble, by a word or by a one-letter level."""
    return not alarming_words.isdisjoint(words) or not _LETTER_LEVELS.isdisjoint(words[:_HEAD])


def level(words: tuple[bytes, ...], named: dict[bytes, str]) -> str:
    """The level that the head of the line names, or ""."""
    for word in words[:_HEAD]:
        if word in named:
            return named[word]
    return ""


def continues(line: str) -> bool:
    """Whether `line` belongs to the event before it: a stack frame, an indented detail; also
    behind a time, as in the logs of build servers."""
    if _CONTINUES.match("\n" + line):
        return True
    time = time_of(line) if line[:1].isdigit() else None
    return time is not None and _CONTINUES_TIMED.match(line, time.end) is not None


def stand_alone(lines: Sequence[str]) -> bool:
    """Whether a glance at the lines, none of which is blank, shows that none `continues`."""
    text = "\n".join(["", *lines])
    return not (_CONTINUES.search(text) or any(sign in text for sign in _BEHIND_TIME))
