"""How one value is written in a cell, and one name in a header.

Its rule: a cell is bare where it cannot be read as anything else, JSON where it could. Tables
inside cells use the same spelling with brackets refused as well.
"""

import re
from collections.abc import Iterable
from string import ascii_letters
from typing import Any, Final

import orjson

from headroom.compressors.json_rows.columns import Column
from headroom.compressors.json_rows.values import MISSING, NUMBER, compact, quoted

DELIMITER: Final = ","
"""Between cells. Measured on real API lists: fewer o200k tokens than |, ; and about as many
as a tab, which many clients show badly."""

LITERAL: Final = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|true|false|null|-?Infinity|NaN"
"""What a bare cell is read as when it is not read as a text."""

_LOOKS_LITERAL = re.compile(rf"(?:{LITERAL})\Z")
_OPENS_UNSAFE = re.compile(rf"[\s\"(\[{{<]|## |#\d|(?:{LITERAL})?\Z")
_OPENS_UNSAFE_TEXT = re.compile(r"[\s\"(\[{<]|## |#\d|(?:null)?\Z")
_BREAK = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_BRACKET = re.compile(r"[()\[\]{}]")
_NAME = re.compile(r"[A-Za-z_$@\d/-][\w$@/-]*\Z", re.ASCII)
_SIGNS = ',"()[]{}'
_SAFE_OPENINGS = frozenset(set(ascii_letters) - set("tfnIN"))
_MOSTLY_DISTINCT = 0.5
_WORDS = {True: "true", False: "false", None: "null"}


def name(key: str) -> str:
    """A key as one step of a column's name: bare if it is one plain word, else JSON."""
    return key if _NAME.match(key) else quoted(key)


def cell(value: Any, inner: bool, text: bool = False) -> str:
    """One value as a cell: `inner` inside brackets, `text` in a column of strings only."""
    if type(value) is str:
        if value[:1] == NUMBER:
            return value[1:]
        return _strings([value], inner, text)[0]
    if value is MISSING:
        return ""
    if type(value) is list:
        return _list(value)
    if type(value) is dict:
        return compact(value)
    return _WORDS[value]


def _strings(values: Iterable[str], inner: bool, text: bool) -> list[str]:
    """Strings as cells."""
    opens = (_OPENS_UNSAFE_TEXT if text else _OPENS_UNSAFE).match
    inside = _BRACKET.search if inner else _nothing
    return [
        quoted(v)
        if DELIMITER in v
        or opens(v)
        or v[-1] == " "
        or inside(v)
        or not (v.isprintable() or (_BREAK.search(v) is None and not v[-1].isspace()))
        else v
        for v in values
    ]


def _nothing(_: str) -> None:
    """Finds nothing."""


def _list(values: list[Any]) -> str:
    if any(type(value) is dict or type(value) is list for value in values):
        return compact(values)
    return f"[{DELIMITER.join([cell(value, inner=True) for value in values])}]"


def cells(column: Column, inner: bool, text: bool = False) -> list[str]:
    """A column's cells. Each distinct scalar is written once."""
    values = column.values
    if not column.plain:
        return [cell(value, inner, text) for value in values]
    if column.strings:
        literals = column.literals()
        if literals is not None:
            return literals
        if NUMBER not in column.together:
            return _text_cells(column, inner, text)
    return _mixed_cells(values, inner, text)


def _mixed_cells(values: list[Any], inner: bool, text: bool) -> list[str]:
    written: dict[Any, str] = {}
    texts: list[str] = []
    for value in set(values):
        if type(value) is not str or value[:1] == NUMBER:
            written[value] = cell(value, inner, text)
        else:
            texts.append(value)
    written.update(zip(texts, _strings(texts, inner, text), strict=True))
    return [written[value] for value in values]


def _text_cells(column: Column, inner: bool, text: bool) -> list[str]:
    values: list[str] = column.values
    if _surely_bare(column):
        return values
    distinct = dict.fromkeys(values)
    if len(distinct) > _MOSTLY_DISTINCT * len(values):
        return _strings(values, inner, text)
    written = dict(zip(distinct, _strings(distinct, inner, text), strict=True))
    return [written[value] for value in values]


def _surely_bare(column: Column) -> bool:
    """Whether one look at all the strings together shows that each is bare."""
    together = column.together
    if not together.isprintable() or any(map(together.__contains__, _SIGNS)):
        return False
    if " " in together and " " in {value[-1:] for value in column.values}:
        return False
    if {value[:1] for value in column.values} <= _SAFE_OPENINGS:
        return True
    return not any(map(_OPENS_UNSAFE.match, column.values))


def said(column: Column, inner: bool) -> tuple[str, list[str], list[str] | None]:
    """A column's suffix, its cells, and how they stand outside of it where that differs: a
    column of strings that look like something else, or that hold JSON, says so once."""
    values = column.values
    written = cells(column, inner)
    if written is values or (column.strings and column.texts() is None):
        return "", written, None
    if _all_json(values):
        kept = [value if type(value) is str else cell(value, inner) for value in values]
        return ":json", kept, written
    if not _only_strings(column):
        return "", written, None
    return ":str", cells(column, inner, text=True), written


def _all_json(values: list[Any]) -> bool:
    """Whether every string is compact JSON, which needs no second escaping."""
    texts = [value for value in values if value is not None and value is not MISSING]
    if not texts or set(map(type, texts)) != {str}:
        return False
    if not {text[:1] for text in texts} <= {"{", "["}:
        return False
    return all(map(_is_compact_json, texts))


def _is_compact_json(text: str) -> bool:
    try:
        return (
            quoted(text)[1:-1].isprintable() and orjson.dumps(orjson.loads(text)) == text.encode()
        )
    except (ValueError, TypeError):
        return False


def _only_strings(column: Column) -> bool:
    """Whether every value is a string, null or missing, and some string looks like another
    literal."""
    kinds = column.kinds
    if str not in kinds or not kinds.isdisjoint((bool, list, dict)):
        return False
    distinct = [value for value in set(column.values) if type(value) is str]
    if not column.strings and NUMBER in "".join(distinct):
        return False
    return any(map(_LOOKS_LITERAL.match, distinct))


def joined(parts: Iterable[str]) -> str:
    """Cells as one row."""
    return DELIMITER.join(parts)
