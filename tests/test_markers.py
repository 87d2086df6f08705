import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.markers import (
    Numbered,
    Omission,
    Reference,
    is_marked,
    is_retrieve_tool,
    numbered,
    omission,
    omissions,
    parse_reference,
    reference,
)

REFS = st.from_regex(r"[a-z2-7]{8,12}", fullmatch=True)
PLACES = st.from_regex(r"(tool result|tool call|user text) [1-9][0-9]{0,2}", fullmatch=True)
GUTTERS = st.sampled_from([None, "", "    12\t", "7:", "  9|", "   3→"])


@given(st.from_regex(r"[0-9a-z ,()–:]{1,40}", fullmatch=True), REFS)
def test_an_omission_is_read_as_it_was_written(what, ref):
    assert omissions(f"x\n{omission(what, ref)}\ny") == [Omission(what, ref)]
    assert omissions(omission(what, ref, lines="1-9", path="$.a[3]")) == [Omission(what, ref)]


def test_an_omission_is_read_inside_of_strings_in_strings():
    text = omission("3 rows omitted", "abcdefgh", lines="1-3")
    for _ in range(3):
        text = json.dumps({"output": text}, ensure_ascii=False)
        assert omissions(text) == [Omission("3 rows omitted", "abcdefgh")]


def test_a_marker_is_plain_words_and_the_call_that_redeems_it():
    marker = omission("9,312 lines omitted (9,310 INFO)", "k3f9a2c1", lines="120-160")
    assert marker == (
        '[… 9,312 lines omitted (9,310 INFO) · headroom_retrieve("k3f9a2c1", lines="120-160")]'
    )


@given(PLACES, st.integers(1, 9_999), st.integers(2, 999), GUTTERS, st.text(max_size=90))
def test_a_reference_is_read_as_it_was_written(place, start, count, gutter, first_line):
    run = Reference(place, start, count, gutter)
    written = reference(run, first_line.replace("\n", " "))
    assert parse_reference(written) == run
    assert is_marked(written)


@given(st.integers(1, 99_999), st.integers(1, 999), st.integers(1, 99_999))
def test_a_reference_by_line_numbers_is_read_as_it_was_written(first, count, earlier):
    run = Numbered(first, count, earlier)
    assert parse_reference(numbered(run)) == run
    assert is_marked(f"a\n{numbered(run)}\nb")


def test_a_reference_by_line_numbers_is_short_and_plain():
    assert numbered(Numbered(12, 9, 12)) == "[= 12-20 as above]"
    assert numbered(Numbered(14, 9, 12)) == "[= 14-22 as above at 12-20]"


def test_a_text_full_of_brackets_is_searched_in_bounded_work():
    assert omissions("[… " * 400_000) == []
    assert omissions(("[… x" * 99 + omission("3 rows omitted", "abcdefgh")) * 1_000) != []
    assert omissions("[… split\n" + omission("x", "abcdefgh")[3:]) == []


def test_a_marker_inside_a_json_string_is_read():
    marker = omission("9 lines omitted", "abcdefgh", lines="1-9")
    assert omissions(json.dumps({"output": f"a\n{marker}"}, ensure_ascii=False)) != []


def test_other_lines_are_no_references():
    assert parse_reference("[= 3 lines]") is None
    assert parse_reference("def f():") is None


def test_texts_without_markers_are_not_marked():
    assert not is_marked("[… and so on]\nheadroom_retrieve is a tool")
    assert is_marked("a\n" + omission("3 rows omitted", "abcdefgh") + "\nb")


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("headroom_retrieve", True),
        ("mcp__headroom__headroom_retrieve", True),
        ("headroom_headroom_retrieve", True),
        ("headroom-headroom_retrieve", True),
        ("headroom.headroom_retrieve", True),
        ("headroom_retrieve_all", False),
        ("notheadroom_retrieve", False),
        ("", False),
    ],
)
def test_our_tool_is_known_in_every_spelling_of_a_client(name, ours):
    assert is_retrieve_tool(name) is ours
