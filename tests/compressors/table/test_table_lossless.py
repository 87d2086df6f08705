"""A folded table decodes to the very text it came from."""

import pytest
from drawn_again import drawn, original
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.compressors import Sample
from headroom.compressors.table import Table
from headroom.edits import Fidelity
from headroom.policy import SAFE

WORDS = st.sampled_from([
    "", "7", "12", "-3.50", "007", "1e5", "true", "null", "NaN", "NULL", "Anna", "Anna Bell",
    "x y z", "2026-03-01 10:00:00", "a,b", 'say "hi"', "(1)", "[2]", "{b}", "## x", "#4", "ok.",
    "äöü", "75%", "id=4", "1,200", "-", "--", "<none>", "Running", "columns: a",
    "https://example.com/{id}",
])  # fmt: skip
BROKEN = st.sampled_from(["two\nlines", "tab\tinside", "line\n", "\nline", "a;b", "a|b"])
NAMES = st.sampled_from([
    "ID", "NAME", "STATUS", "id", "first name", "a.b", "%CPU", "x,y", "true", "12a", "Größe",
    "{id}", "columns", "1", "order", "AGE",
])  # fmt: skip
DRAWN = [
    "CSV", "TSV", "CSV by ;", "CSV, all quoted", "CSV, all but numbers quoted",
    "CSV by ;, all quoted", "Markdown", "Markdown, spaced ruler", "Markdown, padded",
    "Markdown, padded, header centred", "Markdown, padded, spaced ruler", "psql",
    "psql, ends padded", "psql, ends trimmed", "box", "box, header centred", "box, header as cells",
    "box +-++ +=++ +-++ +-++ ||", "box ┌─┬┐ ├─┼┤ └─┴┘ ││", "box ┏━┳┓ ┡━╇┩ └─┴┘ ┃│, header as cells",
    "box, all left-aligned", "aligned by 3 blanks", "aligned by 2 blanks, padded",
    "aligned by 2 blanks, ruled", "aligned by 1 blank, padded, ruled",
]  # fmt: skip


def compressed(text, policy=SAFE, **about):
    return Table().compress(Sample(text, ref="abcdefgh", **about), policy)


@st.composite
def tables(draw, cells=WORDS):
    names = draw(st.lists(NAMES, min_size=2, max_size=6, unique=True))
    size = draw(st.integers(4, 24))
    columns = []
    for _ in names:
        pool = draw(st.lists(cells, min_size=1, max_size=4))
        columns.append(draw(st.lists(st.sampled_from(pool), min_size=size, max_size=size)))
    if draw(st.booleans()):
        columns[0] = [str(number) for number in range(1, size + 1)]
    return names, [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("words", DRAWN)
@settings(max_examples=25)
@given(table=tables(), around=st.sampled_from(["", "(12 rows)", "and, then, this"]))
def test_any_drawing_comes_back_byte_for_byte(words, table, around):
    text = "\n".join([*drawn(*table, words, None), "", around])
    proposal = compressed(text)
    if proposal is not None:
        assert proposal.fidelity is Fidelity.LOSSLESS
        assert original(proposal.text) == text


@settings(max_examples=60)
@given(table=tables(st.one_of(WORDS, BROKEN)), crlf=st.booleans(), words=st.sampled_from(DRAWN[:6]))
def test_cells_with_line_breaks_and_delimiters_come_back(table, crlf, words):
    text = "\n".join(drawn(*table, words, None))
    text = text.replace("\n", "\r\n") if crlf else text
    proposal = compressed(text)
    if proposal is not None:
        assert original(proposal.text) == text


@settings(max_examples=60)
@given(
    words=st.sampled_from(DRAWN),
    table=tables(),
    cuts=st.lists(
        st.tuples(st.integers(0, 2_000), st.sampled_from('ab1 ,|-+:;"\t\n\r')), max_size=3
    ),
)
def test_what_is_nearly_a_table_comes_back_too(words, table, cuts):
    text = "\n".join(drawn(*table, words, None))
    for place, sign in cuts:
        text = text[: place % len(text)] + sign + text[place % len(text) + place % 2 :]
    proposal = compressed(text)
    if proposal is not None:
        assert original(proposal.text) == text


@pytest.mark.parametrize("words", DRAWN)
def test_each_drawing_is_known_and_gains(words):
    names = ["ID", "NAME", "STATUS", "NODE"]
    rows = [
        [str(number), f"api-{number % 7}-worker", "Running", f"node-{number % 3}.example.com"]
        for number in range(1, 41)
    ]
    text = "\n".join(drawn(names, rows, words, None))
    assert Table().score(Sample(text)) >= 0.8
    proposal = compressed(text)
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert len(proposal.text) < 0.6 * len(text)
    assert original(proposal.text) == text
    assert words.split(" header")[0].split(",")[0] in proposal.text.split("\n")[0]


@pytest.mark.parametrize("words", ["psql", "box", "Markdown, padded", "aligned by 2 blanks, ruled"])
def test_a_padded_table_that_was_cut_short_comes_back(words):
    rows = [[str(number), "shipped", "anna@example.com"] for number in range(1, 31)]
    lines = drawn(["id", "state", "mail"], [*rows, ["1000", "returned late", "x"]], words, None)
    del lines[-2 if words == "box" else -1]
    text = "\n".join(lines)
    proposal = compressed(text)
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert original(proposal.text) == text
