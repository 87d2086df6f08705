"""What the client of an MCP connection has asked and waits for, read from single lines.

Only requests whose answers may be edited are remembered. What cannot be read, a batch included,
is nobody's request. It edits nothing and knows no compressor.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

CALL, LIST, CANCELLED = "tools/call", "tools/list", "notifications/cancelled"
_METHODS = (CALL, LIST, "initialize", "server/discover")
_WORDS = (b"tools", b"initialize", b"discover", b"cancelled")
_VERSION = "io.modelcontextprotocol/protocolVersion"
_MOST = 10_000

Id = str | int


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `tool` and `arguments` are those of a call. `versioned`: it names its protocol
    version itself, as the stateless versions of the protocol have it; results then have a type."""

    id: Id
    method: str
    tool: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    versioned: bool = False


def read_request(line: bytes) -> Asked | None:
    """The request in a client's line, if its answer matters here; a cancellation has the id of
    the request that it cancels."""
    if not any(word in line for word in _WORDS):
        return None
    said = _object(line)
    method, params = said.get("method"), _mapping(said.get("params"))
    if method == CANCELLED:
        cancelled = _id(params.get("requestId"))
        return None if cancelled is None else Asked(cancelled, CANCELLED)
    number = _id(said.get("id"))
    if method not in _METHODS or number is None:
        return None
    tool, versioned = params.get("name"), _VERSION in _mapping(params.get("_meta"))
    if method == CALL and isinstance(tool, str):
        return Asked(number, CALL, tool, _mapping(params.get("arguments")), versioned)
    return None if method == CALL else Asked(number, method, versioned=versioned)


class Waiting:
    """The requests of one connection that are not answered. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[Id, Asked] = {}

    def add(self, asked: Asked) -> None:
        """Remember a request until it is answered; the oldest go where there are too many."""
        with self._lock:
            self._asked[asked.id] = asked
            if len(self._asked) > _MOST:
                del self._asked[next(iter(self._asked))]

    def cancel(self, number: Id) -> None:
        """Forget a request: its answer, if one comes, is nobody's."""
        with self._lock:
            self._asked.pop(number, None)

    def answered(self, line: bytes) -> tuple[Asked, dict[str, Any]] | None:
        """The request that a server's line answers, and the result; None for every other line."""
        if not self._asked:
            return None
        said = _object(line)
        number, result = _id(said.get("id")), said.get("result")
        if "method" in said or number is None:
            return None
        with self._lock:
            asked = self._asked.pop(number, None)
        return (asked, result) if asked and isinstance(result, dict) else None


def answer(asked: Asked, text: str) -> bytes:
    """The line that answers a call with a text."""
    result: dict[str, Any] = {"content": [{"type": "text", "text": text}]}
    if asked.versioned:
        result["resultType"] = "complete"
    said = {"jsonrpc": "2.0", "id": asked.id, "result": result}
    try:
        return orjson.dumps(said) + b"\n"
    except TypeError:  # a lone surrogate
        return json.dumps(said).encode("ascii") + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        return _mapping(orjson.loads(line))
    except orjson.JSONDecodeError:
        return {}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _id(value: Any) -> Id | None:
    return value if type(value) in (str, int) else None
