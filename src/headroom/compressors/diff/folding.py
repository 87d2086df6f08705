"""Headers without what they say twice: git's first line goes where the names tell it.

    diff --git a/src/x.py b/src/x.py
    index 3f786850e..89e6c98d9 100644
    --- a/src/x.py
    +++ b/src/x.py

What remains is a plain unified diff, which every reader and `patch` knows. It decodes: a file
whose names are not preceded by a `diff` line had that of its names. So the line goes only
where it is just that, and from no text in which a file had none.
"""

from collections.abc import Sequence

from headroom.compressors.diff.reading import GIT_LINE, MODES, NOWHERE, File, name_in

_EXTENDED = (*MODES, "index ")


def foldable(lines: Sequence[str], found: Sequence[File]) -> list[int]:
    """The indexes of the `diff --git` lines that may go; none where one could not be told from
    a file that never had one."""
    out = []
    for file in found:
        head = lines[file.start]
        if not head.startswith(GIT_LINE):
            return []
        before = lines[file.start - 1] if file.start else ""
        if not before.startswith((*_EXTENDED, "diff ")) and head == _git_line(
            lines[file.start + 1 : file.body]
        ):
            out.append(file.start)
    return out


def _git_line(header: Sequence[str]) -> str:
    """The line that git writes above this header, or "" where the names do not tell it."""
    if len(header) < 3 or not all(line.startswith(_EXTENDED) for line in header[:-2]):
        return ""
    first, second = header[-2:]
    if not (first.startswith("--- ") and second.startswith("+++ ")):
        return ""
    old, new = name_in(first), name_in(second)
    if old == NOWHERE and new.startswith("b/"):
        old = f"a/{new[2:]}"
    elif new == NOWHERE and old.startswith("a/"):
        new = f"b/{old[2:]}"
    ending = "\r" if second.endswith("\r") else ""
    return f"{GIT_LINE}{old} {new}{ending}"
