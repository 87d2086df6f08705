"""A reader of compressed code, and code to compress: independent of the compressor's parts."""

import re

from headroom.compressors import Sample
from headroom.compressors.code import Code, Rules
from headroom.policy import Policy

REF = "abcdefgh"
GAP = re.compile(
    r"\[… (?P<count>\d+) (?P<kind>[a-z ]+?)(?: omitted)?(?:, (?P<own>\d+-\d+))?(?:: uses (?P<uses>.*?))?"
    r"(?: · headroom_retrieve\(\"abcdefgh\"(?=,)|(?= ·)|(?=\]))(?:(?:,| ·) lines=\"(?P<counted>\d+-\d+)\")?\)?\]"
)


SMALL = Policy("small", omit=True, budget=30, min_tokens=0)
EVERYTHING = Rules(reads=0.0, others=0.0)
"""Rules by which all goes that may."""


def compress(text, rules=EVERYTHING, policy=SMALL, **context):
    proposal = Code(rules).compress(Sample(text, ref=REF, **context), policy)
    return text if proposal is None else proposal.text


def gaps(text, out):
    """The gaps of `out`, each as its match, its first row and the row behind it; every other line
    is checked to stand in `text` at its place, and every gap to say how many lines it hides."""
    lines, row, found = text.split("\n"), 0, []
    for line in out.split("\n"):
        gap = GAP.fullmatch(line)
        if gap is None or (row < len(lines) and line == lines[row]):
            assert line == lines[row]
            row += 1
            continue
        first, last = map(int, (gap["counted"] or gap["own"]).split("-"))
        assert (first, last - first + 1) == (row + 1, int(gap["count"]))
        found.append((gap, row, last))
        row = last
    assert row == len(lines)
    return found


def hidden(text, out):
    """The hidden lines, as one text."""
    lines = text.split("\n")
    return "\n".join("\n".join(lines[start:end]) for _, start, end in gaps(text, out))


def numbered(text, gutter="{:6}\t", first=1):
    """`text` as a reader shows it that numbers lines."""
    lines = text.split("\n")
    return "\n".join(gutter.format(number) + line for number, line in enumerate(lines, first))


def body(name, lines, depth, end=";"):
    """So many statements that say where they stand."""
    pad = " " * depth
    return [f"{pad}{name}_step_{number}(value, {number}){end}" for number in range(lines)]


def python(*functions, lines=20):
    """A module of functions."""
    parts = ["import os", "", "LIMIT = 5", ""]
    for name in functions:
        head = [f"def {name}(value, other=None):", f'    """Does {name}."""']
        parts += [*head, *body(name, lines, 4, ""), "    return value", "", ""]
    return "\n".join(parts)
