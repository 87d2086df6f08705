"""Reads a compressed run back: which lines stand in it, and which its marks count."""

import re

from headroom.compressors import Sample
from headroom.compressors.build_output import BuildOutput
from headroom.policy import BALANCED

REF = "abcdefgh"
_GAP = re.compile(r"\[… (in )?lines? (\d+)(?:-(\d+))?: (.*)\]")
_ALONE = re.compile(
    r"\[… [\d,]+ lines? omitted \((.*)\) · headroom_retrieve\(.*lines=\"(\d+)-(\d+)\"\)\]"
)
_WHOLE = re.compile(
    r"\[… ([\d,]+) of [\d,]+ lines? omitted(?:, \d+ long lines? shortened)? where told above · headroom_retrieve\(.*\)\]"
)
_NOTE = re.compile(
    r"\[… [\d,]+ more (?:like this line|failing)\b.*\]|\[… line \d+ of [\d,]+ characters, holds: .*\]"
)
_RULER = re.compile(r"\s*[-=_*~+ ]{3,}\s*$")


def compressed(text, query="", policy=BALANCED):
    proposal = BuildOutput().compress(Sample(text, query=query, ref=REF), policy)
    return None if proposal is None else proposal.text


def checked(text, query="", policy=BALANCED):
    """The compressed run, after checking that every line is shown as it was, in its place, or
    counted by a mark that names its range."""
    out = compressed(text, query, policy)
    assert out is not None
    lines = text.split("\n")
    at, skipped, missing = 0, 0, 0
    for told in out.split("\n"):
        gap, alone, whole = _GAP.fullmatch(told), _ALONE.fullmatch(told), _WHOLE.fullmatch(told)
        if gap and gap[1]:
            start, end = int(gap[2]) - 1, int(gap[3])
            rest = end - at
            assert end >= at
            missing += skipped + rest
            assert total(gap[4]) <= skipped + rest
            assert end - start >= skipped + rest
            at, skipped = end, 0
        elif gap or alone:
            found = (gap[2], gap[3] or gap[2], gap[4]) if gap else (alone[2], alone[3], alone[1])
            start, end = int(found[0]) - 1, int(found[1])
            assert start == at
            assert skipped == 0
            missing += end - start
            filled = [each for each in lines[start:end] if each.strip()]
            ruled = sum(1 for each in filled if _RULER.match(each))
            assert len(filled) - ruled <= total(found[2]) <= len(filled)
            at = end
        elif whole:
            assert missing == int(whole[1].replace(",", ""))
            assert all(not line for line in lines[at:])
            at = len(lines)
        elif not _NOTE.fullmatch(told):
            while lines[at] != told:
                at, skipped = at + 1, skipped + 1
            at += 1
    assert at == len(lines)
    assert skipped == 0
    return out


def total(words):
    """The sum of a mark's counts."""
    if words == "blank":
        return 0
    return sum(
        int(each.strip().split(" ")[0].replace(",", "")) for each in re.split(r", (?=\d)", words)
    )


def unfolded(text):
    """The lines of a folded text, equal ones in a row written out."""
    lines = []
    for line in text.split("\n"):
        more = re.fullmatch(r"\[= (\d+) more of the line above\]", line)
        lines += [lines[-1]] * int(more[1]) if more else [line]
    return "\n".join(lines)
