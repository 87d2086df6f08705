"""Time: compressors alone and end to end, imports and the command line.

Medians over new content each time, in one process and on one machine. `python -c pass` stands
beside the start-up figures, since it is what any Python program costs here.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.json_rows import JsonRows
from headroom.compressors.log import Log
from headroom.library import compress
from headroom.policy import BALANCED
from headroom.stores import SqliteStore

RUNS = 15


def median_ms(run: Callable[[int], object], runs: int = RUNS) -> float:
    """Median milliseconds of `run(n)` over n, after two that do not count."""
    times = []
    for number in range(runs + 2):
        start = time.perf_counter()
        run(number)
        times.append(1_000 * (time.perf_counter() - start))
    return statistics.median(times[2:])


def main() -> None:
    """Print the table."""
    kinds: list[tuple[str, Callable[[int, int], str], int, JsonRows | Log, tuple[int, int]]] = [
        ("1 MB of log", data.log_text, 1_000_000, Log(), (35, 80)),
        ("1 MB of 16 logs shuffled", data.mixed_log_text, 1_000_000, Log(), (35, 80)),
        ("200 KB of flat JSON", data.flat_json_text, 200_000, JsonRows(), (15, 30)),
        ("200 KB of API JSON", data.api_json_text, 200_000, JsonRows(), (15, 30)),
    ]
    rows: list[tuple[str, int | None, float]] = []
    for name, make, size, compressor, (bar, whole) in kinds:
        texts = [make(size, seed) for seed in range(RUNS + 2)]
        took = median_ms(lambda n: alone(compressor, texts[n]))  # noqa: B023
        rows.append((f"{name}, compressor alone", bar, took))
        rows.append((f"{name}, end to end", whole, end_to_end(texts)))
    empty = process(["-c", "pass"])
    rows += [
        ("python -c pass", None, empty),
        ("import headroom, above that", 60, process(["-c", "import headroom"]) - empty),
        (
            "from headroom import compress, above that",
            60,
            process(["-c", "from headroom import compress"]) - empty,
        ),
        ("headroom --version, in all", 150, process(["-m", "headroom", "--version"])),
    ]
    print(f"{'':44} {'bar ms':>8} {'ms':>8}")
    for what, bar, took in rows:
        print(f"{what:44} {bar or '':>8} {took:8.1f}")


def alone(compressor: JsonRows | Log, text: str) -> None:
    """One compressor on one text, with a ref as the engine would give."""
    compressor.compress(Sample(text, query="why did it fail?", ref="abcdefgh"), BALANCED)


def end_to_end(texts: list[str]) -> float:
    """The whole call: routing, counting, compressing, a durable original."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        took = median_ms(
            lambda n: compress([{"role": "tool", "content": texts[n]}], "gpt-4o", store=store)
        )
        store.close()
    return took


def process(arguments: list[str]) -> float:
    """Milliseconds of a whole Python process."""
    return median_ms(
        lambda _: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"python": sys.version.split()[0]}) + "\n")
    main()
