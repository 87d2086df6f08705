"""Without omission the original comes back, whatever the search printed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_reading import REF, compressed, decoded, folded

from headroom.compressors import Sample
from headroom.compressors.search import SearchResults
from headroom.edits import Fidelity
from headroom.policy import BALANCED, SAFE

PATHS = st.sampled_from(
    ["src/a.py", "src/b-2-c.py", "/home/user/project/src/deep/er/x.go", "./y.ts", "Makefile", "a b/c.md",
     "C:\\src\\tool\\main.cs", "docs/2024-notes.md", "2024-01-02-post.md", "L12", "x"]
)  # fmt: skip
TEXTS = st.sampled_from(
    ["    return None", "def f(x):", "", " ", "3:4", "-5-x", "12:    y", "\tfoo\r", "--", "src/a.py:9:z", "é…/"]
)  # fmt: skip
OTHERS = st.sampled_from(
    ["", "--", "Binary file x matches", "grep: y: Permission denied", "src/a.py:", "7:stray", "…/x", "a (2 matches):"]
)  # fmt: skip


@st.composite
def flat_results(draw):
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        path, number = draw(PATHS), 0
        for _ in range(draw(st.integers(1, 9))):
            number += draw(st.integers(1, 30))
            mark = draw(st.sampled_from("::::-="))
            lines.append(f"{path}{mark}{number}{mark}{draw(TEXTS)}")
        if draw(st.booleans()):
            lines.append(draw(OTHERS))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))


@st.composite
def headed_results(draw):
    lines = []
    prefix = draw(st.sampled_from(["", "Line ", "  Line ", "L"]))
    for _ in range(draw(st.integers(1, 5))):
        lines.append(
            draw(st.sampled_from(["src/a.py", "src/b.py:", "File: c.ts", "# d.md", "", "?"]))
        )
        number = 0
        for _ in range(draw(st.integers(1, 9))):
            number += draw(st.integers(1, 30))
            lines.append(f"{prefix}{number}{draw(st.sampled_from('::-|'))}{draw(TEXTS)}")
    return "\n".join(lines)


@st.composite
def unnumbered_results(draw):
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        path = draw(PATHS)
        lines += [f"{path}:{draw(TEXTS)}" for _ in range(draw(st.integers(1, 6)))]
        if draw(st.booleans()):
            lines.append(draw(OTHERS))
    return "\n".join(lines)


@settings(max_examples=400)
@given(st.one_of(flat_results(), headed_results(), unnumbered_results()))
def test_the_original_comes_back(text):
    out = folded(text)
    if out is not None:
        assert decoded(out) == text


@settings(max_examples=100)
@given(flat_results())
def test_a_larger_result_that_is_shown_in_full_comes_back(text):
    text = "\n".join([text] * 6)
    proposal = SearchResults().compress(Sample(text, "Grep", ref=REF), BALANCED)
    if proposal is not None and proposal.fidelity is Fidelity.LOSSLESS:
        assert decoded(proposal.text) == text


def matches(path, count, text="value = compute({})"):
    return [f"{path}:{3 * n + 1}:{text.format(n)}" for n in range(count)]


def test_a_path_is_said_once():
    text = "\n".join(matches("src/package/module.py", 9))
    out = folded(text)
    assert out.count("src/package/module.py") == 1
    assert decoded(out) == text


def test_one_text_on_many_lines_of_a_file_is_said_once():
    text = "\n".join(matches("src/package/module.py", 9, "    return None"))
    assert "1,4,7,10,13,16,19,22,25:    return None" in folded(text)
    assert decoded(folded(text)) == text


def test_more_equal_texts_than_one_line_should_hold_go_on_another():
    text = "\n".join(matches("src/package/module.py", 150, "    return None"))
    assert folded(text).count("    return None") == 3
    assert decoded(folded(text)) == text


def test_context_stays_with_its_match_also_in_front_of_the_first():
    text = "\n".join(
        f"src/some/where/a-1-b.py-{n}-before\nsrc/some/where/a-1-b.py:{n + 1}:match\n--"
        for n in range(1, 60, 7)
    )
    out = folded(text)
    assert out.count("a-1-b.py") == 1
    assert decoded(out) == text


def test_a_long_folder_that_all_paths_share_is_said_once():
    folder = "/home/user/project/packages/server/src/"
    text = "\n".join(line for n in range(300) for line in matches(f"{folder}part{n}.ts", 1))
    out = folded(text)
    assert out.count(folder) == 1
    assert "\n…/part7.ts:1:" in out
    assert decoded(out) == text


def test_files_found_below_one_folder_are_shortened_by_it():
    folder = "/home/user/project/packages/server/src/"
    lines = [f'Found 300 matches for "x" in {folder}:']
    lines += [f"{folder}part{n}.ts ({n + 1} matches)" for n in range(300)]
    text = "\n".join(lines)
    assert decoded(folded(text)) == text
    assert folded("\n".join(lines[:60])) is None, "paths are copied: they are cut where it pays"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["…/two words", *(f"/home/user/project/deeply/nested/{n}.py:{n}:x" for n in range(1, 400))]),
        "\n".join([*matches("src/a/b/c.py", 9), "7:stray"]),
        "\n".join([*matches("src/a/b/c.py", 9), "[search: what is this]"]),
        "\n".join([*(f"src/a/b/{n}.py:word word" for n in range(9)), "of these (9 matches):"]),
        "\n".join([*(f"src/a/b/{n}.py:word word" for n in range(9)), "src/z.py:of (9 matches):"]),
        "\n".join([*(f"/home/user/project/deeply/nested/{n}.py (2 matches)" for n in range(400)), "…/two words"]),
        "\n".join(["[search: 3 files]", *(f"/home/user/project/deeply/nested/{n}.py (2 matches)" for n in range(400))]),
        "\n".join([*matches("src/a/b/c.py", 9), "src/a/b/c.py:099:x", "two words:3:x"]),
        "\n".join([*matches("src/a/b/c.py", 9), "src/a/b/c.py:9999999999:x"]),
    ],
)  # fmt: skip
def test_what_could_be_misread_is_left_as_it_is(text):
    out = folded(text)
    assert out is None or decoded(out) == text


def test_a_result_of_one_match_in_each_file_is_left_as_it_is():
    assert folded("\n".join(f"part{n}/file{n}.py:{n + 1}:text" for n in range(20))) is None


def test_without_a_ref_nothing_is_omitted():
    text = "\n".join(matches("src/package/module.py", 900))
    out = compressed(text, ref="")
    assert decoded(out) == text


def test_the_safe_policy_omits_nothing():
    text = "\n".join(matches("src/package/module.py", 900))
    proposal = SearchResults().compress(Sample(text, "Grep", ref=REF), SAFE)
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert decoded(proposal.text) == text


def test_a_line_that_only_begins_as_a_path_does_is_no_row():
    lines = [
        *matches("src/a/b/c.py", 9),
        "two words here:3:x",
        "src/a/b/c.pyx",
        "src/a/b/c.py:07:x",
        "",
    ]
    assert decoded(folded("\n".join(lines))) == "\n".join(lines)


def test_words_before_a_number_are_no_path():
    lines = [*matches("src/a/b/c.py", 9), "two words here:3:x", *matches("src/a/d.py", 3)]
    assert decoded(folded("\n".join(lines))) == "\n".join(lines)


def test_stretches_under_a_heading_stay_apart():
    lines = ["src/a.py", "3-x = 1", "4:y = 2", "--", "9:y = 2", "10-z", "", "src/b.py"]
    lines += [f"{n}:    return None" for n in range(1, 90, 3)]
    assert decoded(folded("\n".join(lines))) == "\n".join(lines)


def test_a_number_too_long_for_a_line_number_is_none():
    lines = ["src/a.py", *(f"{n}:    return None" for n in range(1, 90, 3)), "99999999999:x"]
    out = folded("\n".join(lines))
    assert out is None or decoded(out) == "\n".join(lines)
