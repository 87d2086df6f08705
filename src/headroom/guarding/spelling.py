"""The lines of a tool call's arguments, in either spelling: JSON text, where lines are inside of
strings and end in escapes, or a plain text. It knows where a line could be a sign, not which is.
"""

import json
import re
from dataclasses import dataclass
from typing import NamedTuple

from headroom.wire import json_spans

_CONTEXT = 6_000
_MOST_LINES = 40
_BLANKS = 8
"""Characters behind a string in which the next sign of JSON is looked for."""
LONGEST = 1_000
"""Characters of a line that may be a sign; no marker is longer."""
MOST_HELD = LONGEST + _BLANKS + 4
"""Characters behind which nothing is held back any more."""


class Stop(NamedTuple):
    """Where a line ends; one that is no text (but a key of an object) is nothing to change."""

    at: int
    is_text: bool


@dataclass(frozen=True, slots=True)
class Spelling:
    """`opening` finds where a sign may begin, or may be beginning at a text's end; `front` what
    stands in front of it on its line if it may stand alone; `rest` the line from there on and
    what ends it, `ends` that alone."""

    plain: bool
    opening: re.Pattern[str]
    front: re.Pattern[str]
    rest: re.Pattern[str]
    ends: re.Pattern[str]

    def stop(self, text: str, start: int, *, last: bool) -> Stop | None:
        """Where the line ends that goes on from `start`; None while nobody knows, and where it is
        too long to be a sign."""
        rest = self.rest.match(text, start, start + LONGEST)
        if rest is None:
            is_short = len(text) - start < LONGEST
            return Stop(len(text), True) if last and self.plain and is_short else None
        if rest[2] != '"':
            return Stop(rest.start(2), True)
        behind = text[rest.end() : rest.end() + _BLANKS]
        sign = behind.lstrip(" \t\r\n")[:1]
        if not sign and len(behind) < _BLANKS:
            return None
        return Stop(rest.start(2), sign not in ("", ":"))

    def decoded(self, raw: str) -> str:
        """What a line says; as it is where it cannot be read."""
        if self.plain or "\\" not in raw:
            return raw
        try:
            text = json.loads(f'"{raw}"', strict=False)
        except ValueError:
            return raw
        return str(text)

    def encoded(self, text: str) -> str:
        """How a text of one or more lines is spelled."""
        return text if self.plain else json_spans.encoded(text).decode()[1:-1]

    def lines_before(self, raw: str) -> list[str]:
        """The last whole lines of the text that `raw` ends in, in order."""
        raw = raw[-_CONTEXT:]
        if self.plain:
            return raw.split("\n")[:-1][-_MOST_LINES:]
        lines: list[str] = []
        for line in self.rest.finditer(raw):
            if line[2] == '"':
                lines.clear()
            else:
                lines.append(line[1])
        return [self.decoded(line) for line in lines[-_MOST_LINES:]]


_NUMBER = r"(?:[1-9][0-9]{0,6}(?:%s|[→:|]) ?)?"

JSON_TEXT = Spelling(
    plain=False,
    opening=re.compile(r"\[(?:…|\\u2026|= |(?:=|\\(?:u2?0?2?)?)?\Z)"),
    front=re.compile(
        r'(?<!\\)(?:\\\\)*(?:\\n|")(?P<front>(?:[ +\-]|\\t)*' + _NUMBER % r"\\t" + r")\Z"
    ),
    rest=re.compile(r'((?:[^"\\]|\\[^n])*)(\\n|")'),
    ends=re.compile(r'\\n|"'),
)
PLAIN = Spelling(
    plain=True,
    opening=re.compile(r"\[(?:…|= |=?\Z)"),
    front=re.compile(r"(?:\A|\n)(?P<front>[ +\-\t]*" + _NUMBER % r"\t" + r")\Z"),
    rest=re.compile(r"([^\n]*)(\n)"),
    ends=re.compile(r"\n"),
)
