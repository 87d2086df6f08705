"""Time to decide a whole conversation, unseen and seen, at 10,000, 100,000 and 1,000,000 tokens.

The conversations are recorded agent sessions laid end to end. *Unseen*: a new engine meets all of
it at once, tables of the counter loaded. *Seen*: the same engine meets it again with one short
result more, as each turn of a session does. Without HEADROOM_EVAL_DATA the built-in workloads
are laid end to end instead.
"""

import itertools
import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import data
from headroom.compressors import built_in
from headroom.engine import Engine
from headroom.perf import built_in as workloads
from headroom.policy import BALANCED
from headroom.stores import InMemoryStore
from headroom.tokens import TokenCounter

SIZES = (10_000, 100_000, 1_000_000)
SETS = ("claude-code", "openhands", "pi-sonnet", "tau-airline", "swe-agent")
ROUNDS = {10_000: 21, 100_000: 9, 1_000_000: 3}
COUNTER = TokenCounter()


def sessions() -> Iterator[list[dict[str, Any]]]:
    """Message lists, one session of each set in turn."""
    read = [data.records(f"trajectories/{name}.jsonl.gz") for name in SETS]
    for records in itertools.zip_longest(*read):
        yield from (record["messages"] for record in records if record)
    if data.folder() is None:
        yield from (list(item.messages(seed)) for seed in range(3) for item in workloads())


def laid_end_to_end(
    turns: list[list[dict[str, Any]]], size: int, skip: int
) -> list[dict[str, Any]]:
    """About `size` tokens of these sessions, ids made unique, from the session `skip` on."""
    found: list[dict[str, Any]] = []
    tokens = 0
    for number, messages in enumerate(turns[skip % len(turns) :] + turns):
        for message in messages:
            tokens += COUNTER.count(str(message.get("content") or "")) + 4
            found.append(_own(message, number))
            if tokens >= size:
                return found
    return found


def _own(message: dict[str, Any], number: int) -> dict[str, Any]:
    message = dict(message)
    if "tool_call_id" in message:
        message["tool_call_id"] = f"{number}-{message['tool_call_id']}"
    if message.get("tool_calls"):
        message["tool_calls"] = [{**c, "id": f"{number}-{c['id']}"} for c in message["tool_calls"]]
    return message


def timed(messages: list[dict[str, Any]], engine: Engine) -> float:
    """Milliseconds of one decision about all messages."""
    start = time.perf_counter()
    engine.compress_messages(messages)
    return 1_000 * (time.perf_counter() - start)


def main() -> None:
    """Prints a row per size."""
    print(f"{'tokens':>10}{'unseen ms':>11}{'per 100k':>10}{'seen ms':>9}{'per 100k':>10}")
    turns = list(sessions())
    extra = {"role": "user", "content": "And what does the last of them say?"}
    for size in SIZES:
        unseen, seen = [], []
        for number in range(ROUNDS[size]):
            messages = laid_end_to_end(turns, size, number * 7)
            engine = Engine(built_in(), COUNTER, BALANCED, InMemoryStore())
            unseen.append(timed(messages, engine))
            seen.append(timed([*messages, extra], engine))
        cold, warm = statistics.median(unseen), statistics.median(seen)
        share = 100_000 / size
        print(f"{size:10,}{cold:11.1f}{cold * share:10.1f}{warm:9.2f}{warm * share:10.2f}")


if __name__ == "__main__":
    main()
