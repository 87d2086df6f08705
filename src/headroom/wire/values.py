"""The JSON of answers as Python values and back.

What cannot be read is None, and whatever was read here can be written again, inside of a few
further levels too.
"""

import json
from typing import Any

import orjson

_MAX_DEPTH = 200


def decoded(raw: bytes) -> Any:
    """The value in `raw`, or None: no JSON, or nested too deep to be written again."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = _leniently(raw)
    # Fewer brackets than levels allowed: no need to look.
    if raw.count(b"{") + raw.count(b"[") > _MAX_DEPTH and _is_deep(value):
        return None
    return value


def object_in(raw: bytes) -> dict[str, Any]:
    """The object in `raw`; empty where there is none."""
    value = decoded(raw)
    return value if isinstance(value, dict) else {}


def encoded(value: Any) -> bytes:
    """`value` as compact JSON.

    Raises:
        RecursionError: it nests too deep, which nothing does that was read here.
    """
    try:
        return orjson.dumps(value)
    except TypeError:  # lone surrogates, integers longer than 64 bits, many levels
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def _leniently(raw: bytes) -> Any:
    """The escapes of lone surrogates, which servers that cut texts do send."""
    try:
        return json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _is_deep(value: Any) -> bool:
    try:
        orjson.dumps(value)  # which goes about as deep
    except TypeError:
        return _levels(value) > _MAX_DEPTH
    return False


def _levels(value: Any) -> int:
    """How deep lists and objects nest in `value`, counted no further than one too many."""
    levels, level = 0, [value]
    while levels <= _MAX_DEPTH:
        nodes = [node for node in level if isinstance(node, (dict, list))]
        if not nodes:
            break
        levels += 1
        level = [
            child for node in nodes for child in (node.values() if isinstance(node, dict) else node)
        ]
    return levels
