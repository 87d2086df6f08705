"""A text's lines as files and hunks: where each begins and ends, by line index.

A hunk's length is what its header says, so that a removed line `-- x` is never taken for a
header. What is not surely part of a file's diff belongs to nothing and is never touched by
those who read this. It judges no content.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_NUMBER = r"(\d{1,9})(?:,(\d{1,9}))?"
_HUNK = re.compile(rf"@@ -{_NUMBER} \+{_NUMBER} @@")
_COMBINED = re.compile(r"@@@+(?: -\d{1,9}(?:,\d{1,9})?){2,9} \+\d{1,9}(?:,\d{1,9})? @@@")
_COUNTS = re.compile(rf"[-+]{_NUMBER}")
_OPENING = ("diff ", "Index: ")
MODES = (
    *("old mode ", "new mode ", "new file mode ", "deleted file mode ", "mode "),
    *("similarity index ", "dissimilarity index ", "rename ", "copy "),
)
_HEADER = (*_OPENING, *MODES, "index ", "--- ", "+++ ", "=====", "Binary files ")
_BINARY = "GIT binary patch"
_ALIEN = re.compile(r"[^ +\\-]")
NOWHERE = "/dev/null"
GIT_LINE = "diff --git "


class Hunk(NamedTuple):
    """Lines `start` (its header) to `end` (excluded).

    `signs` has a sign for each line behind the header: `+`, `-`, a blank for an unchanged line,
    a backslash for a note. `first` is where the hunk starts in the new file. `whole` is false
    where its lines are not those that its header counts.
    """

    start: int
    end: int
    signs: str
    first: int
    whole: bool


class File(NamedTuple):
    """Lines `start` to `end` (excluded): a header up to `body`, then hunks or a binary patch."""

    path: str
    start: int
    body: int
    end: int
    hunks: tuple[Hunk, ...]


def files(lines: Sequence[str]) -> list[File]:
    """The files of a diff that have a body, in order."""
    signs = "".join([line[:1] or " " for line in lines]).replace("\r", " ")
    found: list[File] = []
    at = 0
    while at < len(lines):
        if not lines[at].startswith(_HEADER):
            at += 1
            continue
        body = _header_end(lines, at)
        hunks, end = _body(lines, signs, body)
        if end > body:
            found.append(File(_path(lines[at:body]), at, body, end, tuple(hunks)))
        at = max(end, at + 1)
    return found


def _header_end(lines: Sequence[str], at: int) -> int:
    """Behind the header lines that start here; another file's first line ends them."""
    end = at + 1
    names = lines[at].startswith("--- ")
    while end < len(lines) and lines[end].startswith(_HEADER):
        if lines[end].startswith(_OPENING) or (names and lines[end].startswith("--- ")):
            break
        names = names or lines[end].startswith("--- ")
        end += 1
    return end


def _body(lines: Sequence[str], signs: str, at: int) -> tuple[list[Hunk], int]:
    if at < len(lines) and lines[at].startswith(_BINARY):
        return [], _binary_end(lines, at)
    hunks: list[Hunk] = []
    while at < len(lines) and signs[at] == "@":
        hunk = _hunk(lines, signs, at)
        if hunk is None:
            break
        hunks.append(hunk)
        at = hunk.end
    return hunks, at


def _binary_end(lines: Sequence[str], at: int) -> int:
    """Behind a binary patch: blocks that begin with their length, each closed by a blank line."""
    at += 1
    while at < len(lines) and lines[at].startswith(("literal ", "delta ")):
        while at < len(lines) and lines[at].strip():
            at += 1
        at += 1
    return min(at, len(lines))


def _hunk(lines: Sequence[str], signs: str, at: int) -> Hunk | None:
    found = _HUNK.match(lines[at])
    if found:
        old, first, new = int(found[2] or 1), int(found[3]), int(found[4] or 1)
        end, whole = _end(signs, at + 1, old, new)
        return Hunk(at, end, signs[at + 1 : end], first, whole)
    combined = _COMBINED.match(lines[at])
    if combined is None:
        return None
    ranges = _COUNTS.findall(combined[0])
    return _combined_hunk(lines, at, [int(n or 1) for _, n in ranges], int(ranges[-1][0]))


def _end(signs: str, at: int, old: int, new: int) -> tuple[int, bool]:
    """Behind the hunk's last line, and whether its lines are as many as announced. A line uses up
    at most one of each side, so as many lines as are left of a side surely belong to it."""
    alien = _ALIEN.search(signs, at)
    most = alien.start() if alien else len(signs)
    end = at
    while end < most and (left := max(old, new)) > 0:
        piece = signs[end : min(end + left, most)]
        unchanged = piece.count(" ")
        old -= unchanged + piece.count("-")
        new -= unchanged + piece.count("+")
        end += len(piece)
    return end + (signs[end : end + 1] == "\\"), old == new == 0


def _combined_hunk(lines: Sequence[str], start: int, left: list[int], first: int) -> Hunk:
    """A hunk of a merge: `left` counts the lines of each parent and, last, of the result."""
    columns = len(left) - 1
    marked = []
    at = start + 1
    while at < len(lines):
        prefix = lines[at][:columns].rstrip("\r").ljust(columns)
        note = prefix[0] == "\\"
        if not note and (prefix.strip(" +-") or max(left) <= 0):
            break
        sign = next((each for each in "\\-+" if each in prefix), " ")
        marked.append(sign)
        if not note:
            of = "-" if sign == "-" else " "
            left = [n - (each == of) for n, each in zip(left, f"{prefix} ", strict=True)]
        at += 1
    return Hunk(start, at, "".join(marked), first, not any(left))


def _path(header: Sequence[str]) -> str:
    """The file's path as the header names it, the new one first."""
    named = {line[:4]: name_in(line) for line in header if line.startswith(("--- ", "+++ "))}
    for path in (named.get("+++ ", ""), named.get("--- ", "")):
        if path and path != NOWHERE:
            return _bare(path)
    for line in header:
        if line.startswith(_OPENING):
            return _bare(line.rstrip("\r").rpartition(" ")[2])
    return ""


def name_in(line: str) -> str:
    """The name in a `--- name` or `+++ name` line, without a time behind it."""
    return line[4:].partition("\t")[0].rstrip("\r")


def _bare(path: str) -> str:
    path = path.strip('"')
    return path[2:] if path[:2] in ("a/", "b/", "i/", "w/", "c/", "o/") else path
