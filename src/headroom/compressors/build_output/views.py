"""A run's text as lines: as they are, and as they read without what a CI wrote before them.

Times, job names, service names and colours in front of a line say nothing of what it means, so
lines are judged by what stands behind them. The events of `go test -json` are judged by their
`Output`. What is shown is always the raw line. Lines that differ only in their numbers have one
shape: what is judged once per shape need not be judged per line. It knows nothing of failures.
"""

import re
from typing import NamedTuple

import orjson

_ESCAPES = re.compile(
    r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_()][0-9A-B]?"
)
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_STYLES = tuple(
    re.compile(rf"\n(?:{style})")
    for style in (
        # A hosted runner's line: perhaps job and step, then the time.
        rf"(?:[^\t\n]{{1,80}}\t[^\t\n]{{1,120}}\t)?\ufeff?\d{{4}}-\d\d-\d\d[T ]{_CLOCK}"
        r"(?:Z|[+-]\d\d:?\d\d)? ?",
        rf"\[(?:\d{{4}}-\d\d-\d\d[T ])?{_CLOCK}(?:Z|[+-]\d\d:?\d\d)?\] ?",
        rf"{_CLOCK} {{1,3}}",
        # A container's line: `web-1  | …`, `#7 12.34 …`.
        r"[A-Za-z][\w.-]{0,40} {1,20}\| ?",
        r"#\d{1,4} (?:\d{1,6}\.\d{1,3} )?",
    )
)
# The digits 0 to 2 stay, so that "100%" and "0 failed" still read so.
_SHAPE = bytes.maketrans(b"3456789", b"2222222")
_USUAL = 0.25
_PROBED = 60
_WIDTH = 300
_PIECE = 6_000
_JSON = '{"'
_ACTION = '"Action":"'
_OF_GO = ('"Package":"', '"Test":"', '"ImportPath":"')
_VERDICTS = {
    "pass": "--- PASS: ",
    "fail": "--- FAIL: ",
    "build-fail": "--- FAIL: ",
    "skip": "--- SKIP: ",
    "run": "=== RUN ",
    "start": "=== RUN ",
    "pause": "=== PAUSE ",
    "cont": "=== CONT ",
}


class Lines(NamedTuple):
    """The lines as they are (`raw`), without terminal noise and runner's prefix (`seen`), and
    so with the digits above 2 as 2 (`shapes`)."""

    raw: list[str]
    seen: list[str]
    shapes: list[str]


def read(text: str) -> Lines:
    """The lines of `text`; a last empty one after a final line end counts as a line."""
    raw = text.split("\n")
    plain = "\n".join(map(_event, raw)) if has_events(text) else looked_through(text)
    shapes = plain.encode("utf-8", "surrogatepass").translate(_SHAPE)
    return Lines(raw, plain.split("\n"), shapes.decode("utf-8", "surrogatepass").split("\n"))


def looked_through(text: str) -> str:
    """`text` without colours, carriage returns at line ends and prefixes, line for line."""
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    probes, count = _probes(text)
    text = "\n" + text
    for style in _STYLES:
        if _USUAL * count < len(style.findall(probes)):
            text = style.sub("\n", text)
            probes = style.sub("\n", probes)
    return text[1:]


def has_events(text: str) -> bool:
    """Whether `text` is a run of `go test -json`: one event a line."""
    head = text[:_WIDTH]
    at = head.find(_JSON)
    event = text[at : at + _WIDTH] if at >= 0 else ""
    return _ACTION in event and any(word in event for word in _OF_GO)


def _probes(text: str) -> tuple[str, int]:
    """Lines that are not blank, each behind its line break, and how many."""
    found: list[str] = []
    for place in {0, len(text) // 2, max(0, len(text) - _PIECE)}:
        lines = text[place : place + _PIECE].split("\n")[place > 0 :]
        found += [line[:_WIDTH] for line in lines if line and not line.isspace()][:_PROBED]
    return "\n".join(["", *found]), len(found)


def _event(line: str) -> str:
    """What an event says, as the line that `go test -v` prints."""
    if not line.startswith(_JSON):
        return line
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return line
    if not isinstance(event, dict):
        return line
    said = event.get("Output")
    if isinstance(said, str):
        return said.rstrip("\n").replace("\n", " ")
    name = event.get("Test") or event.get("Package")
    return f"{_VERDICTS.get(str(event.get('Action')), '=== ')}{name}"
