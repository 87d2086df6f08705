"""What the write guard has to tell a model: from the answer in which it found something to every
later request of the session, where it stands behind the result of the call that it is about.
"""

import asyncio
from collections.abc import Sequence

from headroom.conversation import Conversation, Kind, Path
from headroom.edits import Edit, Measure, Result
from headroom.guarding import GuardedAnswer, anchors, noted
from headroom.proxy.memory import SessionMemory
from headroom.tokens import TokenCounter
from headroom.wire import Answer

_NOTED = "noted"


async def keep(answer: Answer, session: str, memory: SessionMemory) -> None:
    """Keep an answer's notes for the session's later requests. To be done before the client has
    the answer's end."""
    notes = answer.notes() if isinstance(answer, GuardedAnswer) else []
    if notes:
        texts = {note.call_id: note.text for note in notes}
        await asyncio.to_thread(_keep, texts, session, memory)


def with_notes(
    talk: Conversation, session: str, result: Result[None], memory: SessionMemory
) -> tuple[Sequence[Edit], dict[Path, str]]:
    """The edits of a request, and some more, with the session's notes in them; and the texts as
    they are sent because of that, by path."""
    # Notes stand behind results: where there is none, the store need not be asked.
    if not _has_results(talk) or not memory.fact(session, _NOTED):
        return result.edits, {}
    notes = memory.notes(session, anchors(talk))
    made = noted(talk, result.edits, notes)
    known = {edit.path: edit.after for edit in result.edits}
    edits = [*made.edits, *made.extra]
    return edits, {edit.path: edit.after for edit in edits if known.get(edit.path) != edit.after}


def measured(
    talk: Conversation, result: Result[None], sent: dict[Path, str], counter: TokenCounter
) -> tuple[Measure, ...]:
    """The measures of a request's texts with the notes in them."""
    if not sent:
        return result.measures
    paths = (block.path for message in talk.messages for block in message.blocks)
    return tuple(
        measure._replace(after=counter.count(sent[path]), sent=hash(sent[path]))
        if path in sent
        else measure
        for path, measure in zip(paths, result.measures, strict=False)
    )


def _has_results(talk: Conversation) -> bool:
    return any(
        block.kind is Kind.TOOL_RESULT for message in talk.messages for block in message.blocks
    )


def _keep(texts: dict[str, str], session: str, memory: SessionMemory) -> None:
    memory.keep_notes(session, texts)
    memory.settle(session, _NOTED, "yes")
