"""Measures the listing compressor: what is saved per form, what stays visible, how long it takes.

The data hold `shell/shell_outputs.jsonl.gz` and `trajectories/*.jsonl.gz` (tool results that the
compressor claims). The standard library's folder of the running interpreter is listed as well,
in every form. Tokens are o200k. What must stay visible is read off the original: each name
within three levels outside vendored folders, and each folder.
"""

import json
import os
import re
import statistics
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.listing import Listing
from headroom.policy import BALANCED, SAFE, Policy
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
REF = "abcdefgh"
ROUNDS = 5
SETS = ("claude-code", "openhands", "pi-sonnet", "swe-agent", "swe-agent-second-runs")
LIKELY_VENDORED = re.compile(r"(?:^|/)(?:__pycache__|site-packages|node_modules|\.git|\.?venv)/")
RANGE = re.compile(r"([^\s/]*)\{(\d+)\.\.(\d+)\}(\S*)")
DRAWN = re.compile(r"[│├└─|`\s\xa0-]+ ")
LONG = re.compile(r"[-dl][rwxsStT-]{9}[.+@]? ")


def folders() -> Iterator[tuple[str, list[str], list[str]]]:
    """The standard library's folders as `find` walks them."""
    root = Path(sysconfig.get_paths()["stdlib"])
    for folder, inside, names in os.walk(root):
        inside[:] = sorted(set(inside) - {"site-packages", "dist-packages", "test", "idlelib"})
        inner = Path(folder).relative_to(root).as_posix()
        yield "." if inner == "." else f"./{inner}", inside, sorted(names)


def generated() -> Iterator[tuple[str, str]]:
    """The standard library in every form."""
    walked = list(folders())
    paths = [f"{folder}/{name}" for folder, _, names in walked for name in names]
    yield "find", "\n".join(paths)
    yield "find, sources", "\n".join([path for path in paths if "__pycache__" not in path])
    yield "wc -l", "\n".join([f"{len(path) * 37 % 1000:>6} {path}" for path in paths])
    for form, rows in (("ls -R", _names), ("ls -lR", _rows)):
        sections = ["\n".join([f"{at}:", *rows(inside, names)]) for at, inside, names in walked]
        yield form, "\n\n".join(sections)
    yield "tree", "\n".join([".", *_tree({folder: each for folder, *each in walked}, ".", "")])


def _names(inside: list[str], names: list[str]) -> list[str]:
    return [*inside, *names]


def _rows(inside: list[str], names: list[str]) -> list[str]:
    sizes = [str(len(name) ** 4 % 99_999) for name in names]
    width = max([4, *map(len, sizes)])
    return [
        *[f"drwxr-xr-x 2 root root {4096:>{width}} Apr  7 15:38 {name}" for name in inside],
        *[
            f"-rw-r--r-- 1 root root {size:>{width}} Apr  7 15:{len(name):02} {name}"
            for name, size in zip(names, sizes, strict=True)
        ],
    ]


def _tree(walked: dict[str, list[list[str]]], at: str, bars: str) -> Iterator[str]:
    inside, names = walked.get(at, [[], []])
    every = [*inside, *names]
    for number, name in enumerate(every, 1):
        last = number == len(every)
        yield f"{bars}{'└── ' if last else '├── '}{name}"
        if name in inside:
            yield from _tree(walked, f"{at}/{name}", bars + ("    " if last else "│   "))


def recorded() -> Iterator[tuple[str, str, str, str]]:
    """Set, tool, arguments and text of each recorded result that is claimed."""
    for record in data.records("shell/shell_outputs.jsonl.gz"):
        yield "shell", "Bash", json.dumps({"command": record["command"]}), record["text"]
    for name in SETS if data.folder() else ():
        for record in data.records(f"trajectories/{name}.jsonl.gz"):
            yield from _results(name, record["messages"])


def _results(name: str, messages: list[dict[str, object]]) -> Iterator[tuple[str, str, str, str]]:
    calls: dict[object, tuple[str, str]] = {}
    for message in messages:
        for call in message.get("tool_calls") or []:  # type: ignore[attr-defined]
            calls[call["id"]] = call["function"]["name"], call["function"]["arguments"]
        content = message.get("content")
        if message["role"] == "tool" and isinstance(content, str):
            yield name, *calls.get(message.get("tool_call_id"), ("", "")), content


def near_names(text: str) -> set[str]:
    """What must stay visible: names within three levels and all folders, vendored ones aside."""
    found: set[str] = set()
    for line in text.split("\n"):
        if LONG.match(line) or DRAWN.match(line) or "/" not in line:
            continue
        path = line.rstrip(":").split()[-1] if line.strip() else ""
        if LIKELY_VENDORED.search(path + "/"):
            continue
        parts = path.removeprefix("./").strip("/").split("/")
        found.update(parts if len(parts) <= 3 else parts[:-1])
    return found


def visible(out: str) -> set[str]:
    """The names in a text, ranges written out."""
    words = set(re.split(r"[\s/\",]+", out.replace(": ", " ")))
    for head, first, last, tail in RANGE.findall(out):
        words.update(f"{head}{n:0{len(first)}}{tail}" for n in range(int(first), int(last) + 1))
    return words | {word.rstrip(":") for word in words}


def row(name: str, samples: list[Sample]) -> None:
    """Prints one line of the table."""
    before = sum(COUNT(sample.text) for sample in samples)
    out: dict[Policy, list[str]] = {}
    rounds = []
    for policy in (SAFE, BALANCED):
        for _ in range(ROUNDS if policy is BALANCED else 1):
            start = time.perf_counter()
            proposals = [Listing().compress(sample, policy) for sample in samples]
            rounds.append(time.perf_counter() - start)
        out[policy] = [
            proposal.text if proposal else sample.text
            for proposal, sample in zip(proposals, samples, strict=True)
        ]
    wanted = [near_names(sample.text) for sample in samples]
    seen = [names & visible(text) for names, text in zip(wanted, out[BALANCED], strict=True)]
    saved = [1 - sum(map(COUNT, out[policy])) / before for policy in (SAFE, BALANCED)]
    total = sum(map(len, wanted))
    facts = f"{sum(map(len, seen)):,}/{total:,}" if total else "-"
    speed = statistics.median(rounds[1:]) * 1e3 * 100_000 / before
    print(
        f"{name:24}{len(samples):4}{before:10,}{saved[0]:9.1%}{saved[1]:10.1%}{facts:>14}{speed:8.1f}"
    )


def main() -> None:
    """All measurements, one after another."""
    heads = ("set", "n", "tokens", "safe", "balanced", "near names", "ms/100k")
    print("{:24}{:>4}{:>10}{:>9}{:>10}{:>14}{:>8}".format(*heads))
    for name, text in generated():
        row(name, [Sample(text, ref=REF)])
    by_set: dict[str, list[Sample]] = {}
    for name, tool, source, text in recorded():
        sample = Sample(text, tool, source, ref=REF)
        if Listing().score(sample) >= 0:
            by_set.setdefault(name, []).append(sample)
    for name, samples in by_set.items():
        row(name, samples)


if __name__ == "__main__":
    main()
