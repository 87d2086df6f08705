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

# Searched from the call backwards: a text full of opening brackets then costs nothing. Inside a
# JSON string the quotes are escaped.
_CALL = re.compile(rf' · {TOOL_NAME}\(\\?"(?P<ref>{REF_PATTERN})\\?"[^\n]{{0,300}}?\)\]')
_OPENING = "[… "
_LONGEST = 400


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


def omissions(text: str) -> list[Omission]:
    """Every omission marker in `text`, in order. Reading one redeems nothing by itself."""
    found = []
    for call in _CALL.finditer(text):
        opening = text.rfind(_OPENING, max(0, call.start() - _LONGEST), call.start())
        what = text[opening + len(_OPENING) : call.start()]
        if opening >= 0 and "\n" not in what:
            found.append(Omission(what, call["ref"]))
    return found


_REFERENCE = re.compile(
    r"\[= (?P<count>[0-9]+) lines as above in (?P<place>[a-z]+ [a-z]+ [0-9]+),"
    r" lines (?P<start>[0-9]+)-(?P<end>[0-9]+)"
    r'(?:, (?:(?P<bare>without line numbers)|numbered from (?P<gutter>"[^"]*")))?: '
)


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


def reference(run: Reference, first_line: str) -> str:
    """The line that stands for `run`; it quotes the run's first line to be found by eye."""
    numbered = ""
    if run.gutter is not None:
        numbered = f", numbered from {json.dumps(run.gutter, ensure_ascii=False)}"
    if run.gutter == "":
        numbered = ", without line numbers"
    quote = first_line.strip()
    quote = quote if len(quote) <= 48 else quote[:47] + "…"
    where = f"{run.place}, lines {run.start}-{run.start + run.count - 1}"
    return f"[= {run.count} lines as above in {where}{numbered}: {quote}]"


def parse_reference(line: str) -> Reference | None:
    """The reference that `line` is, or None."""
    found = _REFERENCE.match(line)
    if found is None:
        return None
    gutter = "" if found["bare"] else found["gutter"] and json.loads(found["gutter"])
    return Reference(found["place"], int(found["start"]), int(found["count"]), gutter)


def is_marked(text: str) -> bool:
    """Whether `text` holds a marker of ours: it has been compressed before."""
    return bool(omissions(text)) or _REFERENCE.search(text) is not None
