"""TOML, edited in place by tomlkit, which keeps comments, order and spelling."""

import re
from collections.abc import MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from headroom.plans._api import KeyChange, Unreadable, Value

_LONE = re.compile(r"(?<!\r)\n")


class TomlEditor:
    """Edits of TOML texts, by key."""

    def read(self, text: str) -> Value:
        """What the file says."""
        said: Value = _parsed(text).unwrap()
        return said

    def put(self, text: str, change: KeyChange) -> str:
        """The text with the change made."""
        document = _parsed(text)
        table = _inner(document, change, make=True)
        if table is None:
            raise Unreadable(f"{change.name}: what is around it is no table")
        key = change.keys[-1]
        if change.append:
            items = table.setdefault(key, tomlkit.array())
            if change.value not in items:
                items.append(change.value)
        elif table.get(key) != change.value:
            table[key] = change.value
        return _written(document, text)

    def drop(self, text: str, change: KeyChange) -> str:
        """The text without what the change put there."""
        document = _parsed(text)
        table = _inner(document, change, make=False)
        key = change.keys[-1]
        if table is None or key not in table:
            return text
        if not change.append:
            del table[key]
        elif change.value in table[key]:
            table[key].remove(change.value)
        return _written(document, text)


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise Unreadable(f"not TOML: {error}") from error


def _written(document: tomlkit.TOMLDocument, before: str) -> str:
    """The document with the line ends it had."""
    after = tomlkit.dumps(document)
    return _LONE.sub("\r\n", after) if "\r\n" in before else after


def _inner(
    document: tomlkit.TOMLDocument, change: KeyChange, make: bool
) -> MutableMapping[str, Any] | None:
    table: MutableMapping[str, Any] = document
    outer = change.keys[:-1]
    for at, key in enumerate(outer):
        if key not in table:
            if not make:
                return None
            # A table that only holds tables needs no line of its own.
            is_super = at < len(outer) - 1 or isinstance(change.value, dict)
            table[key] = tomlkit.table(is_super_table=is_super)
        inner = table[key]
        if not isinstance(inner, MutableMapping):
            return None
        table = inner
    return table
