"""A document as units: each is shown whole or not at all.

Units cover the text without gaps, each with the space behind it, so that all of them in order
are the text. A sentence is a unit; so is a heading, the name before a speaker's turn, and a
table, a listing of code or a short list as a whole. It judges nothing.
"""

from itertools import pairwise
from typing import NamedTuple

from headroom.compressors.prose import lines as kinds
from headroom.compressors.prose.lines import Block
from headroom.compressors.prose.sentences import ends

HEAD, NAME, SENTENCE, BLOCK = "head", "name", "sentence", "block"
_SHORT_LIST = 600
_LONGEST_TITLE = 600


class Unit(NamedTuple):
    """Characters `start` to `end` of the text. `block` numbers the paragraph or turn it is in,
    `chunk` the retrieved chunk or section."""

    start: int
    end: int
    kind: str
    block: int
    chunk: int


class Document(NamedTuple):
    """The units in order, what the head of each chunk says, and whether people talk in it."""

    units: list[Unit]
    titles: list[str]
    is_talk: bool


def read(text: str, *, whole_lines: bool = False) -> Document:
    """The document in `text`; with `whole_lines` paragraphs and turns are not cut."""
    lines = text.split("\n")
    shape = kinds.shape_of(lines, whole_lines)
    found = kinds.blocks(lines, shape)
    if not found:
        return Document([], [""], False)
    found[0] = found[0]._replace(start=0)
    titles = [""]
    units: list[Unit] = []
    end = Block(len(text), "", 0)
    before = ""
    for number, (block, after) in enumerate(pairwise([*_with_lists(found), end])):
        if block.kind == kinds.HEAD:
            if before != kinds.HEAD:
                titles.append(block.title)
            elif len(titles[-1]) < _LONGEST_TITLE:
                titles[-1] += "\n" + block.title
        before = block.kind
        units += _units(text, block, after.start, (number, len(titles) - 1, whole_lines))
    return Document(units, titles, shape.is_talk)


def _with_lists(found: list[Block]) -> list[Block]:
    """The blocks with the items of each short list as one."""
    out: list[Block] = []
    at = 0
    while at < len(found):
        stop = at + 1
        if found[at].kind == kinds.ITEM:
            while stop < len(found) and found[stop].kind == kinds.ITEM:
                stop += 1
            end = found[stop].start if stop < len(found) else found[-1].start + 1
            if end - found[at].start > _SHORT_LIST:
                out += found[at:stop]
                at = stop
                continue
        out.append(found[at])
        at = stop
    return out


def _units(text: str, block: Block, end: int, about: tuple[int, int, bool]) -> list[Unit]:
    number, chunk, whole_lines = about
    if block.kind == kinds.HEAD:
        return [Unit(block.start, end, HEAD, number, chunk)]
    if whole_lines or block.kind in (kinds.CODE, kinds.TABLE, kinds.ITEM):
        return [Unit(block.start, end, BLOCK, number, chunk)]
    units = []
    at = block.says
    if at > block.start:
        at = at if text[at:end].strip() else end
        units.append(Unit(block.start, at, NAME, number, chunk))
    stops = ends(text, at, end)
    units += [
        Unit(begin, stop, SENTENCE, number, chunk)
        for begin, stop in zip([at, *stops[:-1]], stops, strict=False)
    ]
    return units
