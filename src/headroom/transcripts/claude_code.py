"""Claude Code's session files: one JSON event a line, linked by `parentUuid`.

    {"type": "user", "uuid": …, "parentUuid": …, "message": {"role": "user", "content": …}, …}
    {"type": "assistant", "uuid": …, "parentUuid": …, "message": {"id": "msg_…", …}, …}
    {"type": "system", "subtype": "compact_boundary", …}
    {"type": "summary", …} {"type": "file-history-snapshot", …} {"type": "attachment", …} …

The vendor calls the form internal and changes it, so this is lenient: what is unknown is
passed over and counted. A compaction, a subagent and a second root each begin a conversation
of their own, for each is sent as one. Of turns that the person took back, only what was sent
last is kept.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from headroom.transcripts._api import ANTHROPIC_MESSAGES, Transcript
from headroom.transcripts.threads import Event, threads

_HEAD_LINES = 50
_KEYS = ("sessionId", "session_id", "parentUuid", "leafUuid")
_ROLES = ("user", "assistant")
_SIDECHAIN = "sidechain"


class ClaudeCode:
    """Claude Code's session files, and the event stream that it prints."""

    name = "claude_code"
    expects = "a session file of Claude Code (one event a line, with sessionId and message)"

    def recognises(self, text: str) -> bool:
        """Whether one of the first lines is an event of a session."""
        lines = text[:1_000_000].split("\n", _HEAD_LINES)[:_HEAD_LINES]
        return any(
            isinstance(event.get("type"), str)
            and not {"role", "messages"} & event.keys()
            and any(key in event for key in _KEYS)
            for event in map(_parsed, lines)
        )

    def conversations(self, text: str) -> Iterator[Transcript]:
        """One for each root of the events' tree: the thread that leads to its last message."""
        skipped: Counter[str] = Counter()
        events = list(_events(text, skipped))
        for number, thread in enumerate(threads(events), 1):
            skipped["abandoned"] += thread.abandoned
            told = {kind: count for kind, count in skipped.items() if count}
            skipped.clear()
            name = _name(thread.root, number)
            yield Transcript(name, _messages(thread.events), ANTHROPIC_MESSAGES, told)


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _events(text: str, skipped: Counter[str]) -> Iterator[Event]:
    """The events that carry a message or link others. Of what is not sent each is counted."""
    known: set[str] = set()
    for line in text.split("\n"):
        if not line.strip():
            continue
        raw = _parsed(line)
        kind = str(raw.get("type", "unreadable"))
        uuid = str(raw.get("uuid") or "")
        if uuid in known:
            skipped["repeated"] += 1
            continue
        known.update({uuid} - {""})
        message = raw.get("message")
        sent = kind in _ROLES and isinstance(message, dict) and not raw.get("isApiErrorMessage")
        boundary = raw.get("subtype") == "compact_boundary"
        if not sent and not boundary:
            skipped[kind] += 1
        if sent or boundary or uuid:
            yield Event(
                uuid=uuid,
                parent=_parent(raw, boundary),
                branch=_branch(raw),
                message=message if sent else None,
                session=str(raw.get("sessionId") or raw.get("session_id") or ""),
            )


def _parent(raw: dict[str, Any], boundary: bool) -> str | None:
    """The event before, "" where a compaction or the file begins anew, None where unsaid."""
    if boundary:
        return ""
    if "parentUuid" not in raw:
        return None
    return str(raw["parentUuid"] or "")


def _branch(raw: dict[str, Any]) -> str:
    """Which subagent wrote it; empty for the main conversation."""
    agent = raw.get("agentId") or raw.get("parent_tool_use_id")
    if agent:
        return str(agent)
    return _SIDECHAIN if raw.get("isSidechain") else ""


def _name(root: Event, number: int) -> str:
    """The agent's or the session's id, with its place in the file behind it from the second
    conversation on."""
    name = root.session
    if root.branch:
        name = f"{name}-{_SIDECHAIN}" if root.branch == _SIDECHAIN else f"agent-{root.branch}"
    return name if number == 1 or not name else f"{name}-{number}"


def _messages(events: list[Event]) -> list[dict[str, Any]]:
    """The messages as the API got them: the blocks of one answer, which stand in several
    events, in one message, and all results of its calls in the one behind it."""
    messages: list[dict[str, Any]] = []
    answers: dict[str, dict[str, Any]] = {}
    for event in events:
        raw = event.message or {}
        role = str(raw.get("role") or "user")
        message = {"role": role, "content": raw.get("content") or ""}
        answer = str(raw.get("id") or "") if role == "assistant" else ""
        if answer and answer in answers:
            answers[answer]["content"] = _merged(answers[answer]["content"], message["content"])
        elif _is_results(message) and messages and _is_results(messages[-1]):
            messages[-1]["content"] = [*messages[-1]["content"], *message["content"]]
        else:
            messages.append(message)
            if answer:
                answers[answer] = message
    return messages


def _is_results(message: dict[str, Any]) -> bool:
    content = message["content"]
    return isinstance(content, list) and all(
        isinstance(block, dict) and block.get("type") == "tool_result" for block in content
    )


def _merged(before: Any, more: Any) -> Any:
    """The blocks of two events of one answer. A later snapshot of a block (the same call, a
    text that begins as the former) takes its place."""
    if not isinstance(before, list) or not isinstance(more, list):
        return more if more else before
    blocks = list(before)
    for block in more:
        place = next((at for at, old in enumerate(blocks) if _supersedes(block, old)), None)
        if place is None:
            blocks.append(block)
        else:
            blocks[place] = block
    return blocks


def _supersedes(new: Any, old: Any) -> bool:
    if not isinstance(new, dict) or not isinstance(old, dict) or new.get("type") != old.get("type"):
        return bool(new == old)
    kind = str(new.get("type"))
    if kind == "tool_use":
        return bool(new.get("id") == old.get("id"))
    text = old.get(kind)
    return new == old or (isinstance(text, str) and str(new.get(kind, "")).startswith(text))
