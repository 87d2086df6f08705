"""Deciding beside the event loop: its time, its queue, its start."""

import asyncio
import threading

import pytest

from headroom.conversation import Block, Conversation, Kind, Message
from headroom.edits import Fidelity, Proposal, Reason
from headroom.engine import Engine
from headroom.ledger import Ledger
from headroom.policy import SAFE
from headroom.proxy.compressing import Allowance, Compressing
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for

LONG = "\n".join(f"line {n} of a text that is worth it: {n**3}" for n in range(60))


class Waiting:
    """Shortens every text, once it is let go."""

    name = "waiting"

    def __init__(self, let_go=True):
        self.inside, self.go = threading.Event(), threading.Event()
        if let_go:
            self.go.set()

    def score(self, sample):
        return 0.9

    def compress(self, sample, policy):
        self.inside.set()
        assert self.go.wait(20)
        return Proposal(sample.text[:20], Fidelity.LOSSLESS)


def deciding(compressor, *texts):
    store = InMemoryStore()
    engine = Engine([compressor], counter_for(""), SAFE, store, Ledger(store.settled))
    blocks = [Block((n,), Kind.TOOL_RESULT, text, "run", f"c{n}") for n, text in enumerate(texts)]
    return engine.deciding(Conversation("", (Message("tool", tuple(blocks)),)))


def outcomes(result):
    return [*(edit.path for edit in result.edits), *(skip.reason for skip in result.skips)]


@pytest.fixture
def compressing():
    made = Compressing()
    yield made
    made.close()


def test_what_is_new_is_decided_in_a_thread(compressing):
    async def play():
        return await compressing.result(deciding(Waiting(), LONG), Allowance(20.0))

    assert outcomes(asyncio.run(play())) == [(0,)]


def test_a_text_that_is_late_stays_as_it_is_for_good(compressing):
    slow = Waiting(let_go=False)
    talk = deciding(slow, LONG, LONG + "more")

    async def play():
        first = await compressing.result(talk, Allowance(0.05))
        slow.go.set()
        return first, await compressing.result(talk, Allowance(20.0))

    first, second = asyncio.run(play())
    assert outcomes(first) == outcomes(second) == [Reason.LATE, Reason.LATE]


def test_the_time_runs_from_the_beginning_of_the_work(compressing):
    """Others hold all threads for longer than nothing: who waits for them is not late."""
    busy = [Waiting(let_go=False) for _ in range(4)]

    async def play():
        others = [
            asyncio.ensure_future(compressing.result(deciding(one, LONG), Allowance(20.0)))
            for one in busy
        ]
        await asyncio.to_thread(busy[0].inside.wait, 20)
        mine = asyncio.ensure_future(compressing.result(deciding(Waiting(), LONG), Allowance(20.0)))
        await asyncio.sleep(0)
        for one in busy:
            one.go.set()
        return [outcomes(await one) for one in (*others, mine)]

    assert asyncio.run(play()) == [[(0,)]] * 5


def test_who_waits_too_long_for_others_passes(compressing):
    busy = [Waiting(let_go=False) for _ in range(8)]

    async def play():
        others = [
            asyncio.ensure_future(compressing.result(deciding(one, LONG), Allowance(20.0)))
            for one in busy
        ]
        await asyncio.to_thread(busy[0].inside.wait, 20)
        mine = await compressing.result(deciding(Waiting(), LONG), Allowance(0.05))
        for one in busy:
            one.go.set()
        await asyncio.gather(*others)
        return mine

    assert outcomes(asyncio.run(play())) == [Reason.LATE]


def test_no_text_pays_for_the_start(compressing):
    async def play():
        loading = asyncio.get_running_loop().create_future()
        compressing.after(loading)
        waiting = asyncio.ensure_future(
            compressing.result(deciding(Waiting(), LONG), Allowance(20.0))
        )
        await asyncio.sleep(0)
        early = waiting.done()
        loading.set_result(None)
        return early, outcomes(await waiting)

    assert asyncio.run(play()) == (False, [(0,)])


def test_one_request_has_one_allowance(compressing):
    slow, allowance = Waiting(let_go=False), Allowance(0.05)

    async def play():
        await compressing.result(deciding(slow, LONG), allowance)
        slow.go.set()
        return await compressing.result(deciding(Waiting(), LONG), allowance)

    assert outcomes(asyncio.run(play())) == [Reason.LATE]
    assert allowance.seconds == 0.0


def test_what_is_to_be_left_is_left(compressing):
    async def play():
        return await compressing.left(deciding(Waiting(), LONG), Reason.EXCLUDED)

    assert outcomes(asyncio.run(play())) == [Reason.EXCLUDED]
