"""What the question and the tool's call point at: names, lines, a range.

A reader that asked for lines 40 to 90 wants these lines; one that asks about `parse_header`
wants its body. This module reads the question and the call's arguments, never the code.
"""

import json
import re
from dataclasses import dataclass

from headroom.calls import call_of
from headroom.relevance import is_word, terms_of

_MOST_SOURCE = 20_000
_MOST_QUERY = 20_000
_LEAST_STEM = 4
_PLACE = re.compile(
    r"([\w./\\@-]{0,200}\.[A-Za-z]\w{0,9})(?::|\", line |#L|\((?=\d))(\d{1,7})(?:-L?(\d{1,7}))?"
)
_LINES = re.compile(r"\b[Ll]ines? (\d{1,7})(?: ?(?:-|–|to|through) ?(\d{1,7}))?")
_SED = re.compile(r"\bsed\b.{0,80}?['\" ](\d{1,7}),(\+?\d{1,7})p")
_HEAD = re.compile(r"\b(?:head|tail)\s+(?:-n\s*|--lines=|-)(\d{1,6})\b")
_GOTO = re.compile(r"\s*(?:goto|open\s+\S+)\s+(\d{1,7})\s*$")
_STARTS = ("offset", "start_line", "line_start", "start", "startLine", "from_line", "first_line")
_ENDS = ("end_line", "line_end", "end", "endLine", "to_line", "last_line")
_COUNTS = ("limit", "count", "num_lines", "lines", "max_lines")
_RANGES = ("view_range", "range", "line_range")
_TELLING = ("symbol", "symbols", "name", "function", "query", "pattern", "regex", "search",
            "identifier", "description", "reason", "goal", "question", "focus")  # fmt: skip
_COMMAND_PATH = re.compile(r"[\w./\\@~+-]*\.[A-Za-z]\w{0,9}(?![\w/])")


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `first` to `last` of a file, by its bare name; "" where it is not named."""

    file: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `names` in lower case, `identifiers` that may stand anywhere in the
    code, `stems` of words, `places`, how many lines the call limits itself to (0: no limit), and
    `said`, the question in lower case."""

    names: frozenset[str] = frozenset()
    identifiers: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    window: int = 0
    said: str = ""


def asked(query: str, tool: str = "", source: str = "") -> Asked:
    """What `query` and the call point at."""
    arguments = _arguments(source)
    told = " ".join(value for name in _TELLING if isinstance(value := arguments.get(name), str))
    words = f"{query[:_MOST_QUERY]}\n{told[:_MOST_QUERY]}"
    terms = terms_of(words)
    identifiers = tuple(t for t in terms if not is_word(t) and len(t) >= _LEAST_STEM)
    plain = [t for t in terms if is_word(t) and len(t) >= _LEAST_STEM]
    stems = tuple(t[: max(_LEAST_STEM, len(t) - 2)] for t in plain)
    command = call_of(tool, source).command
    places = [*_places(words), *_goto(command)]
    return Asked(
        frozenset(terms),
        identifiers,
        stems,
        tuple(places),
        _window(arguments, command),
        words.lower().strip(),
    )


def path_of(tool: str, source: str) -> str:
    """The file that the call reads, or "": named outright, or last in its command."""
    call = call_of(tool, source)
    if call.path or not call.reads:
        return call.path
    found = _COMMAND_PATH.findall(call.command[:_MOST_SOURCE].split("|")[0])
    return str(found[-1]) if found else ""


def _arguments(source: str) -> dict[str, object]:
    if not source.startswith("{") or len(source) > _MOST_SOURCE:
        return {}
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _places(words: str) -> list[Place]:
    found = []
    for path, first, last in _PLACE.findall(words):
        name = re.split(r"[/\\]", path)[-1]
        found.append(Place(name, int(first), int(last or first)))
    for first, last in _LINES.findall(words):
        found.append(Place("", int(first), int(last or first)))
    return found


def _goto(command: str) -> list[Place]:
    found = _GOTO.match(command)
    return [Place("", int(found[1]), int(found[1]))] if found else []


def _window(arguments: dict[str, object], command: str) -> int:
    """How many lines the call asks for, 0 where it sets no limit."""
    for name in _RANGES:
        value = arguments.get(name)
        if isinstance(value, list) and len(value) == 2:
            return _between(value[0], value[1])
    start = _number(arguments, _STARTS)
    count, end = _number(arguments, _COUNTS), _number(arguments, _ENDS)
    if count > 0:
        return count
    if end > 0:
        return _between(start, end)
    sed = _SED.search(command)
    if sed is not None:
        last = int(sed[2])
        return last + 1 if sed[2].startswith("+") else _between(int(sed[1]), last)
    head = _HEAD.search(command)
    return int(head[1]) if head else 0


def _between(first: object, last: object) -> int:
    if not (isinstance(first, int) and isinstance(last, int)):
        return 0
    return max(0, last - max(first, 1) + 1)


def _number(arguments: dict[str, object], names: tuple[str, ...]) -> int:
    for name in names:
        value = arguments.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return 0
