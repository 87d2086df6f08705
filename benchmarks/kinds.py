"""Single contents by kind: what is saved, and which of the facts that decide stay visible.

The facts of each case are listed here, taken from the original before anything is compressed:
a fact is one or more texts, and it is visible where one line of what is sent holds them all, or
holds those that its table's heading does not say for every row (`same in all`, a run, a common
beginning). The workloads are generated data in the shape of the field's headline table.
"""

import gzip
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks import data
from headroom.compressors import built_in
from headroom.engine import Engine
from headroom.policy import BALANCED
from headroom.stores import InMemoryStore
from headroom.tokens import TokenCounter

COUNTER = TokenCounter()
ROUNDS = 5
Fact = tuple[str, ...]


class Case(NamedTuple):
    """A message list, the share that is to be saved, and what must stay visible."""

    name: str
    messages: list[dict[str, Any]]
    bar: float
    facts: list[Fact]


def workload(name: str) -> list[dict[str, Any]]:
    """The messages of one recorded workload."""
    root = data.folder()
    assert root is not None
    with gzip.open(root / "workloads" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        value = json.load(file)
    return list(value if isinstance(value, list) else value["messages"])


def results(messages: list[dict[str, Any]]) -> list[Any]:
    """The decoded tool results."""
    return [json.loads(m["content"]) for m in messages if m["role"] == "tool"]


def code_search(messages: list[dict[str, Any]]) -> Iterator[Fact]:
    """The forms asked for: each definition, each file and line."""
    for match in results(messages)[0]:
        if "Form" in match["content"]:
            yield (match["content"],)
            yield match["file"].rpartition("/")[2], str(match["line"])


def incident(messages: list[dict[str, Any]]) -> Iterator[Fact]:
    """The causes: every kind of error of the service asked about, with its time and host."""
    kinds = set()
    for entry in results(messages)[0]["entries"]:
        service, message = entry["service"], entry["message"]
        if entry["level"] != "ERROR" or service != "payment-service" or message in kinds:
            continue
        kinds.add(message)
        host = entry["metadata"]["host"].rpartition("-")[2]
        yield message, entry["timestamp"].partition("T")[2], service, f",{host},"


def issues(messages: list[dict[str, Any]]) -> Iterator[Fact]:
    """Every issue's number and title."""
    for issue in results(messages)[0]["items"]:
        number = str(issue["number"])
        yield number, issue["title"].partition(": ")[2]


def exploration(messages: list[dict[str, Any]]) -> Iterator[Fact]:
    """The signature found in each file; the files on the subject asked about."""
    _, found, code = results(messages)
    for match in found["matches"]:
        if "auth" in match["path"] or "jwt" in match["path"]:
            yield (match["path"],)
    for content in {inner["content"].strip() for m in found["matches"] for inner in m["matches"]}:
        yield (content,)
    for item in code["items"]:
        for text in item["text_matches"]:
            yield (text["fragment"].partition("\n")[0],)


KINDS: dict[str, tuple[str, float, Callable[[list[dict[str, Any]]], Iterator[Fact]]]] = {
    "code search, 100 results": ("code-search", 0.90, code_search),
    "incident logs and metrics": ("incident", 0.92, incident),
    "incident, other seed": ("incident-b", 0.92, incident),
    "GitHub issues list": ("issue-triage", 0.80, issues),
    "GitHub issues, other seed": ("issue-triage-b", 0.80, issues),
    "codebase exploration": ("exploration", 0.60, exploration),
    "exploration, other seed": ("exploration-b", 0.60, exploration),
}


def cases() -> Iterator[Case]:
    """The cases whose data are there."""
    for name, (file, bar, facts) in KINDS.items() if data.folder() else ():
        messages = workload(file)
        yield Case(name, messages, bar, list(dict.fromkeys(facts(messages))))


def visible(fact: Fact, sent: list[str]) -> bool:
    """Whether one line holds all parts of the fact."""
    return any(all(part in line for part in fact) for line in sent)


def main() -> None:
    """Prints a row per case."""
    print(f"{'content':28}{'tokens':>8}{'after':>8}{'saved':>8}{'bar':>6}{'facts':>12}{'ms':>8}")
    for case in cases():
        took, result = [], None
        for _ in range(ROUNDS):
            engine = Engine(built_in(), COUNTER, BALANCED, InMemoryStore())
            start = time.perf_counter()
            result = engine.compress_messages(case.messages)
            took.append(1_000 * (time.perf_counter() - start))
        assert result is not None
        sent = [line for m in result.body for line in str(m.get("content") or "").split("\n")]
        shown = sum(visible(fact, sent) for fact in case.facts)
        saved = 1 - result.tokens_after / result.tokens_before
        print(
            f"{case.name:28}{result.tokens_before:8,}{result.tokens_after:8,}{saved:8.1%}"
            f"{case.bar:6.0%}{shown:7}/{len(case.facts):<4}{statistics.median(took):8.1f}"
        )


if __name__ == "__main__":
    main()
