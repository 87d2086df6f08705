"""The JSON of answers as Python values and back. Nothing here raises: what cannot be read is
None, and whatever `decoded` has read can be written again.
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


def encoded(value: Any) -> bytes:
    """`value`, or anything built of a few such values, as compact JSON."""
    try:
        return orjson.dumps(value)
    except TypeError:  # lone surrogates, or integers longer than 64 bits
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
    level = [value]
    for _ in range(_MAX_DEPTH):
        nodes = [node for node in level if isinstance(node, (dict, list))]
        if not nodes:
            return False
        level = [
            child for node in nodes for child in (node.values() if isinstance(node, dict) else node)
        ]
    return True
