"""Texts inside a JSON text: a tool's answer whose few long strings are what there is to read.

    {"output": "ten thousand lines of log", "metadata": {"exit_code": 0}}

What is found are the strings by their place in the text, so that each can be compressed as what
it is and spliced back; the JSON around stays as it was. Records are no envelopes.
"""

from dataclasses import dataclass

from headroom.errors import WireError
from headroom.wire import json_spans

MIN_LETTER = 600
"""Characters from which a string is worth opening."""
_MAX_LETTERS = 8
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True)
class Letter:
    """A long string of an envelope: bytes `start` to `end` of the text's UTF-8, quotes included."""

    start: int
    end: int
    text: str


def letters(text: str) -> list[Letter]:
    """The long strings of a JSON text that consists mostly of them, in order; else none."""
    if text[:64].lstrip()[:1] not in ("{", "[", '"') or not _is_mostly_letters(text):
        return []
    try:
        tree = json_spans.parse(text.encode("utf-8"))
    except (WireError, UnicodeEncodeError):
        return []
    found: list[Letter] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, json_spans.Text) and len(node) >= MIN_LETTER:
            found.append(Letter(node.start, node.end, str(node)))
    return sorted(found, key=lambda letter: letter.start)


def _is_mostly_letters(text: str) -> bool:
    """Told without parsing, since most JSON texts are records: with escapes taken out, every
    other piece between quotes is the inside of a string."""
    bare = text.replace("\\\\", "").replace('\\"', "")
    long = [len(inside) for inside in bare.split('"')[1::2] if len(inside) >= MIN_LETTER]
    return 0 < len(long) <= _MAX_LETTERS and sum(long) >= _MOSTLY * len(bare)
