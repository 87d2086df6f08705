"""What a response repeats of its request: the tools, and which of them may be called.

The client is told what it sent: our tool, which stands first where it was put in, is cut out. No
other byte changes, and only the beginning of each list is read.
"""

import json
import re

from headroom.markers import TOOL_NAME

_NAME = TOOL_NAME.encode()
# A quotation mark inside a JSON string is escaped, so these bytes are no text.
_TOOLS = re.compile(rb'"tools"\s*:\s*\[\s*(?=\{)')
_COMMA = re.compile(rb"\s*,\s*")
_LONGEST = 4_096
"""Bytes within which our tool ends, whatever a server adds to it."""


def as_asked(payload: bytes) -> bytes:
    """A response, or an event that holds one, without our tool in any list of tools; the very
    same bytes where it is in none. Never raises."""
    if _NAME not in payload:
        return payload
    kept: list[bytes] = []
    at = 0
    for found in _TOOLS.finditer(payload):
        start = found.end()
        end = _end_of_ours(payload, start) if start >= at else start
        if end > start:
            kept.append(payload[at:start])
            at = end
    return b"".join((*kept, payload[at:])) if kept else payload


def _end_of_ours(payload: bytes, start: int) -> int:
    """Where our tool, and the comma behind it, ends that begins at `start`; `start` where it is
    another one."""
    # As Latin-1 a character is a byte; the strings that count are ASCII.
    beginning = payload[start : start + _LONGEST].decode("latin-1")
    try:
        tool, length = json.JSONDecoder().raw_decode(beginning)
    except (ValueError, RecursionError):
        return start
    if tool.get("type") != "function" or tool.get("name") != TOOL_NAME:
        return start
    comma = _COMMA.match(payload, start + length)
    return comma.end() if comma else start + length
