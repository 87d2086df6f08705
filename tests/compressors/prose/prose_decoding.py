"""Reads shortened prose back: references to passages, and checks of what is omitted."""

import re

from headroom.compressors import Sample
from headroom.compressors.prose import Prose
from headroom.markers import omissions
from headroom.policy import BALANCED, Policy

REF = "abcdefgh"
_REFERENCE = re.compile(r'\[= as above, from "([^"\n]+)" to "([^"\n]+)"\]')
_SIGN = re.compile(r"\[…(?: lines (\d+)-(\d+))?\]")


def proposed(text, query="", budget=BALANCED.budget, **about):
    policy = Policy("test", omit=about.pop("omit", True), budget=budget, min_tokens=10)
    model = about.pop("model", None)
    return Prose(model).compress(Sample(text, query=query, ref=REF, **about), policy)


def shortened(text, query="", budget=BALANCED.budget, **about):
    proposal = proposed(text, query, budget, **about)
    return text if proposal is None else proposal.text


def decoded(text):
    """The rule as a reader would apply it: from the first place of the one quote in all that
    stands above, to the first place of the other behind it."""
    out, at = "", 0
    for found in _REFERENCE.finditer(text):
        out += text[at : found.start()]
        start = out.index(found[1])
        end = out.index(found[2], start + len(found[1])) + len(found[2])
        out += out[start:end]
        at = found.end()
    return out + text[at:]


def check_omission(text, out):
    """What is shown stands in the text, in its order; all that is missing has a sign in its
    place, and the marker at the end spans all of it."""
    body, _, marker = out.rpartition("\n")
    assert [each.ref for each in omissions(marker)] == [REF]
    span = re.search(r'lines="(\d+)-(\d+)"', marker)
    signs = list(_SIGN.finditer(body))
    pieces = _SIGN.split(body)[::3]
    at, ends = 0, []
    for number, piece in enumerate(pieces):
        kept = piece.strip()
        found = text.index(kept, at)
        missing = text[at:found]
        assert number or not missing.strip()
        ends.append((at, found))
        at = found + len(kept)
    assert not text[at:].strip() or signs[-1].end() == len(body.rstrip())
    for start, end in ends[1:]:
        first = text.count("\n", 0, start) + 1
        last = text[:end].rstrip().count("\n") + 1
        assert int(span[1]) <= last
        assert first <= int(span[2])
    for sign in signs:
        if sign[1]:
            assert int(span[1]) <= int(sign[1]) < int(sign[2]) <= int(span[2])
