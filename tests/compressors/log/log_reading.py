"""Reads a compressed log back: which lines stand in it, and how many its notes count."""

import re

from headroom.compressors import Sample
from headroom.compressors.log import Log
from headroom.policy import BALANCED

REF = "abcdefgh"
_LINE = re.compile(r"(\d+): (.*)", re.DOTALL)
_NOTE = re.compile(r"  (?:↑(\d+) lines )?×([\d,]+) more(?: each)?, lines? (\d+)(?:–(\d+))?")


def compressed(text, query="", policy=BALANCED):
    proposal = Log().compress(Sample(text, query=query, ref=REF), policy)
    return None if proposal is None else proposal.text


def shown(out):
    """Line number to line."""
    found = (_LINE.fullmatch(line) for line in out.split("\n")[1:-1])
    return {int(line[1]): line[2] for line in found if line}


def notes(out):
    """(how many lines, from, to) of each note."""
    found = (_NOTE.match(line) for line in out.split("\n")[1:-1])
    return [
        (int(n[1] or 1) * int(n[2].replace(",", "")), int(n[3]), int(n[4] or n[3]))
        for n in found
        if n
    ]


def checked(text, query="", policy=BALANCED):
    """The compressed log, after checking that what is shown is verbatim and nothing is lost."""
    out = compressed(text, query, policy)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    there = shown(out)
    for number, line in there.items():
        assert lines[number - 1] == line
    counted = sum(count for count, _, _ in notes(out))
    assert len(there) + counted == sum(1 for line in lines if line.strip())
    return out
