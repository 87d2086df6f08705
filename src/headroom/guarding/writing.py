"""Which calls write files, and how lines stand in what they write.

It is asked while a call is still being said, so it goes by the tool's name and by what was said so
far; a call whose end nobody has heard cannot be read as JSON. What was read once is not read again.
"""

import re
from collections.abc import Sequence
from enum import Enum

from headroom.guarding.naming import has_to_write, only_talks
from headroom.markers import is_retrieve_tool


class Manner(Enum):
    """How a text is written: as it is, in a patch (each line behind its sign), by a shell."""

    FILE = "file"
    PATCH = "patch"
    SHELL = "shell"


_KEY = re.compile(
    r'"(?:(?P<file>contents?|file_?text|(?:new|old)_?(?:str|string|text)|edits|insert_text'
    r"|code(?:_edit)?|new_source|replacement)"
    r'|(?P<patch>patch(?:_?text)?|diff)|(?P<command>command|cmd|script|input))"\s{0,9}:',
    re.IGNORECASE,
)
_SHELL_WRITES = re.compile(r"<<|>|\btee\b|apply_patch|\bsed\s+-i")
_PATCH = "*** Begin Patch"
# A patch that is a string's whole text, or that only begins a line.
_BEGINS = re.compile(r'(?:(?P<string>(?<!\\)"(?:\\n)?|\A\s*)|\\n|\n)[ \t]{0,9}\*\*\* Begin Patch')
_COUNTED = re.compile(r"@@ -[0-9]")
_DIFF = re.compile(r'(?:\\n|\n|")@@(?: |\\[nr]|\n)')
_OVERLAP = 64
# A heredoc, and what writes its input as it is.
_HEREDOC = re.compile(r"<<(?P<tabs>-?)[ \t]*(?P<quote>['\"\\]*)(?P<word>\w+)")
_COPIES = re.compile(r"\b(?:cat|tee|apply_patch)\b")
_EXPANDED = re.compile(r"[$`\\]")
_HEAD = 500
_MOST_HEREDOCS = 50


class Reading:
    """What the arguments of one call have told so far of how it writes."""

    __slots__ = ("_begun", "_counted", "_diff", "_key", "_key_at", "_line", "_plain", "_read")

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        self._read = 0
        self._key = ""
        self._key_at = self._begun = self._line = self._diff = -1
        self._counted = False

    def manner(self, said: str) -> Manner | None:
        """How the line that follows on `said` is written, which goes on from what was asked
        before; None where lines cannot be put there: a patch that counts them, or whose kind is
        not known, a command that does more than write."""
        self._go_on(said)
        if self._counted:
            return None
        if self._begun > self._key_at:
            return Manner.PATCH
        if self._plain or self._diff > self._key_at:
            return None
        if self._key == "command":
            return self._shell(said)
        # Lines of a patch inside of another text have signs, or have none: nobody knows.
        is_file = self._key == "file" and self._line < self._key_at
        return Manner.FILE if is_file else None

    def _shell(self, said: str) -> Manner | None:
        if self._line < self._key_at:
            return Manner.SHELL if _SHELL_WRITES.search(said, self._key_at) else None
        head = said[max(self._key_at, self._line - _HEAD) : self._line]
        return Manner.PATCH if "apply_patch" in head else None

    def _go_on(self, said: str) -> None:
        start = max(0, self._read - _OVERLAP)
        self._read = len(said)
        for found in () if self._plain else _KEY.finditer(said, start):
            self._key, self._key_at = found.lastgroup or "", found.end()
        if said.find(_PATCH, start) >= 0:
            for found in _BEGINS.finditer(said, start):
                self._line = found.start()
                if found["string"] is not None:
                    self._begun = found.end()
        if said.find("@@", start) >= 0:
            self._counted = self._counted or _COUNTED.search(said, start) is not None
            for found in _DIFF.finditer(said, start):
                self._diff = found.end()


def may_write(tool: str) -> bool:
    """Whether a tool may change a file; those do not that pass on words, nor ours."""
    return not is_retrieve_tool(tool) and not only_talks(tool)


def writes(tool: str, said: str, *, plain: bool) -> bool:
    """Whether a call writes a file, by what it has said so far."""
    if not may_write(tool):
        return False
    if plain:
        return tool.endswith("patch") or _SHELL_WRITES.search(said) is not None or _PATCH in said
    keys = {found.lastgroup for found in _KEY.finditer(said)}
    if has_to_write(tool) or not keys.isdisjoint(("file", "patch")) or _PATCH in said:
        return True
    return "command" in keys and _SHELL_WRITES.search(said) is not None


def manner(tool: str, said: str, *, plain: bool) -> Manner | None:
    """How the line that follows on all that was `said` is written (see `Reading`)."""
    return Reading(plain=plain).manner(said) if may_write(tool) else None


def survives(how: Manner, said: str, lines: Sequence[str]) -> bool:
    """Whether lines come out as they are behind what was `said` so far: where a shell stands
    between, it copies the text, and they neither end that nor mean anything to the shell."""
    if how is Manner.FILE:
        return True
    end = said.rfind(_PATCH) if how is Manner.PATCH else len(said)
    at, heredoc = _last_heredoc(said, end)
    if heredoc is None:
        return how is Manner.PATCH
    word = heredoc["word"]
    is_over = any(said.find(f"{by}{word}{by}", at) >= 0 for by in ("\n", "\\n"))
    if is_over or word in lines:
        return False
    if heredoc["tabs"] and any(line.startswith("\t") for line in lines):
        return False
    return bool(heredoc["quote"]) or not any(map(_EXPANDED.search, lines))


def _last_heredoc(said: str, end: int) -> tuple[int, re.Match[str] | None]:
    """The last heredoc before `end` that is only copied, and where it begins."""
    at = max(end, 0)
    for _ in range(_MOST_HEREDOCS):
        at = said.rfind("<<", 0, at)
        if at < 0:
            break
        head = _unescaped(said[max(0, at - _HEAD) : at]).rpartition("\n")[2]
        command = re.split(r"[|;&]", head)[-1]
        found = _HEREDOC.match(_unescaped(said[at : at + _HEAD]))
        if found is not None and not head.endswith("<") and _COPIES.search(command):
            return at, found
    return -1, None


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"')
