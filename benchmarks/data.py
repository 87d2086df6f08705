"""The recorded data, where HEADROOM_EVAL_DATA names it; else what ships with the package."""

import gzip
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headroom.perf import built_in


def folder() -> Path | None:
    """The folder with the recorded data, if there is one."""
    named = os.environ.get("HEADROOM_EVAL_DATA")
    return Path(named) if named else None


def records(name: str) -> Iterator[dict[str, Any]]:
    """The records of one `.jsonl.gz` file; none where the data is not there."""
    root = folder()
    if root is None:
        return
    with gzip.open(root / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def shipped(name: str) -> str:
    """The tool result of a built-in workload."""
    workload = next(item for item in built_in() if item.name == name)
    return str(workload.messages(0)[-1]["content"])


def log_text(size: int, seed: int) -> str:
    """About `size` characters of one system's log, another system for each seed."""
    systems = [system["lines"] for system in records("loghub/loghub_2k.jsonl.gz")]
    lines = systems[seed % len(systems)] if systems else shipped("postgres-log").split("\n")
    return _filled(lines, size)


def mixed_log_text(size: int, seed: int) -> str:
    """About `size` characters of log lines of many systems, shuffled: no log looks like it."""
    lines = [line for system in records("loghub/loghub_2k.jsonl.gz") for line in system["lines"]]
    lines = lines or shipped("postgres-log").split("\n")
    random.Random(seed).shuffle(lines)
    return _filled(lines, size)


def _filled(lines: list[str], size: int) -> str:
    text = "\n".join(lines) + "\n"
    return (text * (size // len(text) + 1))[:size]


def api_json_text(size: int, seed: int) -> str:
    """About `size` characters of a JSON list of API records of several kinds, nested deep."""
    found: list[Any] = []
    for record in records("json_api/github_pygithub.jsonl.gz"):
        value = json.loads(record["text"])
        found += value if isinstance(value, list) else []
    return _json_list(found or json.loads(shipped("ruff-report")) * 2, size, seed)


def flat_json_text(size: int, seed: int) -> str:
    """About `size` characters of a JSON list of flat records of one kind."""
    tables = []
    for record in records("json_api/vega.jsonl.gz"):
        if record["id"].endswith(("movies.json", "jobs.json", "flights-2k.json", "cars.json")):
            tables.append(json.loads(record["text"]))
    found = tables[seed % len(tables)] if tables else json.loads(shipped("users-json")) * 4
    return _json_list(found, size, seed)


def _json_list(found: list[Any], size: int, seed: int) -> str:
    random.Random(seed).shuffle(found)
    taken, length = [], 0
    for item in found:
        taken.append(item)
        length += len(json.dumps(item, separators=(",", ":"))) + 1
        if length >= size:
            break
    return json.dumps(taken, separators=(",", ":"))
