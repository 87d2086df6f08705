"""Which session and which agent a request belongs to, as far as it tells. Pure.

A session is named by what the client says of it, else by its first words: those never change
while it grows.
"""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from headroom.conversation import Conversation, Kind

_HEADERS = (
    "x-claude-code-session-id",
    "x-session-id",
    "session_id",
    "session-id",
    "x-interaction-id",
)
_SUBAGENT = "x-claude-code-agent-id"
_PRODUCT = re.compile(r"[A-Za-z][\w.-]*(?:/(?:JS|Python))?")
_AGENTS = (
    ("claude-cli", "claude-code"),
    ("codex", "codex"),
    ("copilot", "copilot"),
    ("opencode", "opencode"),
    ("geminicli", "gemini-cli"),
    ("litellm", "litellm"),
    ("aider", "aider"),
)


def named_by_client(headers: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """A short name of the session that the client says it is in; empty where it says none. A
    sub-agent's begins with that of the session that it works for, and a dot."""
    said = next((headers[name] for name in _HEADERS if headers.get(name)), "") or _in_body(body)
    if not said:
        return ""
    name, agent = _short(f"{said}\0"), headers.get(_SUBAGENT, "")
    return f"{name}.{_short(agent)}" if agent else name


def beginning_of(talk: Conversation) -> str:
    """The session's name by its first words alone; empty where it has none."""
    for message in talk.messages:
        for block in message.blocks:
            if block.kind is Kind.USER_TEXT:
                return _short(block.text)
    return ""


def agent_of(headers: Mapping[str, str]) -> str:
    """The client program, by its User-Agent."""
    said = headers.get("user-agent", "")
    if "x-initiator" in headers:
        return "copilot"
    low = said.lower()
    for part, name in _AGENTS:
        if part in low:
            return name
    found = _PRODUCT.match(said)
    return found[0][:40].lower() if found else ""


def _in_body(body: Mapping[str, Any]) -> str:
    key = body.get("prompt_cache_key")
    if isinstance(key, str) and key:
        return key
    metadata = body.get("metadata")
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(user, str) or "session" not in user:
        return ""
    try:
        named = json.loads(user)
    except ValueError:
        return user
    found = named.get("session_id") if isinstance(named, dict) else None
    return found if isinstance(found, str) else user


def _short(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
