"""Measures the code compressor on real files: what is saved, what stays visible, how long it takes.

The data hold `code/files.jsonl.gz` (84 files of 7 languages). What must stay visible is told from
the original: the first line of every definition that a parser finds, also of those within others;
and the body of one function a file, the longest, when the question names it. Without the data, the
project's own sources are measured. Tokens are o200k.
"""

import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.code import Code, Rules
from headroom.compressors.code.definitions import Definition
from headroom.compressors.code.grammar import found_by
from headroom.compressors.code.languages import by_path
from headroom.policy import AGGRESSIVE, BALANCED, Policy
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
REF = "abcdefgh"
ROUNDS = 5
GAP = re.compile(
    r"^\[… \d+ [a-z ]+?(?: omitted)?(?:, (?P<own>\d+-\d+))?(?:: .*?)?"
    r"(?: · headroom_retrieve\(\"\w+\")?(?:(?:,| ·) lines=\"(?P<counted>\d+-\d+)\")?\)?\]$"
)


class File(NamedTuple):
    """A source file: its language, its path, its text."""

    language: str
    path: str
    text: str


def files() -> Iterator[File]:
    """The recorded files, or the project's own."""
    if data.folder():
        for record in data.records("code/files.jsonl.gz"):
            yield File(record["lang"], record["path"], record["text"])
        return
    for path in sorted(Path("src/headroom").rglob("*.py")):
        yield File("python", path.name, path.read_text("utf-8"))


def compressed(file: File, policy: Policy, *, read: bool, query: str = "") -> str:
    """What becomes of the file, as the result of a read or as a text of unknown origin."""
    source = json.dumps({"file_path": f"/project/{file.path}"}) if read else ""
    sample = Sample(file.text, "Read" if read else "", source, query, REF)
    proposal = Code().compress(sample, policy)
    return proposal.text if proposal else file.text


def shown_rows(text: str, out: str) -> set[int]:
    """The rows of `text` that `out` shows, checked to be verbatim and in their places."""
    lines, shown, row = text.split("\n"), set(), 0
    for line in out.split("\n"):
        gap = GAP.match(line)
        if gap is not None and line != lines[row]:
            start, end = (gap["counted"] or gap["own"]).split("-")
            assert int(start) == row + 1
            row = int(end)
        else:
            assert line == lines[row]
            shown.add(row)
            row += 1
    assert row == len(lines)
    return shown


def definitions(file: File) -> list[Definition]:
    """What a parser finds to be defined in the file."""
    language = by_path(file.path)
    found = found_by(file.text, language) if language else None
    return found.definitions if found else []


def name_row(text: str, each: Definition) -> int:
    """The row of the signature that has the name: attributes may stand before it."""
    lines = text.split("\n")
    short = re.split(r"[.:]+", each.name)[-1]
    rows = range(each.header, max(each.start, each.header + 1))
    return next((row for row in rows if short in lines[row]), each.header)


def is_function(text: str, each: Definition) -> bool:
    """Whether it is a function for sure: macros make a parser take namespaces for functions."""
    signature = text.split("\n")[each.header : max(each.start, each.header + 1)]
    return not each.holds and "(" in "".join(signature)


def quality(title: str, policy: Policy, *, read: bool) -> None:
    """Prints a row per language."""
    print(f"{title}: tokens, signatures visible, longest bodies whole when asked for")
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * 6)
    for file in files():
        out = compressed(file, policy, read=read)
        shown = shown_rows(file.text, out)
        found = definitions(file)
        row = sums[file.language]
        row[0] += COUNT(file.text)
        row[1] += COUNT(out)
        row[2] += len(found)
        row[3] += sum(name_row(file.text, each) in shown for each in found)
        bodies = [each for each in found if is_function(file.text, each)]
        if bodies:
            longest = max(bodies, key=lambda each: each.end - each.start)
            asked = compressed(file, policy, read=read, query=f"How does `{longest.name}` work?")
            row[4] += 1
            row[5] += shown_rows(file.text, asked) >= set(range(longest.start, longest.end))
    for language, row in [
        *sums.items(),
        ("all", [sum(c) for c in zip(*sums.values(), strict=True)]),
    ]:
        before, after, defined, visible, asked, whole = row
        print(
            f"{language:12}{before:9,}{after:9,}{1 - after / before:8.1%}"
            f"{visible:7}/{defined:<6}{whole:4}/{asked}"
        )
    print()


def timing() -> None:
    """Prints the time for 350,000 characters of each language, by layout and by parser."""
    print("ms for 350,000 characters (some 90,000 tokens), median")
    texts: dict[str, File] = {}
    for file in files():
        before = texts.get(file.language, File(file.language, file.path, "")).text
        texts[file.language] = File(file.language, file.path, before + file.text)
    for language, file in texts.items():
        text = (file.text * (350_000 // len(file.text) + 1))[:350_000]
        sample = Sample(text, "Read", json.dumps({"file_path": file.path}), ref=REF)
        cells = []
        for rules in (Rules(parser="never"), Rules(parser="always", parsed_chars=len(text))):
            code, rounds = Code(rules), []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                code.score(sample)
                code.compress(sample, BALANCED)
                rounds.append(time.perf_counter() - start)
            cells.append(f"{statistics.median(rounds) * 1e3:7.1f}")
        print(f"{language:12} layout {cells[0]}  parser {cells[1]}")


def main() -> None:
    """All measurements, one after another."""
    quality("file reads, balanced", BALANCED, read=True)
    quality("other code, balanced", BALANCED, read=False)
    quality("other code, aggressive", AGGRESSIVE, read=False)
    timing()


if __name__ == "__main__":
    main()
