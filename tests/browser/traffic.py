"""Ten thousand requests as a week of agents makes them, and the edits of the latest."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from headroom.compressors import built_in
from headroom.counting import Compression, EditCount, Event, Exchange, Tally
from headroom.counting.record import BUST, EPOCH, GUARD
from headroom.counting.shown import ShownEdits
from headroom.edits import Edit
from headroom.engine import Engine
from headroom.policy import BALANCED
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for
from headroom.wire._api import Usage

REQUESTS = 10_000
CALLERS = (
    ("claude-code", "anthropic", "claude-sonnet-4-5"),
    ("codex", "openai", "gpt-5.1"),
    ("gemini-cli", "gemini", "gemini-2.5-pro"),
    ("aider", "openai", "in-house-7b"),
)
KINDS = (("log", 0.2), ("json_rows", 0.35), ("repeats", 0.15), ("listing", 0.5), ("code", 0.6))


class Session(NamedTuple):
    """One agent at one thing: its requests come one after the other, and its prompt grows."""

    name: str
    caller: tuple[str, str, str]
    project: str
    arm: str
    begin: float
    prompt: int
    grows: float


def write(home: Path, count: int = REQUESTS, *, days: float = 7.0, end: float = 0.0) -> list[str]:
    """Write requests of the last `days` and their edits into a home; the names, oldest first."""
    chance = random.Random(7)
    end = end or time.time()
    turns: list[tuple[float, int, Session]] = []
    while len(turns) < count:
        turns += _turns(chance, len(turns), count, end, days)
    turns = sorted(turns, key=lambda turn: turn[0])[-count:]
    made = [_exchange(chance, *turn, number) for number, turn in enumerate(turns)]
    log, *others = edits()
    made[-40:] = [_with_edits(one, others) for one in made[-40:-1]] + [
        _with_edits(made[-1], [*others, log])
    ]
    _count_all(home, made)
    shown = ShownEdits(home)
    for one in made[-40:-1]:
        shown.add(one.name, one.time, others)
    shown.add(made[-1].name, made[-1].time, [*others, log])
    shown.close()
    return [one.name for one in made]


def _count_all(home: Path, made: Sequence[Exchange]) -> None:
    tally = Tally(home, capacity=len(made) + 1)
    for number, one in enumerate(made):
        tally.add(one)
        # Of what waits for the disk only so many sessions are told apart.
        assert number % 1_000 or tally.flush(60)
    assert tally.flush(60)
    tally.close()


def _turns(
    chance: random.Random, number: int, count: int, end: float, days: float
) -> list[tuple[float, int, Session]]:
    """The requests of one session: when, at which prompt, of what."""
    length = min(chance.randint(8, 60), count)
    pause = min(chance.uniform(8, 45), days * 86_400 / length / 2)
    begin = end - days * 86_400 * chance.random() ** 1.2
    caller = chance.choices(CALLERS, (6, 3, 1.5, 0.7))[0]
    session = Session(
        name=f"session-{number:06}",
        caller=caller,
        project=chance.choice(("shop", "site", "default")),
        arm="held out" if chance.random() < 0.15 else "compressed",
        begin=begin,
        prompt=chance.randint(12_000, 24_000),
        grows=chance.lognormvariate(7.0, 0.5),
    )
    times = (begin + pause * turn for turn in range(length))
    return [(when, turn, session) for turn, when in enumerate(times) if when <= end]


def edits() -> Sequence[Edit]:
    """Edits that the engine makes of what tools return."""
    engine = Engine(built_in(), counter_for("gpt-5"), BALANCED, InMemoryStore(), None)
    calls = [("read_log", _log()), ("list_orders", _orders()), ("grep", _matches())]
    messages: list[dict[str, object]] = [{"role": "user", "content": "Why do orders fail?"}]
    for number, (name, result) in enumerate(calls):
        call = {"type": "tool_use", "id": f"t{number}", "name": name, "input": {}}
        messages.append({"role": "assistant", "content": [call]})
        answer = {"type": "tool_result", "tool_use_id": f"t{number}", "content": result}
        messages.append({"role": "user", "content": [answer]})
    return engine.compress_messages(messages, "").edits


def _with_edits(one: Exchange, texts: Sequence[Edit]) -> Exchange:
    counts = tuple(
        EditCount(text.compressor, text.fidelity.value, text.tokens_before, text.tokens_after)
        for text in texts
    )
    before = 20_000 + sum(count.tokens_before for count in counts)
    after = 20_000 + sum(count.tokens_after for count in counts)
    return one._replace(compression=Compression(before, after, True, counts), arm="compressed")


def _log() -> str:
    lines = [
        f"2026-03-01 10:{n // 60 % 60:02}:{n % 60:02}.{n * 37 % 1000:03} INFO  worker-{n % 7} "
        f"order {7_000 + n} accepted in {n * 13 % 90} ms"
        for n in range(5_000)
    ]
    lines[3_200] = "2026-03-01 10:53:20.400 ERROR worker-3 order 10200 lost: ledger timed out"
    return "\n".join(lines)


def _orders() -> str:
    rows = [
        f'{{"id": {n}, "customer": "c{n * 7 % 50}", "state": "{"paid" if n % 9 else "open"}", '
        f'"total": {n * 31 % 400}.50, "currency": "EUR"}}'
        for n in range(300)
    ]
    return "[\n  " + ",\n  ".join(rows) + "\n]"


def _matches() -> str:
    return "\n".join(
        f"src/orders/part_{n % 12}.py:{n * 3 + 1}:    ledger.record(order, retry={n % 3})"
        for n in range(400)
    )


def _exchange(
    chance: random.Random, when: float, turn: int, session: Session, number: int
) -> Exchange:
    agent, provider, model = session.caller
    prompt, new = session.prompt + int(turn * session.grows), max(int(session.grows), 1)
    kinds = [kind for kind in KINDS if chance.random() < 0.5 and session.arm == "compressed"]
    counts = tuple(_count(chance, name, share, prompt) for name, share in kinds)
    saved = sum(one.tokens_before - one.tokens_after for one in counts)
    events = _events(chance)
    lost = any(event.kind == BUST for event in events)
    billed = _usage(chance, prompt - saved, prompt if lost or not turn else new)
    return Exchange(
        time=when,
        status=200 if chance.random() > 0.004 else 529,
        project=session.project,
        session=session.name,
        agent=agent,
        provider=provider,
        format={"anthropic": "anthropic_messages", "gemini": "gemini"}.get(provider, "openai_chat"),
        model=model,
        path="messages",
        streamed=True,
        compression=Compression(
            prompt, prompt - saved, provider == "openai", counts, {"no_gain": 3}
        ),
        retrievals=int(chance.random() < 0.03),
        retrieved_tokens=400 if chance.random() < 0.03 else 0,
        tool_tokens=212,
        our_seconds=chance.lognormvariate(-5.6, 0.7),
        first_byte_seconds=chance.lognormvariate(0.1, 0.5),
        upstream_seconds=chance.lognormvariate(1.6, 0.6),
        bytes_in=prompt * 4,
        bytes_saved=saved * 4,
        usage=billed,
        error="client left" if chance.random() < 0.003 else "",
        name=f"{number:012x}",
        before=_without(billed, saved),
        arm=session.arm,
        events=events,
    )


def _count(chance: random.Random, name: str, share: float, prompt: int) -> EditCount:
    before = int(prompt * 0.18 * chance.random()) + 40
    fidelity = "lossless" if name in ("json_rows", "repeats") else "recoverable"
    return EditCount(name, fidelity, before, int(before * share), chance.randint(1, 6))


def _usage(chance: random.Random, prompt: int, new: int) -> Usage:
    """What the provider reports: what it has not seen yet is written, the rest is read."""
    written = min(new, prompt)
    fresh = min(chance.randint(3, 40), prompt - written)
    return Usage(fresh, prompt - written - fresh, written, int(chance.lognormvariate(5.5, 0.8)))


def _without(billed: Usage, saved: int) -> Usage:
    return Usage(
        billed.fresh,
        billed.cache_read + saved * 9 // 10,
        billed.cache_write + saved // 10,
        billed.output,
    )


def _events(chance: random.Random) -> tuple[Event, ...]:
    drawn = chance.random()
    if drawn < 0.002:
        return (Event(BUST, "a timestamp in the system prompt", 1, 21_000),)
    if drawn < 0.003:
        return (Event(BUST, "tools in another order", 1, 14_000),)
    if drawn < 0.004:
        return (Event(GUARD, "a marker replaced by its original", 1, 0),)
    return (Event(EPOCH, "an idle session compressed anew", 1, 9_000),) if drawn < 0.005 else ()
