"""Every line's shape: its separators and its fields, with numbers and ids taken out.

The whole text is masked at once by `bytes.translate`; fields are cut per distinct mask and
judged per distinct field, so that the cost per line stays that of a dictionary look-up.
Lines of one shape have the same words in the same places, but for numbers, hexadecimal ids
and the names of days and months. It never joins lines whose words differ; `families` may. It
knows nothing of levels, times or output.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

_DIGITS = b"0123456789"
_SPACES = b" \t\x0b\x0c"
_MARKS = b"=,;()[]{}<>\"'|:&"
_TO_ZERO = bytes.maketrans(_DIGITS, b"0" * 10)
_PARTING = _SPACES + _MARKS
_TO_FIELDS = bytes.maketrans(_PARTING, b" " * len(_PARTING))
_NOT_MARKS = bytes(set(range(256)) - set(_MARKS) - {10})
_IN_QUOTES = bytes.maketrans(_PARTING, b"\x01" * len(_PARTING))
_PRODUCT = re.compile(rb'"[A-Za-z][A-Za-z_.-]*/0[^"\n]*"')
_ID_BYTES = b"0abcdefABCDEFxX#.-/+_%@"
_UUID = re.compile(rb"-".join(rb"[0a-fA-F]{%d}" % size for size in (8, 4, 4, 4, 12)))
_HEX_RUN = re.compile(rb"(?<![0A-Za-z])(?=[a-fA-F]{0,40}0)[0a-fA-F]{6,}(?![0A-Za-z])")
_HEX_LEAST = 6
_HEX_LETTERS = b"abcdefABCDEF"
_STRAY_SIZES = (2, 4, 8, 12)
_ENGLISH = frozenset((b"dead", b"face", b"fade", b"feed", b"deed", b"deaf", b"cafe", b"bead"))
_DATE_WORDS = frozenset(
    b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun".split()
)
_LONG = 4_096

WHOLE = b"\x02"
ID = b"#"
QUOTE = b"\x01"
Fields = tuple[bytes, ...]


class Shape(NamedTuple):
    """Separators (spaces apart) and fields of a line; numbers and ids stand as `ID`. A quoted
    product string (`"Mozilla/5.0 (…)"`) is one field, with `QUOTE` for its separators. A very
    long line has the separators `WHOLE` and no fields but its digest."""

    separators: bytes
    fields: Fields


class Shapes(NamedTuple):
    """Distinct shapes in order of appearance, which one each line has, and all their fields.
    `exact` numbers the lines' masks with the lengths of their numbers kept."""

    distinct: list[Shape]
    of_line: list[int]
    exact: list[int]
    vocabulary: frozenset[bytes]


def shapes(lines: Sequence[str]) -> Shapes:
    """The shape of every line. Linear in the text."""
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    masks = data.translate(_TO_ZERO).split(b"\n")
    first = {mask: number for number, mask in enumerate(dict.fromkeys(masks))}
    exact = list(map(first.__getitem__, masks))
    worded, vocabulary = _cut(list(first))
    found: dict[Shape, int] = {}
    renamed = [found.setdefault(shape, len(found)) for shape in worded]
    joined = _join_stray_ids(found, vocabulary)
    renamed = list(map(joined.__getitem__, renamed))
    dense = {number: place for place, number in enumerate(dict.fromkeys(renamed))}
    names = list(found)
    of_mask = list(map(dense.__getitem__, renamed))
    of_line = list(map(of_mask.__getitem__, exact))
    return Shapes([names[number] for number in dense], of_line, exact, vocabulary)


def fields_of(line: str) -> list[bytes]:
    """The fields of one line as they are, cut where the fields of its shape are cut (but a
    quoted product string is not kept together)."""
    return line.encode("utf-8", "surrogatepass").translate(_TO_FIELDS).split()


def rows_of(lines: Iterable[str]) -> list[list[bytes]]:
    """`fields_of` each line; many at once are cheaper."""
    data = "\n".join(lines).encode("utf-8", "surrogatepass").translate(_TO_FIELDS)
    return list(map(bytes.split, data.split(b"\n")))


class _Canonical(dict[bytes, bytes]):
    """For each field, worked out when it is first asked for: `ID` where it is a number, a
    hexadecimal id or a date word, else the field with its numbers and ids as `0`."""

    def __missing__(self, field: bytes) -> bytes:
        if b"0" not in field:
            form = ID if field in _DATE_WORDS else field
        elif field.strip(_ID_BYTES):
            form = _numbered(field)
        else:
            form = ID
        self[field] = form
        return form


def _cut(masks: list[bytes]) -> tuple[list[Shape], frozenset[bytes]]:
    """The shape of each mask, and the fields of all. A mask over `_LONG` bytes
    is its own shape, known by its digest: fine work on it would cost too much."""
    long = {number: mask for number, mask in enumerate(masks) if len(mask) > _LONG}
    text = b"\n".join(
        [b"" if n in long else mask for n, mask in enumerate(masks)] if long else masks
    )
    if b'"' in text:
        text = _PRODUCT.sub(lambda found: found.group().translate(_IN_QUOTES), text)
    separators = text.translate(None, _NOT_MARKS).split(b"\n")
    spaced = text.translate(_TO_FIELDS).split(b"\n")
    canonical = _Canonical()
    rename = canonical.__getitem__
    worded = [
        Shape(marks, tuple(map(rename, line.split())))
        for marks, line in zip(separators, spaced, strict=True)
    ]
    for number, mask in long.items():
        worded[number] = Shape(WHOLE, (blake2b(mask, digest_size=16).hexdigest().encode(),))
    return worded, frozenset(canonical.values())


def _numbered(field: bytes) -> bytes:
    """`field` with each of its numbers and hexadecimal ids as one `0`, without a sign."""
    if len(field) > _HEX_LEAST:
        field = _HEX_RUN.sub(b"0", _UUID.sub(b"0", field) if field.count(b"-") > 3 else field)
    while b"00" in field:
        field = field.replace(b"00", b"0")
    return field.replace(b"_-0", b"_0")


def _join_stray_ids(found: dict[Shape, int], vocabulary: frozenset[bytes]) -> list[int]:
    """A hexadecimal group may have no digit (`bc` in a MAC address): such a shape joins the
    one that has an id in that place, if there is one."""
    joined = list(range(len(found)))
    strays = {
        field
        for field in vocabulary
        if len(field) in _STRAY_SIZES and not field.strip(_HEX_LETTERS) and field not in _ENGLISH
    }
    if not strays:
        return joined
    for (separators, worded), number in found.items():
        if not strays.isdisjoint(worded):
            fields = tuple([ID if field in strays else field for field in worded])
            joined[number] = found.get(Shape(separators, fields), number)
    return joined
