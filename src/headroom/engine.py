"""Conversations in, edits out, decided text by text; and message lists in, message lists out.

Whatever goes wrong, a list passes unchanged and the failure is recorded. It knows no wire format's
shape and no provider.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from headroom.attempts import Failure, attempt
from headroom.compressors import Compressor, Sample
from headroom.conversation import Conversation
from headroom.deciding import Deciding, Judge, Judges, Late
from headroom.edits import Reason, Result, Skip
from headroom.judging import TextJudge
from headroom.ledger import Ledger
from headroom.older import OlderJudge
from headroom.policy import PRESETS, Policy
from headroom.rewriter import Part
from headroom.router import Router
from headroom.stores import Store
from headroom.tokens import TokenCounter
from headroom.wire import recognised, trees

OLDER_BUDGET = 300
"""Tokens that a region of an older text should fit, where older texts are made shorter."""


class Engine:
    """Compresses conversations under one policy, with one store of originals.

    Without a store nothing is omitted, whatever the policy says. One ledger may serve several
    engines. What it holds for a text stands, whatever the compressors would make of it now.
    """

    def __init__(
        self,
        compressors: Sequence[Compressor],
        counter: TokenCounter,
        policy: Policy,
        store: Store | None,
        ledger: Ledger | None = None,
    ) -> None:
        chosen = policy if store else replace(policy, omit=False)
        router = Router(compressors)
        self._judge = TextJudge(router, counter, chosen, store)
        self._older: Judge = self._judge
        if store and chosen.omit:
            harder = replace(chosen, budget=min(chosen.budget, OLDER_BUDGET))
            self._older = OlderJudge(TextJudge(router, counter, harder, store), counter, store)
        self._ledger = ledger or Ledger()
        self._rules = f"{_said(chosen)}\0{counter.name}\0{counter.exact}"

    def compress_messages(self, messages: list[Any], query: str = "") -> Result[list[Any]]:
        """A Python message list, as the providers' SDKs take it, with its texts shortened. The
        list given is never changed, and one that cannot be read is given back."""
        plain = attempt(lambda: trees.plain(messages))
        if isinstance(plain, Failure):
            return _unread(messages, plain)
        form = recognised(plain)
        seen = attempt(lambda: form.parse_messages(plain))
        if isinstance(seen, Failure):
            return _unread(messages, seen)
        decided = self.decide(seen, query)
        if not decided.edits:
            return decided.with_body(messages)
        applied = attempt(lambda: form.apply_messages(messages, decided.edits))
        if isinstance(applied, Failure):
            return _unread(messages, applied)
        return decided.with_body(applied)

    def compress_text(self, sample: Sample) -> Part:
        """One text of one kind, its original durable on return. Raises what a compressor or
        the store raises."""
        return self._judge.compressed(sample)

    def deciding(self, conversation: Conversation, query: str = "", older: int = 0) -> Deciding:
        """One conversation's way to its decisions, for a caller who will not wait for long.

        `query` is what the reader is after; where it is empty, each text's query is what the
        assistant said with the call that it answers, and the nearest user text before it. Its
        first `older` texts are made shorter than others.
        """
        rules = f"{self._rules}\0older {OLDER_BUDGET} {older}" if older else self._rules
        judges = Judges(rules, self._judge, self._older, older)
        return Deciding(conversation, query, judges, self._ledger)

    def decide(
        self, conversation: Conversation, query: str = "", *, late: Late | None = None
    ) -> Result[None]:
        """An edit or a skip for every editable text, the originals durable on return. Once
        `late` says so, what is not decided yet is left as it is, for good."""
        return self.deciding(conversation, query).decide(late)

    def leave(
        self, conversation: Conversation, query: str = "", reason: Reason = Reason.LATE
    ) -> Result[None]:
        """What is decided already; the rest is left as it is, for good."""
        return self.deciding(conversation, query).leave(reason)


def _said(policy: Policy) -> str:
    """What the user chose, spelled so that a version with other numbers behind the same name
    says the same."""
    preset = PRESETS.get(policy.name)
    numbers = (policy.budget, policy.min_tokens)
    known = preset is not None and numbers == (preset.budget, preset.min_tokens)
    said = [policy.name, "omit" if policy.omit else "", "" if known else repr(numbers)]
    said += [repr((rule.pattern, rule.rule, rule.budget, rule.project)) for rule in policy.tools]
    return "\0".join(said)


def _unread(messages: list[Any], failure: Failure) -> Result[list[Any]]:
    """A list given back as it was, and why."""
    return Result(messages, (), (Skip((), Reason.FAILED, failure.detail),), 0, 0, exact=False)
