"""A recorded conversation replayed turn by turn: what compression would have cost and kept.

For each turn of the assistant the request that led to it is compressed anew, as for a client
that sends its whole history. It measures requests and decides nothing; how each figure is
defined stands in docs/evals.md.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from headroom.conversation import Block, Conversation, Kind, Message
from headroom.edits import Edit, Result
from headroom.evals.atoms import argument_values, atoms
from headroom.evals.edit_targets import numbered_lines, targets
from headroom.evals.figures import CACHED, WRITTEN, Content, Figures
from headroom.tokens import TokenCounter
from headroom.wire import WireFormat

PER_MESSAGE = 4
"""Tokens counted for each message beside its texts."""
LEFT = "left as it was"
"""The kind under which texts stand that were not changed."""

Compress = Callable[[list[Any]], Result[list[Any]]]


def replay(
    messages: Sequence[Any], form: WireFormat, compress: Compress, counter: TokenCounter
) -> Figures:
    """The figures of one conversation in the shape of `form`."""
    conversation = form.parse_messages(list(messages))
    story = Story(conversation, counter)
    for turn in turns(conversation):
        started = time.perf_counter()
        result = compress(list(messages[:turn]))
        story.seconds += time.perf_counter() - started
        story.turn(turn, form.parse_messages(result.body).messages, result.edits)
    return story.figures()


def turns(conversation: Conversation) -> list[int]:
    """The assistant's messages, but for one that nothing led to."""
    found: list[int] = []
    led = False
    for index, message in enumerate(conversation.messages):
        if message.role == "assistant" and led:
            found.append(index)
        led = led or message.role not in ("system", "developer")
    return found


class Story:
    """What has been counted of a conversation so far, turn by turn."""

    def __init__(self, conversation: Conversation, counter: TokenCounter) -> None:
        self._messages = conversation.messages
        self._counter = counter
        self._sizes: dict[str, int] = {}
        self._origins: dict[str, Block | None] = {}
        self._window: dict[int, str] = {}
        self._shown: list[str] = []
        self._read = 0
        self._used: set[str] = set()
        self._former: tuple[Message, ...] = ()
        self._fetched: dict[Any, int] = {}
        self._counts: dict[str, float] = defaultdict(float)
        self._edits: Sequence[Edit] = ()
        self.seconds = 0.0

    def turn(self, index: int, sent: tuple[Message, ...], edits: Sequence[Edit]) -> None:
        """Count the request `sent` in place of the first `index` messages."""
        self._counts["turns"] += 1
        fresh = self._messages[self._read : index]
        before = sum(map(self._tokens, self._messages[: self._read]))
        self._counts["billed_before"] += CACHED * before
        self._counts["billed_before"] += WRITTEN * sum(map(self._tokens, fresh))
        self._bill(sent)
        self._note(fresh)
        self._read = index
        self._edits = edits
        self._uses(self._messages[index], sent)
        self._former = sent

    def forget(self) -> None:
        """The provider's cache of it is gone."""
        self._former = ()

    def count(self, name: str) -> float:
        """What was counted so far under a name of `Figures`."""
        return self._counts[name]

    def figures(self) -> Figures:
        """All that was counted."""
        read = self._messages[: self._read]
        tokens = sum(map(self._tokens, read))
        counts: dict[str, Any] = {
            name: value if name.startswith(("billed", "penalty")) else int(value)
            for name, value in self._counts.items()
        }
        return Figures(
            conversations=1,
            tokens=tokens,
            seconds=self.seconds,
            contents=self._contents(read),
            **counts,
        )

    def _bill(self, sent: tuple[Message, ...]) -> None:
        same = 0
        for former, now in zip(self._former, sent, strict=False):
            if [block.text for block in former.blocks] != [block.text for block in now.blocks]:
                break
            same += 1
        if self._former:
            self._counts["followed"] += 1
            self._counts["stable"] += same == len(self._former)
        self._counts["billed_after"] += CACHED * sum(map(self._tokens, sent[:same]))
        self._counts["billed_after"] += WRITTEN * sum(map(self._tokens, sent[same:]))
        self._counts["penalty"] += CACHED * sum(self._fetched.values())

    def _note(self, fresh: Sequence[Message]) -> None:
        """Remember what the original messages showed, and where each atom came from."""
        for message in fresh:
            for block in message.blocks:
                result = block.kind is Kind.TOOL_RESULT
                for atom in atoms(_said(block)):
                    self._origins.setdefault(atom, block if result else None)
                if result:
                    self._shown.append(block.text)
                    self._window.update(numbered_lines(block.text))

    def _uses(self, message: Message, sent: tuple[Message, ...]) -> None:
        """Count what the assistant's `message` takes from results: atoms, lines to edit."""
        said = {atom for block in message.blocks for atom in atoms(_said(block))}
        wanted = [
            (atom, origin)
            for atom in sorted(said - self._used)
            if (origin := self._origins.get(atom)) is not None
        ]
        self._used |= said
        lines = [
            line
            for block in message.blocks
            if block.kind is Kind.TOOL_CALL
            for line in targets(block.text, self._window)
        ]
        if not wanted and not lines:
            return
        shown = "\n".join(self._shown)
        lines = [line for line in lines if line in shown]
        request = "\n".join(_said(block) for message in sent for block in message.blocks)
        self._counts["used"] += len(wanted)
        self._counts["targets"] += len(lines)
        self._counts["present"] += sum(line in request for line in lines)
        hidden = [origin for atom, origin in wanted if atom not in request]
        self._counts["visible"] += len(wanted) - len(hidden)
        for origin in hidden:
            self._fetch(origin, sent)

    def _fetch(self, origin: Block, sent: tuple[Message, ...]) -> None:
        """Charge one retrieval of a text: another turn, and its tokens from here on."""
        if origin.path in self._fetched:
            return
        size = self._size(origin.text) + PER_MESSAGE
        self._fetched[origin.path] = size
        self._counts["penalty"] += CACHED * sum(map(self._tokens, sent)) + WRITTEN * size

    def _contents(self, read: Sequence[Message]) -> dict[str, Content]:
        """The tool results and pasted texts by what compressed them."""
        kinds = {edit.path: edit for edit in self._edits}
        found: dict[str, Content] = {}
        for message in read:
            for block in message.blocks:
                edit = kinds.get(block.path)
                if edit is None and block.kind is not Kind.TOOL_RESULT:
                    continue
                size = self._size(block.text)
                name = edit.compressor if edit else LEFT
                content = Content(1, size, self._size(edit.after) if edit else size)
                found[name] = found[name] + content if name in found else content
        return found

    def _tokens(self, message: Message) -> int:
        return PER_MESSAGE + sum(self._size(block.text) for block in message.blocks)

    def _size(self, text: str) -> int:
        if text not in self._sizes:
            self._sizes[text] = self._counter.count(text)
        return self._sizes[text]


def _said(block: Block) -> str:
    """A text as its reader takes it: of a tool call, its arguments' values."""
    return argument_values(block.text) if block.kind is Kind.TOOL_CALL else block.text
