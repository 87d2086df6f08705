"""Requests in which no text is long enough to be decided: they are counted, and go as they are.

Rule: what is said here of a text is what would be decided for it at any time and in any process.
So nothing is looked up, and nothing is kept. Pure.
"""

from headroom.conversation import EDITABLE, Block, Conversation
from headroom.decision import LEAST
from headroom.edits import Measure, Reason, Result, Skip
from headroom.tokens import TokenCounter

_MOST = 500
"""Characters of a conversation that are counted as fast as they are looked up."""


def is_small(talk: Conversation) -> bool:
    """Whether a conversation is short, and none of its texts can be edited."""
    size = 0
    for message in talk.messages:
        for block in message.blocks:
            size += len(block.text)
            if size > _MOST or (len(block.text) >= LEAST and block.kind in EDITABLE):
                return False
    return True


def untouched(talk: Conversation, counter: TokenCounter) -> Result[None]:
    """What becomes of a small conversation."""
    tokens, exact = 0, True
    skips: list[Skip] = []
    measures: list[Measure] = []
    for message in talk.messages:
        for block in message.blocks:
            count = counter.measure(block.text)
            tokens += count.tokens
            measures.append(Measure(count.tokens, count.tokens))
            exact = exact and count.exact
            if block.kind in EDITABLE:
                skips.append(Skip(block.path, _reason(block)))
    return Result(None, (), tuple(skips), tokens, tokens, exact, tuple(measures))


def _reason(block: Block) -> Reason:
    return Reason.EXCLUDED if block.fixed else Reason.TOO_SMALL
