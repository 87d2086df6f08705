"""Lines are shown as they were or stand behind a gap that counts them; what goes first, and why."""

import pytest
from code_reading import REF, body, compress, gaps, hidden, numbered, python
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.compressors import Sample
from headroom.compressors.code import Code, Rules, outline
from headroom.edits import Fidelity
from headroom.errors import SettingsError
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED, SAFE, Policy

TINY = Policy("tiny", omit=True, budget=40, min_tokens=0)
ROWS = st.sampled_from(
    ["", "def f(a):", "    return a", "class A:", "    def g(self):", "        x = {", '    """Doc', '    """',
     "function f() {", "  if (a) {", "  }", "}", "const a = {", "  b: 1,", "};", "/*", " * x", " */", "// y", "`",
     "    it('does', () => {", "    });", "public:", "#if A", "12: x", "[… 3 lines, 1-3]", "fn a() -> B", "where",
     "{", "    value_of_it = compute_all(of, these)", "<<EOF", "EOF", "\r", "==> a.py <==", "[File: b.go (9 lines total)]"]
)  # fmt: skip
TEXTS = st.lists(st.tuples(ROWS, st.integers(1, 12)), max_size=40).map(
    lambda runs: "\n".join(row for row, count in runs for _ in range(count))
)


@settings(max_examples=300)
@given(TEXTS, st.sampled_from(["never", "always", "doubt"]), st.sampled_from(["", "compute_all"]))
def test_every_line_is_shown_or_counted(text, parser, query):
    rules = Rules(parser=parser, reads=0.0, others=0.0, least_lines=2, least_saved=1)
    for path in ("a.py", "a.ts", "a.c", "a.rb", "a.sh", ""):
        out = compress(
            text, rules, TINY, query=query, tool="Read", source=f'{{"file_path": "{path}"}}'
        )
        gaps(text, out)


@settings(max_examples=50)
@given(st.integers(1, 3_000), st.sampled_from(["{:6}\t", "{}:", "{}|", "{:>5}→", "{:4} | "]))
def test_a_gap_says_the_files_own_numbers(first, gutter):
    text = numbered(python("alpha", "beta", lines=30), gutter, first)
    found = gaps(text, compress(text))
    assert found
    for gap, start, end in found:
        assert gap["own"] in (f"{first + start}-{first + end - 1}", None)
        assert gap["own"] is not None or first == 1


def test_the_first_gap_has_the_ref_and_those_behind_it_count_alike():
    text = python("alpha", "beta", lines=30)
    out = compress(text)
    assert [marker.ref for marker in omissions(out)] == [REF]
    assert [gap["own"] for gap, *_ in gaps(text, out)] == [None, "42-72"]


def test_a_text_below_the_budget_is_left_alone():
    text = python("alpha")
    assert compress(text, policy=BALANCED) == text


def test_without_leave_to_omit_or_a_ref_nothing_is_proposed():
    text = python("alpha", "beta", lines=60)
    assert Code().compress(Sample(text, ref=REF), SAFE) is None
    assert Code().compress(Sample(text), AGGRESSIVE) is None
    assert Code().compress(Sample(text, ref=REF), AGGRESSIVE).fidelity is Fidelity.RECOVERABLE


def test_code_without_long_bodies_is_left_alone():
    text = "\n".join(f"def short_{n}(value):\n    return value + {n}\n" for n in range(200))
    assert compress(text) == text


def test_the_largest_body_goes_first_and_no_more_than_needed():
    text = python("small", "large", "middle", lines=12).replace(
        "    large_step_0(value, 0)", "\n".join(body("large", 60, 4, ""))
    )
    budget = Policy("one body", omit=True, budget=700, min_tokens=0)
    out = compress(text, Rules(others=1.0), budget)
    assert len(gaps(text, out)) == 1
    assert "large_step_40" in hidden(text, out)


def test_a_read_file_keeps_more_than_other_code():
    text = python(*(f"part_{letter}" for letter in "abcdefghijklmn"), lines=20)
    read = compress(text, Rules(), BALANCED, tool="Read", source='{"file_path": "a.py"}')
    assert len(gaps(text, read)) < len(gaps(text, compress(text, Rules(), BALANCED)))


def test_nested_signatures_stay_and_their_bodies_go():
    inner = ["    def inner(value):", *body("inner", 12, 8, ""), "        return value"]
    text = "\n".join([python("alpha", lines=40), "def outer():", *body("outer", 12, 4, ""), *inner])
    out = compress(text)
    assert "    def inner(value):" in out.split("\n")
    assert "outer_step_3" in hidden(text, out)
    assert "inner_step_3" in hidden(text, out)


def test_runs_that_touch_become_one_gap():
    inner = ["    def inner(value):", *body("inner", 12, 8, ""), *body("outer", 15, 4, "")]
    text = "\n".join(["def outer():", *body("before", 12, 4, ""), *inner])
    assert [(start, end) for _, start, end in gaps(text, compress(text))] == [(1, 13), (14, 41)]


def test_a_docstring_keeps_its_first_line():
    text = python("alpha", lines=40).replace(
        '"""Does alpha."""', '"""\n    Says what.\n\n    And more\n    """'
    )
    out = compress(text)
    assert "    Says what." in out.split("\n")
    assert "And more" in hidden(text, out)


@pytest.mark.parametrize(
    ("head", "shown", "kind"),
    [
        (["# Copyright 2024 The Authors", *["# Licensed to you"] * 12], 2, "license lines"),
        (["import os", "", *["# a long explanation of it"] * 12], 4, "comment lines"),
        (["TABLE = {", *[f'    "key_{n}": "value {n}",' for n in range(40)], "}"], 3, "lines of a literal"),
        (['"""Module.', "", *["It says a lot about itself."] * 12, '"""'], 2, "comment lines"),
    ],
)  # fmt: skip
def test_licenses_comments_and_tables_keep_their_beginning(head, shown, kind):
    text = "\n".join([*head, python("alpha", lines=40)])
    first = gaps(text, compress(text))[0]
    assert (first[0]["kind"], first[1]) == (kind, shown)


def test_a_long_enum_is_a_table_and_a_short_one_is_not():
    def enum(rows):
        return "\n".join(
            ["enum Color {", *[f"  COLOR_NUMBER_{n} = {n}," for n in range(rows)], "};"]
        )

    source = {"tool": "Read", "source": '{"path": "a.c"}'}
    assert gaps(enum(120), compress(enum(120), **source))[0][0]["kind"] == "lines of a literal"
    assert compress(enum(30), **source) == enum(30)


def test_a_gap_names_what_stands_nowhere_in_the_shown_code():
    text = python("alpha", lines=30).replace("alpha_step_0(value, 0)", "fetch_remote_rate(LIMIT)")
    (gap, *_), *_ = gaps(text, compress(text))
    assert "fetch_remote_rate" in gap["uses"]
    assert "LIMIT" not in gap["uses"]
    without = compress(text, Rules(others=0.0, names_share=0.0))
    assert gaps(text, without)[0][0]["uses"] is None


def test_the_order_of_what_goes_is_a_rule():
    table = ["TABLE = [", *[f'    "value number {n}",' for n in range(60)], "]"]
    text = "\n".join([*table, python("alpha", lines=60)])
    budget = Policy("one", omit=True, budget=700, min_tokens=0)
    first = compress(text, Rules(others=1.0, order=("table", "body")), budget)
    assert [gap["kind"] for gap, *_ in gaps(text, first)] == ["lines of a literal"]
    other = compress(text, Rules(others=1.0), budget)
    assert [gap["kind"] for gap, *_ in gaps(text, other)] == ["lines"]


def test_an_outline_takes_the_language_by_name():
    text = "\n".join(["begin x", "def run", *body("run", 60, 2, ""), "end"] * 2)
    proposal = outline(Sample(text, ref=REF), AGGRESSIVE, "rb")
    assert len(gaps(text, proposal.text)) == 2
    with pytest.raises(SettingsError, match="unknown language 'klingon'; choose one of python,"):
        Code(language="klingon")
