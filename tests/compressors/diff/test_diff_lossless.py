"""The lossless form of a diff: what it leaves out can be told from what it shows."""

import pytest
from diff_making import INDEX, edited, git_diff, numbered
from diff_reading import compressed, unfolded
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.compressors import Sample
from headroom.compressors.diff import Diff
from headroom.edits import Fidelity
from headroom.policy import BALANCED, SAFE

PATHS = ["src/app/module_one.py", "src/app/module_two.py", "docs/a page.md", "tests/test_x.py"]
FILES = [git_diff(path, numbered(20), edited(numbered(20), 3, 9)) for path in PATHS]


def joined(*files):
    return "\n".join(line for file in files for line in file)


def test_the_first_line_of_each_file_goes_and_comes_back():
    text = joined(*FILES) + "\n"
    out = compressed(text, policy=SAFE)
    assert "diff --git" not in out
    assert all(f"--- a/{path}" in out for path in PATHS)
    assert unfolded(out) == text


def test_new_and_deleted_files_fold_too():
    text = joined(
        git_diff("src/some/new_module.py", None, numbered(3)),
        git_diff("src/some/old_module.py", numbered(3), None),
    )
    out = compressed(text, policy=SAFE)
    assert "diff --git" not in out
    assert unfolded(out) == text


def test_windows_line_ends_fold_too():
    text = joined(*FILES).replace("\n", "\r\n")
    out = compressed(text, policy=SAFE)
    assert "diff --git" not in out
    assert unfolded(out) == text


def test_the_lossless_form_is_said_to_be_so():
    sample = Sample(joined(*FILES), ref="abcdefgh")
    for policy in (SAFE, BALANCED):
        assert Diff().compress(sample, policy).fidelity is Fidelity.LOSSLESS


def test_a_rename_keeps_its_first_line():
    moved = [
        "diff --git a/src/old_name.py b/src/new_name.py",
        "similarity index 90%",
        "rename from src/old_name.py",
        "rename to src/new_name.py",
        *FILES[0][1:2],
        "--- a/src/old_name.py",
        "+++ b/src/new_name.py",
        *FILES[0][4:],
    ]
    text = joined(moved, *FILES)
    out = compressed(text, policy=SAFE)
    assert out.count("diff --git") == 0
    assert "rename from src/old_name.py" in out
    assert unfolded(out) == text


def test_names_that_differ_from_the_first_line_keep_it():
    odd = [line.replace("+++ b/src", "+++ b/lib") for line in FILES[0]]
    text = joined(odd, *FILES[1:])
    out = compressed(text, policy=SAFE)
    assert out.count("diff --git") == 1
    assert unfolded(out) == text


@pytest.mark.parametrize(
    "spoiler",
    [
        FILES[0][1:],
        ["Index: x", *FILES[0][2:]],
        ["--- x\t2026-01-01 10:00", "+++ y\t2026-01-01 10:01", *FILES[0][4:]],
    ],
    ids=["no first line", "subversion", "plain"],
)
def test_nothing_folds_beside_a_file_that_never_had_a_first_line(spoiler):
    assert compressed(joined(*FILES, spoiler), policy=SAFE) is None


def test_names_in_an_odd_order_keep_the_first_line():
    odd = [*FILES[0][:2], FILES[0][3], FILES[0][3], *FILES[0][4:]]
    text = joined(odd, *FILES[1:])
    out = compressed(text, policy=SAFE)
    assert out.count("diff --git") == 1
    assert unfolded(out) == text


def test_a_file_below_mode_lines_of_another_keeps_its_first_line():
    mode = ["diff --git a/run.sh b/run.sh", "old mode 100644", "new mode 100755"]
    text = joined(mode, *FILES)
    out = compressed(text, policy=SAFE)
    assert out.split("\n")[:4] == [*mode, FILES[0][0]]
    assert unfolded(out) == text


def test_little_gain_is_left_alone():
    assert compressed(joined(FILES[0], ["x" * 4_000]), policy=SAFE) is None
    assert compressed(joined(*FILES)[:100], policy=SAFE) is None


def test_without_a_store_nothing_is_omitted():
    lock = git_diff("yarn.lock", numbered(9), numbered(9, "other"))
    text = joined(*FILES, lock)
    assert unfolded(compressed(text, ref="")) == text


LINES = st.sampled_from(
    ["diff --git a/x.py b/x.py", "diff --git a/y.py b/y.py", "diff --git a/x.py b/y.py", INDEX,
     "new file mode 100644", "deleted file mode 100644", "old mode 100644", "rename from x.py",
     "--- a/x.py", "+++ b/x.py", "--- a/y.py", "+++ b/y.py", "--- /dev/null", "+++ /dev/null",
     "--- a/a b\t", "+++ b/a b\t", "diff --git a/a b b/a b", "@@ -1 +1 @@", "@@ -1,2 +1,3 @@",
     "@@ -0,0 +1,2 @@", "@@@ -1,2 -1,2 +1,3 @@@", " same", "+new", "-old", "-- note", "++ note",
     "", "\\ No newline at end of file", "Index: x.py", "=====", "Binary files a/x and b/x differ",
     "GIT binary patch", "literal 20", "zcmV+abc", "commit 0123456789", "+++ x\r", "--- a/x.py\r",
     "@@ -1 +1 @@\r", "diff --git a/x.py b/x.py\r"]
)  # fmt: skip
PIECES = st.one_of(
    st.lists(LINES, max_size=4),
    st.sampled_from([*FILES, git_diff("n.py", None, ["x", "-- a/n.py", "++ b/n.py"])]),
)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=14))
def test_whatever_is_folded_decodes_to_the_original(pieces):
    text = joined(*FILES[:3], *pieces)
    out = compressed(text, policy=SAFE)
    assert out is None or unfolded(out) == text
