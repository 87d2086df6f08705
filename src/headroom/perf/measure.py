"""Runs workloads and times them: cold in a new process, warm in this one.

Originals go to a store in a temporary folder, so that what is timed is what a user gets, durable
originals included, and the user's own store stays as it was.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from headroom.library import Compressed, compress
from headroom.perf.workloads import Workload
from headroom.stores import SqliteStore

WARM_RUNS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """What one workload came to. Times are milliseconds, of the whole `compress()` call."""

    name: str
    origin: str
    about: str
    original_tokens: int
    compressed_tokens: int
    savings_percent: float
    facts: int
    facts_visible: int
    lossless: bool
    cold_ms: float
    warm_ms: float


def measure(workload: Workload, policy: str) -> Row:
    """One workload's row: a cold run in a new process, then the median of warm ones."""
    cold = _cold(workload, policy)
    times = []
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        for run in range(WARM_RUNS + 1):
            messages = workload.messages(run)
            start = time.perf_counter()
            compressed = compress(messages, "gpt-4o", policy=policy, store=store)
            times.append(time.perf_counter() - start)
        store.close()
    facts = workload.facts(run)
    return Row(
        name=workload.name,
        origin=workload.origin,
        about=workload.about,
        original_tokens=compressed.original_tokens,
        compressed_tokens=compressed.compressed_tokens,
        savings_percent=round(compressed.savings_percent, 1),
        facts=len(facts),
        facts_visible=visible(compressed, facts),
        lossless=all(edit.fidelity.value == "lossless" for edit in compressed.edits),
        cold_ms=round(cold, 1),
        warm_ms=round(1_000 * statistics.median(times[1:]), 1),
    )


def visible(compressed: Compressed, facts: list[str]) -> int:
    """How many of the facts a reader of the compressed messages still sees."""
    text = "\n".join(str(message.get("content")) for message in compressed.messages)
    return sum(fact in text for fact in facts)


_COLD = """
import time
start = time.perf_counter()
import json, sys
from pathlib import Path
from headroom.library import compress
from headroom.stores import SqliteStore
folder, policy = Path(sys.argv[1]), sys.argv[2]
messages = json.loads((folder / "messages.json").read_text("utf-8"))
compress(messages, "gpt-4o", policy=policy, store=SqliteStore(folder))
print(1_000 * (time.perf_counter() - start))
"""


def _cold(workload: Workload, policy: str) -> float:
    """Milliseconds from before the first import to the result, in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        messages = json.dumps(workload.messages(0))
        Path(folder, "messages.json").write_text(messages, "utf-8")
        command = [sys.executable, "-c", _COLD, folder, policy]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(run.stdout)
