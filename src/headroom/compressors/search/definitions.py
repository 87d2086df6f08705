"""What kind of line a match is, in the common languages, told from the line alone.

A definition is what most searches are after. Indented assignments are uses; a line that only
calls is none. Heads of lines are read, so that a long line costs no more than a short one, and
the first word tells which pattern can hold at all.
"""

import re
from typing import NamedTuple

_HEAD = 240
_MODIFYING = """
export default declare public private protected internal static async abstract final sealed pub
unsafe extern inline virtual constexpr override open data partial synchronized native local template
"""
_MODIFIERS = _MODIFYING.split()
_MODIFIER = (
    rf"(?:(?:{'|'.join(_MODIFIERS)})\b(?:\([^)]{{0,40}}\)| ?<[^<>]{{0,80}}>| \"C\")?|[A-Z]+_API)"
)
_KEYING = """
def class func fn fun function interface trait struct enum union type typedef mod module namespace
macro_rules sub protocol record object
"""
_KEYWORDS = _KEYING.split()
_BY_KEYWORD = re.compile(
    rf"\s*(?:{_MODIFIER}\s+)*(?:const\s+)?(?:(?:{'|'.join(_KEYWORDS)})\b[*!]?|\#\s*define)"
    r"(?:\s*\([^)]{0,80}\))?\s+(?:class\s+)?([A-Za-z_$][\w$]*)"
)
_NAME = r"([A-Za-z_$][\w$]*)"
_BY_ASSIGNMENT = re.compile(
    rf"(?:export\s+)?(?:default\s+)?(?:pub\s+)?(?:const|let|var|val|static)\s+(?:mut\s+)?{_NAME}"
    rf"|{_NAME}\s*(?::[^=\n]{{1,80}})?=(?!=)"
    rf"|\s*(?:[\w$]+\.)+{_NAME}\s*=\s*(?:async\s+)?function\b"
)
_FUNCTION = 3
_GENERIC = re.compile(r"<[^<>]{0,80}>")
_WHOLE_NAME = re.compile(_NAME)
_NOT_A_TYPE = re.compile(r"[=\"'`{}+;]|\w\.\w+$")
_STATEMENTS = "return throw new else await yield case assert raise if not"
_NO_TYPE = frozenset(_STATEMENTS.split())
_BRANCHES = "for while switch catch function do sizeof elif with match when"
_NO_NAME = _NO_TYPE.union(_BRANCHES.split())
_FIRST = re.compile(r"\s*(#\s*\w+|\w+|[#/*;<%\"'-]{1,3})")
_IMPORTS = frozenset(("import", "from", "use", "using", "require", "#include"))
_DEFINING = frozenset((*_MODIFIERS, *_KEYWORDS, "#define", "const"))
_STARTS = tuple(sorted(_DEFINING))
_COMMENTS = ("#", "//", "*", "/*", "--", ";", "<!-", '"""', "'''", "%")


DEFINITION, USE, IMPORT, COMMENT = 5.0, 3.0, 2.0, 1.0
"""The kinds of lines, by how much they tell."""


class Told(NamedTuple):
    """A line's kind; for a definition the name, and whether it is more than an assignment."""

    kind: float
    name: str = ""
    sure: bool = False


_USE = Told(USE)
_IMPORT = Told(IMPORT)
_COMMENT = Told(COMMENT)


def may_define(text: str) -> bool:
    """Whether the line's first word may begin a definition; cheaper than to tell."""
    return text.lstrip().startswith(_STARTS)


def told(text: str) -> Told:
    """What kind of line `text` is."""
    found = _FIRST.match(text)
    word = found[1] if found else ""
    if word[:1] == "#":
        word = word.replace(" ", "")
    if word in _DEFINING or word.endswith("_API"):
        by_keyword = _BY_KEYWORD.match(text[:_HEAD])
        if by_keyword:
            return Told(DEFINITION, by_keyword[1], True)
    elif word in _IMPORTS:
        return _IMPORT
    elif word.startswith(_COMMENTS):
        return _COMMENT
    return _by_shape(text[:_HEAD], word)


def _by_shape(head: str, word: str) -> Told:
    """A definition that no word at its start tells: an assignment, or a name with a body."""
    if "=" in head and (not head[:1].isspace() or "function" in head):
        found = _BY_ASSIGNMENT.match(head)
        if found:
            last = found.lastindex or 1
            return Told(DEFINITION, found[last], last == _FUNCTION)
    end = head.rstrip()[-1:]
    if word in _NO_TYPE or not (end == "{" or (end in "(," and not head[:1].isspace())):
        return _USE
    name = _name_before_body(head, end == "{")
    return Told(DEFINITION, name, True) if name else _USE


def _name_before_body(head: str, opens: bool) -> str:
    """Of a line that opens a body, or of a declaration at the margin that goes on: the name
    before its parameters, behind its type and modifiers."""
    before, parenthesis, behind = head.partition("(")
    words = _GENERIC.sub("", before).split()
    if not parenthesis or not words or "=>" in behind or "function" in behind:
        return ""
    name = words[-1].rpartition("::")[2].lstrip("*&")
    if not _WHOLE_NAME.fullmatch(name) or name in _NO_NAME or _NOT_A_TYPE.search(before):
        return ""
    return name if opens or len(words) > 1 else ""
