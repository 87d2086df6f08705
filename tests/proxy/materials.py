"""What an agent's tools give: real enough to be shortened, made of numbers so that it is the same
every time."""

import json
import random

FACT = "request 700413 of user 313 served in 77 ms"
RARE = "pool: max_connections changed from 100 to 10 by deploy-bot"
_WORDS = [
    "buffer",
    "cache",
    "client",
    "config",
    "handler",
    "index",
    "parser",
    "queue",
    "reader",
    "session",
    "stream",
    "writer",
]


def log(seed: int = 0, lines: int = 160) -> str:
    """A server's log; `FACT` stands in its middle, `RARE` near its end."""
    chance = random.Random(f"log {seed}")
    out = []
    for _number in range(lines):
        user, took = chance.randrange(300), chance.randrange(76)
        said = f"http: request {chance.randrange(600_000)} of user {user} served in {took} ms"
        out.append(said)
    out[lines // 2] = f"http: {FACT}"
    out[-9] = RARE
    stamp = "2026-03-01 10:{:02d}:{:02d} INFO  "
    return "\n".join(stamp.format(n // 60 % 60, n % 60) + line for n, line in enumerate(out))


def records(seed: int = 0, count: int = 60) -> str:
    """A list of records, as an API's client prints it."""
    chance = random.Random(f"records {seed}")
    return json.dumps(
        [
            {
                "id": chance.randrange(10**6),
                "name": f"{chance.choice(_WORDS)}-{number}",
                "state": chance.choice(["ready", "ready", "ready", "failed"]),
                "labels": {"zone": f"eu-{number % 3}", "tier": "standard"},
            }
            for number in range(count)
        ],
        indent=2,
    )


def source(seed: int = 0, functions: int = 25) -> str:
    """A file as a reading tool shows it: its lines, numbered."""
    chance = random.Random(f"source {seed}")
    out = ["import os", ""]
    for number in range(functions):
        name, other = chance.choice(_WORDS), chance.choice(_WORDS)
        out += [
            f"def {name}_{number}({other}, size={chance.randrange(99)}):",
            f'    """Give the {name} its {other}, {chance.randrange(999)} at a time."""',
            f"    if size > {chance.randrange(999)}:",
            f"        raise ValueError({other!r} + os.sep)",
            f"    return [{name}_{chance.randrange(functions)}({other}) for _ in range(size)]",
            "",
        ]
    return "\n".join(f"{number:6d}\t{line}" for number, line in enumerate(out, 1))


def run(seed: int = 0, count: int = 90) -> str:
    """A test run with one failure."""
    chance = random.Random(f"tests {seed}")
    names = [f"tests/test_{chance.choice(_WORDS)}.py::test_{n}" for n in range(count)]
    passed = [f"{name} PASSED [{n * 100 // count:3d}%]" for n, name in enumerate(names)]
    passed[count // 3] = f"{names[count // 3]} FAILED [ 33%]"
    return "\n".join(
        [
            "============ test session starts ============",
            *passed,
            "FAILURES",
            f"E   AssertionError: {seed} is not {count}",
            f"1 failed, {count - 1} passed in 3.21s",
        ]
    )


def small(seed: int = 0) -> str:
    """Nothing worth an edit."""
    return f"exit code {seed}"


MATERIALS = {
    "read_log": log,
    "list_records": records,
    "read_file": source,
    "run_tests": run,
    "status": small,
}
"""By the name of the client's tool that gives it; its argument is the seed."""


def given(name: str, arguments: dict[str, object]) -> str:
    """What the client's tool `name` gives."""
    return MATERIALS[name](int(str(arguments.get("seed", 0))))
