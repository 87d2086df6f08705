"""What a tool's name tells: whether it only passes on words, or is there to write."""

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_WRITING = frozenset({"write", "edit", "create", "insert", "replace", "patch", "save"})
_LISTS = frozenset({"todo", "todos"})
_TALKING = frozenset(
    [
        *("agent", "agents", "subagent", "subagents", "task", "plan", "ask", "question"),
        *("questions", "completion", "skill", "slash", "think", "thinking", "intent"),
    ]
)
_SENT = frozenset({"message", "input"})


@lru_cache(maxsize=256)
def words(tool: str) -> tuple[str, ...]:
    """The words of a tool's own name, without that of the server which offers it."""
    return tuple(word.lower() for word in _WORD.findall(tool.rpartition("__")[2]))


def only_talks(tool: str) -> bool:
    """Whether a tool passes on words: to agents, to people, to a list of what is to be done."""
    named = words(tool)
    if not named:
        return False
    if not _LISTS.isdisjoint(named) or named[-1] in _TALKING:
        return True
    if (named[0] == "task" and len(named) == 2) or (named[-1] in _SENT and "send" in named):
        return True
    return not _TALKING.isdisjoint(named) and not has_to_write(tool)


def has_to_write(tool: str) -> bool:
    """Whether a tool is there to write, whatever the names of its arguments are."""
    return not _WRITING.isdisjoint(words(tool))
