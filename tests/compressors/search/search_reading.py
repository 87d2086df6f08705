"""Reads compressed search results back: the original of a lossless one, and from any other
every `path:line` that it names."""

import re
from collections import Counter

from headroom.compressors import Sample
from headroom.compressors.search import SearchResults
from headroom.markers import omissions
from headroom.policy import BALANCED, SAFE, Policy

REF = "abcdefgh"
SMALL = Policy("small", omit=True, budget=60, min_tokens=0)
_ROW = re.compile(r"(\d+(?:,\d+)*)([:=-])(.*)", re.DOTALL)
_ALSO = re.compile(r"(?:(.+): )?also ([\d,-]+)(?: \(.*\))?")
_FLAT = re.compile(r"([^:\n]+|[A-Za-z]:\\[^:\n]+):(\d+):(.*)", re.DOTALL)
_FOLDER = re.compile(r'"…/" is (.*)\]')
_COUNTED = re.compile(r"(.*) \((\d+) matches\):")


def compressed(text, policy=BALANCED, *, tool="Grep", source="", query="", ref=REF):
    proposal = SearchResults().compress(Sample(text, tool, source, query, ref), policy)
    return None if proposal is None else proposal.text


def folded(text, **about):
    return compressed(text, SAFE, **about)


def decoded(out):
    """The original of a result with nothing omitted."""
    header, *lines = out.split("\n")
    assert header.startswith("[search: ")
    assert omissions(out) == []
    lines = _uncut(header, lines)
    if "without line numbers" in header:
        return "\n".join(_unnumbered(lines))
    return "\n".join(_numbered(lines, by_path="grouped by path" in header))


def _uncut(header, lines):
    cut = _FOLDER.search(header)
    if cut is None:
        return lines
    return [cut[1] + line[2:] if line.startswith("…/") else line for line in lines]


def _unnumbered(lines):
    rest = iter(lines)
    for line in rest:
        counted = _COUNTED.fullmatch(line)
        if counted is None:
            yield line
            continue
        for _ in range(int(counted[2])):
            yield f"{counted[1]}:{next(rest)}"


def _numbered(lines, *, by_path):
    out, run, path = [], [], ""
    for place, line in enumerate([*lines, None]):
        row = None if line is None else _ROW.fullmatch(line)
        if row is not None and (path or not by_path):
            run.append(row)
            continue
        out += _expanded(run, path)
        run = []
        if line is None:
            return out
        ahead = lines[place + 1] if place + 1 < len(lines) else ""
        if by_path and line.endswith(":") and _ROW.fullmatch(ahead):
            path = line[:-1]
            continue
        path = path if line == "--" else ""
        out.append(line)
    return out


def _expanded(run, path):
    """Rows as lines; a row of several numbers as several, in the order of numbers."""
    rows = []
    for row in run:
        for number in map(int, row[1].split(",")):
            start = path + row[2] if path else ""
            rows.append((number, f"{start}{number}{row[2]}{row[3]}"))
    if any("," in row[1] for row in run):
        rows.sort(key=lambda row: row[0])
    return [line for _, line in rows]


def numbers(said):
    """The numbers of `12,45,102-105`."""
    found = []
    for part in said.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def told(out):
    """Every `path:line` of a match that a flat result names, and the text of those it shows."""
    header, *lines = out.split("\n")
    known, shown, path = Counter(), {}, ""
    for line in _uncut(header, lines):
        if row := _ROW.fullmatch(line):
            for number in map(int, row[1].split(",") if row[2] == ":" else ()):
                known[path, number] += 1
                shown[path, number] = row[3]
        elif also := _ALSO.fullmatch(line):
            known.update((also[1] or path, number) for number in numbers(also[2]))
        elif flat := _FLAT.fullmatch(line):
            known[flat[1], int(flat[2])] += 1
            shown[flat[1], int(flat[2])] = flat[3]
        elif line.endswith(":"):
            path = line[:-1]
    return known, shown
