"""What is taken for a table, and what is left to others."""

import pytest
from drawn_again import drawn, original

from headroom.compressors import Sample
from headroom.compressors.table import Table
from headroom.compressors.table.found import tables_in
from headroom.edits import Fidelity
from headroom.policy import BALANCED, SAFE

ROWS = [[str(n), f"api-{n % 3}", "Running", f"{n}.5"] for n in range(1, 31)]
NAMES = ["ID", "NAME", "STATUS", "CPU"]


def score(text, **about):
    return Table().score(Sample(text, **about))


def table(words, rows=ROWS, names=NAMES):
    return "\n".join(drawn(names, rows, words, None))


OTHERS = {
    "log": "\n".join(f"2026-03-01 10:00:{n:02},123 INFO  app  started, in {n} ms" for n in range(40)),
    "log with bars": "\n".join(f"20260301-10:00:{n:02}|Step|3000{n}|walked {n}" for n in range(40)),
    "ci log with tabs": "\n".join(
        f"build\tSet up job\t2026-03-01T10:00:{n:02}Z line {n}" for n in range(40)
    ),
    "json": '[\n  {"id": 1, "name": "a"},\n' + '  {"id": 2, "name": "b"},\n' * 30 + '  {"id": 3}\n]',
    "json members": "{\n" + "".join(f'  "key{n}": {n},\n' for n in range(30)) + '  "z": 1\n}',
    "prose with commas": "When the night came, they slept.\n" * 20,
    "csharp diagnostics": "\n".join(f"a.cs({n},12): warning CS06{n}: obsolete" for n in range(20)),
    "code with tabs": "export interface Style {\n" + "\tcolor?: string;\n\tbold?: boolean;\n" * 9 + "}",
    "numbered code": "\n".join(f"{n:6}\tx = call(a, b)" for n in range(1, 40)),
    "grep": "\n".join(f"src/app.py:{n}:    value, other = read()" for n in range(40)),
    "ls": "total 12\n" + "drwxr-xr-x 7 root root  4096 Nov 22 07:37 src\n" * 20,
    "rustc": "error: `a` should be `b`\n  --> src/a.rs:1:1\n  |\n1 | a\n  | ^\n  |\n" * 4,
    "names below a title": "FAILED TESTS\n" + "test_a\ntest_b\n" * 10,
    "diff": "--- a/x.csv\n+++ b/x.csv\n@@ -1,9 +1,9 @@\n" + " a,b\n-1,2\n+1,3\n" * 9,
    "two lines": "id,name\n1,Anna\n",
    "one column": "name\n" + "Anna\n" * 20,
    "empty": "",
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_has_a_better_owner_is_not_claimed(name):
    assert score(OTHERS[name]) == -1.0


@pytest.mark.parametrize(
    ("words", "least"),
    [("psql", 0.9), ("box", 0.9), ("Markdown", 0.9), ("CSV", 0.8), ("aligned by 3 blanks", 0.8)],
)
def test_a_long_table_is_claimed_and_one_that_turns_into_prose_is_not(words, least):
    many = [[str(n), f"api-{n % 3}", "Running", f"{n}.5"] for n in range(1, 901)]
    assert score(table(words, many)) >= least
    assert score(table(words, many[:200]) + "\nand then they went on walking" * 900) == -1.0


def test_a_document_with_tables_is_claimed_less_surely():
    words = "Some words about it.\n"
    assert score(words * 16 + "\n" + table("Markdown")) == 0.5
    assert score(words * 60 + "\n" + table("Markdown")) == -1.0


def test_rows_without_names_are_claimed_last():
    assert score("\n".join(f"{n},src/a{n}.py,{n * 7}" for n in range(30))) == 0.25


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Beak Length (mm),Mass [kg],Why?", "{n},2,x"),
        (",a,b", "{n},2,x"),
        ("country,1955,1960", "Chad {n},2,3"),
        ('"id","name"', '"{n}","Anna"'),
    ],
)
def test_these_are_names_of_columns(header, row):
    assert score("\n".join([header, *(row.format(n=n) for n in range(9))])) == 0.8


@pytest.mark.parametrize(
    "header",
    [
        "Filesystem      Size  Used Avail Use% Mounted on",
        "USER       PID %CPU %MEM START   COMMAND",
        "CONTAINER ID   IMAGE     STATUS",
    ],
)
def test_names_above_aligned_columns_may_hold_single_blanks(header):
    starts = [place for place in range(len(header)) if header[place - 1 : place] in ("", " ")]
    starts = [place for place in starts if header[place] != " " and header[place:] != "on"]
    starts = [place for place in starts if not header[place:].startswith("ID ")]
    lines = [header]
    for number in range(30):
        line = ""
        for place in starts:
            line = line.ljust(place) + str(number % 5 + 10)
        lines.append(line)
    (grid,) = tables_in(lines)
    assert len(grid.names) == len(starts)
    assert [name for name in grid.names if " " in name] in ([], ["Mounted on"], ["CONTAINER ID"])
    proposal = Table().compress(Sample("\n".join(lines)), SAFE)
    assert original(proposal.text) == "\n".join(lines)


def test_columns_may_end_where_others_start():
    rows = [f"{name:<12}{size:>7}{used:>6}  {where}" for name, size, used, where in
            [("Disk", "Size", "Used", "Place"), *((f"/dev/sd{n % 4}", f"{n * 37}M", f"{n}%", "/mnt")
             for n in range(1, 40))]]  # fmt: skip
    text = "\n".join(rows)
    proposal = Table().compress(Sample(text), SAFE)
    assert "aligned at 1,-19,-25,28" in proposal.text.split("\n")[0]
    assert original(proposal.text) == text


def test_blanks_behind_the_last_cell_come_back():
    rows = [["a1", "shipped today"], ["b2", "shipped today "], ["c3", "shipped today"]] * 9
    text = "\n".join(f"{name:<8}{state}" for name, state in [("CODE", "STATE"), *rows])
    proposal = Table().compress(Sample(text), SAFE)
    assert original(proposal.text) == text


def test_cells_too_wide_for_their_column_are_told_apart_by_number():
    header = "USER   PID  %CPU STAT COMMAND"
    lines = [header, *(f"anna {n:5}  0.{n % 10} Ss   /bin/run --port {n}" for n in range(40))]
    lines[20] = "a-long-name 7123456 100.0 Ss   /bin/run"
    text = "\n".join(lines)
    assert Table().compress(Sample(text), SAFE) is None
    proposal = Table().compress(Sample(text, ref="abcdefgh"), BALANCED)
    assert proposal.fidelity is Fidelity.RECOVERABLE
    assert "padding and quotes omitted" in proposal.text
    assert "## USER=a-long-name\n7123456,100.0,/bin/run\n" in proposal.text


@pytest.mark.parametrize("words", ["psql", "box", "Markdown", "aligned by 3 blanks"])
def test_what_stands_around_tables_stays_as_it_is(words):
    before, between, after = (
        ["=> select 1, 2;", ""],
        ["(30 rows)", "", "and then:", ""],
        ["", "end"],
    )
    text = "\n".join([*before, table(words), "", *between, table(words), *after])
    proposal = Table().compress(Sample(text), SAFE)
    lines = proposal.text.split("\n")
    assert [line for line in lines if line.startswith("table: ")] == [lines[2]] * 2
    assert lines[:2] == before
    assert lines[-2:] == after
    assert original(proposal.text) == text


def test_rulers_between_all_rows_and_bars_of_their_own_are_known():
    text = table("box ╭─┬╮ ╞═╪╡ ├─┼┤ ╰─┴╯ ║│")
    proposal = Table().compress(Sample(text), SAFE)
    assert "box ╭─┬╮ ╞═╪╡ ├─┼┤ ╰─┴╯ ║│" in proposal.text
    assert original(proposal.text) == text


def test_a_text_that_holds_a_title_of_ours_is_left_alone():
    text = "table: 3 rows (CSV)\n\n" + table("psql")
    assert Table().compress(Sample(text), SAFE) is None
    assert Table().compress(Sample(table("psql") + "\n\ntable: 3 rows"), SAFE) is None


UNDERIVABLE = {
    "a cell moved in Markdown": (table("Markdown, padded"), "| api-1 |", "|  api-1|"),
    "a moved name in Markdown": (table("Markdown, padded"), "| NAME  |", "|NAME   |"),
    "a cell moved in a box": (table("box"), "| api-1 |", "|api-1  |"),
    "a moved name in a box": (table("box"), "| NAME  |", "|NAME   |"),
    "a short ruler in a box": (table("box"), "+----+-------+", "+------------+"),
    "a long ruler in psql": (table("psql"), "-+--", "-+----"),
    "a cell moved in psql": (table("psql"), "| api-1 |", "|api-1  |"),
    "quotes that need not be": (table("CSV"), "7,api-1", '7,"api-1"'),
    "a cell moved in aligned columns": (table("aligned by 3 blanks"), "7    api-1", "7     api-1"),
}


@pytest.mark.parametrize("name", UNDERIVABLE)
def test_what_no_rule_draws_again_is_folded_only_behind_a_marker(name):
    text, one, other = UNDERIVABLE[name]
    changed = text.replace(one, other, 1)
    assert changed != text
    assert Table().compress(Sample(changed, ref="abcdefgh"), SAFE) is None
    proposal = Table().compress(Sample(changed, ref="abcdefgh"), BALANCED)
    assert proposal.fidelity is Fidelity.RECOVERABLE
    assert "padding and quotes omitted" in proposal.text


@pytest.mark.parametrize(
    "text",
    [
        "+---+\n| a |\n+---+\n| 1 |\n+---+",
        "a | b | c\n---+---\n1 | 2 | 3\n" * 9,
        "a | b\n---+---\n1 | 2\n\n",
        "| a | b |\n|---|\n| 1 | 2 |\n" * 9,
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        "A" + " " * 3_000 + "B\n" + "1  2\n" * 9,
    ],
)
def test_these_are_no_tables(text):
    assert Table().compress(Sample(text * 3, ref="abcdefgh"), BALANCED) is None
