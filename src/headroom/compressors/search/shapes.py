"""What a search result is made of: groups of rows under a path, and lines that are neither.

The regular expressions of the lines stand here too, since reading and recognising must agree.
Nothing here decides what is shown.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

MATCH = ":"
SEPARATOR = "--"
LONG = 300
LONGEST = 1_000
"""Characters from which a line is long, and above which a program wrote it."""
_DRIVE = r"(?:[A-Za-z]:(?=[\\/]))?"
_PATH = rf"(?!\d+[:\-=,]|\d{{4}}-\d\d-\d\dT){_DRIVE}[^\s:\"'<>|{{}}()\[=,;][^:\n\"<>|]*"
NUMBERED = re.compile(rf"({_PATH}):([1-9]\d*):")
"""`path:12:`; a time of day or a number in front of a colon is no path."""
NUMBERED_LINE = re.compile(rf"^({_PATH}):([1-9]\d{{0,8}}):(.*)$", re.MULTILINE)
UNNUMBERED = re.compile(rf"({_PATH}):")
ROW = re.compile(r"( {0,4}(?:Line |L)?)([1-9]\d*)( ?)([:|=-])")
"""A line below the path of its file: `12:text`, `12-context`, `Line 12:text`, ` 12 | text`."""
_COUNT = re.compile(r"(?: \(\d{1,9} match(?:es)?\)|:\d{1,9})$")
_ENDING = re.compile(r"\.[A-Za-z]\w{0,9}$|^(?:[A-Z][A-Za-z]+|[A-Z]+)$|^\.\w[\w.-]+$")
_HEADING = re.compile(
    r"(?:File: |# |Found \d+ match(?:es)? for .{0,300} in )?(?P<path>\S.*?)"
    r"(?: \(\d+ matches?\))?:?\r?$"
)
_LONGEST_PATH = 400


class Row(NamedTuple):
    """A line of a file: its number there (0: not told), its mark (`:` for a match, "" for a
    separator), what is printed of it below its path, the file's own text in that, and which
    line of the sample it is."""

    number: int
    mark: str
    shown: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one file in a row. `heading` is the line that named the file, None where each
    row did."""

    path: str
    heading: str | None
    rows: list[Row]

    def line(self, row: Row) -> str:
        """The line of the sample that `row` was, of a group without a heading."""
        return f"{self.path}{row.mark}{row.shown}"


Item = Group | str
"""A group, or a line that belongs to none, as it was."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search result, in order. `numbered` tells whether rows have line numbers."""

    items: list[Item]
    numbered: bool = True

    @property
    def groups(self) -> list[Group]:
        """The groups, in order."""
        return [item for item in self.items if isinstance(item, Group)]


def is_path(text: str) -> bool:
    """Whether `text` reads as a file's path."""
    if not text or len(text) > _LONGEST_PATH or text[0].isspace() or text.isdigit():
        return False
    if " " in text and not ("/" in text or "\\" in text):
        return False
    name = text[max(text.rfind("/"), text.rfind("\\")) + 1 :]
    return _ENDING.search(name) is not None or (name != text and " " not in text)


def heading_path(line: str) -> str:
    """The path that `line` names if it is a heading, else ""."""
    if len(line) > 2 * _LONGEST_PATH:
        return ""
    found = _HEADING.match(line)
    path = found["path"] if found else ""
    return path if is_path(path) else ""


def listed_path(line: str) -> str:
    """The path of a line that is a path, alone or with a count, else ""."""
    if len(line) > _LONGEST_PATH:
        return ""
    path = _COUNT.sub("", line.rstrip("\r"))
    return path if " " not in path and is_path(path) else ""
