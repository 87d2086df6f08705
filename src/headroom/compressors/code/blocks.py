"""Definitions by the layout of rows, for a file whose grammar is not at hand or not needed.

A header opens a block; the block is the deeper rows behind it. That holds for code that is
indented as people and formatters do; where a block does not end as it should, that is a doubt,
and the block is no definition. It knows keywords that many languages share, no grammar.
"""

import re

from headroom.compressors.code.definitions import Definition, Found
from headroom.compressors.code.languages import BRACE, END, Language
from headroom.compressors.code.layout import NO_DEPTH, Layout

FUNCTION = "function"
CONTAINER = "container"
LITERAL = "literal"
OTHER = "other"

_WIDTH = 300
_HEADER_ROWS = 40
_MOST_MISSES = 1_000  # a text with more blocks that do not close is of no language known here
_PYTHON_WORDS = ("def ", "class ", "async ")
_INDENT_WORDS = (
    *("def ", "class ", "fun ", "new ", "be ", "proc ", "func ", "function ", "actor ", "trait "),
    *("interface ", "primitive ", "struct ", "module ", "defmodule ", "defp ", "defmacro "),
    *("async ", "private ", "pub ", "export ", "local "),
)
_INDENT_HEADER = re.compile(
    r"(?:async\s+|private\s+|pub\s+|export\s+|local\s+)*"
    r"(def|class|fun|new|be|proc|func|function|actor|trait|interface|primitive|struct|module"
    r"|defmodule|defp|defmacro)\s+(?:self\.|iso |val |ref |box |tag )?([\w.:$]+[?!=]?)"
)
_HOLDING = frozenset(
    ("class", "actor", "trait", "interface", "primitive", "struct", "module", "defmodule")
)
_CONTROL = re.compile(
    r"(?:\}\s*)?(?:else|if|for|while|switch|match|do|try|catch|finally|loop|unsafe|with|using"
    r"|lock|synchronized|select|case|default|foreach|elseif|elif|return|throw|await|yield|guard"
    r"|defer|go|when|repeat|fixed|checked|unchecked|@autoreleasepool)\b"
)
_CONTAINER = re.compile(
    r"(?:[\w@()\[\]\"]+\s+){0,8}?(class|interface|struct|enum|union|trait|impl|namespace|module"
    r"|mod|extern\s+\"C\"|object|record|protocol|extension|type|macro_rules!)\b(?!\s*[(.=])"
    r"(?:<[^>]*>)?\s*([\w$.:]*)"
)
_CALLBACK = re.compile(r"[\w$.]+(?:\([^()]*\))?\(\s*([\"'`])(.{0,200}?)\1\s*,")
_ASSIGNED = re.compile(
    r"(?:(?:export|default|const|let|var|static|readonly|private|public|protected)\s+)*"
    r"([\w$.#\[\]\"'/-]+)\s*(?::(?!:)[^=]*)?[=:](?![=:>])\s*"
    r"(?:async\b\s*)?(?:function\b|[(<]|[\w$]+ =>)"
)
_ENDS_FUNCTION = re.compile(r"\bfunction\b[^{]*\{$")
_NAMED = re.compile(
    r"(?:[\w@()\[\]\"]+\s+){0,8}?(?:function|func|fn|fun|def)\b\s*\*?\s*(?:\([^()]*\)\s*)?"
    r"(?:<[^>]*>\s*)?([\w$.]+)"
)
_ARROW_SIGNS = ("=>", "->", "|")
_ANONYMOUS = re.compile(r"(?:\bfunction\b[^{]*|\bfunc\b[^{]*|\bmove\b.*)\s*\{$")
_CALLED = re.compile(
    r"(operator\s*[^\s\w]{1,3}|~?(?<![\w$#])[\w$#]+(?:(?:::|\.)~?[\w$]+)*)\s*(?:<[^<>]*>\s*)?\("
)
_ASSIGNS = re.compile(r"[^=!<>]=(?![=>])")
_ARROWS = ("javascript", "typescript", "tsx")
# What a block inside of a function has in its last row if it may define something.
_INNER = re.compile(
    r"\b(?:function|func|fn|fun|class|struct|enum|union|trait|impl|interface|mod|record|new)\b|^[{):]"
)
_INNER_ARROWS = re.compile(r"\b(?:function|class)\b|=>|[\w\]] ?[:=] ?\{$|\(\{$|return \{$|^[{):]")
_TEMPLATE = re.compile(r"template\s*<(?:[^<>]|<[^<>]*>)*>\s+")
_ANNOTATION = re.compile(r"(?:@[\w.]+(?:\([^()]*\))?|#?\[[^\]]*\])\s*")
_MAKES = re.compile(r"\bnew\s+[\w.]+\s*(?:<[^()]*>)?\s*\(.*\)\s*\{$")
_CONTINUES = ("where", "->", ":", "throws", "extends", "implements", "=>", ")", "]", ">")
_CLOSERS = ("}", ")", "]")


def found_in(layout: Layout, language: Language) -> Found:
    """The definitions of a file."""
    if language.layout == BRACE:
        return _braced(layout, arrows=language.name in _ARROWS)
    words = _PYTHON_WORDS if language.name == "python" else _INDENT_WORDS
    return _indented(layout, words, closer="end" if language.layout == END else "")


def _indented(layout: Layout, words: tuple[str, ...], closer: str) -> Found:
    found, doubts = [], int(layout.doubtful)
    count, depths, misses = len(layout.rows), layout.depths, 0
    headers = [row for row, text in enumerate(layout.bare) if text.startswith(words)]
    for row in headers:
        if depths[row] == NO_DEPTH:
            continue
        header = _INDENT_HEADER.match(layout.bare[row])
        if header is None:
            continue
        start = _behind_signature(layout, row)
        misses += start == row + 1 and layout.bare[row][-1] in "([,"
        if misses > _MOST_MISSES:
            break
        stop = layout.after(max(row, start - 1), depths[row])
        end = layout.trimmed(start, stop, depths[row])
        if closer and start < stop < count and not layout.bare[stop].startswith(closer):
            doubts += 1
        else:
            found.append(Definition(row, start, end, header[2], header[1] in _HOLDING))
    return Found(found, doubts)


def _behind_signature(layout: Layout, row: int) -> int:
    """The row behind a signature: its brackets are closed."""
    balance = 0
    for at in range(row, min(row + _HEADER_ROWS, len(layout.rows))):
        text = layout.bare[at]
        balance += text.count("(") + text.count("[") - text.count(")") - text.count("]")
        if balance <= 0:
            return at + 1
    return row + 1


def _braced(layout: Layout, *, arrows: bool) -> Found:
    found: list[Definition] = []
    doubts = int(layout.doubtful)
    open_blocks: list[tuple[int, str]] = []
    misses = 0
    for row in _openers(layout):
        if misses > _MOST_MISSES:
            break
        text = layout.bare[row]
        if text[0] == "}" or (_CONTROL.match(text) and "new " not in text):
            continue  # it opens nothing that has a name, nor do blocks within it depend on it
        while open_blocks and open_blocks[-1][0] <= row:
            open_blocks.pop()
        around = open_blocks[-1][1] if open_blocks else ""
        if around == FUNCTION and not (_INNER_ARROWS if arrows else _INNER).search(text):
            continue
        header = _header_row(layout, row)
        text = _header_text(layout, header, row)
        kind, name = _kind(text, around, arrows)
        depth = layout.indents[header]
        stop = layout.after(row, depth)
        closed = stop < len(layout.rows) and layout.bare[stop].startswith(_CLOSERS)
        misses += not closed
        if closed or stop == len(layout.rows):
            open_blocks.append((stop, kind))
        elif kind in (FUNCTION, CONTAINER):
            doubts += not text.startswith(("namespace", "extern", "inline namespace"))
            continue
        if kind in (FUNCTION, CONTAINER):
            end = layout.trimmed(row + 1, stop, depth) if stop == len(layout.rows) else stop
            found.append(Definition(header, row + 1, end, name, kind == CONTAINER))
    return Found(found, doubts)


def _openers(layout: Layout) -> list[int]:
    """Rows that end by opening a brace, but for a comment."""
    bare, depths = layout.bare, layout.depths
    rows = [row for row in layout.openers if bare[row][-1] == "{"]
    rows += [row for row, text in enumerate(bare) if "{ /" in text and _opens_before_comment(text)]
    return sorted(row for row in rows if depths[row] != NO_DEPTH)


def _opens_before_comment(text: str) -> bool:
    before = text.partition(" //")[0] if " //" in text else text.partition(" /*")[0]
    return before.rstrip()[-1:] == "{"


def _header_row(layout: Layout, opener: int) -> int:
    """The first row of the statement that `opener` ends: brackets closed, not a continuation."""
    row = opener
    text = layout.bare[row]
    lone = text == "{"
    balance = text.count("(") - text.count(")")
    while row > max(0, opener - _HEADER_ROWS):
        text = layout.bare[row]
        below = lone and layout.indents[row] > layout.indents[opener]
        if balance >= 0 and not (text == "{" or below or text.startswith(_CONTINUES)):
            break
        above = row - 1
        while above > 0 and layout.depths[above] == NO_DEPTH and layout.bare[above]:
            above -= 1
        before = layout.bare[above]
        if not before or (balance >= 0 and before[-1] in ";}{" and not _is_where(layout, row)):
            break
        row = above
        balance += before.count("(") - before.count(")")
    return row


def _is_where(layout: Layout, row: int) -> bool:
    return layout.bare[row].startswith("where")


def _header_text(layout: Layout, header: int, opener: int) -> str:
    text = " ".join(layout.bare[header : opener + 1])
    if text[-1] != "{":
        text = text[: text.rfind("{") + 1]
    return text if len(text) <= 2 * _WIDTH else text[:_WIDTH] + text[-_WIDTH:]


def _kind(text: str, around: str, arrows: bool) -> tuple[str, str]:
    """What a header opens, and the name it gives it."""
    if text.startswith("template"):
        text = _TEMPLATE.sub("", text, count=1)
    while text[:1] in "@#[" and (inside := _ANNOTATION.match(text)):
        text = text[inside.end() :]
    if "new " in text and _MAKES.search(text):
        return LITERAL, ""
    if _CONTROL.match(text):
        return OTHER, ""
    container = _CONTAINER.match(text)
    if container is not None:
        return CONTAINER, container[2] or container[1]
    return _function(text, around, arrows)


def _function(text: str, around: str, arrows: bool) -> tuple[str, str]:
    if arrows and (text.endswith("=> {") or _ENDS_FUNCTION.search(text)):
        for pattern, group in ((_CALLBACK, 2), (_ASSIGNED, 1)):
            found = pattern.match(text)
            if found is not None:
                return FUNCTION, found[group]
    named = _NAMED.match(text)
    if named is not None:
        return FUNCTION, named[1]
    if text[:-1].rstrip().endswith(_ARROW_SIGNS):
        return OTHER, ""
    if ("func" in text or "move" in text) and _ANONYMOUS.search(text):
        return OTHER, ""
    if text.count("(") != text.count(")"):
        return LITERAL, ""
    called = _CALLED.search(text) if "(" in text else None
    if called is None or _ASSIGNS.search(text, 0, called.start()):
        return (LITERAL if _ASSIGNS.search(text) or ":" in text else OTHER), ""
    inside = around in (FUNCTION, OTHER)
    return (OTHER, "") if inside or called[1] in ("if", "for", "while") else (FUNCTION, called[1])
