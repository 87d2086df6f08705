"""How an encoding splits text into pieces, and where a text may be cut before that.

The pieces are those of the published patterns. Cutting first is what makes counting fast: a
part that stands a thousand times in a log is split and counted once. A cut is exact where no
piece of either encoding spans it and no piece before it depends on what follows it:

- before a space that a non-space follows: every pattern begins a new piece with the last
  space of a run, so text falls apart into words (`words`);
- between an ASCII letter or digit and an ASCII character that is neither a letter, a digit nor
  an apostrophe: no part of a pattern that holds letters or digits goes on with such a character
  (`chunks`; what is not ASCII may be a letter or a mark, so it goes on).

Text is UTF-8 bytes throughout. ASCII is split by an equal pattern of the standard library,
which is faster and spares most processes the import of `regex`.

This file knows nothing of ranks and counts.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_Pieces = Callable[[bytes], list[bytes]]

# What \s means in the published patterns; that of `re` has \x1c to \x1f too.
_SPACES = r"\t\n\x0b\x0c\r "

# A space that begins no word, because of what follows it; the byte that stands for it is never
# part of UTF-8. Long runs, which are
# indentation, go in larger steps first.
_INNER_SPACE = b"\xff"
_RUNS = (b" " * 32, b" " * 4)
_BEFORE_ASCII = rb" (?=[\t-\r \xff]|\Z)"
_BEFORE_ANY = (
    rb" (?=[\t-\r \xff]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]"
    rb"|\xe2\x81\x9f|\xe3\x80\x80|\Z)"
)

# Characters that hold together what is often one value (a date, a path, a name), an apostrophe
# and all that is not ASCII never begin a chunk: fewer and larger chunks are faster to count.
_HELD = rb"A-Za-z0-9_.:/\-'\x80-\xff"
_CHUNK = rb"[^%b]*[%b]*(?:(?<![A-Za-z0-9])[^%b]+[%b]*)*" % (_HELD, _HELD, _HELD, _HELD)

# Digits are split off in runs of up to three, every such run is one token and no token joins a
# digit to anything else (a test checks the tables): which digits they are does not matter.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")

_SUFFIX = r"'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])"
_UPPER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}"
_LOWER = r"\p{Ll}\p{Lm}\p{Lo}\p{M}"

_PUBLISHED = {
    "o200k_base": (
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ),
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)",
        r"[^\r\n\p{L}\p{N}]?+\p{L}++",
        r"\p{N}{1,3}+",
        r" ?[^\s\p{L}\p{N}]++[\r\n]*+",
        r"\s++\Z",
        r"\s*[\r\n]",
        r"\s+(?!\S)",
        r"\s",
    ),
}
_ASCII = {
    "o200k_base": (
        rf"[^\r\nA-Za-z0-9]?(?:[A-Z]*[a-z]+|[A-Z]+)(?:{_SUFFIX})?",
        r"[0-9]{1,3}",
        rf" ?[^{_SPACES}A-Za-z0-9]+[\r\n/]*",
        rf"[{_SPACES}]*[\r\n]+",
        rf"[{_SPACES}]+(?![^{_SPACES}])",
        rf"[{_SPACES}]+",
    ),
    "cl100k_base": (
        _SUFFIX,
        r"[^\r\nA-Za-z0-9]?[A-Za-z]+",
        r"[0-9]{1,3}",
        rf" ?[^{_SPACES}A-Za-z0-9]+[\r\n]*",
        rf"[{_SPACES}]+\Z",
        rf"[{_SPACES}]*[\r\n]",
        rf"[{_SPACES}]+(?![^{_SPACES}])",
        rf"[{_SPACES}]",
    ),
}


def normal(text: str) -> bytes:
    """UTF-8 that has as many tokens as `text`; a lone surrogate counts as U+FFFD."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return data.translate(_DIGITS)


def words(data: bytes) -> list[bytes]:
    """Parts of `data`, each to be given to `word`; all but the first begin with a space that
    is left out here, so that the cutting itself is one call of `bytes.split`."""
    for run in _RUNS:
        if run in data:
            data = data.replace(run, run[1:].replace(b" ", _INNER_SPACE) + b" ")
    before_space = _BEFORE_ASCII if data.isascii() else _BEFORE_ANY
    data = _compiled(before_space).sub(_INNER_SPACE, data)
    return data.split(b" ")


def word(part: bytes, *, first: bool = False) -> bytes:
    """The text that a part from `words` stands for."""
    text = part.replace(_INNER_SPACE, b" ")
    return text if first else b" " + text


def chunks(data: bytes) -> list[bytes]:
    """`data` cut where letters or digits end; only the last may end in a space."""
    return _compiled(_CHUNK).findall(data)[:-1]  # the pattern also finds the empty end


@lru_cache
def splitter(encoding: str, *, at_end: bool) -> _Pieces:
    """The function that splits a chunk into pieces. `at_end`: the text ends with this chunk,
    which one pattern asks for."""
    ascii_pieces = re.compile(_joined(_ASCII[encoding], at_end).encode()).findall

    def pieces(chunk: bytes) -> list[bytes]:
        if chunk.isascii():
            return ascii_pieces(chunk)
        return [piece.encode() for piece in _unicode_pieces(encoding, at_end)(chunk.decode())]

    return pieces


@lru_cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    # Not at import: most imports of the package are followed by no count.
    return re.compile(pattern)


@lru_cache
def _unicode_pieces(encoding: str, at_end: bool) -> Callable[[str], list[str]]:
    # 20 ms to import, and ASCII text does without it.
    import regex  # noqa: PLC0415

    return regex.compile(_joined(_PUBLISHED[encoding], at_end)).findall


def _joined(pattern: tuple[str, ...], at_end: bool) -> str:
    return "|".join(part for part in pattern if at_end or not part.endswith(r"\Z"))
