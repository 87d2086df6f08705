"""A log's text as lines: terminal noise goes, line numbers stay those of an editor.

A line ends at `\\n` or `\\r\\n` and nowhere else, so that index + 1 is the line number that any
editor shows for the original. Colour codes go; of text that `\\r` overwrote (progress bars)
the last state of each wording stays. It knows nothing of what a line means.
"""

import re
from typing import NamedTuple

_ESCAPES = re.compile(
    r"\x1b\[[0-9;:?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"
    r"|\x1b[@-Z\\-_()][0-9A-B]?"
)
_LONG = 65_536
_NOT_LETTERS = re.compile(r"[\W\d_]+")


class Lines(NamedTuple):
    """The lines as a reader sees them; `cleaned` is true where terminal noise was taken out."""

    shown: list[str]
    cleaned: bool


def read(text: str) -> Lines:
    """The lines of `text`, without a last empty one after a final line end."""
    cleaned = False
    if "\x1b" in text:
        bare = _ESCAPES.sub("", text)
        cleaned, text = bare != text, bare
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    if "\r" in text:
        lines = [_settled(line) if "\r" in line else line for line in lines]
        cleaned = True
    return Lines(lines, cleaned)


def _settled(line: str) -> str:
    """What stands after the carriage returns: of states that differ only in figures and bars
    the last one; states in other words all stay, for one may be the error. Of a very long line
    only the end is read."""
    if len(line) > _LONG:
        line = line.rstrip("\r")[-_LONG:]
    last = {_NOT_LETTERS.sub("", state): state for state in line.split("\r") if state.strip()}
    if len(last) > 1:
        last.pop("", None)
    return "\r".join(last.values())
