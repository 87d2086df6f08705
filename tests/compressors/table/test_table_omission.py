"""Tables beyond the budget: what stays, and that every row is shown or inside one gap."""

import json
import random
import re

import pytest
from decoder import Decoder
from drawn_again import drawn, names_of, spelled
from hypothesis import given, settings
from hypothesis import strategies as st
from spelling import MISSING

from headroom.compressors import Sample
from headroom.compressors.table import Table
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED, SAFE

REF = "abcdefgh"
NAMES = ["ID", "NAME", "STATE", "COST", "NOTE"]
DRAWN = ["CSV", "TSV", "psql", "box", "Markdown", "Markdown, padded", "aligned by 3 blanks"]
GAP = re.compile(r"\[… ([\d,]+) rows?, lines? (\d+)(?:-(\d+))?\]\Z")
FIRST_GAP = re.compile(
    r"\[… ([\d,]+) rows? omitted(?: \(([\d,]+) in (\d+) gaps\))? · "
    rf'headroom_retrieve\("{REF}", lines="(\d+)(?:-(\d+))?"\)\]\Z'
)
NOTES = ["", "a (b)", "x,y", "say 'hi'", "two words and more of them to say"]


def cells_of(chance, size):
    """Rows of few values, as most tables have them."""
    return [
        (
            chance.choice(["Anna Bell", "Ciro", "Dana"]),
            chance.choice(["shipped", "packed"]),
            f"{chance.randrange(100, 160) / 10:.1f}",
            chance.choice(NOTES),
        )
        for _ in range(size)
    ]


def rows_of(cells):
    return [[f"A-{1000 + 7 * number}", *row] for number, row in enumerate(cells)]


TABLES = st.builds(
    lambda seed, size: rows_of(cells_of(random.Random(seed), size)),
    st.integers(0, 9_999),
    st.integers(180, 260),
)


def compressed(text, policy=AGGRESSIVE, **about):
    return Table().compress(Sample(text, **{"ref": REF, **about}), policy)


def gap_of(line):
    """How many rows a line stands for, and the lines of the text they take; None: no gap."""
    found = FIRST_GAP.match(line)
    if found:
        first, last = found[4], found[5] or found[4]
    else:
        found = GAP.match(line)
        if not found:
            return None
        first, last = found[2], found[3] or found[2]
    return int(found[1].replace(",", "")), int(first), int(last)


def shown_rows(text):
    """The rows that a shortened table shows, by the line they start on, and its gaps."""
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("columns: "))
    numbers, rows, gaps = [], [], []
    for line in lines[at + 1 :]:
        row = re.match(r"(\d+): ?", line)
        if gap_of(line):
            gaps.append(gap_of(line))
        elif row:
            numbers.append(int(row[1]))
            rows.append(line[row.end() :])
        else:
            rows.append(line)
    block = "\n".join([f"{len(numbers)} records", *lines[1 : at + 1], *rows])
    return dict(zip(numbers, Decoder(block).value(), strict=True)), gaps


@pytest.mark.parametrize("words", DRAWN)
@settings(max_examples=15)
@given(rows=TABLES)
def test_every_row_is_shown_with_all_its_cells_or_inside_one_gap(words, rows):
    lines = drawn(NAMES, rows, words, None)
    proposal = compressed("\n".join(lines))
    assert proposal.fidelity is Fidelity.RECOVERABLE
    shown, gaps = shown_rows(proposal.text)
    first = next(n for n, line in enumerate(lines, 1) if rows[0][0] in line)
    covered = [*shown, *(line for _, start, end in gaps for line in range(start, end + 1))]
    assert sorted(covered) == list(range(first, first + len(rows)))
    assert all(count == end - start + 1 for count, start, end in gaps)
    for number, record in shown.items():
        assert [spelled(record.get(name, MISSING)) for name in NAMES] == rows[number - first]
    (marker,) = omissions(proposal.text)
    assert marker.ref == REF
    total = sum(count for count, _, _ in gaps)
    title = proposal.text.split("\n")[0]
    assert title.startswith(f"table: {len(shown)} of {len(rows)} rows (")
    if len(gaps) > 1:
        assert f"({total:,} in {len(gaps)} gaps)" in proposal.text


ODD = {
    "an unknown state": {2: "lost"},
    "a word of failure": {4: "payment failed"},
    "a number far away": {3: "9000.5"},
    "a text among numbers": {3: "n/a"},
    "nothing where all have something": {2: ""},
}


@pytest.mark.parametrize("words", DRAWN)
@pytest.mark.parametrize("odd", ODD)
@settings(max_examples=6)
@given(rows=TABLES, place=st.integers(20, 150))
def test_a_row_that_differs_from_its_neighbours_stays(words, odd, rows, place):
    for column, cell in ODD[odd].items():
        rows[place][column] = cell
    lines = drawn(NAMES, rows, words, None)
    shown, _ = shown_rows(compressed("\n".join(lines)).text)
    number = next(n for n, line in enumerate(lines, 1) if rows[place][0] in line)
    assert number in shown


@settings(max_examples=15)
@given(rows=TABLES)
def test_the_ends_the_extremes_and_what_is_asked_for_stay(rows):
    lines = drawn(NAMES, rows, "CSV", None)
    shown, _ = shown_rows(compressed("\n".join(lines), query=f"cost of {rows[99][0]}?").text)
    places = {number - 2 for number in shown}
    assert {0, 99, len(rows) - 1} <= places
    costs = [float(row[3]) for row in rows]
    assert {min(costs), max(costs)} <= {costs[place] for place in places}


def test_cells_of_several_lines_are_numbered_by_where_they_start():
    notes = ["one", 'one\n"two"', "and\nso on"]
    rows = [[f"A-{n * n % 9973}", notes[n * n % 7 % 3], f"{n % 11}.{n % 7}"] for n in range(700)]
    text = "\n".join(drawn(["id", "note", "size"], rows, "CSV", None))
    shown, gaps = shown_rows(compressed(text).text)
    lines = text.split("\n")
    for number, record in shown.items():
        assert lines[number - 1].startswith(f"{record['id']},")
    ends = {number + 1 + shown[number]["note"].count("\n") for number in shown}
    ends |= {end + 1 for _, _, end in gaps}
    starts = {*shown, *(start for _, start, _ in gaps)}
    assert starts | {len(lines) + 1} == ends | {2}


@pytest.mark.parametrize("words", DRAWN)
@settings(max_examples=8)
@given(rows=TABLES, odd=st.integers(20, 150))
def test_lines_of_a_file_are_shown_as_they_are_or_not_at_all(words, rows, odd):
    rows[odd][2] = "lost"
    lines = ["# Orders", "", *drawn(NAMES, rows, words, None), "", "The end."]
    source = json.dumps({"path": "docs/orders.md"})
    assert compressed("\n".join(lines), SAFE, tool="read_file", source=source) is None
    proposal = compressed("\n".join(lines), tool="read_file", source=source)
    assert proposal.fidelity is Fidelity.RECOVERABLE
    at = 1
    for line in proposal.text.split("\n"):
        gap = gap_of(line)
        if gap is None:
            assert line == lines[at - 1]
            at += 1
        else:
            assert gap == (gap[2] - at + 1, at, gap[2])
            assert not any("lost" in each for each in lines[at - 1 : gap[2]])
            at = gap[2] + 1
    assert at == len(lines) + 1
    assert len(omissions(proposal.text)) == 1


def test_lines_that_end_as_on_windows_do_so_where_they_are_a_file_s():
    rows = rows_of([("Anna", "shipped", "1.0", "x")] * 300)
    text = "\r\n".join(drawn(NAMES, rows, "Markdown", None))
    about = {"tool": "read_file", "source": '{"path": "orders.md"}'}
    said = compressed(text, **about).text
    assert said.count("\r\n") == said.count("\n") > 20
    assert "\r" not in compressed(text).text


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_row_with_other_than_a_cell_for_each_name_stays_as_it_is(delimiter):
    lines = [delimiter.join(row) for row in [NAMES, *rows_of([("a", "b", "1.0", "x")] * 300)]]
    lines[150] = "!! 2 records could not be exported"
    lines[160] += f"{delimiter}one{delimiter}more"
    text = "\n".join(lines)
    assert compressed(text, SAFE) is None
    proposal = compressed(text)
    assert lines[150] in proposal.text.split("\n")
    assert lines[160] in proposal.text.split("\n")


def test_columns_of_one_name_are_shown_as_lines():
    rows = [[str(n), str(n % 7), "x"] for n in range(400)]
    text = "\n".join(drawn(["n", "n", "z"], rows, "psql", None))
    proposal = compressed(text)
    shown = [line for line in proposal.text.split("\n") if gap_of(line) is None]
    assert set(shown) <= set(text.split("\n"))
    assert len(shown) < 200


def test_nothing_is_omitted_without_a_ref_or_leave():
    text = "\n".join(drawn(NAMES, rows_of([("a", "b", "1.0", "x")] * 300), "CSV", None))
    for proposal in (compressed(text, ref=""), compressed(text, SAFE)):
        assert proposal.fidelity is Fidelity.LOSSLESS
        assert not omissions(proposal.text)


def test_two_tables_share_the_budget():
    one = "\n".join(
        drawn(NAMES, rows_of([("a", "b", f"{n}.5", "x") for n in range(600)]), "psql", None)
    )
    few = "\n".join(drawn(["a", "b"], [["1", "x"], ["5", "why"], ["3", "z"]], "psql", None))
    proposal = compressed(f"{one}\n\n{few}\n", BALANCED)
    assert 300 < len(proposal.text) < 0.4 * len(one)
    assert few in proposal.text


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n1,2\n",
        "\0" + "a,b\n1,2\n" * 90,
        "id,name\n" + "".join(f"{n},\ud800 \n" for n in range(90)),
    ],
)
def test_what_cannot_be_said_shorter_is_left(text):
    assert compressed(text, SAFE) is None


def test_a_table_whose_rows_are_all_odd_is_not_made_longer():
    rows = [[f"k{n}", f"{n * n * 7919 % 9973}"] for n in range(12)]
    text = "\n".join(drawn(["key", "value"], rows, "CSV", None))
    assert compressed(text) is None


def test_names_are_read_as_the_header_says_them():
    assert names_of('a,"x,y",b:str') == ["a", "x,y", "b"]
