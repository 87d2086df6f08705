"""What is taken for a diff, and what only quotes one."""

import pytest
from diff_making import edited, git_diff, numbered

from headroom.compressors import Sample
from headroom.compressors.diff import Diff

DIFF = "\n".join(git_diff("a.py", numbered(60), edited(numbered(60), 5, 25, 45)))
BARE = DIFF.partition("\n")[2].partition("\n")[2]


def score(text):
    return Diff().score(Sample(text))


@pytest.mark.parametrize(
    "text",
    [
        DIFF,
        BARE,
        f"commit 0123456789\nAuthor: A B\n\n    Words\n\n{DIFF}",
        f"From {'0123456789' * 4} Mon Sep 17\nSubject: x\n\n---\n a.py | 2 +-\n\n{DIFF}\n-- \n2.40.0\n",
        f"Index: a.py\n{'=' * 67}\n{BARE}",
        f"\n\n{DIFF}",
        DIFF.replace("\n", "\r\n"),
        "diff --cc a.py\nindex 1,2..3\n--- a/a.py\n+++ b/a.py\n@@@ -1,2 -1,2 +1,3 @@@\n  a\n++b\n  c\n",
        "diff --git a/x.png b/x.png\nGIT binary patch\nliteral 9\nzabc\n\n",
        "commit 0123456\n\n" + "    a long message\n" * 1_000 + f"\n{DIFF}",
    ],
)
def test_a_text_that_opens_as_a_diff_is_one(text):
    assert score(text) > 0.9


def test_a_diff_below_a_few_other_lines_is_likely_one():
    assert 0.6 < score(f"$ git status --short\n M a.py\n$ git diff\n{DIFF}") < 0.9


def test_a_text_that_is_a_diff_in_part_is_taken_if_nobody_else_wants_it():
    words = "Some words about the change that follows below.\n" * (len(DIFF) // 30)
    assert 0 < score(words + DIFF) < 0.4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "--- \ntitle: front matter\n---\n- one\n- two\n" * 10,
        "commit 0123456\nAuthor: A B\n\n    Only a message\n" * 20,
        "+ set -x\n+ make all\n++ date\n" * 50,
        "\n".join(f"a.py:{n}:{line}" for n, line in enumerate(DIFF.split("\n"))),
        "\n".join(f"    {line}" for line in DIFF.split("\n")),
        "import x\n" + "x = 1\n" * 2_000 + f"TEXT = '''\n{DIFF}\n'''\n" + "y = 2\n" * 2_000,
        " 3 files changed, 20 insertions(+), 4 deletions(-)\n a.py | 4 ++--\n" * 5,
    ],
)
def test_what_is_no_diff_is_not_claimed(text):
    assert score(text) < 0
