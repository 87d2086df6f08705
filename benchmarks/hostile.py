"""Inputs made to hurt, end to end: how long `compress()` takes and what becomes of them."""

import base64
import random
import time

from headroom.library import compress
from headroom.stores import InMemoryStore


def inputs() -> dict[str, str]:
    """By name. The largest have 100 MB."""
    chance = random.Random(1)
    log = "2026-03-01 10:00:{:02d} INFO http: request {} took {} ms"
    record = '{{"id":{0},"name":"user{0}","v":{1}}}'
    return {
        "one line of 100 MB": "x" * 100_000_000,
        "100 MB of log": "\n".join(log.format(n % 60, n, n % 97) for n in range(1_700_000)),
        "20 MB of JSON": f"[{','.join(record.format(n, n * 7919 % 1000) for n in range(500_000))}]",
        "10 MB of open brackets": '[{"a":' * 1_700_000,
        "10 MB of base64": base64.b64encode(chance.randbytes(7_500_000)).decode(),
        "5 MB of zeros": "\0" * 5_000_000,
    }


def main() -> None:
    """Print a row for each."""
    for name, text in inputs().items():
        start = time.perf_counter()
        message = {"role": "tool", "content": text}
        result = compress([message], "gpt-4o", store=InMemoryStore())
        took = time.perf_counter() - start
        fate = result.skips[0].reason.value if result.skips else result.edits[0].compressor
        print(f"{name:24} {took:6.2f} s  {result.savings_percent:5.1f} % saved  {fate}")


if __name__ == "__main__":
    main()
