"""What a tool call was for, told from its name and its arguments.

Agents differ in how they read and run: `Read {"file_path": …}`, `bash {"command": "cat …"}`,
`open f.py 12`. This module turns a call into the few facts that decide how its result may be
shortened. It never looks at the result.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_MAX_ARGUMENTS = 200_000
_COMMANDS = ("command", "cmd", "script", "input")
_PATHS = (
    *("file_path", "path", "filename", "file", "target_file", "absolute_path", "relative_path"),
    *("paths", "file_paths"),
)
_CONTENTS = (
    *("content", "file_text", "contents", "new_str", "new_string", "newText", "oldText"),
    *("old_str", "old_string", "edits", "insert_text", "patch", "diff", "code_edit"),
)
_READING_TOOL = re.compile(
    r"(?:^|[_.-])(?:read|view|open|cat|show|get)(?:[_-]?(?:many|multiple|text))?"
    r"(?:[_-]?(?:notebook|files?(?:[_-]?contents?)?))?$"
    r"|editor$",
    re.IGNORECASE,
)
_READING_COMMAND = re.compile(
    r"(?:cat|head|tail|nl|bat|batcat|less|more|open|goto|view|scroll_up|scroll_down|edit"
    r"|sed\s+(?:-[En]+\s+)*-n|awk\s+'NR)(?![\w-])|git\s+show\s+\S+:\S"
)
_BEFORE_COMMAND = re.compile(
    r"\s*(?:cd\s+[^&;|\n]+(?:&&|;)\s*|[A-Z_]+=\S*\s+|sudo\s+|echo\s[^&;|\n]*(?:&&|;)\s*)*"
)
# What comes out of such a file is read, not edited.
_DATA_FILE = re.compile(r"\.(?:log|out|jsonl|ndjson|csv|tsv|trace|diff|patch)\b|/proc/|/var/log/")
# A pipe behind which the lines are still those of the file.
_SAME_LINES = re.compile(r"\s*(?:head|tail|cat|nl|less|more|sed\s+(?:-[En]+\s+)*-?n?)\b")

# Codex lets the model write a script that runs commands.
_SCRIPTED = re.compile(r"\bexec_command\(\s*\{[^{}]*?\bcmd\s*:\s*(\"(?:[^\"\\\n]|\\.)*\")")


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call's facts.

    `command` is the shell command it ran, `path` the file it named; both may be empty. `reads`
    tells that its result shows a file's lines, which an agent may edit from what it saw;
    `writes` that it changed a file.
    """

    command: str = ""
    path: str = ""
    reads: bool = False
    writes: bool = False


# One call is asked about by every compressor in turn; its arguments may be a whole file.
@lru_cache(maxsize=16)
def call_of(tool: str, source: str) -> Call:
    """The facts of a call to `tool` with the arguments `source` (JSON text, or anything)."""
    if commands := _scripted(source):
        return Call("\n".join(commands), reads=any(map(_shows_a_file, commands)))
    arguments = _arguments(source)
    command = _first(arguments, _COMMANDS)
    path = _first(arguments, _PATHS)
    if path and command in ("view", "create", "str_replace", "insert", "undo_edit"):
        return Call("", path, reads=command == "view", writes=command != "view")
    writes = any(arguments.get(name) is not None for name in _CONTENTS)
    if command:
        return Call(command, path, reads=_shows_a_file(command))
    reads = bool(path) and not writes and _READING_TOOL.search(tool) is not None
    reads = reads and not _DATA_FILE.search(path)
    return Call("", path, reads=reads, writes=writes and bool(path))


def _shows_a_file(command: str) -> bool:
    """Whether the command's last part prints a file's lines as they are."""
    bare = _BEFORE_COMMAND.sub("", command, count=1)
    if not _READING_COMMAND.match(bare) or _DATA_FILE.search(bare):
        return False
    first, *behind = re.split(r"(?<!\|)\|(?!\|)", bare.partition("\n")[0])
    return "<<" not in first and all(_SAME_LINES.match(part) for part in behind)


def _scripted(source: str) -> list[str]:
    """The commands that a script runs; which output is which one's cannot be told."""
    if "exec_command(" not in source or source.startswith("{") or len(source) > _MAX_ARGUMENTS:
        return []
    try:
        return [json.loads(command) for command in _SCRIPTED.findall(source)]
    except ValueError:
        return []


def _arguments(source: str) -> dict[str, Any]:
    if not source.startswith("{") or len(source) > _MAX_ARGUMENTS:
        return {"command": source} if source and not source.startswith("{") else {}
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first(arguments: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of these arguments that is a text; a list of words (as Codex sends) is joined."""
    for name in names:
        value = arguments.get(name)
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            value = value[-1] if value[:2] in (["bash", "-lc"], ["sh", "-c"]) else " ".join(value)
        if isinstance(value, str) and value:
            return value
    return ""
