"""Code is claimed by the file that was read and by its look; what others know better is not."""

import json

import pytest
from code_reading import numbered

from headroom.compressors import Sample
from headroom.compressors.code import Code

TEXT = "\n".join(
    f"""
class Reader{n}(Base):
    def __init__(self, path, limit=3):
        self.path = path
        self.limit = limit

    def read(self):
        with open(self.path) as lines:
            for line in lines:
                if len(line) > self.limit:
                    yield line
        return None
"""
    for n in range(6)
)
SCORE = Code().score


def read(path):
    return {"tool": "Read", "source": json.dumps({"file_path": path})}


def test_a_read_source_file_is_surely_code():
    assert SCORE(Sample(TEXT, **read("src/a.py"))) >= 0.9
    assert SCORE(Sample(numbered(TEXT), **read("src/a.py"))) >= 0.9
    assert SCORE(Sample(TEXT, "bash", '{"command": "cat src/a.py"}')) >= 0.9
    assert SCORE(Sample(f"==> src/a.py <==\n{TEXT}")) >= 0.8


def test_code_is_told_by_its_look_alone():
    assert 0.6 <= SCORE(Sample(TEXT)) < 0.9
    assert SCORE(Sample(numbered(TEXT))) >= 0.8
    assert SCORE(Sample(TEXT * 40)) >= 0.6


OTHERS = {
    "a diff": "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,40 +1,40 @@\n"
    + "\n".join(f" {line}" for line in TEXT.split("\n")),
    "matches": "\n".join(f"src/a.py:{n}:    {line}" for n, line in enumerate(TEXT.split("\n"))),
    "leaping matches": "\n".join(f"{3 * n + n // 4}:    return value;" for n in range(1, 60)),
    "a log": "\n".join(f"2026-03-01 10:00:{n:02} INFO run(a); {{" for n in range(60)),
    "frames": "Traceback (most recent call last):\n"
    + "\n".join(f'  File "/a.py", line {n}, in run\n    return run(value)' for n in range(30)),
    "JSON": json.dumps([{"a": "def run():"}] * 30, indent=1),
    "a page": "<!DOCTYPE html>\n<html>\n<script>\n" + "var a = b();\n" * 40,
    "a document": f"# Title\n\nSome words about it.\n\n```python\n{TEXT}\n```\n\n```\n{TEXT}\n```\n",
    "words": "\n".join("The quick brown fox jumps over the lazy dog again." for _ in range(60)),
    "a compiler": "\n".join(f"a.c:{n}:3: error: expected ';' before '}}'\n    return a(b)" for n in range(30)),
    "three lines": "def run():\n    return 1\n",
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_others_know_better_is_not_claimed(name):
    assert SCORE(Sample(OTHERS[name])) < 0


@pytest.mark.parametrize("path", ["README.md", "a.json", "notes.txt", "a.rst", "a.log"])
def test_files_of_other_kinds_are_not_claimed(path):
    assert SCORE(Sample(TEXT, **read(path))) < 0
    assert SCORE(Sample(f"==> docs/{path} <==\n{TEXT}")) < 0


def test_what_a_search_prints_is_not_claimed():
    assert SCORE(Sample(TEXT, "bash", '{"command": "grep -A 50 def src/a.py"}')) < 0
    assert SCORE(Sample(TEXT, "bash", '{"command": "cd src && rg -C 9 def"}')) < 0


def test_a_read_of_an_unknown_kind_is_code_if_it_looks_so():
    assert SCORE(Sample(TEXT, **read("src/Makefile.thing"))) >= 0.8
    assert SCORE(Sample("just some words of text\n" * 30, **read("src/a.py"))) < 0
