"""Measures the search compressor: what is saved, whether every `path:line` is there, the time.

The data hold `code/grep_outputs.jsonl.gz` (outputs of `git grep -n` with their commands) and
recorded agents' sessions. Without them a search of this repository's own package is measured.
Facts are read from the original before the result is looked at: every `path:line`, and the lines
that define the identifier that was searched for, by a rule of this file's own. Tokens are o200k.
"""

import re
import statistics
import time
from collections import Counter
from pathlib import Path

from benchmarks import data
from headroom.compressors import Sample, built_in
from headroom.compressors.search import SearchResults
from headroom.policy import AGGRESSIVE, BALANCED, SAFE, Policy
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
ROUNDS = 7
FLAT = re.compile(r"([^:\n]+):(\d+):(.*)")
ROW = re.compile(r"(\d+(?:,\d+)*):(.*)")
ALSO = re.compile(r"(?:(.+): )?also ([\d,-]+)(?: \(.*\))?")
NAME = re.compile(r"(?:^|[\s(])([A-Za-z_]\w{2,})$")
DEFINES = (
    r"\s*(?:(?:export|default|public|private|protected|static|async|abstract|final|pub|const|inline"
    r"|constexpr)\s+)*(?:def|class|func(?: \([^)]*\))?|fn|function|interface|trait|struct|enum|type"
    r"|#\s*define)\s+{name}\b"
)
KINDS = {
    "loghub": ("loghub/loghub_2k.jsonl.gz", lambda r: "\n".join(r["lines"])),
    "ci logs": ("ci_logs/cidiff_fail.jsonl.gz", lambda r: r["log"]),
    "code": ("code/files.jsonl.gz", lambda r: r["text"]),
    "diffs": ("code/git_diffs.jsonl.gz", lambda r: r["text"]),
    "linters": ("test_outputs/linters_errorformat.jsonl.gz", lambda r: r["log"]),
    "compilers": ("test_outputs/compilers_linters_analysis_model.jsonl.gz", lambda r: r["log"]),
    "pytest": ("test_outputs/pytest_swebench.jsonl.gz", lambda r: r["log"]),
    "gotestsum": ("test_outputs/gotestsum.jsonl.gz", lambda r: r["log"]),
    "rustc": ("test_outputs/rustc_stderr.jsonl.gz", lambda r: r["log"]),
    "docs": ("html_md/docs.jsonl.gz", lambda r: r["text"]),
    "json": ("json_api/tool_reports.jsonl.gz", lambda r: r["text"]),
    "shell": ("shell/shell_outputs.jsonl.gz", lambda r: r["text"]),
}


def compressed(text: str, policy: Policy, source: str = "") -> str:
    """What the compressor makes of `text`, or `text` where it leaves it."""
    sample = Sample(text, "bash", source, ref="abcdefgh")
    search = SearchResults()
    proposal = search.compress(sample, policy) if search.score(sample) >= 0 else None
    return proposal.text if proposal else text


def places(text: str) -> Counter[tuple[str, int]]:
    """Every `path:line` of a search as grep prints it."""
    return Counter((m[1], int(m[2])) for line in text.split("\n") if (m := FLAT.match(line)))


def numbers(said: str) -> list[int]:
    """The numbers of `12,45,102-105`."""
    found = []
    for part in said.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def told(out: str) -> tuple[Counter[tuple[str, int]], set[tuple[str, int, str]]]:
    """Every `path:line` that a result names, and those whose text it shows."""
    known: Counter[tuple[str, int]] = Counter()
    shown: set[tuple[str, int, str]] = set()
    path = folder = ""
    lines = out.split("\n")
    if cut := re.search(r'"…/" is (\S+)\]$', lines[0]):
        folder = cut[1]
    for line in lines:
        line = folder + line[2:] if line.startswith("…/") else line
        if row := ROW.match(line):
            known.update((path, number) for number in numbers(row[1]))
            shown.update((path, number, row[2]) for number in numbers(row[1]))
        elif also := ALSO.fullmatch(line):
            known.update((also[1] or path, number) for number in numbers(also[2]))
        elif flat := FLAT.match(line):
            known[(flat[1], int(flat[2]))] += 1
            shown.add((flat[1], int(flat[2]), flat[3]))
        elif line.endswith(":"):
            path = line[:-1]
    return known, shown


def definitions(text: str, command: str) -> set[tuple[str, int, str]]:
    """The lines that define the identifier at the end of the searched pattern."""
    name = NAME.search(re.sub(r"\\.", "", command.split("'")[1]))
    if name is None or name[1] in ("function", "public", "static", "for"):
        return set()
    pattern = re.compile(DEFINES.format(name=name[1]))
    rows = [m for line in text.split("\n") if (m := FLAT.match(line))]
    return {(m[1], int(m[2]), m[3]) for m in rows if pattern.match(m[3])}


def greps() -> list[str]:
    """Prints a row for each policy over all recorded searches; returns their texts."""
    records = list(data.records("code/grep_outputs.jsonl.gz"))
    print(f"{'git grep -n':12}{'before':>9}{'after':>9}{'saved':>8}  path:line      definitions")
    for policy in (SAFE, BALANCED, AGGRESSIVE):
        for source in (True, False):
            before = after = 0
            facts, seen, asked, there = 0, 0, 0, 0
            for record in records:
                text, command = record["text"], record["command"]
                expected, defined = places(text), definitions(text, command)
                out = compressed(text, policy, command if source else "")
                known, shown = told(out)
                before, after = before + COUNT(text), after + COUNT(out)
                facts += expected.total()
                seen += (expected & known).total()
                asked += len(defined)
                there += len(defined & shown)
            name = policy.name + ("" if source else " (no call)")
            print(
                f"{name:22}{before:9,}{after:9,}{1 - after / before:8.1%}"
                f"  {seen:,}/{facts:,}  {there}/{asked}"
            )
    return [record["text"] for record in records]


def sessions() -> None:
    """Prints what is saved of the search results in recorded sessions."""
    for name in ("swe-agent", "swe-agent-second-runs", "pi-sonnet", "claude-code", "openhands"):
        taken = before = after = 0
        for record in data.records(f"trajectories/{name}.jsonl.gz"):
            calls: dict[str, tuple[str, str]] = {}
            for message in record["messages"]:
                for call in message.get("tool_calls") or []:
                    function = call["function"]
                    calls[call["id"]] = (function["name"], function["arguments"])
                text = message.get("content")
                if message["role"] != "tool" or not isinstance(text, str):
                    continue
                tool, source = calls.get(message.get("tool_call_id"), ("", ""))
                sample = Sample(text, tool, source, ref="abcdefgh")
                if SearchResults().score(sample) < 0:
                    continue
                proposal = SearchResults().compress(sample, BALANCED)
                taken += 1
                before += COUNT(text)
                after += COUNT(proposal.text if proposal else text)
        if taken:
            print(f"{name:24}{taken:5} results {before:8,} -> {after:8,} {1 - after / before:7.1%}")


def confusion() -> None:
    """Prints how many texts of other kinds the compressor would be first to get."""
    for kind, (name, text_of) in KINDS.items():
        mine = first = total = 0
        for record in data.records(name):
            sample = Sample(text_of(record), "bash", record.get("command", ""), ref="abcdefgh")
            scores = {each.name: each.score(sample) for each in built_in()}
            total += 1
            mine += scores["search"] >= 0
            first += scores["search"] >= 0 and scores["search"] >= max(scores.values())
        if total:
            print(f"{kind:12}{total:5} texts  {mine:4} claimed  {first:4} first")


def own_search() -> str:
    """A search of this repository's package, as `grep -rn` prints it."""
    lines = []
    for path in sorted(Path("src").rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if "self" in line or "def " in line:
                lines.append(f"{path.as_posix()}:{number}:{line}")
    return "\n".join(lines)


def timing(name: str, text: str) -> None:
    """Prints the processor time that recognising and compressing take for `text`."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        compressed(text, BALANCED)
        rounds.append(time.process_time() - start)
    tokens = COUNT(text)
    median = statistics.median(rounds) * 1e3
    per = median * 1e5 / tokens
    print(f"{name:12}{tokens:9,} tokens  median {median:6.1f} ms  {per:6.1f} ms per 100,000 tokens")


def main() -> None:
    """All measurements, one after another."""
    own = own_search()
    if data.folder():
        texts = greps()
        sessions()
        confusion()
        timing("git grep", "\n".join(texts))
    for policy in (SAFE, BALANCED):
        before, after = COUNT(own), COUNT(compressed(own, policy))
        known, _ = told(compressed(own, policy))
        facts = places(own)
        there = f"{(facts & known).total()}/{facts.total()} path:line"
        print(f"own package {policy.name}: {1 - after / before:.1%} saved, {there}")
    timing("own package", own)


if __name__ == "__main__":
    main()
