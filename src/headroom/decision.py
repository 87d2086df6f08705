"""What became of one text, as a value and as the bytes in which it is kept.

The bytes outlive the process and the version that wrote them: what an older version decided
still holds, so a form once written is read forever. It knows nothing of where they are kept.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from headroom.conversation import Block, Kind
from headroom.edits import Edit, Fidelity, Reason, Skip
from headroom.tokens import Count

LEAST = 96
"""Characters below which a text is never looked at, by any version: nothing about it is kept."""
_EDIT, _SKIP = "edit", "skip"
_MAX_DETAIL = 2_000
_NOWHERE = Block((), Kind.USER_TEXT, "")

Named = tuple[str, bytes]
"""The ref under which an original is spoken of, and the original."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one text. `outcome` is None where the text is not ours to edit."""

    outcome: Edit | Skip | None
    before: Count
    after: Count

    def bare(self) -> "Decision":
        """The same decision without the text it is about and its place."""
        made = self.outcome
        if made is None:
            return self
        return Decision(placed(made, _NOWHERE), self.before, self.after)

    def shown(self, block: Block) -> str:
        """How `block` reads as it is sent."""
        return self.outcome.after if isinstance(self.outcome, Edit) else block.text


class Judged(NamedTuple):
    """A text's fate, and the originals that must be durable before it holds."""

    decision: Decision
    originals: Sequence[Named] = ()


def placed(outcome: Edit | Skip, block: Block) -> Edit | Skip:
    """The same outcome about `block`."""
    if isinstance(outcome, Skip):
        return Skip(block.path, outcome.reason, outcome.detail)
    return Edit(
        block.path,
        block.text,
        outcome.after,
        outcome.compressor,
        outcome.fidelity,
        outcome.refs,
        outcome.tokens_before,
        outcome.tokens_after,
    )


def packed(decision: Decision) -> bytes:
    """The decision as bytes, without the text it is about; of a long failure the end."""
    made = decision.outcome
    said: list[Any] = [decision.before.tokens, decision.before.exact]
    if isinstance(made, Edit):
        said = [_EDIT, *said, decision.after.tokens, decision.after.exact]
        said += [made.after, made.compressor, made.fidelity.value, made.refs]
    elif made is not None:
        said = [_SKIP, *said, made.reason.value, made.detail[-_MAX_DETAIL:]]
    try:
        return orjson.dumps(said)
    except TypeError:  # a lone surrogate
        return json.dumps(said).encode("ascii")


def unpacked(data: bytes) -> Decision | None:
    """The decision in these bytes, bare; None where they hold none."""
    try:
        said = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            said = json.loads(data)
        except (ValueError, RecursionError):
            return None
    try:
        return _read(said)
    except (ValueError, TypeError, KeyError, IndexError):
        return None


def _read(said: Sequence[Any]) -> Decision | None:
    kind, before = said[0], Count(int(said[1]), bool(said[2]))
    if kind == _SKIP:
        return Decision(Skip((), Reason(said[3]), str(said[4])), before, before)
    if kind != _EDIT or not isinstance(said[5], str):
        return None
    after = Count(int(said[3]), bool(said[4]))
    text, compressor, fidelity = said[5], str(said[6]), Fidelity(said[7])
    refs = tuple(map(str, said[8]))
    edit = Edit((), "", text, compressor, fidelity, refs, before.tokens, after.tokens)
    return Decision(edit, before, after)
