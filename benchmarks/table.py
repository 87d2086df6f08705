"""Measures the table compressor on real records drawn as CSV, TSV, Markdown, psql, a box and
aligned columns, and on real CSV files.

The data hold `json_api/{tau_tables,aws_instance_types,vega}.jsonl.gz`: lists of records, whose
plain fields (those of nested records too, by dotted names) are drawn here. Without them the
shipped records are drawn. A fact is one field of one record, evenly spaced, taken from the
record: it is visible where the whole table is shown without loss, or the row of its line is
(its cells are then verbatim, as the tests show).
"asked": the same with the record named in the question. Tokens are o200k.
"""

import csv
import io
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.table import Table
from headroom.edits import Fidelity, Proposal
from headroom.policy import BALANCED, SAFE, Policy
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
FACTS = 40
ROUNDS = 5
_LONGEST = 60


class Records(NamedTuple):
    """Names of columns and, for each record, the texts of its cells."""

    source: str
    names: list[str]
    rows: list[list[str]]


def flat(value: Any, prefix: str = "") -> dict[str, str]:
    """A record's plain fields as texts; lists, and texts too long for a cell, are left out."""
    found: dict[str, str] = {}
    for key, inside in value.items():
        if isinstance(inside, dict) and len(inside) < 12:
            found.update(flat(inside, f"{prefix}{key}."))
        elif not isinstance(inside, dict | list) and len(str(inside)) <= _LONGEST:
            empty = inside is None or inside == ""
            found[f"{prefix}{key}"] = "" if empty else str(inside).replace("\n", " ")
    return found


def listed() -> Iterator[tuple[str, list[Any]]]:
    """The lists of records of the data, by their names."""
    for name in ("tau_tables", "vega", "aws_instance_types"):
        for record in data.records(f"json_api/{name}.jsonl.gz"):
            if record["text"].lstrip()[:1] not in ("[", "{"):
                continue
            value = json.loads(record["text"])
            if isinstance(value, dict):
                value = next((v for v in value.values() if isinstance(v, list)), [])
            yield record["id"].split(" (")[0].removeprefix("data/"), value
    if data.folder() is None:
        yield "users", json.loads(data.shipped("users-json"))


def records_of(source: str, value: list[Any]) -> Records | None:
    """The records as a table of at most 12 columns, or None where they make none."""
    flattened = [flat(item) for item in value if isinstance(item, dict)][:2_000]
    if len(flattened) < 20:
        return None
    names = [name for name in flattened[0] if "|" not in name][:12]
    rows = [[row.get(name, "").replace("|", "/") for name in names] for row in flattened]
    return Records(source, names, rows) if len(names) > 1 else None


def delimited(records: Records, delimiter: str) -> list[str]:
    """Drawn as CSV."""
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, lineterminator="\n").writerows(
        [records.names, *records.rows]
    )
    return made.getvalue().rstrip("\n").split("\n")


def padded(records: Records) -> tuple[list[list[str]], list[int]]:
    """The cells padded to their columns."""
    every = [records.names, *records.rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    cells = [[c.ljust(w) for c, w in zip(row, widths, strict=True)] for row in every]
    return cells, widths


def markdown(records: Records) -> list[str]:
    """Drawn as a padded Markdown table."""
    cells, widths = padded(records)
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return [lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]]


def psql(records: Records) -> list[str]:
    """Drawn as psql does, all columns on the left."""
    cells, widths = padded(records)
    lines = [" " + " | ".join(row).rstrip() for row in cells]
    head = [n.center(w) for n, w in zip(records.names, widths, strict=True)]
    rule = "+".join("-" * (w + 2) for w in widths)
    return [" " + " | ".join(head).rstrip(), rule, *lines[1:]]


def box(records: Records) -> list[str]:
    """Drawn as mysql does."""
    cells, widths = padded(records)
    rule = "+" + "+".join("-" * (w + 2) for w in widths) + "+"
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return [rule, lines[0], rule, *lines[1:], rule]


def aligned(records: Records) -> list[str]:
    """Drawn as kubectl does: names in capitals, empty cells as <none>."""
    names = [re.sub(r"[ .]+", "-", name).upper() for name in records.names]
    rows = [[re.sub(r"  +", " ", cell) or "<none>" for cell in row] for row in records.rows]
    cells, _ = padded(Records("", names, rows))
    return ["   ".join(row).rstrip() for row in cells]


DRAWINGS: dict[str, tuple[Callable[[Records], list[str]], int]] = {
    "CSV": (lambda records: delimited(records, ","), 2),
    "TSV": (lambda records: delimited(records, "\t"), 2),
    "Markdown": (markdown, 3),
    "psql": (psql, 3),
    "box": (box, 4),
    "aligned": (aligned, 2),
}


class Tally:
    """What one drawing comes to over all sets."""

    def __init__(self) -> None:
        self.before = self.after = self.lossless = 0
        self.facts = self.seen = self.asked = self.questions = 0
        self.times: list[float] = []

    def line(self, name: str) -> str:
        """The row of the table printed."""
        return (
            f"{name:26}{self.before:10,}{1 - self.lossless / self.before:10.1%}"
            f"{1 - self.after / self.before:10.1%}{self.seen / self.facts:9.0%}"
            f"{self.asked / max(1, self.questions):8.0%}{statistics.median(self.times):8.1f}"
        )


def compressed(text: str, policy: Policy, query: str = "") -> Proposal | None:
    """What is proposed for the text."""
    return Table().compress(Sample(text, query=query, ref="abcdefgh"), policy)


def is_visible(proposal: Proposal | None, line: int, value: str) -> bool:
    """Whether a reader of the proposal sees the value in the row of this line."""
    if proposal is None:
        return True
    if not re.search(r"^table: [\d,]+ of", proposal.text):
        return value in proposal.text or proposal.fidelity is Fidelity.LOSSLESS
    row = re.search(rf"^{line}: .*$", proposal.text, re.MULTILINE)
    return row is not None


def measure(records: Records, lines: list[str], first: int, tally: Tally) -> None:
    """Adds one drawn table to the tally."""
    text = "\n".join(lines)
    step = max(1, len(records.rows) // FACTS)
    facts = [
        (first + row, records.rows[row][row % len(records.names)])
        for row in range(0, len(records.rows), step)
    ]
    before = COUNT(text)
    safe = compressed(text, SAFE)
    tally.before += before
    tally.lossless += min(before, COUNT(safe.text)) if safe else before
    proposal = compressed(text, BALANCED)
    tally.after += min(before, COUNT(proposal.text)) if proposal else before
    tally.facts += len(facts)
    tally.seen += sum(is_visible(proposal, *fact) for fact in facts)
    for line, value in facts[::4]:
        key = records.rows[line - first][0]
        if sum(row[0] == key for row in records.rows) == 1:
            tally.questions += 1
            answer = compressed(text, BALANCED, f"what is the {records.names[1]} of {key}?")
            tally.asked += is_visible(answer, line, value)
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        compressed(text, BALANCED)
        rounds.append(time.perf_counter() - start)
    tally.times.append(statistics.median(rounds) * 1e3 * 1e5 / before)


def main() -> None:
    """A row per drawing, and one per real CSV file."""
    print(f"{'':26}{'before':>10}{'lossless':>10}{'balanced':>10}{'facts':>9}{'asked':>8}  ms/100k")
    sets = [found for found in (records_of(*each) for each in listed()) if found is not None]
    for name, (draw, first) in DRAWINGS.items():
        tally = Tally()
        for records in sets:
            measure(records, draw(records), first, tally)
        print(tally.line(f"{name} ({len(sets)} tables)"))
    for record in data.records("json_api/vega.jsonl.gz"):
        if record["id"].endswith(".csv"):
            rows = list(csv.reader(io.StringIO(record["text"])))
            tally = Tally()
            records = Records(record["id"], rows[0], rows[1:])
            measure(records, record["text"].rstrip("\n").split("\n"), 2, tally)
            print(tally.line(record["id"].removeprefix("data/")))


if __name__ == "__main__":
    main()
