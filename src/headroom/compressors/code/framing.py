"""A tool's result as rows of code: line numbers taken off, what stands around the code set apart.

Readers number lines in many ways (`     1<tab>`, `12|`, `12:`, `12→`) and frame files with
headers and notes ("[File: …]", "(120 more lines above)", "==> a.py <=="). Some write behind the
last row that they show that they cut the rest off ("return ok<response clipped>"). All of these
rows stay as they are; this module says which they are, and what each row's own number is. It
knows nothing of languages' blocks.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import lt

from headroom.compressors.code.languages import by_path

_GUTTER_PROBE = 20_000
_ROWS_PROBED = 60
_NEARLY_ALL = 0.6
_NOTES = 6
_SEPARATORS = r"\t|→|:| ?\| | ?\||: | ?│ ?|  ?"
_NUMBERED = re.compile(rf"\n( *)(\d{{1,7}})({_SEPARATORS})")
_FRAME = re.compile(
    r"""\[File:\ (?P<window>\S+)\ \(\d+\ lines
      | (?:Here(?:'s|\ is)\ the|Contents?\ of|File|Reading(?:\ file)?|Showing)\b.{0,200}?
        (?P<told>[\w./\\@-]*\.\w{1,10})[`'"]?:?(?:\s.{0,40})?$
      | ==>\ (?P<several>\S.{0,300}?)\ <==$
      | [=#*-]{3,}\ (?:File:\ )?(?P<ruled>[\w./\\@-]+\.\w{1,10})\ ?[=#*-]*$
      | (?://|\#)\ (?:File:\ |file:\ )?(?P<comment>[\w./\\@-]+/[\w.@-]+\.\w{1,10})$
      | </?(?:file|content|contents|document|path|code|source)\b[^>]{0,300}>
      | \(\d+\ (?:more\ )?lines?\b | \(Open\ file: | \(Current\ directory: | bash-\$
      | \[?\.\.\.\ ?[\[(]?\d+\ | \[.{0,100}\b(?:truncated|omitted|clipped)\b
      | <response\ clipped> | <system-reminder> | \[…\ | \[=\ \d
    """,
    re.VERBOSE,
)
_EDGE = 12
# What a frame between files may begin with; at the edges of a text any frame is looked for.
_BETWEEN = ("==> ", "===", "---", "###", "***", "// ", "# ", "<", "[", "(", "...", "bash-$")
_SIGNS = frozenset(begin[0] for begin in _BETWEEN)
# What says that a reader cut the text, and signs of it that are searched for first.
_CLIP_SIGNS = ("clipped", "runcated", "TRUNCATED", "more lines", " shown")
_CLIP = re.compile(
    r"<response clipped>|been shown to you|(?:\.\.\.|…) ?[\[(]?\d[\d,]* more lines\b"
    r"|(?<!\w)(?:[\[<…]|\((?=\w+ \w)) ?(?:[\w,]+ ){0,8}(?:truncated|clipped|not shown)"
    r"[ :\])>…]",
    re.IGNORECASE,
)
_LONGEST_CLIP = 2_000
_PATH_ATTRIBUTE = re.compile(r"(?:path|name|file)=[\"']([^\"']+)")


@dataclass(frozen=True, slots=True)
class File:
    """Rows `start` to `end` (excluded) show the file `path` ("" where nobody names it)."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """A text as rows. `lines` are verbatim, `rows` the code in them, "" for a row in `frames`.

    In the rows `clips`, code or not, a reader says that it cut the text. `numbers` has each row's
    own line number where the text shows such numbers.
    """

    lines: list[str]
    rows: list[str]
    frames: frozenset[int]
    numbers: list[int] | None
    files: tuple[File, ...]
    clips: frozenset[int] = frozenset()

    def number(self, row: int) -> int:
        """The number by which a reader knows this row: the file's where shown, else the text's."""
        return self.numbers[row] if self.numbers is not None else row + 1


# What was scored is most often compressed next.
@lru_cache(maxsize=2)
def page_of(text: str, path: str = "") -> Page:
    """`text` as a page; `path` is the file that the call named."""
    lines = text.split("\n")
    named: dict[int, str] = {}
    frames = _frames(lines, named)
    separator = _separator(text)
    numbers = None
    rows = lines
    if separator:
        rows, numbers, unnumbered = _without_gutter(lines, separator)
        frames = unnumbered
    elif frames:
        rows = ["" if index in frames else line for index, line in enumerate(lines)]
    files = _files(named, path, len(lines))
    return Page(lines, rows, frozenset(frames), numbers, files, _clips(text, lines))


def _clips(text: str, lines: list[str]) -> frozenset[int]:
    """The rows in which a reader says that it cut the text."""
    signs = [sign for sign in _CLIP_SIGNS if sign in text]
    rows = {row for sign in signs for row, line in enumerate(lines) if sign in line}
    return frozenset(row for row in rows if _CLIP.search(lines[row][-_LONGEST_CLIP:]))


def _frames(lines: list[str], named: dict[int, str]) -> set[int]:
    """The rows that frame code; writes which of them name a file."""
    frames = set()
    for index in sorted(_candidates(lines)):
        line = lines[index]
        found = _FRAME.match(line)
        if found is None or (found["comment"] and not _heads_a_file(lines, index, found)):
            continue
        frames.add(index)
        inside = _PATH_ATTRIBUTE.search(line) if line[0] == "<" else None
        path = inside[1] if inside else found[found.lastgroup] if found.lastgroup else ""
        if path:
            named[index] = path
    return frames


def _candidates(lines: list[str]) -> set[int]:
    """Rows that may be frames, by how they begin."""
    count = len(lines)
    rows = {*range(min(_EDGE, count)), *range(max(0, count - _EDGE), count)}
    begin = [index for index, line in enumerate(lines) if line[:1] in _SIGNS]
    rows.update(index for index in begin if lines[index].startswith(_BETWEEN))
    return rows


def _heads_a_file(lines: list[str], index: int, found: re.Match[str]) -> bool:
    """Whether a comment with a path stands for a new file: alone, behind a blank line."""
    alone = index == 0 or not lines[index - 1].strip()
    return alone and by_path(found["comment"]) is not None


def _separator(text: str) -> str:
    """What stands between the line numbers and the code, or "". Rows that count are numbered
    if nearly all behind them are: a table may have keys that count for a while."""
    before = None
    # With a line break in front, a match starts where its line does in the text.
    for found in _NUMBERED.finditer("\n" + text[:_GUTTER_PROBE]):
        if before is not None and found[3] == before[3] and int(found[2]) == int(before[2]) + 1:
            end = text.find("\n", before.start())
            if end + 1 == found.start():
                return found[3] if _counts_on(text, before) else ""
        before = found
    return ""


def _counts_on(text: str, first: re.Match[str]) -> bool:
    rows = text[first.start() : first.start() + _GUTTER_PROBE].split("\n")[:_ROWS_PROBED]
    filled = [row for row in rows if row.strip()]
    text = " \n".join(["", *filled, ""])
    numbers = [int(number) for _, number, _ in _NUMBERED.findall(text)]
    steps = sum([after == before + 1 for before, after in pairwise(numbers)])
    return steps + 1 >= _NEARLY_ALL * (len(filled) - _NOTES)


def _without_gutter(lines: list[str], separator: str) -> tuple[list[str], list[int], set[int]]:
    """Rows without their numbers, the numbers, and the rows that have none. A row's number is
    larger than the one above unless a frame stands between (another file)."""
    gutter = rf" *(\d{{1,7}})(?:{re.escape(separator.rstrip() or separator)}|$)"
    frames: set[int] = set()
    rows, numbers = _all_numbered(lines, gutter) or _each_tried(lines, gutter, frames)
    if separator != "\t" and all(row[:1] in " \r" for row in rows):
        rows = [row[1:] for row in rows]
    return rows, numbers, frames


def _all_numbered(lines: list[str], gutter: str) -> tuple[list[str], list[int]] | None:
    """Rows and numbers where each line has one, larger than the one above; else None."""
    whole = re.compile(rf"\n{gutter}(.*)", re.MULTILINE)
    found = whole.findall("\n".join(["", *lines]))
    numbers = [int(number) for number, _ in found]
    if not lines[-1]:
        found.append(("", ""))
        numbers.append(numbers[-1] + 1 if numbers else 1)
    if len(found) < len(lines) or not all(map(lt, [0, *numbers], numbers)):
        return None
    if not lines[-1]:
        numbers[-1] -= 1
    return [row for _, row in found], numbers


def _each_tried(lines: list[str], pattern: str, frames: set[int]) -> tuple[list[str], list[int]]:
    """Rows and numbers; writes which rows have none."""
    gutter = re.compile(pattern)
    rows: list[str] = []
    numbers: list[int] = []
    last = 0
    for index, line in enumerate(lines):
        found = gutter.match(line)
        number = int(found[1]) if found else 0
        if found is None or (number <= last and index - 1 not in frames):
            rows.append("")
            if line.strip():
                frames.add(index)
        else:
            rows.append(line[found.end() :])
            last = number
        numbers.append(last)
    return rows, numbers


def _files(named: dict[int, str], path: str, count: int) -> tuple[File, ...]:
    starts = sorted(named)
    if not starts:
        return (File(path, 0, count),)
    files = []
    if starts[0] > 0:
        files.append(File(path or named[starts[0]], 0, starts[0]))
    for start, end in zip(starts, [*starts[1:], count], strict=True):
        files.append(File(named[start], start, end))
    return tuple(files)
