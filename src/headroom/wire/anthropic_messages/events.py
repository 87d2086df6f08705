"""JSON as this API's answers spell it: read without raising, written compactly.

What `read` and `decoded` give can always be written again.
"""

import json
from typing import Any

import orjson

_SHALLOW = 250
"""Brackets that cannot nest too deep for the writer, which gives up before the reader does."""


def read(payload: bytes) -> dict[str, Any]:
    """The object in an event's data; empty where there is none."""
    value = decoded(payload)
    return value if isinstance(value, dict) else {}


def decoded(payload: bytes) -> Any:
    """The JSON value in `payload`, or None."""
    try:
        value = _loaded(payload)
        if payload.count(b"{") + payload.count(b"[") > _SHALLOW:
            write(value)
    except (ValueError, RecursionError):
        return None
    return value


def write(value: Any) -> bytes:
    """`value` as compact JSON.

    Raises:
        RecursionError: it nests too deep, which nothing does that was read here.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def _loaded(payload: bytes) -> Any:
    """A character that is torn over two events comes as halves, which the strict reader
    refuses."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return json.loads(payload, parse_constant=_refused)


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
