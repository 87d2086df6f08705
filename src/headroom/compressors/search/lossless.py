"""Grouping without loss: a path is said once, and a text that a file has on many lines.

    [search: 4 matches in 2 files, grouped by path; "12,45:" is one text on several lines]
    src/app.py:
    7:import typing as t
    12,45:    return None
    src/cli.py:3:import os

A file with one match stays as it was. A line `path:` heads the rows below it; each of them was
`path:12:text`. The header is written only by this module and by `rendering`.
"""

from collections.abc import Sequence

from headroom.compressors.search import prefix
from headroom.compressors.search.entries import Entry, shown
from headroom.compressors.search.shapes import MATCH, ROW, Found, Group

OPENING = "[search: "
JOINED = '"12,45:" is one text on several lines'
_LEAST_JOINED = 2


def folded(found: Found, alike: Sequence[list[Entry]]) -> str | None:
    """The result with nothing omitted, or None where a line could be misread. `alike` has the
    entries of each group."""
    if not found.numbered:
        return _folded_unnumbered(found)
    lines: list[str] = []
    joined = False
    each = iter(alike)
    for item in found.items:
        if isinstance(item, str):
            lines.append(item)
            if ROW.match(item) or item.startswith(OPENING):
                return None
            continue
        together = next(each)
        if item.heading is None and item.path and len(item.rows) == 1:
            lines.append(item.line(item.rows[0]))
            continue
        lines += _heading(item)
        if len(together) == len(item.rows):
            lines += [row.shown for row in item.rows]
        else:
            joined = True
            lines += map(shown, together)
    return with_header(found, lines, [JOINED] if joined else [])


def _heading(group: Group) -> list[str]:
    if group.heading is not None:
        return [group.heading]
    return [group.path + MATCH] if group.path else []


def with_header(found: Found, lines: list[str], notes: list[str]) -> str:
    """`lines` under the header, which counts matches and bears `notes`; a long folder that all
    paths share is said there once."""
    folder = prefix.shared_folder([group.path for group in found.groups])
    cut = prefix.cut(lines, folder)
    told = [counts(found), *notes, *([] if cut is None else [prefix.note(folder)])]
    return "\n".join([f"{OPENING}{'; '.join(told)}]", *(cut or lines)])


def _folded_unnumbered(found: Found) -> str | None:
    """`path (3 matches):` above its lines, which have no numbers."""
    lines: list[str] = []
    for item in found.items:
        if isinstance(item, str):
            lines.append(item)
            if item.endswith(" matches):") or item.startswith(OPENING):
                return None
        elif len(item.rows) < _LEAST_JOINED:
            line = item.line(item.rows[0])
            lines.append(line)
            if line.endswith(" matches):"):
                return None
        else:
            lines.append(f"{item.path} ({len(item.rows)} matches):")
            lines += [row.shown for row in item.rows]
    return with_header(found, lines, [])


def folded_list(text: str, paths: list[str]) -> str | None:
    """A list of files, their common folder said once, or None where that does not pay."""
    folder = prefix.shared_folder(paths)
    cut = prefix.cut(text.split("\n"), folder)
    if cut is None or text.startswith(OPENING):
        return None
    return "\n".join([f"{OPENING}{len(paths):,} files; {prefix.note(folder)}]", *cut])


def counts(found: Found) -> str:
    """How many matches in how many files, and how they stand, in words."""
    matches = sum(row.mark == MATCH for group in found.groups for row in group.rows)
    files = len({group.path for group in found.groups})
    told = f"{matches:,} match{'' if matches == 1 else 'es'}"
    if files > 1:
        told += f" in {files:,} files"
    if any(group.path and group.heading is None for group in found.groups):
        told += ", grouped by path"
    return told if found.numbered else f"{told} without line numbers"
