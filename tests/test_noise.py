"""What a text loses that nobody reads, and what it never loses."""

import base64
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.noise import cleaned

BLOB = base64.b64encode(random.Random(1).randbytes(6_000)).decode()
MINIFIED = "!function(e,t){return e&&t||n(r)};" * 200
FILLER = "an ordinary line of words\n" * 10


def shown(text, verbatim=False):
    out = cleaned(text, verbatim=verbatim)
    assert out.text.count("\n") == text.count("\n")
    return out


def lines_of(text, verbatim=False):
    return shown(text, verbatim).text.split("\n")


@pytest.mark.parametrize("verbatim", [False, True])
@pytest.mark.parametrize(
    "text",
    ["", FILLER, FILLER.replace("\n", "\r\n"), "    indented\n\tcode\n" * 50, "two blanks  \n" * 90,
     "\x1b[31mred\x1b[0m", "x" * 399 + "\n", "-" * 1_000 + "\n" + "a" * 1_000, "words and blanks " * 400]
)  # fmt: skip
def test_a_text_with_nothing_worth_it_is_given_back(text, verbatim):
    out = cleaned(text, verbatim=verbatim)
    assert out.text is text
    assert out.what == ""


def test_colours_go():
    out = shown("\x1b[1;31mERROR\x1b[0m in \x1b[38;5;12ma.py\x1b[m\n" * 20)
    assert out.text == "ERROR in a.py\n" * 20
    assert out.what == "colour codes"


@pytest.mark.parametrize(
    "code",
    ["\x1b[2K\x1b[1A", "\x1b]0;a title\x07", "\x1b]8;;file:///a.py\x1b\\", "\x1b]0;no end", "\x1b(B", "\x1b[?25l",
     "\x1bP1$r\x1b\\", "\x1bM", "\x1b"]
)  # fmt: skip
def test_terminal_codes_of_every_kind_go(code):
    out = shown(f"{code}\nbefore {code}\n" * 90)
    assert out.text == "\nbefore \n" * 90
    assert out.what == "terminal codes"


def test_a_link_keeps_its_words():
    link = "\x1b]8;;https://docs.example/page\x1b\\see the page\x1b]8;;\x1b\\"
    assert lines_of(f"{link}\n" * 9)[0] == "see the page"


def test_of_overwritten_progress_the_last_state_stays():
    bar = "\r".join(f"fetching {n:3} % |{'#' * (n // 5):20}|" for n in range(101))
    out = shown(f"start\n{bar}\nend\n")
    assert out.text == f"start\nfetching 100 % |{'#' * 20}|\nend\n"
    assert out.what == "100 overwritten progress updates"


def test_progress_that_a_blank_line_wiped_out_keeps_its_last_state():
    bar = "\r".join(f"step {n} of 90" for n in range(90))
    assert lines_of(f"a\n{bar}\r          \r\nb")[1] == "step 89 of 90\r"


def test_trouble_that_progress_overwrote_stays_once_a_wording():
    states = [f"fetching {n} of 99" for n in range(99)]
    states[40] = "error: connection 40 reset"
    states[50] = "error: connection 50 reset"
    states[60] = "Warning: slow"
    out = lines_of("\n".join(["a", "\r".join(states), "b"]))
    assert out[1] == "error: connection 50 reset\rWarning: slow\rfetching 98 of 99"


def test_windows_line_ends_are_no_progress():
    bar = "\r".join(f"step {n} of 90" for n in range(90))
    assert lines_of(f"a\r\n{bar}\r\nb\r\n") == ["a\r", "step 89 of 90\r", "b\r", ""]


def test_a_text_whose_only_line_ends_are_returns_is_no_progress():
    text = "\r".join(f"{n},{n * n}" for n in range(200))
    assert cleaned(text, verbatim=False).text is text
    assert cleaned("\r".join(f"{n} %" for n in range(200)), verbatim=False).text == "199 %"


def test_overstrikes_read_as_they_look():
    out = shown("N\bNA\bAM\bME\bE  _\bf_\bi_\bl_\be\n" * 20)
    assert out.text == "NAME  file\n" * 20
    assert out.what == "overstrikes"


def test_a_spinner_keeps_its_last_state():
    spinner = "working " + "".join(f"{sign}\b" for sign in "|/-\\" * 90)
    assert lines_of(f"{spinner}\nx")[0] == "working \\"
    assert lines_of(f"{spinner}\r\nx")[0] == "working \\\r"
    percents = "".join(f"{n:3}%\b\b\b\b" for n in range(100))
    assert lines_of(f"at {percents}\nx")[0] == "at  99%"
    assert lines_of("ab\b\b\b\b\bcd" + "\b" * 300 + "\n")[0] == "cd"
    assert lines_of("\b" * 200 + "x" * 600 + "\b" * 520 + "y\n")[0] == "x" * 80 + "y"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_trailing_blanks_go(end):
    out = shown(f"a cell{' ' * 30}{end}b{end}c\t   {end}" * 20 + "last" + " " * 90)
    assert out.text == f"a cell{end}b{end}c\t   {end}" * 20 + "last"
    assert out.what == "trailing blanks"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_long_text_is_looked_through_for_trailing_blanks_only_where_many_lines_have_them(end):
    padded = f"a row of a table{' ' * 40}{end}" * 2_000
    assert shown(padded).text == f"a row of a table{end}" * 2_000
    few = (
        f"an ordinary row{end}" * 10_000 + f"padded{' ' * 400}{end}" + f"an ordinary row{end}" * 20
    )
    assert cleaned(few, verbatim=False).text is few


def test_a_blob_is_cut_within_its_line():
    out = shown(f'<img src="data:image/png;base64,{BLOB}"> and more\nnext\n')
    assert out.text == (
        f'<img src="data:image/png;base64,{BLOB[:24]}[… 7,976 base64 characters]"> and more\nnext\n'
    )
    assert out.what == "1 base64 blob (7,976 characters)"


def test_a_data_uri_that_is_no_base64_is_cut_too():
    uri = "data:image/svg+xml;utf8," + "%3Csvg%20d=M10,20" * 60
    out = shown(f"background: url({uri});\nsee data: nothing\ndata:text/plain,short\n")
    assert out.text.startswith(
        "background: url(data:image/svg+xml;utf8,%3Csvg%20d=M10,20%3Csvg%[… "
    )
    assert out.what == "1 data URI (996 characters)"


@settings(max_examples=60)
@given(st.integers(0, 90), st.integers(400, 900), st.sampled_from([" ", "\n", '"', "é", "=", "日"]))
def test_a_blob_is_found_wherever_it_starts(before, size, sign):
    text = "x" * before + sign + BLOB[:size] + sign + "y"
    assert "[… " in shown(text).text


def test_what_is_long_and_no_base64_is_not_called_so():
    for text in ("a" * 900, "/usr/lib/share" * 90, "0123456789" * 90, "ACGT" * 300):
        assert "base64" not in cleaned(f"{text}\n", verbatim=False).what


def test_a_minified_line_keeps_its_head():
    out = lines_of(f"/*! lib */\n{MINIFIED}\nend\n")
    assert out == [
        "/*! lib */",
        f"{MINIFIED[:200]}[… 6,600 more characters of this line]",
        "end",
        "",
    ]
    assert shown(MINIFIED).what == "1 long line (6,800 characters)"


@pytest.mark.parametrize(
    "line",
    [
        "some words in a row " * 200,
        json.dumps({"key": ["value"] * 900}, separators=(",", ":")),
        "2026-01-01 INFO got " + json.dumps({"key": [1] * 2_000}, separators=(",", ":")),
        "[1,2," + "30," * 900 + "4]",
        "<!doctype html>" + "<p>word</p>" * 400,
        "1.5,2.5,3.25," * 300,
    ],
)
def test_a_long_line_with_a_structure_of_its_own_is_left_to_others(line):
    for verbatim in (False, True):
        text = f"before\n{line}\nafter\n"
        assert cleaned(text, verbatim=verbatim).text is text


def test_rows_that_are_all_long_are_data():
    text = f"{MINIFIED}\n" * 20
    assert cleaned(text, verbatim=False).text is text
    assert cleaned(f"{MINIFIED}\n" * 7, verbatim=False).text is not text


def test_verbatim_replaces_whole_lines_and_nothing_else():
    text = (
        f"\x1b[31mred\x1b[0m    \nkey = {BLOB}  # end\r\n{MINIFIED}\r\na\rb\n" + "x\by    \n" * 90
    )
    lines, before = lines_of(text, verbatim=True), text.split("\n")
    assert lines[1] == f"[… a line of 8,013 characters that begins: key = {BLOB[:54]} …]\r"
    assert lines[2].startswith("[… a line of 6,800 characters that begins: !function(e,t)")
    assert [lines[0], *lines[3:]] == [before[0], *before[3:]]
    assert shown(text, verbatim=True).what == "2 unreadable lines (14,813 characters)"


def test_a_line_with_two_blobs_is_replaced_once():
    uri = "data:text/plain," + "%20" * 200
    out = shown(f"a {BLOB} {BLOB} {uri}", verbatim=True)
    assert out.text.startswith("[… a line of 16,620 characters that begins: a ")
    assert out.what.startswith("1 unreadable line ")


def test_a_json_value_is_left_whole_where_lines_are_shown_verbatim():
    text = json.dumps({"image": BLOB}, indent=1)
    assert cleaned(text, verbatim=True).text is text


TEXTS = st.one_of(
    st.text(max_size=30), st.integers(0, 5_000).map(lambda size: BLOB[:size] + "=="),
    st.sampled_from([MINIFIED, "\x1b[31m" * 90, "\r" * 300, "    \n" * 90, "a\b" * 200, "data:a/b;c," + "%41" * 300])
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)


@settings(max_examples=120)
@given(VALUES.filter(lambda value: isinstance(value, (list, dict))), st.sampled_from([None, 2]))
def test_json_stays_json(value, indent):
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    after = json.loads(shown(text).text)
    assert type(after) is type(value)
    assert len(after) <= len(value)
    with_returns = text.replace("\n", "\r")
    json.loads(shown(with_returns).text)


PIECES = st.sampled_from(
    ["\n", "\r", "\r\n", "\b", "\x1b", "\x1b[31m", "\x1b]8;;", "\x1b\\", "\x07", " " * 5, "\t", "word", "9 %",
     "error", BLOB[:450], BLOB[:399], MINIFIED, "data:", "a/b;base64,", "é", "\ud800", "{", '"k": ', "[", "]", "}"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_lines_keep_their_numbers_and_nothing_grows(text):
    out = shown(text)
    assert len(out.text) <= len(text)
    assert bool(out.what) == (out.text != text)
    for before, after in zip(text.split("\n"), lines_of(text, verbatim=True), strict=True):
        assert after == before or after.startswith("[… a line of ")


HOSTILE = {
    "escapes": "\x1b[" * 200_000,
    "open titles": "\x1b]" * 200_000,
    "blanks": " " * 1_000_000 + "x\n" + " " * 1_000_000,
    "backspaces": "a" * 300_000 + "\b" * 300_000,
    "backspaces by two": "a" * 300_000 + "\b\bx" * 100_000,
    "returns": "\r" * 500_000 + "\n",
    "nearly blobs": (BLOB[:398] + ".") * 4_000,
    "data": "data:a/" * 200_000,
    "data that opens": ("data:a/" + "b;" * 40) * 10_000,
    "one long line": "x" * 3_000_000,
    "empty lines": "\n" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_raise_nothing(name):
    for verbatim in (False, True):
        shown(HOSTILE[name], verbatim)
