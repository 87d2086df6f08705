"""The lines that an agent's edit calls replace, as the call names them.

Two ways of editing are known: by the old text (`old_string`, `oldText`, …) and by line numbers
in the window last shown (`edit 12:15`). What else a tool may do to a file is not an edit here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MIN_LINE = 7
"""Characters below which a line says too little to be looked for."""

_OLD_TEXTS = frozenset(("old_string", "old_str", "oldText", "old_text", "oldString", "search"))
_BY_NUMBER = re.compile(r"\s*edit (\d+):(\d+)\b")
_NUMBERED = re.compile(r"^ *(\d+)[:|\t→](.*)$", re.MULTILINE)
_MOST_LINES = 5_000


def targets(arguments: str, window: Mapping[int, str]) -> list[str]:
    """The distinct lines that a call with these arguments replaces, in order; `window` holds
    the lines last shown with numbers."""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        value = {"command": arguments}
    lines = [line for text in _old_texts(value) for line in text.split("\n")]
    if isinstance(value, dict) and isinstance(value.get("command"), str):
        lines += _by_number(value["command"], window)
    return list(dict.fromkeys(line for line in lines if len(line.strip()) >= MIN_LINE))


def numbered_lines(text: str) -> dict[int, str]:
    """The lines of a text that stand behind a line number, by that number."""
    return {int(number): line for number, line in _NUMBERED.findall(text)}


def _old_texts(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            for key, inner in item.items():
                if key in _OLD_TEXTS and isinstance(inner, str):
                    yield inner
            stack.extend(reversed(item.values()))


def _by_number(command: str, window: Mapping[int, str]) -> list[str]:
    found = _BY_NUMBER.match(command)
    if found is None:
        return []
    first, last = int(found[1]), int(found[2])
    return [
        window[number]
        for number in range(first, min(last, first + _MOST_LINES) + 1)
        if number in window
    ]
