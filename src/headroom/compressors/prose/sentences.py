"""Where sentences end.

A full stop, a question or an exclamation mark before a space and no small letter, or an East
Asian full stop. Abbreviations, initials, decimals and the numbers of items end nothing. It errs
on the side of long sentences, for half a sentence misleads. It works on a span of a text in one
pass and copies nothing.
"""

import re

_END = re.compile(
    r"""[.!?…。！？]["'”’»」』”）)\]*_]*(?:\[\d+\])*"""
    r"""(?:\s+(?=["'“‘«(\[*_]*[^\sa-z.,;:!?)\]])|(?<=[。！？」』]))"""
)
_SHORTENED = """
    mr mrs ms dr prof st sr jr vs no nos vol vols fig figs eq eqs sec secs ch chs ed eds pp p al
    e.g i.e cf etc ca est dept univ inc ltd co corp bros gen col lt sgt capt cmdr adm maj
    rev hon gov sen rep pres jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri
    sat sun mt ft bzw z.b d.h nr bd abb usw ggf vgl sra mme mlle art op cit viz resp
"""
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_OPENING = "\"'“‘«([*_"
_LONGEST_ABBREVIATION = max(map(len, _ABBREVIATIONS))
_CLEAR = _LONGEST_ABBREVIATION + 1
_LONGEST = 1_200
_PIECE = re.compile(r"[^\n]{400}\S{0,80}\s+|[^\n]*\n|[^\n]+")


def ends(text: str, start: int, end: int) -> list[int]:
    """Where the sentences of `text[start:end]` end, each with the space behind it; the last
    is `end`. What has no ends is cut at its lines, and a very long line between words."""
    stops = []
    at = start
    for found in _END.finditer(text, start, end):
        dot, stop = found.span()
        is_clear = dot - at >= _CLEAR and text[dot - _CLEAR : dot].isalnum()
        if is_clear or text[dot] != "." or not _is_abbreviation(text, at, dot):
            if stop - at > _LONGEST:
                stops += _pieces(text, at, stop)
            stops.append(stop)
            at = stop
    if end - at > _LONGEST:
        stops += _pieces(text, at, end)
    if end > at:
        stops.append(end)
    return stops


def _is_abbreviation(text: str, start: int, dot: int) -> bool:
    """Whether the word before the stop is short for something, an initial, the number of an
    item, or no word at all."""
    before = text[max(start, dot - 12) : dot]
    if not before.strip("."):
        return True
    begin = max(before.rfind(" "), before.rfind("\n")) + 1
    word = before[begin:].lstrip(_OPENING)
    if len(word) > _LONGEST_ABBREVIATION:
        return False
    if len(word) <= 3 and word.isdigit():
        return dot - len(before) + begin == start
    return word.isupper() if len(word) <= 1 else word.lower() in _ABBREVIATIONS


def _pieces(text: str, start: int, end: int) -> list[int]:
    """Where a stretch without ends may be cut, its own end left out."""
    return [found.end() for found in _PIECE.finditer(text, start, end) if found.end() < end]
