"""One conversation's way to its decisions: what is known, what is decided now, what is left.

Threads may be at it at once: one decides, another, tired of waiting, leaves the rest as it is.
Whoever settles a text first is right, and what follows it in the conversation is decided on
that. It knows no compressor and no clock; a judge decides the single text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from headroom.attempts import Failure
from headroom.conversation import EDITABLE, Block, Conversation
from headroom.decision import Decision, Judged, Named, placed
from headroom.edits import Edit, Measure, Reason, Result, Skip
from headroom.errors import StoreError
from headroom.ledger import Ledger
from headroom.tokens import Count, estimate
from headroom.walk import Step, Walk, steps

_KEPT_TOGETHER = 100_000
"""Bytes of originals that are kept in one go: what a crash may cost, and a disk's patience."""

_UNKNOWN = Measure(0, 0)

Late = Callable[[], bool]
Found = list[Decision | None]


class Judge(Protocol):
    """Decides single texts, and looks after their originals."""

    def decision(self, block: Block, walk: Walk) -> Judged:
        """A text's fate. Never raises."""
        ...

    def keep(self, originals: Sequence[Named]) -> Failure | None:
        """Keep originals, durable on return, all or none; or what went wrong."""
        ...

    def refresh(self, refs: Sequence[str]) -> list[str]:
        """Keep these originals alive, and return the refs of those that are gone.

        Raises:
            StoreError: it could not be done within a moment.
        """
        ...

    def keep_again(self, block: Block, walk: Walk, refs: Sequence[str]) -> None:
        """Keep the originals behind these refs of a text decided earlier. Never raises."""
        ...


class Judges(NamedTuple):
    """Who decides: `older` the `first` texts of a conversation, `latest` the others. `rules`
    names all of that which decisions rest on."""

    rules: str
    latest: Judge
    older: Judge
    first: int = 0


class Deciding:
    """The decisions for one conversation. Whichever of its methods are called, and by however
    many threads at once, the same outcome holds, and is settled before it is returned."""

    def __init__(
        self, conversation: Conversation, query: str, judges: Judges, ledger: Ledger
    ) -> None:
        self._conversation = conversation
        self._query = query
        self._steps = steps(conversation, query, judges.rules)
        self._ledger = ledger
        self._judges = judges
        self._judge = judges.latest
        # What `decide` has made and not settled yet: `leave` takes it over.
        self._made = _Made(judges.latest)
        # Refs whose originals are gone, by the key of the text that rests on them.
        self._gone: dict[bytes, list[str]] = {}
        self._new_characters = 0
        # What `settled` found: the store is asked once.
        self._known: Found | None = None

    @property
    def new_characters(self) -> int:
        """The characters of texts that are still to be decided, or whose originals are gone, as
        `settled` found them."""
        return self._new_characters

    def settled(self) -> Result[None] | None:
        """The outcome if every text is decided and its originals are there, else None. Quick: no
        compressor runs, nothing is counted."""
        found = self._known = self._ledger.lookup(self._steps)
        self._look_after(found)
        if not self._gone and None not in found:
            return self._result(found)
        self._new_characters = sum(
            len(step.block.text)
            for step, decision in zip(self._steps, found, strict=True)
            if (decision is None and step.block.kind in EDITABLE) or step.key in self._gone
        )
        return None

    def decide(self, late: Late | None = None) -> Result[None]:
        """Decide what is not decided yet. Before each such text `late` is asked whether the
        deadline has passed; if so, the rest is left as it is, for good."""
        found = self._looked_up()
        self._look_after(found)
        together = _KEPT_TOGETHER
        while self._gone or None in found:
            made = self._made = _Made(self._judge, together)
            walk = self._walked(found, made, late)
            # What cannot be kept together is decided again, each text kept by itself.
            together = together if made.keep() else 0
            if self._settle(found, made.kept):
                self._ledger.give_back(self._steps[-1].key, walk.seen)
        return self._result(found)

    def leave(self, reason: Reason = Reason.LATE) -> Result[None]:
        """Leave what is not decided yet as it is, for good. Quick, while another thread may be
        deciding the same: what that has made so far holds, the rest of it comes to nothing."""
        found = self._looked_up()
        while None in found:
            self._settle(found, self._left(found, reason))
        return self._result(found)

    def _looked_up(self) -> Found:
        known = self._known
        return self._ledger.lookup(self._steps) if known is None else known.copy()

    def _walked(self, found: Sequence[Decision | None], made: "_Made", late: Late | None) -> Walk:
        """The walk through all texts, what is decided on the way added to `made`; only as far as
        the first that somebody else has settled meanwhile, or that cannot be kept."""
        walk, gone = Walk(self._query), self._gone
        shown, walk.seen = self._ledger.lend(self._steps[: self._first_open(found, gone)])
        ahead = iter(enumerate(zip(self._steps, found, strict=True)))
        for message in self._conversation.messages:
            walk.enter(message)
            for _ in message.blocks:
                index, (step, decision) = next(ahead)
                if decision is None:
                    if self._ledger.holds(step.key):
                        return walk
                    late = _always if late is not None and late() else late
                    decision = made.add(step, self._new(index, step.block, walk, late))
                    if decision is None:
                        return walk
                elif step.key in gone:
                    self._judge.keep_again(step.block, walk, gone.pop(step.key))
                note = walk.pass_by if index < shown else walk.note
                note(step.block, decision)
        return walk

    def _first_open(self, found: Sequence[Decision | None], gone: Mapping[bytes, object]) -> int:
        pairs = enumerate(zip(self._steps, found, strict=True))
        opened = (at for at, (step, made) in pairs if made is None or step.key in gone)
        return next(opened, len(found))

    def _new(self, index: int, block: Block, walk: Walk, late: Late | None) -> Judged:
        if late is _always:
            return Judged(_untouched(block, Reason.LATE))
        judge = self._judges.older if index < self._judges.first else self._judges.latest
        return judge.decision(block, walk)

    def _left(self, found: Sequence[Decision | None], reason: Reason) -> dict[bytes, Decision]:
        """What is open, as `decide` has made it so far, for a deadline, or as it is."""
        made = self._made.taken() if reason is Reason.LATE else {}
        left: dict[bytes, Decision] = {}
        for step, decision in zip(self._steps, found, strict=True):
            if decision is None:
                left[step.key] = made.get(step.key) or _untouched(step.block, reason)
            elif step.key in made and made[step.key].bare() != decision:
                # Somebody else decided this text: what was made behind it rests on nothing.
                made = {}
        return left

    def _settle(self, found: Found, made: Mapping[bytes, Decision]) -> bool:
        """Put into `found` what holds; whether that is what was made, and all."""
        held = dict(zip(made, self._ledger.settle(made), strict=False))
        asked = [step for step, known in zip(self._steps, found, strict=True) if known is None]
        if len(held) < len(asked):
            others = self._ledger.lookup([step for step in asked if step.key not in held])
            rest = (step.key for step in asked if step.key not in held)
            held.update((key, made) for key, made in zip(rest, others, strict=True) if made)
        for index, step in enumerate(self._steps):
            if found[index] is None:
                found[index] = held.get(step.key)
        return None not in found and all(held[key] == made[key].bare() for key in made)

    def _look_after(self, found: Sequence[Decision | None]) -> None:
        """Keep alive the originals on which decisions rest, now and then."""
        resting = {
            step.key: made.outcome.refs
            for step, made in zip(self._steps, found, strict=True)
            if made is not None and isinstance(made.outcome, Edit) and made.outcome.refs
        }
        due = self._ledger.due(resting)
        if not due:
            return
        try:
            gone = set(self._judge.refresh([ref for key in due for ref in resting[key]]))
        except StoreError as error:
            self._ledger.trouble(error)
            return
        for key in due:
            if lost := [ref for ref in resting[key] if ref in gone]:
                self._gone[key] = lost

    def _result(self, found: Sequence[Decision | None]) -> Result[None]:
        edits: list[Edit] = []
        skips: list[Skip] = []
        measures: list[Measure] = []
        exact = True
        for step, decision in zip(self._steps, found, strict=True):
            if decision is None:
                measures.append(_UNKNOWN)
                continue
            exact = exact and decision.before.exact and decision.after.exact
            sent = 0
            if decision.outcome is not None:
                outcome = placed(decision.outcome, step.block)
                if isinstance(outcome, Edit):
                    edits.append(outcome)
                    sent = hash(outcome.after)
                else:
                    skips.append(outcome)
            measures.append(Measure(decision.before.tokens, decision.after.tokens, sent))
        before = sum(measure.before for measure in measures)
        after = sum(measure.after for measure in measures)
        return Result(None, tuple(edits), tuple(skips), before, after, exact, tuple(measures))


class _Made:
    """What one walk has made, in its order: what may be settled, as its originals are durable,
    and what waits until there are `most` bytes of them. Another thread may take it at any time."""

    def __init__(self, judge: Judge, most: int = _KEPT_TOGETHER) -> None:
        self.kept: dict[bytes, Decision] = {}
        self._judge = judge
        self._most = most
        self._waiting: dict[bytes, Judged] = {}
        self._size = 0
        self._is_keeping = self._given_up = False

    def add(self, step: Step, judged: Judged) -> Decision | None:
        """The decision as it will hold; None where what waited could not be kept."""
        self._waiting[step.key] = judged
        self._size += sum(len(original) for _, original in judged.originals)
        if self._size <= self._most:
            return judged.decision
        failure = self._keep()
        if failure is None:
            return judged.decision
        if self._most:
            self._given_up = True
            return None
        before = judged.decision.before
        failed = Decision(Skip(step.block.path, Reason.FAILED, failure.detail), before, before)
        self._waiting[step.key] = Judged(failed)
        self._size = 0
        return failed

    def keep(self) -> bool:
        """Keep what waits; whether all of it could be kept."""
        return not self._given_up and self._keep() is None

    def taken(self) -> dict[bytes, Decision]:
        """What may be settled now, by a thread that waits for no other."""
        waiting = {} if self._is_keeping else self._waiting.copy()
        failure = self._judge.keep(_originals(waiting)) if waiting else None
        made = self.kept.copy()
        if failure is None:
            made.update((key, judged.decision) for key, judged in waiting.items())
        return made

    def _keep(self) -> Failure | None:
        self._is_keeping = True
        failure = self._judge.keep(_originals(self._waiting))
        self._is_keeping = False
        if failure is None:
            self.kept.update((key, judged.decision) for key, judged in self._waiting.items())
            self._waiting = {}
            self._size = 0
        return failure


def _originals(waiting: Mapping[bytes, Judged]) -> list[Named]:
    return [named for judged in waiting.values() for named in judged.originals]


def _always() -> bool:
    return True


def _untouched(block: Block, reason: Reason) -> Decision:
    """A text left as it is without another look: counted by a guess, which costs little."""
    count = Count(estimate(block.text), exact=False)
    skip = Skip(block.path, reason) if block.kind in EDITABLE else None
    return Decision(skip, count, count)
