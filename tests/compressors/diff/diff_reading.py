"""Reads a shortened diff back, by the rules that a reader of it goes by."""

import re

from headroom.compressors import Sample
from headroom.compressors.diff import Diff
from headroom.policy import BALANCED

REF = "abcdefgh"
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_EXTENDED = (
    "index ", "old mode ", "new mode ", "new file mode ", "deleted file mode ", "mode ",
    "similarity index ", "dissimilarity index ", "rename ", "copy ",
)  # fmt: skip
_PLAIN_GAP = re.compile(r"\[… ([\d,]+) lines?\]")
_RANGED_GAP = re.compile(r'\[… .*(?:lines="(\d+)-(\d+)"\)|: lines (\d+)-(\d+))\]')


def compressed(text, query="", policy=BALANCED, ref=REF, tool="", source=""):
    sample = Sample(text, tool=tool, source=source, query=query, ref=ref)
    proposal = Diff().compress(sample, policy)
    return None if proposal is None else proposal.text


def unfolded(text):
    """The original of the lossless form: a file whose names follow at least one `index` or mode
    line, without a `diff` line above, had the `diff --git` line of its names."""
    lines = text.split("\n")
    out = []
    at = 0
    while at < len(lines):
        out.append(lines[at])
        at += 1
        found = at >= 3 and _HUNK.match(lines[at - 1])
        if found and lines[at - 3].startswith("--- ") and lines[at - 2].startswith("+++ "):
            _restore(out)
        if found and (out[-2] if len(out) > 1 else "").startswith(("+++ ", "+", "-", " ", "\\")):
            end = _behind(lines, at, int(found[1] or 1), int(found[2] or 1))
            out += lines[at:end]
            at = end
    return "\n".join(out)


def _restore(out):
    start = len(out) - 3
    while start and out[start - 1].startswith(_EXTENDED):
        start -= 1
    if start == len(out) - 3 or (start and out[start - 1].startswith("diff ")):
        return
    old, new = (line[4:].split("\t")[0].rstrip("\r") for line in out[-3:-1])
    old = f"a/{new[2:]}" if old == "/dev/null" else old
    new = f"b/{old[2:]}" if new == "/dev/null" else new
    ending = "\r" if out[-2].endswith("\r") else ""
    out.insert(start, f"diff --git {old} {new}{ending}")


def _behind(lines, at, old, new):
    while at < len(lines) and (old > 0 or new > 0):
        sign = lines[at][:1]
        if sign not in ("", " ", "\r", "+", "-", "\\"):
            break
        old -= sign not in ("+", "\\")
        new -= sign not in ("-", "\\")
        at += 1
    return at


def missing(text, out):
    """The indexes of the lines of `text` that `out` does not show, after checking that every
    other line stands verbatim in its order and that each gap says exactly what goes there.
    `diff --git` and `index` lines may go without a word."""
    lines = text.split("\n")
    shown = out.split("\n")
    if re.match(r"\[… omitted above in all: ", shown[-1]):
        shown.pop()
    gone = []
    at = 0
    for line in shown:
        plain, ranged = _PLAIN_GAP.fullmatch(line), _RANGED_GAP.fullmatch(line)
        if plain is None and ranged is None:
            while lines[at] != line:
                assert lines[at].startswith(("diff --git ", "index ")), (lines[at], line)
                gone.append(at)
                at += 1
            at += 1
            continue
        end = at + int(plain[1].replace(",", "")) if plain else int(ranged[2] or ranged[4])
        if ranged:
            start = int(ranged[1] or ranged[3]) - 1
            assert all(lines[index].startswith("diff --git ") for index in range(at, start))
        gone += range(at, end)
        at = end
    assert all(not line for line in lines[at:])
    return gone
