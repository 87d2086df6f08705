"""A walk through a conversation: what stood before a text, and the key that names it all.

A text's decision may rest on what the walk has met and on nothing else, so the key, a hash of
the same, names the decision. It decides nothing.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

from headroom import segments
from headroom.compressors import Sample
from headroom.conversation import Block, Conversation, Kind, Message
from headroom.decision import Decision
from headroom.edits import Edit, Fidelity
from headroom.seen import Seen

_MAX_QUERY = 4_000
_MAX_THOUGHT = 1_000


class Step(NamedTuple):
    """One text of a conversation, and the key of everything up to and with it."""

    block: Block
    key: bytes


def steps(conversation: Conversation, query: str, rules: str) -> list[Step]:
    """Every text in order. Keys rest on no decision, so all of them are known at once.

    `query` is what the reader is after, empty where the conversation is to tell; `rules` names
    all else that decisions rest on.
    """
    state = blake2b(f"{rules}\0{query}".encode("utf-8", "surrogatepass"), digest_size=20)
    found = []
    for message in conversation.messages:
        state.update(b"\0" + message.role.encode("utf-8", "surrogatepass"))
        for block in message.blocks:
            kind = f"{block.kind.value}!" if block.fixed else block.kind.value
            head = f"\0{kind}\0{block.tool}\0{block.call_id}\0{len(block.text)}\0"
            state.update((head + block.text).encode("utf-8", "surrogatepass"))
            found.append(Step(block, state.digest()))
    return found


class _Call(NamedTuple):
    tool: str
    arguments: str


class Walk:
    """What has been met so far: `enter` each message, then `note` each of its texts with what was
    decided for it."""

    def __init__(self, query: str = "") -> None:
        self.seen = Seen()
        self._query = query
        self._calls: dict[str, _Call] = {}
        self._asked = ""
        self._unread: list[str] = []
        self._thought = ""
        self._role = ""
        # The calls whose results were cut: of the assistant's turn before, and of this one.
        self._cut_before: set[_Call] = set()
        self._cut: set[_Call] = set()

    def enter(self, message: Message) -> None:
        """Begin a message. What the assistant says counts for the results of its calls, be they
        in the same message or, as some formats have it, in the next ones of the same turn."""
        if message.role == "assistant" != self._role:
            self._thought = ""
            self._cut_before, self._cut = self._cut, set()
        self._role = message.role

    def context(self, block: Block) -> Sample:
        """All that a compressor may know of `block` beside its text."""
        answers = block.kind is Kind.TOOL_RESULT and block.call_id in self._calls
        source = self._calls[block.call_id].arguments if answers else ""
        asked = self._query or self._last_asked(block)
        query = self._query or f"{self._thought}\n{asked}".strip()
        return Sample("", block.tool, source, query, asked=asked)

    def is_asked_again(self, block: Block) -> bool:
        """Whether `block` answers a call that the assistant repeats at once, because the result
        of the same call in its turn before was cut."""
        return block.kind is Kind.TOOL_RESULT and self._calls.get(block.call_id) in self._cut_before

    def note(self, block: Block, decision: Decision) -> None:
        """Remember what the block said, and how it was sent."""
        self.pass_by(block, decision)
        self.seen.add(block, decision.shown(block))

    def pass_by(self, block: Block, decision: Decision) -> None:
        """Remember what the block said, where `seen` has it already."""
        if block.kind is Kind.TOOL_CALL:
            self._calls[block.call_id] = _Call(block.tool, block.text)
        elif block.kind is Kind.ASSISTANT_TEXT:
            self._thought = block.text[-_MAX_THOUGHT:]
        elif block.kind is Kind.USER_TEXT:
            self._unread.append(block.text)
        elif block.kind is Kind.TOOL_RESULT and _is_cut(decision) and block.call_id in self._calls:
            self._cut.add(self._calls[block.call_id])

    def _last_asked(self, block: Block) -> str:
        """What the user last said in words, beside pasted data. Texts are read when it is wanted,
        from the last one back, and once."""
        latest: Iterator[str] = map(_words, reversed(self._unread))
        self._asked = next(filter(None, latest), self._asked)
        self._unread.clear()
        own = _words(block.text) if block.kind is Kind.USER_TEXT else ""
        return own or self._asked


def _is_cut(decision: Decision) -> bool:
    edit = decision.outcome
    return isinstance(edit, Edit) and edit.fidelity is Fidelity.RECOVERABLE


def _words(text: str) -> str:
    return segments.rest(text, segments.regions(text, person=True))[:_MAX_QUERY]
