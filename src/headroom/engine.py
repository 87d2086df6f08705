"""The one place that decides: it guards size, stores originals, catches, and records.

A text's fate depends on the text and on what stands before it in the conversation, on nothing
after it and on no clock, so deciding again gives the same bytes. Whatever goes wrong, the text
passes unchanged and the failure is recorded. It knows no wire format's shape and no provider.
"""

import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from headroom.calls import call_of
from headroom.compressors import Compressor, Sample
from headroom.conversation import EDITABLE, Block, Conversation, Kind
from headroom.edits import Edit, Fidelity, Reason, Result, Skip
from headroom.ledger import Decision, Ledger
from headroom.markers import TOOL_NAME, is_marked
from headroom.policy import Policy
from headroom.rewriter import Part, Rewriter
from headroom.router import Router
from headroom.seen import Seen
from headroom.stores import Store
from headroom.tokens import Count, TokenCounter
from headroom.walk import Walk
from headroom.wire import WireFormat, recognised, trees

MIN_SAVED = 16
"""Tokens below which an edit is not worth a reader's attention."""
_RETRIEVED = re.compile(r"\bheadroom\s+retrieve\s")


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Failure:
    """What was raised, as its traceback."""

    detail: str


class Engine:
    """Compresses conversations under one policy, with one store of originals.

    Without a store nothing is omitted, whatever the policy says.
    """

    def __init__(
        self,
        compressors: Sequence[Compressor],
        counter: TokenCounter,
        policy: Policy,
        store: Store | None,
        ledger: Ledger | None = None,
    ) -> None:
        self._policy = policy if store else replace(policy, omit=False)
        self._router = Router(compressors)
        self._counter = counter
        self._store = store
        self._ledger = ledger or Ledger()
        names = ",".join(compressor.name for compressor in compressors)
        self._rules = f"{self._policy}\0{names}\0{counter.name}\0{counter.exact}"

    def compress_body(self, form: WireFormat, body: bytes, query: str = "") -> Result[bytes]:
        """A request body with its texts shortened; outside the edits every byte is as it was.
        A body that `form` cannot read passes unchanged."""
        read = _attempt(lambda: form.parse(body))
        return self._compressed(body, read, query, lambda edits: form.apply(body, edits))

    def compress_messages(self, messages: list[Any], query: str = "") -> Result[list[Any]]:
        """A Python message list, as the providers' SDKs take it, with its texts shortened. The
        list given is never changed, and one that cannot be read is given back."""
        plain = _attempt(lambda: trees.plain(messages))
        if isinstance(plain, _Failure):
            return _unread(messages, plain)
        form = recognised(plain)
        read = _attempt(lambda: form.parse_messages(plain))
        return self._compressed(
            messages, read, query, lambda edits: form.apply_messages(messages, edits)
        )

    def _compressed(
        self,
        body: Value,
        read: Conversation | _Failure,
        query: str,
        apply: Callable[[Sequence[Edit]], Value],
    ) -> Result[Value]:
        if isinstance(read, _Failure):
            return _unread(body, read)
        decided = self.decide(read, query)
        applied = _attempt(lambda: apply(decided.edits))
        if isinstance(applied, _Failure):
            return _unread(body, applied)
        return decided.with_body(applied)

    def compress_text(self, sample: Sample) -> Part:
        """One text of one kind, its original durable on return. Raises what a compressor or
        the store raises."""
        part = Rewriter(self._router, self._policy, self._store, Seen()).compressed(sample)
        self._keep([part.original] if part.original is not None else [])
        return part

    def decide(self, conversation: Conversation, query: str = "") -> Result[None]:
        """An edit or a skip for every editable text, the originals durable on return.

        `query` is what the reader is after; where it is empty, each text's query is what the
        assistant said with the call that it answers, and the nearest user text before it.
        """
        decisions = list(self._decisions(conversation, Walk(query, self._rules)))
        outcomes = [decision.outcome for decision in decisions]
        return Result(
            body=None,
            edits=tuple(outcome for outcome in outcomes if isinstance(outcome, Edit)),
            skips=tuple(outcome for outcome in outcomes if isinstance(outcome, Skip)),
            tokens_before=sum(decision.before.tokens for decision in decisions),
            tokens_after=sum(decision.after.tokens for decision in decisions),
            exact=all(decision.before.exact and decision.after.exact for decision in decisions),
        )

    def _keep(self, kept: Sequence[bytes]) -> None:
        if self._store and kept:
            self._store.put(kept)

    def _decisions(self, conversation: Conversation, walk: Walk) -> Iterator[Decision]:
        key = b""
        known = True
        for message in conversation.messages:
            walk.enter(message)
            for block in message.blocks:
                key = walk.reach(block)
                decision = self._ledger.get(key)
                known = known and decision is not None
                if decision is None:
                    decision = self._decision(block, walk)
                    self._ledger.put(key, decision)
                walk.note(block, decision.shown(block))
                if known and (shown := self._ledger.lend(key)):
                    walk.seen = shown
                yield decision.at(block)
        self._ledger.give_back(key, walk.seen)

    def _decision(self, block: Block, walk: Walk) -> Decision:
        """A text's fate. Its originals are kept before the next text is looked at, so that what
        follows refers only to what is really sent."""
        before = self._counter.measure(block.text)
        if block.kind not in EDITABLE:
            return Decision(None, before, before)
        decision = _attempt(lambda: self._edited(block, before, walk))
        if isinstance(decision, _Failure):
            return Decision(Skip(block.path, Reason.FAILED, decision.detail), before, before)
        return decision

    def _edited(self, block: Block, before: Count, walk: Walk) -> Decision:
        policy = self._policy.for_tool(block.tool)
        if policy is None or _is_ours(block):
            return Decision(Skip(block.path, Reason.EXCLUDED), before, before)
        if before.tokens < policy.min_tokens:
            return Decision(Skip(block.path, Reason.TOO_SMALL), before, before)
        sample = replace(walk.context(block), text=block.text)
        if _RETRIEVED.search(call_of(sample.tool, sample.source).command):
            return Decision(Skip(block.path, Reason.EXCLUDED), before, before)
        rewriter = Rewriter(self._router, policy, self._store, walk.seen)
        parts = rewriter.parts(sample, person=block.kind is Kind.USER_TEXT)
        decision = self._guarded(block, before, parts)
        if isinstance(decision.outcome, Edit):
            self._keep([part.original for part in parts if part.original is not None])
        return decision

    def _guarded(self, block: Block, before: Count, parts: Sequence[Part]) -> Decision:
        """An edit if the parts are worth it in tokens, else a skip."""
        changed = [part for part in parts if part.compressor]
        text = "".join(part.text for part in parts)
        after = self._counter.measure(text) if changed else before
        if before.tokens - after.tokens < MIN_SAVED:
            return Decision(Skip(block.path, Reason.NO_GAIN), before, before)
        edit = Edit(
            path=block.path,
            before=block.text,
            after=text,
            compressor="+".join(dict.fromkeys(part.compressor for part in changed)),
            fidelity=(
                Fidelity.RECOVERABLE
                if any(part.fidelity is Fidelity.RECOVERABLE for part in changed)
                else Fidelity.LOSSLESS
            ),
            refs=tuple(dict.fromkeys(part.ref for part in changed if part.ref)),
            tokens_before=before.tokens,
            tokens_after=after.tokens,
        )
        return Decision(edit, before, after)


def _is_ours(block: Block) -> bool:
    """What retrieval returned is never compressed again, nor what is compressed already."""
    retrieved = block.tool == TOOL_NAME or block.tool.endswith(f"__{TOOL_NAME}")
    return retrieved or is_marked(block.text)


def _unread(body: Value, failure: _Failure) -> Result[Value]:
    """A body given back as it was, and why."""
    return Result(body, (), (Skip((), Reason.FAILED, failure.detail),), 0, 0, exact=False)


def _attempt(call: Callable[[], Value]) -> Value | _Failure:
    """The one place that catches: whatever goes wrong, the text passes as it is."""
    try:
        return call()
    except Exception:  # noqa: BLE001
        return _Failure(traceback.format_exc())
