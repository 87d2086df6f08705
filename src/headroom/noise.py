"""A text without what nobody reads: terminal codes, overwritten progress, blobs, minified lines.

Its rule: as many lines stay as there were, so that a line number still counts in the original,
and JSON stays JSON. What a reader may copy back into a file (`verbatim`) is never altered within
a line: such a line stands as it was or goes whole. A text with nothing worth it is given back as
it is, at the cost of a glance. It writes no markers and knows nothing of what a text means.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from headroom.markers import gap_line

_LEAST = 160
_BLOB = 400
_STEP = 20
_SHIFTS = (8, 16, 32, 64, 24)
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_IS_SIGN = bytes(chr(code) in _SIGNS for code in range(256))
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_MIXED = (re.compile(r"[A-Z]"), re.compile(r"[a-z]"), re.compile(r"[0-9]"))
_URI = re.compile(r"data:[\w.+-]{1,60}/[\w;=+.-]{1,90},(?P<held>[^\s\"'<>()\\]{400,})")
_HEAD = 24

_MUCH = 65_536
_PROBE = 4_000
_PADDED = ("    ", "    \r")
_LONG = 2_000
_LONG_HEAD = 200
_QUOTE = 60
_STRUCTURED = 30
_FEW_ROWS = 8
_ROW = 15
_JSON = re.compile(
    r"\{\s*\\?\"[^\"\\\n]{1,80}\\?\"\s*:\s*(?:[\\\"{\[\d-]|true|false|null)|\A\s*\[\s*[\[{\"\d-]"
)
_JSON_HEAD = 300
_MARKUP = 6

_CODES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[PX^_][^\x1b\n]*(?:\x1b\\)?"
    r"|[ -/]+[0-~]|[0-~])?"
)
_NOT_COLOUR = re.compile(r"\x1b(?!\[[0-9;:]*m)")
_OVERSTRIKE = re.compile(r"[^\x08\n]\x08(?![\x08\r\n]|\Z)")
_BACKSPACED = re.compile(r"\x08+|[^\x08]{1,512}")
_OVERWRITES = re.compile(r"\r(?!\n)")
_LETTERS = re.compile(r"[\W\d_]+")
_TROUBLE = (
    *("error", "fail", "fatal", "warn", "exception", "panic", "denied", "refused", "abort"),
    *("timeout", "timed", "critical", "cannot", "unable"),
)

Span = tuple[int, int]


class Cleaned(NamedTuple):
    """The text without noise, and what went, in words; empty where nothing did."""

    text: str
    what: str


class _Step(NamedTuple):
    """A text after one kind of noise, and what went of it."""

    text: str
    what: str = ""


def cleaned(text: str, *, verbatim: bool) -> Cleaned:
    """The text without noise, in as many lines. With `verbatim` each line that is shown is
    exactly as it was."""
    out, told = text, []
    for step in () if verbatim else _OF_ANY_LINE:
        out, what = step(out)
        told += [what] if what else []
    if _has_long_line(out):
        for step in _VERBATIM if verbatim else _OF_LONG_LINES:
            out, what = step(out)
            told += [what] if what else []
    if len(text) - len(out) < _LEAST:
        return Cleaned(text, "")
    return Cleaned(out, ", ".join(told))


def _without_codes(text: str) -> _Step:
    if "\x1b" not in text:
        return _Step(text)
    what = "terminal codes" if _NOT_COLOUR.search(text) else "colour codes"
    return _Step(_CODES.sub("", text), what)


def _without_overstrikes(text: str) -> _Step:
    """What `\\b` went back over: `N\\bNA\\bA` is how a manual prints bold."""
    if "\x08" not in text:
        return _Step(text)
    text = _OVERSTRIKE.sub("", text)
    lines = [_typed_over(line) if "\x08" in line else line for line in text.split("\n")]
    return _Step("\n".join(lines), "overstrikes")


def _typed_over(line: str) -> str:
    body = line.rstrip("\r")
    kept: list[str] = []
    for piece in _BACKSPACED.findall(body.rstrip("\x08")):
        if piece[0] != "\x08":
            kept.append(piece)
            continue
        back = len(piece)
        while back and kept:
            last = kept.pop()
            if len(last) > back:
                kept.append(last[:-back])
            back = max(0, back - len(last))
    return "".join([*kept, line[len(body) :]])


def _without_progress(text: str) -> _Step:
    """What `\\r` overwrote: of each line its last state stays, and of others that tell of
    trouble one of each wording. Line ends are none, nor are those of a text that has no others."""
    if "\r" not in text or _OVERWRITES.search(text) is None or _is_json(text):
        return _Step(text)
    if "\n" not in text and "%" not in text:
        return _Step(text)
    count = 0
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if "\r" in line[:-1]:
            lines[index], dropped = _settled(line)
            count += dropped
    what = f"{count:,} overwritten progress updates" if count else ""
    return _Step("\n".join(lines), what)


def _settled(line: str) -> tuple[str, int]:
    ending = "\r" if line.endswith("\r") else ""
    states = [state for state in line.split("\r") if state.strip()]
    last = states[-1:]
    troubled = filter(_tells_of_trouble, states if _tells_of_trouble(line) else ())
    worded = {_LETTERS.sub("", state): state for state in troubled}
    kept = [state for state in worded.values() if [state] != last] + last
    return "\r".join(kept) + ending, len(states) - len(kept)


def _tells_of_trouble(state: str) -> bool:
    lowered = state.lower()
    return any(stem in lowered for stem in _TROUBLE)


def _without_trailing_blanks(text: str) -> _Step:
    if len(text) > _MUCH and not _is_padded(text):
        return _Step(text)
    shorter = _before(text, "\n")
    shorter = _before(shorter, "\r\n") if "\r" in shorter else shorter
    if shorter.endswith("    "):
        shorter = shorter.rstrip(" \t")
    return _Step(shorter, "trailing blanks" if len(shorter) < len(text) else "")


def _is_padded(text: str) -> bool:
    """Whether a long text has blanks at some of the line ends that are looked at: where only a
    few lines have, they are not worth a search of it all."""
    places = (text.rfind("\n", at - _PROBE, at) for at in range(_PROBE, len(text) + _PROBE, _PROBE))
    return any(text.endswith(_PADDED, 0, at) for at in places if at > 0)


def _before(text: str, ending: str) -> str:
    """The text without four blanks or more in front of this line end."""
    parts, at = [], 0
    found = text.find(f"    {ending}")
    while found >= 0:
        parts.append(text[at:found].rstrip(" \t"))
        at = found + 4
        found = text.find(f"    {ending}", at)
    return "".join([*parts, text[at:]])


def _has_long_line(text: str) -> bool:
    """Whether a line has as many characters as the least blob. Most texts have none, and a leap
    from line end to line end sees that sooner than a search."""
    at, last, find = 0, len(text) - _BLOB, text.rfind
    while at <= last:
        stop = find("\n", at, at + _BLOB)
        if stop < 0:
            return True
        at = stop + 1
    return False


def _without_blobs(text: str) -> _Step:
    blobs = [(start + _HEAD, end) for start, end in _blobs(text)]
    return _Step(_replaced(text, blobs, _cut_blob), _told(blobs, "base64 blob"))


def _cut_blob(rest: str) -> str:
    return gap_line(f"{len(rest):,} base64 characters")


def _blobs(text: str) -> Iterator[Span]:
    """Where base64 of 400 characters or more stands."""
    hits = _many_in_a_row(_are_signs(text[::_STEP]), _are_signs(text[_STEP // 2 :: _STEP]))
    place = hits.find(1)
    while place >= 0:
        at = place * _STEP
        head = text[max(0, at - _STEP) : at]
        start = at - len(head) + len(head.rstrip(_SIGNS))
        found = _BASE64.match(text, at)
        end = found.end() if found else at
        if end - start >= _BLOB and all(sign.search(text, start, start + _BLOB) for sign in _MIXED):
            yield start, end
        place = hits.find(1, max(place, end // _STEP) + 1)


def _are_signs(sampled: str) -> bytes:
    return sampled.encode("latin-1", "replace").translate(_IS_SIGN)


def _many_in_a_row(ones: bytes, others: bytes) -> bytes:
    """Of zeros and ones: one where 19 ones of both begin, the least that base64 of 400 characters
    has if every tenth is looked at. As numbers: a search would look at each several times."""
    number = int.from_bytes(ones, "big") & int.from_bytes(others.ljust(len(ones), b"\0"), "big")
    for shift in _SHIFTS:
        number &= number << shift
    return number.to_bytes(len(ones), "big")


def _without_uris(text: str) -> _Step:
    uris = [(start + _HEAD, end) for start, end in _uris(text)]
    return _Step(_replaced(text, uris, _cut_uri), _told(uris, "data URI"))


def _cut_uri(rest: str) -> str:
    return gap_line(f"{len(rest):,} characters of this data URI")


def _uris(text: str) -> Iterator[Span]:
    """What data URIs hold, 400 characters or more; a long one that is no base64 has `%`."""
    at = text.find("data:") if "%" in text else -1
    while at >= 0:
        found = _URI.match(text, at)
        if found:
            yield found.span("held")
        at = text.find("data:", found.end() if found else at + 1)


def _without_minified(text: str) -> _Step:
    spans = list(_minified(text))
    return _Step(_replaced(text, spans, _cut), _told(spans, "long line"))


def _cut(line: str) -> str:
    return f"{line[:_LONG_HEAD]}[… {len(line) - _LONG_HEAD:,} more characters of this line]"


def _replaced(text: str, spans: Sequence[Span], rewritten: Callable[[str], str]) -> str:
    if not spans:
        return text
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], rewritten(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _minified(text: str) -> Iterator[Span]:
    """Lines of more than 2,000 characters almost without blanks, that are no JSON, no markup and
    no rows of data, each long as its neighbours are."""
    found = [] if _is_json(text) else list(_long_lines(text))
    if len(found) >= _FEW_ROWS and 2 * len(found) > text.count("\n"):
        return
    for start, end in found:
        if not _is_structured(text[start:end]):
            yield start, end


def _is_structured(line: str) -> bool:
    """Whether a long line has what others can shorten better: words, markup, fields or JSON."""
    blanks = line.count(" ") + line.count("\t")
    return (
        blanks * _STRUCTURED > len(line)
        or line.count("</") >= _MARKUP
        or (line.count(",") * _ROW > len(line) and line.count("(") + line.count("{") < _MARKUP)
        or _JSON.search(line[:_JSON_HEAD]) is not None
    )


def _long_lines(text: str) -> Iterator[Span]:
    at = 0
    while len(text) - at > _LONG:
        stop = text.rfind("\n", at, at + _LONG + 1)
        if stop < 0:
            stop = text.find("\n", at + _LONG)
            stop = len(text) if stop < 0 else stop
            yield at, stop - (text[stop - 1] == "\r")
        at = stop + 1


def _is_json(text: str) -> bool:
    head, tail = text[:64].lstrip()[:1], text[-64:].rstrip()[-1:]
    return head + tail in ("{}", "[]")


def _without_unreadable_lines(text: str) -> _Step:
    """Lines that hold a blob or are minified, each replaced whole."""
    if _is_json(text):
        return _Step(text)
    blobs = [*_blobs(text), *_uris(text)]
    spans = {(text.rfind("\n", 0, start) + 1, _line_end(text, end)) for start, end in blobs}
    spans.update(_minified(text))
    ordered = sorted(spans)
    return _Step(_replaced(text, ordered, _gap), _told(ordered, "unreadable line"))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - (text[end - 1] == "\r")


def _gap(line: str) -> str:
    return gap_line(f"a line of {len(line):,} characters that begins: {line[:_QUOTE]} …")


def _told(spans: Sequence[Span], what: str) -> str:
    size = sum(end - start for start, end in spans)
    plural = "s" if len(spans) > 1 else ""
    return f"{len(spans):,} {what}{plural} ({size:,} characters)" if spans else ""


_OF_ANY_LINE = (
    _without_codes,
    _without_overstrikes,
    _without_progress,
    _without_trailing_blanks,
)
_OF_LONG_LINES = (
    _without_blobs,
    _without_uris,
    _without_minified,
)
_VERBATIM = (_without_unreadable_lines,)
