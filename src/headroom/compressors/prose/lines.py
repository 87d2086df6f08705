"""Where the blocks of a document begin: one walk over its lines.

A block lasts until the next begins, blank lines behind it included. Known by their first line
are headings, heads of retrieved chunks, fences, tables, list items, indented code and turns of
a speaker; all else is paragraphs. It cuts no sentences and judges nothing.
"""

import re
from typing import NamedTuple

HEAD, TURN, PARAGRAPH, ITEM, TABLE, CODE = "head", "turn", "paragraph", "item", "table", "code"
_SHORT_TITLE = 120
_TURN_SHARE = 0.3
_MOST = 0.8
_PROBE = 200

_NUMBERED = "document|doc|passage|chunk|result|source|context|snippet|excerpt|article|page"
_NAMED = "title|source|url|file|path|author|date|published|link"
_WORDS = tuple(set(f"{_NUMBERED}|{_NAMED}".split("|")))
_LONGEST_WORD = max(map(len, _WORDS))
_LINE = re.compile(
    rf"""(?P<blank>\s*\Z)
    |(?P<fence>[ ]{{0,3}}(?:```|~~~))
    |(?P<heading>\#{{1,6}}[ ]\S.{{0,200}}\Z|[A-Z][A-Z0-9 ,&/()-]{{2,58}}\s*\Z)
    |(?P<chunk>\[\d{{1,4}}\][ \t]*
      |</?(?i:(?:{_NUMBERED})s?)\b[^>]{{0,300}}>[ \t]*
      |(?i:{_NUMBERED})[ ]\#?\[?\d{{1,4}}\]?[ ]?
       (?:\((?!\))[^()]{{0,240}}(?:\([^()]{{0,80}}\)[^()]{{0,240}}){{0,9}}\)[ \t]*)?
       (?:[:.)-]|\Z)[ \t]*)
    |(?P<meta>(?i:{_NAMED})[ ]?:[ ].{{1,300}}\Z)
    |(?P<ruler>(?:-{{3,}}|\*{{3,}}|_{{3,}}|={{3,}})\s*\Z)
    |(?P<table>\s*\||\s*\+[-=+]{{3,}}\s*\Z|=+(?:[ ]+=+)+\s*\Z)
    |(?P<item>\s*(?:[-*+•‣◦]|\d{{1,3}}[.)]|--?\w[\w-]*)[ \t,=])
    |(?P<code>(?:[ ]{{4}}|\t)\s*\S)
    """,
    re.VERBOSE,
)
_KINDS = {"table": TABLE, "item": ITEM, "code": CODE}
_UNDERLINES = frozenset("=-~^\"'*+#")
_UNDERLINE = re.compile(r"([=\-~^\"'*+#])\1{2,}\s*\Z")
_TIME = r"[\[(]?(?:\d{4}-\d\d-\d\d[ T])?\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[AaPp][Mm])?[\])]?[ ,–-]*"
_TURN = re.compile(
    rf"(?:{_TIME})?(?:\*\*)?<?[^\W\d_][\w.'’-]{{0,24}}(?: [\w.'’()-]{{1,24}}){{0,3}}>?"
    rf"(?: {_TIME})?:(?:\*\*)?(?:[ \t]+|\Z)"
)
_GUTTER = re.compile(r" *\d{1,6}(?:\t|→|: ?|\| ?)")


class Block(NamedTuple):
    """A block begins at character `start`; what it says, behind a speaker's name, at `says`.
    `title` is what a HEAD says."""

    start: int
    kind: str
    says: int
    title: str = ""


class Shape(NamedTuple):
    """What holds for all lines: people talk, a gutter numbers them, most are indented, and none
    may be cut."""

    is_talk: bool
    has_gutter: bool
    is_indented: bool
    whole_lines: bool


def shape_of(lines: list[str], whole_lines: bool) -> Shape:
    """The shape of a text by its first lines."""
    probe = [line for line in lines[:_PROBE] if line.strip()]
    enough = max(1, len(probe))
    return Shape(
        sum(1 for line in probe if _TURN.match(line)) > _TURN_SHARE * enough,
        sum(1 for line in probe if _GUTTER.match(line)) > _MOST * enough,
        sum(1 for line in probe if line[0] in " \t") > enough // 2,
        whole_lines,
    )


def blocks(lines: list[str], shape: Shape) -> list[Block]:
    """The blocks of the text that is `lines` joined."""
    walk = _Walk(lines, shape)
    at = 0
    for number, line in enumerate(lines):
        if line:
            walk.line(number, line, at)
        else:
            walk.blank()
        at += len(line) + 1
    return walk.found


def _may_begin(line: str) -> bool:
    """Whether a line may begin something other than a paragraph or a turn."""
    if not line[:1].isalpha():
        return True
    return line[:_LONGEST_WORD].lower().startswith(_WORDS) or line.isupper()


class _Walk:
    """The open block's kind, whether a blank line closed it, and what was found so far."""

    def __init__(self, lines: list[str], shape: Shape) -> None:
        self.found: list[Block] = []
        self._rulers = {
            number: len(line)
            for number, line in enumerate(lines)
            if line[:1] in _UNDERLINES and _UNDERLINE.match(line)
        }
        self._shape = shape
        self._kind = ""
        self._closed = True
        self._fence = ""
        self._underlined = -1
        self._indent = 0

    def blank(self) -> None:
        """Takes a line without any sign."""
        self._closed = self._closed or not self._fence

    def line(self, number: int, line: str, at: int) -> None:
        """Takes the next line, which begins at character `at`."""
        skip = _GUTTER.match(line) if self._shape.has_gutter else None
        bare = line[skip.end() :] if skip else line
        if self._fence:
            if bare.lstrip().startswith(self._fence):
                self._fence, self._closed = "", True
            return
        if number == self._underlined:
            return
        found = _LINE.match(bare) if _may_begin(bare) else None
        name = (found.lastgroup or "") if found else ""
        if name == "blank":
            self._closed = True
        elif name == "fence":
            self._open(at, CODE)
            self._fence = bare.lstrip()[:3]
        elif name in ("", "item") and self._is_underlined(bare, self._rulers.get(number + 1, 0)):
            self._underlined = number + 1
            self._open(at, HEAD, title=bare)
        elif name in ("heading", "ruler", "meta"):
            self._open(at, HEAD, title=bare)
        elif name == "chunk" and found:
            self._chunk(at, len(line) - len(bare) + found.end(), bare, found.end())
        else:
            self._plain(name, bare, at)

    def _is_underlined(self, bare: str, signs: int) -> bool:
        """Whether the line is a heading by as many signs in the line below it."""
        if not signs or not (self._closed or self._kind == HEAD):
            return False
        if len(bare) > _SHORT_TITLE or bare.endswith((".", "!", "?", ":")):
            return False
        return 2 * signs >= len(bare)

    def _chunk(self, at: int, prefix: int, bare: str, matched: int) -> None:
        """The head of a chunk: the whole line where the rest is a title, else its beginning."""
        rest = bare[matched:].strip()
        if len(rest) <= _SHORT_TITLE and rest[-1:] not in (".", "!", "?", "。", '"'):
            self._open(at, HEAD, title=bare)
            return
        if self._shape.whole_lines:
            self._open(at, PARAGRAPH)
            return
        self._open(at, HEAD, title=bare[:matched])
        self._open(at + prefix, PARAGRAPH)

    def _plain(self, name: str, bare: str, at: int) -> None:
        """A line of a paragraph, a turn, a list, a table or indented code."""
        turn = _TURN.match(bare) if self._shape.is_talk else None
        if turn:
            self._open(at, TURN, at + turn.end())
            return
        kind = _KINDS.get(name, PARAGRAPH)
        if kind == CODE and not self._is_code():
            kind = PARAGRAPH
        indent = len(bare) - len(bare.lstrip())
        if kind == ITEM or not self._continues(kind, indent):
            self._open(at, kind)
            self._indent = indent
        self._closed = False

    def _is_code(self) -> bool:
        """Whether a line that begins far in is code: not within a paragraph or a list."""
        if self._kind == CODE:
            return True
        return self._closed and self._kind != ITEM and not self._shape.is_indented

    def _continues(self, kind: str, indent: int) -> bool:
        """Whether a line of this kind belongs to the open block."""
        if self._kind == ITEM and kind == PARAGRAPH:
            return indent > self._indent or not (self._closed or self._indent)
        if self._kind == CODE and kind == CODE:
            return True
        if self._closed:
            return False
        return self._kind == kind or (self._kind == TURN and kind == PARAGRAPH)

    def _open(self, at: int, kind: str, says: int | None = None, title: str = "") -> None:
        self.found.append(Block(at, kind, at if says is None else says, title))
        self._kind, self._closed = kind, kind == HEAD
