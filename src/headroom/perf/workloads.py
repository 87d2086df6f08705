"""Inputs that ship with the package, each with the facts that its reader cannot do without.

Real ones were recorded from real tools (`tools/` in the repository says how); generated ones
come from a seed.
"""

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

Messages = list[dict[str, Any]]
_SHIFTED = str.maketrans("123456789", "912345678")


@dataclass(frozen=True, slots=True)
class Workload:
    """One input. `messages(n)` gives it with other numbers or names for each `n`, so that a
    repeated measurement meets new content; `facts(n)` are the texts that must stay visible."""

    name: str
    origin: str
    about: str
    messages: Callable[[int], Messages]
    facts: Callable[[int], list[str]]


def built_in() -> list[Workload]:
    """Every workload that ships with the package."""
    return [
        Workload(
            "postgres-log", "real", "4,000 lines of a PostgreSQL server under load",
            lambda n: _tool("read_log", _QUESTION, _postgres(n)), _postgres_facts,
        ),
        Workload(
            "pasted-log", "real", "a question and 1,500 lines of log in one message",
            lambda n: [{"role": "user", "content": f"{_QUESTION}\n\n{_pasted(n)}"}],
            lambda n: [_QUESTION, _varied('parameter "work_mem" changed to "64kB"', n)],
        ),
        Workload(
            "ruff-report", "real", "328 findings of a linter as indented JSON",
            lambda n: _tool("run_ruff", "Which findings can be fixed?", _ruff(n)), _ruff_facts,
        ),
        Workload(
            "read-twice", "real", "a source file, read again after one edit",
            _read_twice, lambda n: [f"_EDITED = {n}"],
        ),
        Workload(
            "users-json", "generated", "500 users as compact JSON",
            lambda n: _tool("list_users", "Summarise the users.", json.dumps(_users(n))),
            lambda n: [f"mallory{n}", "trial-expired", "enterprise"],
        ),
        Workload(
            "rare-line", "generated", "10,000 lines of log, one of them different",
            lambda n: _tool("read_log", "What happened?", _rare_line_log(n)),
            lambda n: [_RARE.format(n=n)],
        ),
    ]  # fmt: skip


_QUESTION = "Queries fail and reports got slow. What happened, and when?"
_RARE = "INFO  pool: max_connections changed from 100 to {n} by deploy-bot"


def _tool(name: str, question: str, output: str) -> Messages:
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"role": "user", "content": question},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": output},
    ]


def _shipped(name: str) -> str:
    data = resources.files("headroom.perf").joinpath("data", name).read_bytes()
    return gzip.decompress(data).decode("utf-8")


def _varied(text: str, n: int) -> str:
    for _ in range(n % 9):
        text = text.translate(_SHIFTED)
    return text


def _postgres(n: int) -> str:
    return _varied(_shipped("postgres.log.gz"), n)


def _pasted(n: int) -> str:
    return "\n".join(_postgres(n).split("\n")[1_000:2_500])


def _postgres_facts(n: int) -> list[str]:
    facts = [
        'parameter "work_mem" changed to "64kB"',
        'relation "order_items" does not exist',
        "deadlock detected",
        'duplicate key value violates unique constraint "orders_pkey"',
        'new row for relation "orders" violates check constraint "orders_qty_check"',
    ]
    return [_varied(fact, n) for fact in facts]


def _ruff(n: int) -> str:
    return _shipped("ruff.json.gz").replace("jinja2", f"jinja{n}")


def _ruff_facts(n: int) -> list[str]:
    findings = json.loads(_ruff(n))
    return sorted({finding["code"] for finding in findings} | {item["name"] for item in findings})


def _read_twice(n: int) -> Messages:
    source = resources.files("headroom").joinpath("engine.py").read_text("utf-8")
    lines = [*source.split("\n"), f"# run {n}"]
    edited = [*lines[:60], f"_EDITED = {n}", *lines[60:]]
    before, after = (
        "\n".join(f"{number:>6}\t{line}" for number, line in enumerate(version, 1))
        for version in (lines, edited)
    )
    first = _tool("read_file", "Add the constant to the engine.", before)
    second = _tool("read_file", "Check the edit.", after)
    for message in second:
        if "tool_call_id" in message:
            message["tool_call_id"] = "call_2"
        for call in message.get("tool_calls", ()):
            call["id"] = "call_2"
    return first + second


def _users(n: int) -> list[dict[str, Any]]:
    random_ = random.Random(n)
    names = ("ada", "grace", "edsger", "barbara", "donald", "frances", "alan", "katherine")
    users = []
    for number in range(1, 501):
        login = f"{random_.choice(names)}{number}"
        users.append({
            "id": 1_000 + number,
            "name": login,
            "email": f"{login}@example.org",
            "url": f"https://api.example.org/users/{login}",
            "type": "User",
            "active": random_.random() < 0.9,
            "plan": random_.choice(("free", "team", "enterprise")),
            "logins": random_.randrange(2_000),
        })  # fmt: skip
    users[300 + n] |= {"plan": "trial-expired"}
    users[200 + n] |= {"name": f"mallory{n}", "logins": 812_345}
    return users


def _rare_line_log(n: int) -> str:
    random_ = random.Random(n)
    lines = []
    for index in range(10_000):
        hour, minute, second = 10 + index // 3600, index // 60 % 60, index % 60
        time = f"2026-03-{1 + n % 28:02d} {hour:02d}:{minute:02d}:{second:02d}"
        request, user, took = (
            random_.randrange(10**6),
            random_.randrange(500),
            random_.randrange(90),
        )
        lines.append(f"{time} INFO  http: request {request} of user {user} served in {took} ms")
    lines[6_200 + n] = f"{lines[6_200 + n][:19]} {_RARE.format(n=n)}"
    return "\n".join(lines)
