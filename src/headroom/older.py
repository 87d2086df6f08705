"""The fate of texts of long ago, where a conversation is written to the provider's cache anew.

What is sent again costs again, so a result that led the agent on long ago is shown by what decides
in it, or by its beginning and its end. Fate rests on the text and on what stands before it, as
everywhere; that it is an older text is the caller's to say, and his to say always.
"""

import re
from collections.abc import Sequence
from itertools import islice

from headroom import originals, shortened
from headroom.attempts import Failure, attempt
from headroom.calls import call_of
from headroom.conversation import Block, Kind
from headroom.decision import Decision, Judged, Named
from headroom.edits import Edit, Fidelity, Reason, Skip
from headroom.judging import MIN_SAVED, TextJudge
from headroom.markers import omission
from headroom.stores import Store
from headroom.tokens import TokenCounter
from headroom.walk import Walk

MOST = 150
"""Tokens up to which an older result stays as it would be."""
_HEAD, _TAIL, _ALARMS = 4, 2, 6
_LONGEST = 300
_DECISIVE = frozenset(("build_output", "diff", "json_rows", "log", "search"))
"""Compressors that keep what decides, of which nothing more is to be taken."""
_ALARM = re.compile(r"(?i)error|fail|exception|traceback|fatal|panic|exit (?:code|status)|\bwarn")


class OlderJudge:
    """Decides single older texts: first as `judge` would."""

    def __init__(self, judge: TextJudge, counter: TokenCounter, store: Store) -> None:
        self._judge = judge
        self._counter = counter
        self._store = store

    def decision(self, block: Block, walk: Walk) -> Judged:
        """A text's fate, and its originals, which are not kept yet. Never raises."""
        judged = self._judge.decision(block, walk)
        if not self._may_be_cut(judged.decision, block):
            return judged
        cut = attempt(lambda: self._cut(judged, block, walk))
        return judged if isinstance(cut, Failure) else cut

    def keep(self, originals: Sequence[Named]) -> Failure | None:
        """As `TextJudge.keep`."""
        return self._judge.keep(originals)

    def refresh(self, refs: Sequence[str]) -> list[str]:
        """As `TextJudge.refresh`."""
        return self._judge.refresh(refs)

    def keep_again(self, block: Block, walk: Walk, refs: Sequence[str]) -> None:
        """As `TextJudge.keep_again`."""
        self._judge.keep_again(block, walk, refs)

    def _may_be_cut(self, made: Decision, block: Block) -> bool:
        if block.kind is not Kind.TOOL_RESULT or made.after.tokens <= MOST:
            return False
        if shortened.is_cut(block.text):
            return False
        if isinstance(made.outcome, Skip) and made.outcome.reason is not Reason.NO_GAIN:
            return False
        if isinstance(made.outcome, Edit) and made.outcome.fidelity is Fidelity.RECOVERABLE:
            return not _DECISIVE & set(made.outcome.compressor.split("+"))
        policy = self._judge.policy.for_tool(block.tool)
        return policy is not None and policy.omit

    def _cut(self, judged: Judged, block: Block, walk: Walk) -> Judged:
        original = originals.to_bytes(block.text)
        ref = self._store.ref(original)
        sample = walk.context(block)
        text = _shown(block.text, ref, alarms=not call_of(sample.tool, sample.source).reads)
        before, after = judged.decision.before, self._counter.measure(text)
        if judged.decision.after.tokens - after.tokens < MIN_SAVED:
            return judged
        edit = Edit(
            block.path,
            block.text,
            text,
            "older",
            Fidelity.RECOVERABLE,
            (ref,),
            before.tokens,
            after.tokens,
        )
        return Judged(Decision(edit, before, after), ((ref, original),))


def _shown(text: str, ref: str, *, alarms: bool) -> str:
    """The lines at both ends, those that tell of trouble between them, and where the rest is."""
    lines = text.split("\n")
    end = len(lines) - _TAIL
    chosen = [at for at in range(len(lines)) if at < _HEAD or at >= end]
    if alarms:
        found = (at for at in range(_HEAD, max(end, _HEAD)) if _ALARM.search(lines[at]))
        chosen = sorted({*chosen, *islice(found, _ALARMS)})
    chosen = [at for at in chosen if len(lines[at]) <= _LONGEST]
    said = f"{len(lines) - len(chosen):,} of {len(lines):,} lines of an older result omitted"
    marker = omission(said, ref)
    shown = [lines[at] for at in chosen if at < _HEAD]
    return "\n".join([*shown, marker, *(lines[at] for at in chosen if at >= _HEAD)])
