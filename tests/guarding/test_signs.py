import pytest

from headroom.edits import Edit, Fidelity
from headroom.guarding.signs import Signs, bare_of

MARKER = '[… 20 lines omitted · headroom_retrieve("qwertyui", lines="11-30")]'
ROWS = "[2 records]\nname,state,owner\nfirst of all,open,somebody\nsecond one,closed,nobody else"


def edit(after, before="nothing of it", compressor="code"):
    refs = ("qwertyui",) if "qwertyui" in after else ()
    return Edit(("a",), before, after, compressor, Fidelity.RECOVERABLE, refs, 0, 0)


@pytest.mark.parametrize(
    "line", ["{}", "    {}", "+{}", "-  {}", "   12\t{}", "12→{}", "+ 7: {}", "{}  "]
)
def test_a_marker_is_known_behind_what_agents_put_in_front(line):
    guilt = Signs([edit(f"a\n{MARKER}\nb")]).guilt(f"x\n{line.format(MARKER)}\ny")
    assert guilt.markers == 1
    assert guilt.refs == ("qwertyui",)
    assert bare_of(line.format(MARKER)) == MARKER


@pytest.mark.parametrize(
    "text",
    [
        "}\n12\n[]\n[x]",
        "see [… 12 more] and […]",
        "[…]",
        "[= 3-9 as above]",
        '[… 20 lines omitted · headroom_retrieve("otherref", lines="11-30")]',
        "call headroom_retrieve with a ref",
    ],
)
def test_what_was_never_shown_is_innocent(text):
    assert not Signs([edit(f"a\n{MARKER}\n[…]\n}}\n12\nb")]).guilt(text)


def test_what_stands_in_any_original_is_innocent():
    shown = edit(f"a\n{MARKER}\nb")
    assert Signs([shown]).guilt(MARKER)
    signs = Signs([shown, edit("c", before=f"# {MARKER}")])
    assert not signs.guilt(MARKER)
    assert list(signs.places(MARKER)) == []


@pytest.mark.parametrize(
    "line",
    [
        f"x = 1  # {MARKER}",
        '# [... 20 lines omitted, headroom_retrieve("qwertyui")]',
        'headroom_retrieve(\\"qwertyui\\")',
    ],
)
def test_a_marker_inside_a_line_or_altered_is_known_by_its_ref(line):
    assert Signs([edit(f"a\n{MARKER}\nb")]).guilt(line).markers == 1


@pytest.mark.parametrize("sign", ["[… 27 lines omitted]", "[= lines 2-28 stand above]"])
@pytest.mark.parametrize(
    "line", ["# {}", "// {}", "x = 1  # {}", "> {}", "/* {} */", "<!-- {} -->", "    ;; {}", "#{}"]
)
def test_a_sign_without_a_ref_is_known_behind_other_text(line, sign):
    signs = Signs([edit(f"a\n{sign}\nb")])
    assert signs.guilt(f"x\n{line.format(sign)}\ny").markers == 1
    assert not Signs([edit(f"a\n{sign}\nb", before=sign)]).guilt(line.format(sign))
    assert not signs.guilt(line.format(sign.replace("2", "3")))


def test_a_sign_that_code_quotes_is_no_sign():
    signs = Signs([edit("a\n[… 27 lines omitted]\nb")])
    assert not signs.guilt('assert shown == "[… 27 lines omitted]"')
    assert not signs.guilt("assert shown.count('[… 27 lines omitted]') == 2")


def test_only_the_number_at_a_rows_beginning_is_taken_away():
    row = "the state of node 12: it is ready for work"
    shown = edit(
        f"{row}\n{row} again", before="the state of nodeit is ready for work", compressor="log"
    )
    assert Signs([shown]).guilt(f"{row}\n{row}").rows == 2


def test_a_line_with_a_gap_in_it_is_a_sign():
    line = "node_modules/: [… 312 lines, 40-351: 300 .js]"
    assert Signs([edit(f"a\n{line}\nb")]).guilt(f"  {line}").markers == 1
    assert not Signs([edit(f"a\n{line}\nb")]).guilt("node_modules/: [… 311 lines, 40-351: 300 .js]")


def test_a_short_gap_is_a_sign_behind_the_line_that_it_was_shown_behind():
    signs = Signs([edit("It was a long day.\n[…]\nThen they slept.")])
    assert signs.guilt("It was a long day.\n[…]").markers == 1
    assert not signs.guilt("It was a short day.\n[…]")


def test_a_marker_inside_of_a_json_string_is_a_sign_without_a_place():
    signs = Signs([edit('{"output": "a\\n[… 12 lines, 3-14]\\nb"}')])
    assert signs.guilt("[… 12 lines, 3-14]").markers == 1
    assert [place.row for place in signs.places("[… 12 lines, 3-14]")] == [-1]


def test_one_row_is_chance_and_two_are_an_outline():
    signs = Signs([edit(ROWS, compressor="noise+json_rows")])
    assert not signs.guilt("first of all,open,somebody")
    assert not signs.guilt("name,state,owner\nname,state,owner")
    assert signs.guilt("first of all,open,somebody\nsecond one,closed,nobody else").rows == 2


def test_rows_that_stand_in_an_original_are_innocent():
    assert not Signs([edit(ROWS, before=ROWS, compressor="table")]).guilt(ROWS)
    other = edit("x", before=f"1: {ROWS}", compressor="code")
    assert not Signs([edit(ROWS, compressor="table"), other]).guilt(ROWS)
    assert not Signs([edit(ROWS, compressor="prose")]).guilt(ROWS)


def test_a_logs_lines_are_its_own_behind_their_numbers_and_its_notes_are_not():
    before = "10:00:01 INFO the service has begun\n10:00:02 INFO the service is ready"
    notes = "  ×311 more, lines 14–1980, to 18:10:55; 4–4000"
    after = (
        f"1: 10:00:01 INFO the service has begun\n{notes}\n[log: 2,000 lines of 34 kinds of line]"
    )
    signs = Signs([edit(after, before=before, compressor="log")])
    assert not signs.guilt("1: 10:00:01 INFO the service has begun\n" * 2)
    assert signs.guilt(after).rows == 2


def test_a_text_without_brackets_is_not_worth_a_look():
    assert not Signs([edit(f"a\n{MARKER}")]).may_be_in("def f():\n    return [1, 2]")
    assert Signs([edit(f"a\n{MARKER}")]).may_be_in("x [… y")
    assert Signs([edit(ROWS, compressor="table")]).may_be_in("anything")


def test_what_is_looked_up_in_one_text_is_bounded():
    signs = Signs([edit(f"a\n{MARKER}\n{ROWS}", compressor="code+table")])
    assert signs.guilt(f"{MARKER}\n" * 5_000).markers == 1_000
    assert signs.guilt("first of all,open,somebody\n" * 5_000).rows == 100
