"""Notes for the model, put behind the results of the calls that they are about.

The same conversation and the same notes give the same texts, so a note stands in every later
request as it stood in the first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from headroom.conversation import Block, Conversation, Kind
from headroom.edits import Edit, Fidelity
from headroom.guarding.call import name_of
from headroom.wire import GEMINI
from headroom.wire.gemini.arguments import with_results

NAME = "note"
"""What stands for a compressor in an edit that only adds a note."""
_PLACE = re.compile(r"[0-9]+\.[0-9]+")


class Noted(NamedTuple):
    """`edits` are those given, some with a note behind their text; `extra` add notes to texts
    that no edit is about, and are to be spliced in like those."""

    edits: list[Edit]
    extra: list[Edit]


def anchors(conversation: Conversation) -> list[str]:
    """The names by which notes may be known for this conversation, in order (see `name_of`)."""
    return list(dict.fromkeys(name for name, _ in _results(conversation)))


def noted(conversation: Conversation, edits: Sequence[Edit], notes: Mapping[str, str]) -> Noted:
    """The edits of a request with the notes (by `Note.call_id`) in them."""
    if not notes:
        return Noted(list(edits), [])
    places: dict[str, Block] = {}
    for name, block in _results(conversation):
        if name in notes:
            places.setdefault(name, block)
    texts = {block.path: notes[name] for name, block in places.items()}
    kept = [
        replace(edit, after=f"{edit.after}\n\n{texts[edit.path]}") if edit.path in texts else edit
        for edit in edits
    ]
    edited = {edit.path for edit in edits}
    extra = [
        _added(block, notes[name]) for name, block in places.items() if block.path not in edited
    ]
    return Noted(kept, extra)


def noteworthy(conversation: Conversation, form: str, body: Any) -> Conversation:
    """The conversation with the results among it that are too short for anything but a note;
    `form` names the wire format of the decoded `body`."""
    return with_results(conversation, body) if form == GEMINI.name else conversation


def _results(conversation: Conversation) -> list[tuple[str, Block]]:
    """The results in this body that may be edited, by the name of their call; of several texts
    the last. A name twice is the same call made again: the first has the note."""
    named: dict[str, str] = {}
    found: list[tuple[str, Block]] = []
    is_within = ""
    for block in _blocks(conversation):
        if block.kind is Kind.TOOL_CALL:
            # Where an API gives no ids, the place of a call stands for it.
            given = "" if _PLACE.fullmatch(block.call_id) else block.call_id
            named[block.call_id] = name_of(given, block.tool, block.text)
            is_within = ""
        elif block.kind is Kind.TOOL_RESULT and block.path and not block.fixed:
            if (name := named.get(block.call_id)) is None:
                continue
            if is_within == block.call_id:
                found.pop()
            found.append((name, block))
            is_within = block.call_id
    return found


def _blocks(conversation: Conversation) -> Iterable[Block]:
    return (block for message in conversation.messages for block in message.blocks)


def _added(block: Block, note: str) -> Edit:
    after = f"{block.text}\n\n{note}"
    return Edit(block.path, block.text, after, NAME, Fidelity.LOSSLESS, (), 0, 0)
