"""What becomes of one text: it guards size, names originals, and lets no failure pass.

A text's fate depends on the text and on what stands before it in the conversation, on nothing
after it and on no clock, so deciding again gives the same bytes. Whatever goes wrong, the text
passes unchanged and the failure is recorded. It knows no wire format and no provider.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from headroom import originals, shortened
from headroom.attempts import Failure, attempt
from headroom.calls import call_of
from headroom.compressors import Sample
from headroom.conversation import EDITABLE, Block, Kind
from headroom.decision import LEAST, Decision, Judged, Named
from headroom.edits import Edit, Fidelity, Reason, Skip
from headroom.errors import StoreError
from headroom.markers import is_marked, is_retrieve_tool
from headroom.policy import Policy
from headroom.rewriter import Part, Rewriter
from headroom.router import Router
from headroom.seen import Seen
from headroom.stores import Store
from headroom.tokens import Count, TokenCounter
from headroom.walk import Walk

MIN_SAVED = 16
"""Tokens below which an edit is not worth a reader's attention."""
_LEFT = re.compile(r"\bheadroom\s+retrieve\s|\bheadroom:raw\b")


class TextJudge:
    """Decides single texts under one policy, with one store of originals."""

    def __init__(
        self, router: Router, counter: TokenCounter, policy: Policy, store: Store | None
    ) -> None:
        self.policy = policy
        self._router = router
        self._counter = counter
        self._store = store

    def compressed(self, sample: Sample) -> Part:
        """One text of one kind, its original durable on return. Raises what a compressor or
        the store raises."""
        part = Rewriter(self._router, self.policy, self._store, Seen()).compressed(sample)
        self._kept(_named([part]))
        return part

    def decision(self, block: Block, walk: Walk) -> Judged:
        """A text's fate, and its originals, which are not kept yet. Never raises."""
        before = self._counter.measure(block.text)
        if block.kind not in EDITABLE:
            return Judged(Decision(None, before, before))
        decided = attempt(lambda: self._decided(block, before, walk))
        if isinstance(decided, Failure):
            return Judged(Decision(Skip(block.path, Reason.FAILED, decided.detail), before, before))
        return decided

    def keep(self, originals: Sequence[Named]) -> Failure | None:
        """Keep originals, durable on return, all or none; or what went wrong."""
        return attempt(lambda: self._kept(originals))

    def refresh(self, refs: Sequence[str]) -> list[str]:
        """Keep these originals alive, and return the refs of those that are gone.

        Raises:
            StoreError: it could not be done within a moment.
        """
        return self._store.refresh(refs) if self._store else []

    def keep_again(self, block: Block, walk: Walk, refs: Sequence[str]) -> None:
        """Keep the originals behind these refs once more: of what would be decided for the text
        today, and the text itself. What was sent stays as it is."""
        attempt(lambda: self._kept_again(block, walk, frozenset(refs)))

    def _kept_again(self, block: Block, walk: Walk, refs: frozenset[str]) -> None:
        store = self._store
        policy = self.policy.for_tool(block.tool)
        if store is None or policy is None:
            return
        parts = self._parts(block, replace(walk.context(block), text=block.text), policy, walk)
        wanted = {part.original for part in parts if part.original is not None}
        wanted.add(originals.to_bytes(block.text))
        store.put([original for original in wanted if store.ref(original) in refs])

    def _kept(self, originals: Sequence[Named]) -> None:
        if self._store is None or not originals:
            return
        refs = self._store.put([original for _, original in originals])
        if refs != [ref for ref, _ in originals]:
            raise StoreError("another original has taken a ref that was free a moment ago")

    def _decided(self, block: Block, before: Count, walk: Walk) -> Judged:
        policy = self.policy.for_tool(block.tool)
        if policy is None or block.fixed or _is_done(block):
            return _skipped(block, Reason.EXCLUDED, before)
        if len(block.text) < LEAST or before.tokens < policy.min_tokens:
            return _skipped(block, Reason.TOO_SMALL, before)
        sample = replace(walk.context(block), text=block.text)
        if _LEFT.search(call_of(sample.tool, sample.source).command):
            return _skipped(block, Reason.EXCLUDED, before)
        if walk.is_asked_again(block):
            return _skipped(block, Reason.ASKED_AGAIN, before)
        if shortened.is_cut(block.text):
            policy = replace(policy, omit=False)
        parts = self._parts(block, sample, policy, walk)
        decision = _guarded(block, before, parts, self._counter)
        return Judged(decision, _named(parts) if isinstance(decision.outcome, Edit) else ())

    def _parts(self, block: Block, sample: Sample, policy: Policy, walk: Walk) -> list[Part]:
        rewriter = Rewriter(self._router, policy, self._store, walk.seen)
        return rewriter.parts(sample, person=block.kind is Kind.USER_TEXT)


def _skipped(block: Block, reason: Reason, before: Count) -> Judged:
    return Judged(Decision(Skip(block.path, reason), before, before))


def _named(parts: Iterable[Part]) -> list[Named]:
    return [(part.ref, part.original) for part in parts if part.original is not None]


def _guarded(block: Block, before: Count, parts: Sequence[Part], counter: TokenCounter) -> Decision:
    """An edit if the parts are worth it in tokens, else a skip."""
    changed = [part for part in parts if part.compressor]
    text = "".join(part.text for part in parts)
    after = counter.measure(text) if changed else before
    if before.tokens - after.tokens < MIN_SAVED:
        return Decision(Skip(block.path, Reason.NO_GAIN), before, before)
    recoverable = any(part.fidelity is Fidelity.RECOVERABLE for part in changed)
    edit = Edit(
        path=block.path,
        before=block.text,
        after=text,
        compressor="+".join(dict.fromkeys(part.compressor for part in changed)),
        fidelity=Fidelity.RECOVERABLE if recoverable else Fidelity.LOSSLESS,
        refs=tuple(dict.fromkeys(part.ref for part in changed if part.ref)),
        tokens_before=before.tokens,
        tokens_after=after.tokens,
    )
    return Decision(edit, before, after)


def _is_done(block: Block) -> bool:
    """What retrieval returned is never compressed again, nor what was shortened already, by us or
    by the client."""
    if is_retrieve_tool(block.tool):
        return True
    return is_marked(block.text) or shortened.is_replaced(block.text)
