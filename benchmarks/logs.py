"""Measures the log compressor on real logs: what is saved, what stays visible, how long it takes.

The data hold `loghub/loghub_2k.jsonl.gz` (systems with lines, event ids and templates) and
`ci_logs/cidiff_fail.jsonl.gz` (logs with marked error lines). Without them only the shipped and a
generated log are timed. Tokens are o200k.
"""

import random
import re
import statistics
import time

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.log import Log
from headroom.policy import BALANCED
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
ALERT = re.compile(r"\b(?:ERROR|FATAL|CRITICAL|SEVERE|WARN|WARNING|error|warn)\b")
LINE = re.compile(r"^(\d+): (.*)$", re.MULTILINE)
MARKED_BY_FIRST_FIELD = {"BGL", "Thunderbird"}
ROUNDS = 9


def compressed(text: str) -> str:
    """What the compressor makes of `text`, or `text` where it leaves it."""
    proposal = Log().compress(Sample(text, ref="abcdefgh"), BALANCED)
    return proposal.text if proposal else text


def visible(lines: list[str], out: str) -> set[int]:
    """Indexes of the lines that stand verbatim in `out`, checked against the original."""
    shown = {int(found[1]) - 1: found[2] for found in LINE.finditer(out)}
    assert all(lines[index].rstrip("\r") == line for index, line in shown.items())
    return set(shown)


def follows(template: str, line: str) -> bool:
    """Whether the fixed parts of `template` stand in `line` in their order."""
    at = 0
    for part in template.split("<*>"):
        at = line.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def loghub() -> list[str]:
    """Prints a row per system; returns all lines."""
    print(f"{'system':12}{'before':>9}{'after':>8}{'saved':>8}  templates  by regex  alerts")
    saved: list[float] = []
    everything: list[str] = []
    for system in data.records("loghub/loghub_2k.jsonl.gz"):
        lines, events = system["lines"], system["event_ids"]
        everything += lines
        out = compressed("\n".join(lines))
        seen = visible(lines, out)
        told = {events[index] for index in seen}
        own = {
            event
            for event, line in zip(events, lines, strict=True)
            if follows(system["templates"][event], line)
        }
        regex = sum(
            any(follows(system["templates"][event], lines[index]) for index in seen)
            for event in own
        )
        first = system["system"] in MARKED_BY_FIRST_FIELD
        alerts = {
            event
            for line, event in zip(lines, events, strict=True)
            if ALERT.search(line) or (first and not line.startswith("- "))
        }
        before, after = COUNT("\n".join(lines)), COUNT(out)
        saved.append(1 - after / before)
        kinds = len(set(events))
        print(
            f"{system['system']:12}{before:9,}{after:8,}{saved[-1]:8.1%}"
            f"{len(told):6}/{kinds:<4}{regex:6}/{len(own):<4}{len(alerts & told):4}/{len(alerts)}"
        )
    print(f"{'average':12}{'':17}{statistics.mean(saved):8.1%}\n")
    return everything


def ci_logs() -> None:
    """Prints what is saved of build logs and how much of their marked lines is visible."""
    before = after = marked = there = kinds_there = 0
    for log in data.records("ci_logs/cidiff_fail.jsonl.gz"):
        lines = log["log"].split("\n")
        proposal = Log().compress(Sample(log["log"], ref="abcdefgh"), BALANCED)
        out = proposal.text if proposal else log["log"]
        shown = {int(found[1]) - 1 for found in LINE.finditer(out)}
        wanted = [
            index
            for first, last in log["error_lines"]
            for index in range(first - 1, last)
            if lines[index].strip()
        ]
        words = {re.sub(r"\d+|\x1b\[[\d;]*m", "", lines[index]) for index in shown}
        before, after = before + COUNT(log["log"]), after + COUNT(out)
        marked += len(wanted)
        there += len(wanted) if proposal is None else len(shown.intersection(wanted))
        kinds_there += sum(
            1
            for index in wanted
            if proposal is None or re.sub(r"\d+|\x1b\[[\d;]*m", "", lines[index]) in words
        )
    print(
        f"ci logs: {before:,} -> {after:,} tokens ({1 - after / before:.1%} saved); of {marked:,} "
        f"marked lines {there:,} stand verbatim, {kinds_there:,} have one of their wording shown\n"
    )


def timing(name: str, lines: list[str], size: int = 1_000_000) -> None:
    """Prints the time for `lines`, repeated up to `size` characters."""
    taken, length = [], 0
    while length < size:
        for line in lines:
            taken.append(line)
            length += len(line) + 1
            if length >= size:
                break
    text = "\n".join(taken)
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        compressed(text)
        rounds.append(time.perf_counter() - start)
    print(
        f"{name:12}{len(taken):9,} lines  best {min(rounds) * 1e3:6.1f} ms"
        f"  median {statistics.median(rounds) * 1e3:6.1f} ms"
    )


def main() -> None:
    """All measurements, one after another."""
    if data.folder():
        everything = loghub()
        ci_logs()
        print("1 MB, compressor alone:")
        for system in data.records("loghub/loghub_2k.jsonl.gz"):
            timing(system["system"], system["lines"])
        random.Random(1).shuffle(everything)
        timing("all, mixed", everything)
    timing("postgres", data.shipped("postgres-log").split("\n"))
    served = [f"2026-03-01 10:00:00 INFO request {n} served in {n % 97} ms" for n in range(100_000)]
    timing("generated", served)
    timing("100k lines", served, sum(map(len, served)) + len(served))


if __name__ == "__main__":
    main()
