"""How rows stand to each other: indents, which rows say nothing about them, where a block ends.

A row that is blank, a comment, inside a string of several lines, a label or for the
preprocessor may stand at any depth, so it never ends a block. Linear in the text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from headroom.compressors.code.languages import BRACE, Language

NO_DEPTH = -1
_LABEL = re.compile(r"(?:case\b.*|default|[A-Za-z_]\w*(?: slots)?)\s*:(?:\s*//.*)?$")
_TRIPLE = re.compile(r'"""|\'\'\'')
_HEREDOC = re.compile(r"<<[-~]?\s*['\"]?([A-Za-z_]\w*)['\"]?")
_BACKTICKS = {"javascript": "\\`", "typescript": "\\`", "tsx": "\\`", "go": ""}
_HEREDOC_LANGUAGES = ("bash", "php", "ruby")
_ONE_LINER = re.compile(
    r"(?:async |pub |const |unsafe |export |default |static )*(?:function|fn|func|class|struct)\b"
    r"\*? ?[\w(]"
)
_OPENING = frozenset("[{(")
_LONGEST_COMMENT = 500
_PREPROCESSED = ("c", "cpp", "csharp")


class Layout:
    """The depth of each row and where what it opens ends. `doubtful` tells that a string never
    closed, so that depths may be wrong."""

    def __init__(self, rows: Sequence[str], language: Language) -> None:
        self.rows = rows
        bare = [row.strip() for row in rows]
        self.bare = bare
        self.comment = _comments(bare, language)
        self.doubtful = False
        depths = [row.find(text[0]) if text else NO_DEPTH
                  for row, text in zip(rows, bare, strict=True)]  # fmt: skip
        self.indents = list(depths)
        for index in self.comment:
            depths[index] = NO_DEPTH
        self.strings = self._strings(language)
        for start, end in self.strings:
            depths[start + 1 : end + 1] = [NO_DEPTH] * (end - start)
        if language.layout == BRACE:
            self._skip_labels(depths, language)
        self.depths = depths
        lasts = [text[-1:] for text in bare]
        self.one_liners = _one_liners(bare, lasts) if language.layout == BRACE else []
        self.openers = [row for row, last in enumerate(lasts) if last in _OPENING]
        self._filled = [row for row, text in enumerate(bare) if text]
        self._content = [row for row, depth in enumerate(depths) if depth != NO_DEPTH]
        self._levels = "".join([chr(depths[row]) for row in self._content])

    def after(self, row: int, depth: int) -> int:
        """The first row behind `row` that is not deeper than `depth`; the count of rows where
        there is none. Each row is looked at once for each depth around it, so that all calls
        together are linear in the text, indents included. Depths stand as letters, for a pattern
        to search them."""
        if depth < 0:
            return len(self.depths)
        found = _not_deeper(depth).search(self._levels, bisect_right(self._content, row))
        return self._content[found.start()] if found else len(self.depths)

    def trimmed(self, start: int, end: int, depth: int) -> int:
        """`end` without the blank rows before it, and the comments that are not deeper than
        `depth`: they belong to what follows."""
        for _ in range(_LONGEST_COMMENT):
            last = self._filled[max(0, bisect_left(self._filled, end) - 1)] if self._filled else 0
            end = max(start, min(end, last + 1))
            if end == start or not (last in self.comment and self.indents[last] <= depth):
                break
            end = last
        return end

    def _skip_labels(self, depths: list[int], language: Language) -> None:
        bare = self.bare
        for index in [row for row, text in enumerate(bare) if text[-1:] == ":" or ": //" in text]:
            if _LABEL.match(bare[index]):
                depths[index] = NO_DEPTH
        if language.name in _PREPROCESSED:
            for index in [row for row, text in enumerate(bare) if text[:1] == "#"]:
                depths[index] = NO_DEPTH

    def _strings(self, language: Language) -> list[tuple[int, int]]:
        """Strings of several rows: the row that opens one and the row that closes it."""
        if language.name == "python":
            return self._triple_quoted()
        if language.name in _BACKTICKS:
            return self._backticked(_BACKTICKS[language.name])
        return self._heredocs() if language.name in _HEREDOC_LANGUAGES else []

    def _triple_quoted(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        opened, quote = -1, ""
        bare = self.bare
        for index in [row for row, text in enumerate(bare) if '"""' in text or "'''" in text]:
            for mark in _TRIPLE.findall(bare[index]):
                if opened < 0 and index not in self.comment:
                    opened, quote = index, mark
                elif mark == quote:
                    found.append((opened, index))
                    opened, quote = -1, ""
        self.doubtful |= opened >= 0
        return [pair for pair in found if pair[1] > pair[0]]

    def _backticked(self, escape: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        opened = -1
        for index, text in [(row, text) for row, text in enumerate(self.bare) if "`" in text]:
            if opened < 0 and index in self.comment:
                continue
            escaped = text.count(escape) if escape else 0
            if (text.count("`") - escaped) % 2:
                if opened >= 0:
                    found.append((opened, index))
                opened = index if opened < 0 else -1
        self.doubtful |= opened >= 0
        return found

    def _heredocs(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        opened, end = -1, ""
        for index, text in enumerate(self.bare):
            if end and text.rstrip(";") == end:
                found.append((opened, index))
                end = ""
            elif not end and "<<" in text and (mark := _HEREDOC.search(text)):
                opened, end = index, mark[1]
        self.doubtful |= bool(end)
        return found


@lru_cache(maxsize=256)
def _not_deeper(depth: int) -> re.Pattern[str]:
    return re.compile(f"[\0-{re.escape(chr(depth))}]")


def _one_liners(bare: Sequence[str], lasts: Sequence[str]) -> list[int]:
    """Rows that define something from its first word to its closing brace."""
    closed = [row for row, last in enumerate(lasts) if last == "}" and len(bare[row]) > 1]
    return [row for row in closed if _ONE_LINER.match(bare[row])]


def _comments(bare: Sequence[str], language: Language) -> frozenset[int]:
    signs = language.comments
    preprocessed = language.name in _PREPROCESSED
    first = frozenset(sign[0] for sign in signs) - ({"#"} if preprocessed else set())
    found = {
        index
        for index, text in enumerate(bare)
        if text[:1] in first and text.startswith(signs) and text[:2] != "#!"
    }
    if "/*" in signs:
        found |= _block_comments(bare, [index for index in found if bare[index][:2] == "/*"])
        found -= {index for index in found if bare[index][:1] == "*" and _is_pointer(bare[index])}
    return frozenset(found)


def _block_comments(bare: Sequence[str], starts: Sequence[int]) -> set[int]:
    """The rows of comments of several rows that the rows `starts` open. One that is not closed
    says that these are no comments."""
    found: set[int] = set()
    end = 0
    for start in sorted(starts):
        if start < end or "*/" in bare[start]:
            continue
        rows = range(start + 1, min(len(bare), start + _LONGEST_COMMENT))
        end = next((row + 1 for row in rows if "*/" in bare[row]), 0)
        if not end:
            break
        found.update(range(start, end))
    return found


def _is_pointer(text: str) -> bool:
    """Whether a row that begins with a star is an assignment through a pointer."""
    return text[1:2] not in (" ", "/", "*", "") and text.endswith((";", "{"))
