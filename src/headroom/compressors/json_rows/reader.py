"""Text to JSON values: one document or one value a line, or nothing where in doubt.

Its rule: what cannot be given back exactly is not read at all. Duplicate keys, an escaped NUL
(see `values`), lone surrogates, trailing text and nesting beyond the interpreter's limit give
None.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from headroom.compressors.json_rows.values import NUMBER, compact
from headroom.compressors.json_rows.walk import Shapes, shapes_of

_SPELL = NUMBER.__add__


class Document(NamedTuple):
    """A parsed text; `lines` says that it was one JSON value a line, `value` their list.
    `shapes` are all its records."""

    value: Any
    lines: bool
    shapes: Shapes


class _DuplicateKey(ValueError):
    """An object names a key twice: which one counts is its reader's guess."""


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _DuplicateKey
    return record


_Decode = Callable[[str], Any]
_decode: _Decode = json.JSONDecoder(
    parse_float=_SPELL, parse_int=_SPELL, parse_constant=_SPELL
).decode
_decode_checking: _Decode = json.JSONDecoder(
    object_pairs_hook=_record, parse_float=_SPELL, parse_int=_SPELL, parse_constant=_SPELL
).decode

_OPENS = re.compile(r"\s*[\[{]")
_SPACED_COLON = re.compile(r'"\s+:')


def read(text: str) -> Document | None:
    """The values in `text`, or None where it is no JSON or could not be given back exactly."""
    escaped = "\\" in text and "\\u" in text
    if (escaped and "\\u0000" in text) or not _OPENS.match(text):
        return None
    document = _parsed(text, _decode)
    if document is not None and _keys_in(text) != _keys_of(document):
        document = _parsed(text, _decode_checking)
    if document is None or not _can_be_written(text, document, escaped):
        return None
    return document


def _parsed(text: str, decode: _Decode) -> Document | None:
    try:
        value, lines = decode(text), False
    except _DuplicateKey:
        return None
    except (ValueError, RecursionError):
        value, lines = _lines(text, decode), True
    return None if value is None else Document(value, lines, shapes_of(value, set()))


def _keys_in(text: str) -> int:
    """The number of keys written in a JSON text, or a larger one, or -1 for unknown: each
    `":` ends a key, opens a string, or has its quote escaped."""
    ends = text.count('":')
    if "\\" in text and '\\":' in text:
        if '\\\\":' in text:
            return -1
        ends -= text.count('\\":')
    spaced = any(space in text and f"{space}:" in text for space in " \n\t\r")
    return -1 if spaced and _SPACED_COLON.search(text) else ends


def _keys_of(document: Document) -> int:
    return sum([len(keys) * len(records) for keys, records in document.shapes.items()])


def _can_be_written(text: str, document: Document, escaped: bool) -> bool:
    """Whether no string holds a lone surrogate, which no UTF-8 text can say."""
    if text.isascii() and not (escaped and ("\\ud" in text or "\\uD" in text)):
        return True
    try:
        text.encode()
        compact(document.value)
    except (UnicodeEncodeError, TypeError):
        return False
    return True


def _lines(text: str, decode: _Decode) -> list[Any] | None:
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    if len(lines) < 2 or not all(map(_OPENS.match, lines)):
        return None
    try:
        return list(map(decode, lines))
    except (ValueError, RecursionError):
        return None
