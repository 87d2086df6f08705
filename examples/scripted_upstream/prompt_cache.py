"""A provider's prompt cache: how much of a request was read from it and written to it.

Exact prefixes only, so a changed byte shows in the usage. Nothing ever leaves it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripted_upstream.values import compact, tokens

_STEP = 128
_LEAST = 1_024


@dataclass(frozen=True, slots=True)
class Input:
    """Tokens of a request's input, by how they are billed."""

    fresh: int
    read: int
    written: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.fresh + self.read + self.written


class PromptCache:
    """What all requests so far have left behind; `spent` is what each of them cost."""

    def __init__(self) -> None:
        self.spent: list[Input] = []
        self._marked: set[bytes] = set()
        self._texts: list[str] = []

    def by_marks(self, body: dict[str, Any]) -> Input:
        """Anthropic's way: up to each `cache_control` mark a prefix is written, and the longest
        that an earlier request wrote is read."""
        running = hashlib.sha256(str(body.get("model")).encode())
        total = read = marked = 0
        written: list[bytes] = []
        for place, block in _units(body):
            bare = compact([place, _unmarked(block)])
            running.update(bare.encode("utf-8", "surrogatepass"))
            total += tokens(bare)
            if running.digest() in self._marked:
                read = total
            if isinstance(block, dict) and block.get("cache_control"):
                marked = total
                written.append(running.digest())
        self._marked.update(written)
        read = min(read, marked)
        return self._kept(Input(total - marked, read, marked - read))

    def by_prefix(self, prompt: object) -> Input:
        """The others' way: the longest common prefix with any earlier request, in steps."""
        text = compact(prompt)
        common = max((_common(text, other) for other in self._texts), default=0)
        self._texts.append(text)
        read = tokens(text[:common]) // _STEP * _STEP if common else 0
        read = read if read >= _LEAST else 0
        return self._kept(Input(tokens(text) - read, read))

    def _kept(self, spent: Input) -> Input:
        self.spent.append(spent)
        return spent


def _units(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for tool in body.get("tools") or ():
        yield "tool", tool
    for block in _blocks(body.get("system")):
        yield "system", block
    for message in body.get("messages") or ():
        for block in _blocks(message.get("content")):
            yield str(message.get("role")), block


def _blocks(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content or []


def _unmarked(block: Any) -> Any:
    if not isinstance(block, dict):
        return block
    return {key: value for key, value in block.items() if key != "cache_control"}


def _common(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
