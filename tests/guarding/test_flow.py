"""What the guard does must not depend on where a stream is cut, nor cost what hurts."""

import json
import random
import time

import pytest
from answers import APIS, Spoken, hear
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.edits import Edit, Fidelity
from headroom.guarding import LET_THROUGH, PUT_BACK
from headroom.guarding.flow import Flow
from headroom.guarding.mending import Mender
from headroom.guarding.signs import Signs
from headroom.guarding.spelling import JSON_TEXT, LONGEST, PLAIN

MARKER = '[… 3 lines omitted, 2-4 · headroom_retrieve("qwertyui")]'
ANTHROPIC = APIS["anthropic_messages"]


def edit(indent="  "):
    lines = [f"{indent}{name} = {name}s" for name in ("one", "two", "three")]
    before = "\n".join(["def a():", *lines, "def end_of_it():"])
    after = "\n".join(["def a():", MARKER, "def end_of_it():"])
    return Edit(("a",), before, after, "code", Fidelity.RECOVERABLE, ("qwertyui",), 0, 0)


EDIT = edit()


def body_for(key, front):
    body = f"def a():\n{front}{MARKER}\ndef end_of_it():"
    if key == "command":
        return f"cat > a <<'EOF'\n{body}\nEOF"
    return f"*** Begin Patch\n@@\n+{body}" if key == "patch" else body


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(["", "  ", "\t", "+", "-", " ", "12\t", "    12→", "12: ", "+  ", "x ", "   "]),
    st.sampled_from(["content", "command", "patch"]),
    st.sampled_from(["", "  ", "\t"]),
    st.booleans(),
    st.sets(st.integers(1, 400), max_size=80),
)
def test_the_outcome_is_the_same_wherever_a_stream_is_cut(front, key, indent, is_ascii, cuts):
    text = json.dumps({key: body_for(key, front)}, ensure_ascii=is_ascii)
    whole = hear(ANTHROPIC, Spoken("Edit", text), [edit(indent)], [])
    cut = hear(ANTHROPIC, Spoken("Edit", text), [edit(indent)], cuts)
    assert (cut.texts, cut.findings) == (whole.texts, whole.findings)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_any_text_is_given_whole_wherever_it_is_cut(rnd, plain):
    parts = ["[", "[…", "[= ", "\n", "\\n", '"', ":", " ", "x", "\\", "\\u2026", MARKER, "u", "n"]
    text = "".join(rnd.choice(parts) for _ in range(60)) + "x" * rnd.choice([0, LONGEST])
    given, spelling = [], PLAIN if plain else JSON_TEXT
    for most in (1, 5, len(text)):
        flow, at, out = Flow("exec", spelling, Mender(Signs([EDIT]))), 0, ""
        while at < len(text):
            size = rnd.randint(1, most)
            out += flow.add(text[at : at + size])
            at += size
        given.append(out + flow.end())
        assert (flow.said, flow.given, flow.held) == (text, given[-1], "")
    assert given == [text] * 3


@pytest.mark.parametrize("front", ["  ", "\t"])
def test_an_indentation_that_the_original_lacks_is_reported_in_one_piece_too(front):
    text = json.dumps({"content": body_for("content", front + "  ")})
    heard = hear(ANTHROPIC, Spoken("Write", text), [EDIT])
    assert heard.findings == {LET_THROUGH: 1}
    assert json.loads(heard.texts[0]) == json.loads(text)


@pytest.mark.parametrize("space", ["", " ", "\n  ", " " * 20])
@pytest.mark.parametrize("cut", [[], range(1, 400)], ids=["whole", "cut"])
def test_a_marker_that_is_the_key_of_an_object_stays(space, cut):
    text = '{"content":"x",' + json.dumps(MARKER) + space + ":1}"
    heard = hear(ANTHROPIC, Spoken("Write", text), [EDIT], cut)
    assert heard.texts == [text]
    assert PUT_BACK not in heard.findings


@pytest.mark.parametrize(
    "arguments",
    [
        {"path": "x", "diff": f"--- a\n+++ b\n@@\n def a():\n {MARKER}\n-x\n+y"},
        {"content": f"See:\n*** Begin Patch\n def a():\n {MARKER}\n"},
    ],
    ids=["a diff with bare signs", "a document with a patch in it"],
)
def test_in_a_patch_of_another_kind_lines_are_not_put_back(arguments):
    text = json.dumps(arguments, ensure_ascii=False)
    heard = hear(ANTHROPIC, Spoken("apply_diff", text), [EDIT])
    assert heard.findings == {LET_THROUGH: 1}
    assert heard.texts == [json.dumps(arguments)]


def test_a_document_that_names_the_beginning_of_a_patch_is_a_file():
    text = json.dumps({"content": f"of *** Begin Patch\ndef a():\n{MARKER}\n"})
    heard = hear(ANTHROPIC, Spoken("Write", text), [EDIT])
    assert json.loads(heard.texts[0])["content"].split("\n")[2:5] == EDIT.before.split("\n")[1:4]


def seconds(text, size):
    """Seconds of processor time for arguments in pieces of a size, and the markers put back."""
    flow = Flow("Write", JSON_TEXT, Mender(Signs([EDIT])))
    start = time.process_time()
    for at in range(0, len(text), size):
        flow.add(text[at : at + size])
    flow.end()
    return time.process_time() - start, flow.mended


def test_many_markers_in_a_large_file_take_no_longer_than_few():
    text = json.dumps({"content": "q\n" * 400_000 + ("y = 1\n" * 50 + MARKER + "\n") * 390})
    took, mended = seconds(text, 2_000)
    assert mended == 390
    assert took < 15


def test_a_line_of_shell_words_in_a_file_takes_no_longer_than_another():
    took, mended = seconds(json.dumps({"content": "cat " * 10_000 + "\n" + MARKER + "\n"}), 500)
    assert mended == 1
    assert took < 2


@pytest.mark.parametrize("begin", ["[… ", "[= "])
def test_a_line_that_is_held_back_is_read_once(begin):
    text = '{"content":"a\\n' + begin + "x" * 8_000 + '\\nb"}'
    assert seconds(text, 1)[0] < 3


def test_a_line_that_is_too_long_to_be_a_marker_goes_on():
    flow = Flow("Write", JSON_TEXT, Mender(Signs([EDIT])))
    given = flow.add('{"content":"a\\n[… ')
    for _ in range(30):
        given += flow.add("x" * 50)
    assert given == '{"content":"a\\n[… ' + "x" * 1_500
    assert flow.held == ""


def test_rows_that_many_large_originals_hold_are_looked_up_quickly():
    rnd = random.Random(1)
    text = "\n".join(f"{row:06d} INFO a service did it {rnd.random()}" for row in range(1_000))
    rows = [f"2026-01-01 worker number {row} has finished" for row in range(400)]
    edits = [
        Edit((n,), f"{text}\n{n}", "x", "log", Fidelity.LOSSLESS, (), 0, 0) for n in range(200)
    ]
    shown = "\n".join(rows)
    edits.append(Edit(("l",), shown + "\nmore", shown, "log", Fidelity.LOSSLESS, (), 0, 0))
    signs = Signs(edits)
    start = time.process_time()
    assert not signs.guilt(shown)
    assert time.process_time() - start < 2
