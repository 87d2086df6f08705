"""How fast, how exact: the token counter against tiktoken, and against quicktok if installed.

"familiar": the other half of the same logs was counted before, as in a process that has worked
for a while. "again": the same text once more. Without the data, generated text is used.
"""

import base64
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks import data
from headroom.tokens import TokenCounter, estimate

CHANCE = random.Random(3)


def real() -> dict[str, tuple[str, str]]:
    """name -> (counted before, measured)"""
    logs = [record["lines"] for record in data.records("loghub/loghub_2k.jsonl.gz")]
    before = "\n".join("\n".join(lines[:1000]) for lines in logs)
    after = "\n".join("\n".join(lines[1000:]) for lines in logs)[:1_000_000]
    sets = {"real logs, 16 systems": (before, after)}
    for name in ("datadog", "github_pygithub", "lockfiles_specs", "k8s_k9s"):
        texts = [record["text"] for record in data.records(f"json_api/{name}.jsonl.gz")]
        half = len(texts) // 2
        sets[f"real JSON, {name}"] = ("\n".join(texts[:half]), "\n".join(texts[half:])[:200_000])
    code = [record["text"] for record in data.records("code/files.jsonl.gz")]
    sets["real code"] = ("\n".join(code[::2]), "\n".join(code[1::2]))
    return sets


def log_lines(count: int) -> str:
    """A log whose every line has an id of its own."""
    return "\n".join(
        f"2026-01-02T10:{n // 60 % 60:02}:{n % 60:02}.{CHANCE.randint(0, 999):03}Z INFO  "
        f"worker-{CHANCE.randint(1, 30)} request id={CHANCE.randbytes(8).hex()} "
        f"path=/api/v1/users/{CHANCE.randint(1, 99999)}/orders status=200 took {n % 900}ms"
        for n in range(count)
    )


def generated() -> dict[str, tuple[str, str]]:
    """As `real`, without data."""
    rows = [{"id": n, "name": f"user {n}", "ok": n % 3 > 0, "at": n * 7919} for n in range(3000)]
    compact = json.dumps(rows, separators=(",", ":"))[:200_000]
    return {
        "generated log, an id a line": (log_lines(2000), log_lines(8000)[:1_000_000]),
        "generated JSON, compact": ("", compact),
        "base64": ("", base64.b64encode(CHANCE.randbytes(750_000)).decode()),
        "hex": ("", CHANCE.randbytes(500_000).hex()),
        "'a' * 10,000,000": ("", "a" * 10_000_000),
        "' ' * 10,000,000": ("", " " * 10_000_000),
    }


def timed(call: Callable[[], object]) -> tuple[float, object]:
    """Milliseconds, and the result."""
    start = time.perf_counter()
    result = call()
    return 1e3 * (time.perf_counter() - start), result


def rivals() -> dict[str, Callable[[str], int]]:
    """Other exact counters that are installed."""
    found: dict[str, Callable[[str], int]] = {}
    try:
        import quicktok  # noqa: PLC0415

        encoding = quicktok.get_encoding("o200k_base")
        found["quicktok"] = lambda text: len(encoding.encode_ordinary(text))
    except (ImportError, AttributeError):
        pass
    try:
        import tiktoken  # noqa: PLC0415
        from tiktoken_ext import openai_public  # noqa: PLC0415

        from headroom.tokens._tables import Ranks  # noqa: PLC0415

        openai_public.load_tiktoken_bpe = lambda *_, **__: dict(Ranks("o200k_base").tokens())
        other = tiktoken.Encoding(**openai_public.o200k_base())
        found["tiktoken"] = lambda text: len(other.encode_ordinary(text))
    except ImportError:
        pass
    return found


def cold() -> None:
    """Print what a new process pays, as medians of five."""
    code = (
        "import time; a = time.perf_counter(); from headroom.tokens import TokenCounter;"
        "b = time.perf_counter(); TokenCounter({0!r}).count('some words'); c = time.perf_counter();"
        "TokenCounter({0!r}).count('naïve'); d = time.perf_counter();"
        "print(*(round(1e3 * t, 1) for t in (b - a, c - b, d - c)))"
    )
    for name in ("o200k_base", "cl100k_base"):
        runs = [
            subprocess.run(
                [sys.executable, "-c", code.format(name)], capture_output=True, check=True
            )
            for _ in range(5)
        ]
        times = zip(*([float(ms) for ms in run.stdout.split()] for run in runs), strict=True)
        parts = [f"{statistics.median(part):.1f} ms" for part in times]
        print(f"{name}: import {parts[0]}, first count {parts[1]}, first beyond ASCII {parts[2]}")


def main() -> None:
    """Print everything."""
    cold()
    others = rivals()
    sets = {**(real() if data.folder() else {}), **generated()}
    print(f"{'content':30} {'MB':>6} {'tokens':>8} familiar  again", *others, "estimate()")
    for name, (before, text) in sets.items():
        counter = TokenCounter()
        counter.count(before)
        first, count = timed(lambda: counter.measure(text))  # noqa: B023
        again, _ = timed(lambda: counter.measure(text))  # noqa: B023
        cells = []
        for other, count_with in others.items():
            if len(set(text)) == 1:
                continue  # tiktoken's stack overflows on long runs
            ms, tokens = timed(lambda: count_with(text))  # noqa: B023
            same = "=" if tokens == count.tokens else f"differs: {tokens}"
            cells.append(f"{other} {ms:.1f} ms {same}")
        guess = 100 * (estimate(text) / count.tokens - 1)
        exact = "exact" if count.exact else "estimate"
        print(
            f"{name:30} {len(text) / 1e6:6.2f} {count.tokens:8} {first:6.1f} ms {again:6.1f} ms "
            f"{exact}; {'; '.join(cells)}; guess {guess:+.0f} %"
        )


if __name__ == "__main__":
    main()
