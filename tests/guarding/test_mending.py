import json
import re

import pytest
from renditions import golden, referring

from headroom.edits import Edit, Fidelity
from headroom.guarding.flow import Flow
from headroom.guarding.mending import MOST, Mender, gaps, told
from headroom.guarding.signs import Signs
from headroom.guarding.spelling import JSON_TEXT
from headroom.seen import lines_of

RANGE = re.compile(r'lines="(\d+)-?(\d*)"|\[… lines? (\d+)-?(\d*)[:\]]')


def written_back(edit):
    """What comes of a file into which the whole rendition is written, and the markers left."""
    signs = Signs([edit])
    flow = Flow("Write", JSON_TEXT, Mender(signs))
    said = json.dumps({"file_path": "a", "content": edit.after}, ensure_ascii=False)
    text = json.loads(flow.add(said) + flow.end())["content"]
    return text, signs.guilt(text)


def bare(text):
    return "\n".join(lines_of(text).texts)


@pytest.mark.parametrize("name", golden())
def test_a_rendition_written_back_becomes_the_original_or_is_reported(name):
    edit = golden()[name]
    text, guilt = written_back(edit)
    if "[… " in edit.after.replace("\n", "") and not guilt and edit.compressor != "log":
        assert bare(text) == bare(edit.before)
    if text == edit.after and "[… " in edit.after:
        own = {line for line in edit.before.split("\n") if "[…" in line}
        assert guilt or own


@pytest.mark.parametrize("name", golden())
def test_a_believed_gap_is_the_one_that_the_marker_tells(name):
    edit = golden()[name]
    after = edit.after.split("\n")
    for row, found in gaps(edit.before.split("\n"), after).items():
        assert told(after[row].strip()) == len(found) > 0
        if said := RANGE.search(after[row]):
            first, last = said[1] or said[3], said[2] or said[4] or said[1] or said[3]
            assert (found.start + 1, found.stop) == (int(first), int(last))


def test_most_gaps_in_code_are_found():
    edits = [edit for name, edit in golden().items() if name.startswith("code/")]
    signs = [sum("[… " in line for line in edit.after.split("\n")) for edit in edits]
    found = [len(gaps(edit.before.split("\n"), edit.after.split("\n"))) for edit in edits]
    assert found == signs
    assert sum(found) > 30


def test_references_become_the_lines_that_they_stand_for():
    assert referring()
    for edit in referring():
        text, guilt = written_back(edit)
        assert not guilt
        numbers = re.compile(r"^ *[0-9]+\t", re.M)
        assert numbers.sub("", text) == numbers.sub("", edit.before)


LINES = [f"    value_{number} = compute({number})" for number in range(60)]
MARKER = '[… 20 lines omitted · headroom_retrieve("qwertyui", lines="11-30")]'
SHOWN = [*LINES[:10], MARKER, *LINES[30:]]


def mender(*pairs):
    return Mender(
        Signs(
            Edit(
                (n,),
                "\n".join(before),
                "\n".join(after),
                "code",
                Fidelity.RECOVERABLE,
                ("qwertyui",),
                0,
                0,
            )
            for n, (before, after) in enumerate(pairs)
        )
    )


def test_a_marker_that_says_another_number_is_not_believed():
    wrong = MARKER.replace("20 lines", "19 lines").replace("11-30", "11-29")
    assert gaps(LINES, [*LINES[:10], wrong, *LINES[30:]]) == {}
    assert gaps(LINES, [*LINES[:10], MARKER.replace("11-30", "11-29"), *LINES[30:]]) == {}
    assert gaps(LINES, SHOWN) == {10: range(10, 30)}


def test_a_gap_whose_neighbours_were_changed_is_not_believed():
    assert gaps(LINES, [*LINES[:9], "changed", MARKER, *LINES[30:]]) == {}
    assert gaps(LINES, [*LINES[:10], MARKER, "changed", *LINES[31:]]) == {}


def test_a_stretch_behind_what_is_not_known_is_found_again():
    second = "[… 5 lines, 41-45]"
    shown = ["[2 things: folded]", *LINES[20:40], second, *LINES[45:]]
    assert gaps(LINES, shown) == {21: range(40, 45)}


def test_the_same_words_for_other_lines_are_not_mended():
    other = [line.replace("value", "other") for line in LINES]
    gap = "[… 20 lines, 11-30]"
    shown = [gap if line == MARKER else line for line in SHOWN]
    twice = [line.replace("value", "other") for line in shown]
    both = mender((LINES, shown), (other, twice))
    assert both.original(gap, []) is None
    assert both.original(gap, ["nothing that was shown"]) is None
    assert both.original(gap, [other[9]]) == other[10:30]
    assert both.original(gap, [LINES[9]]) == LINES[10:30]
    assert mender((LINES, shown), (LINES, shown)).original(gap, []) == LINES[10:30]


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([LINES[9]], LINES[10:30]),
        ([f"{10:>6}\t{LINES[9]}"], [f"{n:>6}\t{LINES[n - 1]}" for n in range(11, 31)]),
        (["a line of the agent's own"], LINES[10:30]),
        ([], LINES[10:30]),
    ],
    ids=["without", "with", "unknown", "nothing"],
)
def test_line_numbers_go_where_the_text_around_has_none(earlier, expected):
    numbered = [f"{number:>6}\t{line}" for number, line in enumerate(LINES, 1)]
    shown = [*numbered[:10], MARKER, *numbered[30:]]
    assert mender((numbered, shown)).original(MARKER, earlier) == expected


def test_numbers_that_may_be_data_are_not_guessed_at():
    numbered = [f"{number}: {line}" for number, line in enumerate(LINES, 1)]
    shown = [*numbered[:10], MARKER, *numbered[30:]]
    assert mender((numbered, shown)).original(MARKER, []) is None
    assert mender((numbered, shown)).original(MARKER, [numbered[9]]) == numbered[10:30]


def test_what_is_too_large_is_not_put_back():
    lines = [*LINES[:10], "x" * (MOST + 1), *LINES]
    marker = '[… 1 line omitted · headroom_retrieve("qwertyui", lines="11")]'
    shown = [*LINES[:10], marker, *LINES]
    assert mender((lines, shown)).original(marker, []) is None
    lines[10] = "x" * 9_000
    assert mender((lines, shown)).original(marker, []) == ["x" * 9_000]


@pytest.mark.parametrize(
    ("marker", "count"),
    [
        ('[… 9,312 lines omitted · headroom_retrieve("k3f9a2c1")]', 9312),
        ('[… 12 comment lines omitted · headroom_retrieve("k", lines="3-14")]', 12),
        ("[… lines 12-30]", 19),
        ("[… line 7: 1 other]", 1),
        ("[… in lines 12-30: 5 other]", None),
        ("[… 56 more like this line: shop/cart.py:3, 9]", None),
        ("[… line 12 of 3,000 characters, holds: x]", 1),
        ('[… 134 of 140 lines omitted where told above · headroom_retrieve("k")]', None),
        ("[= lines 3-9 of tool result 2: def f():]", 7),
        ("[= 3-9 as above at 13-19]", 7),
        ("[… lines 9-3]", None),
        ("[…]", None),
    ],
)
def test_a_marker_tells_how_many_lines_it_stands_for(marker, count):
    assert told(marker) == count
