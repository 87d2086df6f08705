"""The omission marker and the reference marker: the one place that writes and parses them.

    [… 9,312 lines omitted (9,310 INFO, 2 DEBUG), 12:00:01–12:59:58 · headroom_retrieve("k3f9a2c1")]

Plain words first; the ref last, inside the call that redeems it. The original is intact: a
marker stands in the place of what is missing and nowhere else.
"""

import json
import re
from dataclasses import dataclass

TOOL_NAME = "headroom_retrieve"
REF_PATTERN = r"[a-z2-7]{8,52}"

# Searched from the call backwards: a text full of opening brackets then costs nothing. Inside
# JSON strings the quotes are escaped, once for each string around.
_SIGN = r'\\{0,7}"'
_CALL = re.compile(rf" · {TOOL_NAME}\({_SIGN}(?P<ref>{REF_PATTERN}){_SIGN}[^\n]{{0,300}}?\)\]")
_SPELLED = tuple(f"{joint}{TOOL_NAME}" for joint in "_-.")
_OPENING = "[… "
_REFERRING = "[= "
_LONGEST = 400
_QUOTED = 32


@dataclass(frozen=True, slots=True)
class Omission:
    """A parsed marker: what is missing in words, and the ref that gives it back."""

    what: str
    ref: str


def omission(what: str, ref: str, **arguments: str) -> str:
    """The marker line for `what` (as "9,312 lines omitted (…)"); `arguments` narrow the
    retrieval that it suggests, as in `lines="120-160"`."""
    extra = "".join(f', {name}="{value}"' for name, value in arguments.items())
    return f'[… {what} · {TOOL_NAME}("{ref}"{extra})]'


def gap_line(what: str) -> str:
    """The line for one more omission from a text that an `omission` marker stands in already:
    its ref serves here too."""
    return f"{_OPENING}{what}]"


def is_retrieve_tool(name: str) -> bool:
    """Whether a tool is ours, as it is or as clients spell one of an MCP server: with the server's
    name before it."""
    return name == TOOL_NAME or name.endswith(_SPELLED)


def omissions(text: str) -> list[Omission]:
    """Every omission marker in `text`, in order. Reading one redeems nothing by itself."""
    found: list[Omission] = []
    if TOOL_NAME not in text:
        return found
    for call in _CALL.finditer(text):
        opening = text.rfind(_OPENING, max(0, call.start() - _LONGEST), call.start())
        what = text[opening + len(_OPENING) : call.start()]
        if opening >= 0 and "\n" not in what:
            found.append(Omission(what, call["ref"]))
    return found


_REFERENCE = re.compile(
    r"\[= lines (?P<start>[0-9]+)-(?P<end>[0-9]+) of (?P<place>[a-z]+ [a-z]+ [0-9]+)"
    r'(?:, (?:(?P<bare>without line numbers)|numbered from (?P<gutter>"[^"]*")))?: '
)
_NUMBERED = re.compile(r"\[= ([0-9]+)-([0-9]+) as above(?: at ([0-9]+)-([0-9]+))?\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """A run of lines that stands earlier in the conversation.

    `place` names the text ("tool result 3"), `start` is the run's first line there (from 1).
    `gutter` is None where the line numbers in front of the lines are the same here and there;
    else it is what stands in front of the run's first line here (empty: no line numbers).
    """

    place: str
    start: int
    count: int
    gutter: str | None = None

    @property
    def end(self) -> int:
        """The run's last line there."""
        return self.start + self.count - 1


@dataclass(frozen=True, slots=True)
class Numbered:
    """A run of lines that stands earlier behind line numbers: here they are `first` and on, there
    `earlier` and on, in the last text above that shows that number, spelled alike."""

    first: int
    count: int
    earlier: int


def numbered(run: Numbered) -> str:
    """The line that stands for `run`."""
    here = f"{run.first}-{run.first + run.count - 1}"
    if run.earlier == run.first:
        return f"[= {here} as above]"
    return f"[= {here} as above at {run.earlier}-{run.earlier + run.count - 1}]"


def reference(run: Reference, telling_line: str) -> str:
    """The line that stands for `run`; it quotes a line of the run, to be found by eye."""
    numbered = ""
    if run.gutter is not None:
        numbered = f", numbered from {json.dumps(run.gutter, ensure_ascii=False)}"
    if run.gutter == "":
        numbered = ", without line numbers"
    quote = telling_line.strip()
    quote = quote if len(quote) <= _QUOTED else quote[: _QUOTED - 1] + "…"
    return f"[= lines {run.start}-{run.end} of {run.place}{numbered}: {quote}]"


def parse_reference(line: str) -> Reference | Numbered | None:
    """The reference that `line` is, or None."""
    if short := _NUMBERED.match(line):
        first, last = int(short[1]), int(short[2])
        return Numbered(first, last - first + 1, int(short[3] or first))
    found = _REFERENCE.match(line)
    if found is None:
        return None
    gutter = "" if found["bare"] else found["gutter"] and json.loads(found["gutter"])
    start = int(found["start"])
    return Reference(found["place"], start, int(found["end"]) - start + 1, gutter)


def is_marked(text: str) -> bool:
    """Whether `text` holds a marker of ours: it has been compressed before."""
    referred = _REFERRING in text and (_REFERENCE.search(text) or _NUMBERED.search(text))
    return bool(referred or omissions(text))


def shows_whole_lines(original: str, shown: str) -> bool:
    """Whether every line of `shown` is a line of `original` or says what is missing."""
    lines = set(original.split("\n"))
    return all(
        line in lines or line.lstrip().startswith((_OPENING, _REFERRING))
        for line in shown.split("\n")
    )
