"""Measures the compressor of test and build output on real runs: saved, still visible, time.

The data hold `test_outputs/*.jsonl.gz` (runs of test suites with reports, `go test`, compilers and
linters) and `ci_logs/cidiff_fail.jsonl.gz` (logs with the lines that people marked as the error).
What must stay visible is taken from the report or from the original text, never from the output.
Without the data only a generated run is measured. Tokens are o200k.
"""

import re
import statistics
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.build_output import BuildOutput
from headroom.edits import Fidelity
from headroom.policy import BALANCED
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
ROUNDS = 5
SIZES = ((0, 2_000), (2_000, 10_000), (10_000, 20_000), (20_000, 10**9))
KEYWORDS = re.compile(r"error|fail|exception|fatal|panic|cannot|not found|warn", re.IGNORECASE)
FAILED = re.compile(
    r"^(?:FAILED|ERROR) \S+::\S+.*|^(?:FAIL|ERROR): \S+ \(.*|^\s*--- FAIL: .*"
    r"|^test \S+ \.\.\. FAILED"
    r"|^\S.* \.\.\. (?:FAIL|ERROR)$|^E   .*|^[\w.]+(?:Error|Exception): .*"
    r"|^=+ .*\d+ (?:passed|failed).* =+$|^Ran \d+ tests? in .*|^(?:OK|FAILED)(?: \(.*\))?$",
    re.MULTILINE,
)
COLOUR = re.compile(r"\x1b\[[\d;]*m")


class Measured(NamedTuple):
    """One text: tokens before and after, facts there and visible, milliseconds of CPU."""

    before: int
    after: int
    facts: int
    seen: int
    took: float


def compressed(text: str) -> str:
    """What the compressor makes of `text`, or `text` where it leaves it or only folds it."""
    proposal = BuildOutput().compress(Sample(text, ref="abcdefgh"), BALANCED)
    if proposal is None:
        return text
    assert len(proposal.text) < len(text)
    return proposal.text


def omits(text: str) -> bool:
    """Whether lines of `text` are omitted, so that facts may be missing."""
    proposal = BuildOutput().compress(Sample(text, ref="abcdefgh"), BALANCED)
    return proposal is not None and proposal.fidelity is Fidelity.RECOVERABLE


def measured(text: str, facts: Iterable[str]) -> Measured:
    """`facts` are strings that must stand in the output where lines are omitted."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        out = compressed(text)
        rounds.append((time.process_time() - start) * 1e3)
    wanted = set(facts)
    shown = COLOUR.sub("", out if omits(text) else text)
    seen = sum(1 for fact in wanted if fact in shown)
    return Measured(COUNT(text), COUNT(out), len(wanted), seen, statistics.median(rounds))


def told(name: str, rows: list[Measured]) -> None:
    """Prints one row for many texts."""
    if not rows:
        return
    before, after = sum(row.before for row in rows), sum(row.after for row in rows)
    facts, seen = sum(row.facts for row in rows), sum(row.seen for row in rows)
    speed = sum(row.took for row in rows) / before * 1e5
    print(
        f"{name:34}{len(rows):5}{before:11,}{after:9,}{1 - after / before:8.1%}"
        f"{seen:7,}/{facts:<6,}{speed:8.1f}"
    )


def decisive(text: str) -> Iterator[str]:
    """Failing tests, exceptions, differences and totals, as the original spells them."""
    plain = COLOUR.sub("", text)
    return (found[0].strip() for found in FAILED.finditer(plain))


def reported(record: dict[str, Any]) -> Iterator[str]:
    """The names of the tests that failed according to the report, without their files."""
    for report in (record.get("report") or {}).values():
        for kind in report["tests_status"].values():
            yield from (re.split(r"::| ", name)[-1] for name in kind["failure"])


def test_runs() -> None:
    """Prints a row per size of run; facts are the report's failing tests and the decisive lines."""
    rows = []
    for record in data.records("test_outputs/pytest_swebench.jsonl.gz"):
        facts = {*decisive(record["log"]), *reported(record)}
        rows.append(measured(record["log"], facts))
    for least, most in SIZES:
        name = f"test runs, {least:,} tokens or more"
        told(name, [row for row in rows if least <= row.before < most])
    for name in (
        "gotestsum",
        "rustc_stderr",
        "linters_errorformat",
        "compilers_linters_analysis_model",
    ):
        records = data.records(f"test_outputs/{name}.jsonl.gz")
        told(
            name, [measured(each["log"], decisive(each["log"])) for each in records if each["log"]]
        )


def ci_logs() -> None:
    """Prints how much of the marked lines is visible, beside a rule that greps for keywords."""
    rows, greps = [], []
    for log in data.records("ci_logs/cidiff_fail.jsonl.gz"):
        lines = log["log"].split("\n")
        marked = {
            lines[index]
            for first, last in log["error_lines"]
            for index in range(first - 1, last)
            if lines[index].strip()
        }
        out = set((compressed(log["log"]) if omits(log["log"]) else log["log"]).split("\n"))
        row = measured(log["log"], ())
        rows.append(row._replace(facts=len(marked), seen=len(marked & out)))
        kept = [line for line in lines if KEYWORDS.search(line)]
        greps.append(
            Measured(row.before, COUNT("\n".join(kept)), len(marked), len(marked & set(kept)), 0.0)
        )
    told("ci logs, marked lines", rows)
    told("ci logs, keyword rule", greps)


def generated() -> None:
    """Prints a row for a run of 20,000 tests of which one fails."""
    lines = [f"tests/test_shop.py::test_item_{n} PASSED [{n // 200:3}%]" for n in range(20_000)]
    lines[7_777] = "tests/test_shop.py::test_tax FAILED [ 38%]"
    told("generated, 1 of 20,000 fails", [measured("\n".join(lines), [lines[7_777]])])


def main() -> None:
    """All measurements, one after another."""
    print(
        f"{'set':34}{'texts':>5}{'before':>11}{'after':>9}{'saved':>8}  facts visible  CPU ms/100k"
    )
    test_runs()
    ci_logs()
    generated()


if __name__ == "__main__":
    main()
