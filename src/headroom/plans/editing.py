"""A file's bytes before and after a change: encoding and byte order mark kept, the result checked.

An edit that would change anything but what it should is refused. Knows bytes, no files.
"""

import codecs
from collections.abc import Sequence
from copy import deepcopy

from headroom.plans import undoing
from headroom.plans._api import Editor, FileFormat, KeyChange, Unreadable, Value
from headroom.plans.jsonc import JsonEditor
from headroom.plans.lines import LinesEditor, WholeEditor
from headroom.plans.toml import TomlEditor

_EDITORS: dict[FileFormat, Editor] = {
    FileFormat.JSON: JsonEditor(),
    FileFormat.TOML: TomlEditor(),
    FileFormat.LINES: LinesEditor(),
    FileFormat.WHOLE: WholeEditor(),
}
_KEYED = (FileFormat.JSON, FileFormat.TOML)


def put(kind: FileFormat, before: bytes | None, changes: Sequence[KeyChange]) -> bytes:
    """The file with the changes made. None is no file yet.

    Raises:
        Unreadable: the file is not of its format, or cannot be changed without more changing.
    """
    editor = _EDITORS[kind]
    mark, text = _decoded(b"" if before is None else before)
    for change in changes:
        after = editor.put(text, change)
        if kind in _KEYED:
            _check(editor, text, after, change)
        text = after
    return mark + text.encode("utf-8")


def drop(
    kind: FileFormat, current: bytes, former: Value, changes: Sequence[KeyChange]
) -> tuple[bytes, list[str]]:
    """The file as it would be without the changes, for one that was changed since they were
    made: what stood there before them (`former`) stands there again, and the rest stays.

    Also the names of the keys that hold something else by now, which stays too.

    Raises:
        Unreadable: the file is not of its format any more.
    """
    editor = _EDITORS[kind]
    mark, text = _decoded(current)
    kept: list[str] = []
    for change in reversed(changes):
        text = _undone(editor, text, change, former, kept)
    return mark + text.encode("utf-8"), kept


def former(kind: FileFormat, before: bytes | None, changes: Sequence[KeyChange]) -> Value:
    """Of a file before the changes, what `drop` needs to know."""
    if before is None or kind not in _KEYED:
        return None
    return undoing.former(_EDITORS[kind].read(_decoded(before)[1]), changes)


def says(kind: FileFormat, content: bytes | None, changes: Sequence[KeyChange]) -> bool:
    """Whether a file holds all that the changes ask for. One that cannot be read holds nothing."""
    if content is None:
        return False
    try:
        return put(kind, content, changes) == content
    except Unreadable:
        return False


def value(kind: FileFormat, content: bytes | None, *keys: str) -> Value:
    """What a file says under these keys; None where it says nothing or cannot be read."""
    if content is None:
        return None
    try:
        said = _EDITORS[kind].read(_decoded(content)[1])
    except Unreadable:
        return None
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    return said


def _undone(editor: Editor, text: str, change: KeyChange, former: Value, kept: list[str]) -> str:
    if not change.keys:
        after = editor.drop(text, change)
        if after == text and text:
            kept.append("the file")
        return after
    if not change.append:
        there = _at(editor.read(text), change.keys)
        if there != change.value:
            if there is not None:
                kept.append(change.name)
            return text
        if _has(former, change.keys):
            return editor.put(text, KeyChange(change.keys, _at(former, change.keys)))
    elif change.value in _list(_at(former, change.keys)):
        return text
    return _pruned(editor, _dropped(editor, text, change), change, former)


def _pruned(editor: Editor, text: str, change: KeyChange, former: Value) -> str:
    """Without the empty containers that were only made to hold the change."""
    keys = change.keys if change.append else change.keys[:-1]
    while keys and _at(editor.read(text), keys) in ({}, []) and not _has(former, keys):
        text = _dropped(editor, text, KeyChange(keys, None))
        keys = keys[:-1]
    return text


def _dropped(editor: Editor, text: str, change: KeyChange) -> str:
    """The text without what the change put there, and with everything else."""
    after = editor.drop(text, change)
    wanted = deepcopy(editor.read(text))
    inner = _at(wanted, change.keys[:-1])
    key = change.keys[-1]
    if isinstance(inner, dict) and key in inner:
        items = inner[key]
        if change.append and isinstance(items, list) and change.value in items:
            items.remove(change.value)
        elif not change.append:
            del inner[key]
    if editor.read(after) != wanted:
        raise Unreadable(f"{change.name} cannot be taken out without changing something else")
    return after


def _check(editor: Editor, before: str, after: str, change: KeyChange) -> None:
    wanted = _changed(editor.read(before), change)
    if editor.read(after) != wanted:
        raise Unreadable(f"{change.name} cannot be set there without changing something else")


def _changed(said: Value, change: KeyChange) -> Value:
    whole = deepcopy(said)
    inner = whole if isinstance(whole, dict) else {}
    for key in change.keys[:-1]:
        found = inner.setdefault(key, {})
        inner = found if isinstance(found, dict) else {}
    key = change.keys[-1]
    if not change.append:
        inner[key] = change.value
        return whole
    items = inner.setdefault(key, [])
    if isinstance(items, list) and change.value not in items:
        items.append(change.value)
    return whole


def _at(said: Value, keys: Sequence[str]) -> Value:
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    return said


def _has(said: Value, keys: Sequence[str]) -> bool:
    inner = _at(said, keys[:-1])
    return isinstance(inner, dict) and keys[-1] in inner


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _decoded(content: bytes) -> tuple[bytes, str]:
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        return mark, content[len(mark) :].decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8: byte {len(mark) + error.start}") from error
