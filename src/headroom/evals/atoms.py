"""Atoms: the identifiers, paths and numbers by which an agent carries facts from what it read
into what it does. Their rule is one pattern; nothing here knows of conversations."""

import json
import re
from collections.abc import Iterator
from typing import Any

_ATOM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{3,}[A-Za-z0-9_]")


def atoms(text: str) -> set[str]:
    """The atoms of a text: 5 or more characters, beginning and ending in a letter or digit."""
    return set(_ATOM.findall(text))


def argument_values(arguments: str) -> str:
    """The values in a tool call's arguments, decoded, one a line; other text as it is."""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    return "\n".join(_leaves(value))


def _leaves(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))
        elif item is not None:
            yield item if isinstance(item, str) else json.dumps(item)
