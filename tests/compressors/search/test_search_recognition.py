"""What is a search result, and what has a better owner."""

import pytest

from headroom.compressors import Sample
from headroom.compressors.search import SearchResults


def score(*lines, tool="", source=""):
    return SearchResults().score(Sample("\n".join(lines), tool, source))


def numbered(form, count=12, step=7):
    return [
        form.format(path=f"src/part_{n % 3}.py", number=n * step + 1)
        for n in sorted(range(count), key=lambda n: (n % 3, n))
    ]


FORMS = {
    "path, line, text": numbered("{path}:{number}:    cache.load(x)"),
    "with columns": numbered("{path}:{number}:9:    cache.load(x)"),
    "windows": numbered("C:\\src\\{path}:{number}:    cache.load(x)"),
    "under headings": ["a/b.py", "3:load(x)", "19:load(y)", "", "a/c.py", "7:load(z)", "9:load(z)"],
    "agents' line words": ["Found 3 matches", "/a/b.ts:", "  Line 3: load", "  Line 19: load", "", "/a/c.ts:", "  Line 7: load"],
    "file words": ["Found 3 matches", "---", "File: src/a.ts", "L3: load", "L19: load", "---", "File: src/b.ts", "L5: load"],
    "piped": ["# src/a.ts", " 3 | load", " 19 | load", "----", "# src/b.ts", " 3 | load"],
    "in one file": [f"{n}:    self.load({n})" for n in (3, 9, 14, 70, 71, 93)],
    "files with counts": [f"/repo/src/part_{n}.py ({n + 1} matches)" for n in range(9)],
    "files below a header": ["Found 9 matches for \"a.py\" in /repo:", *(f"/repo/{n}/a.py" for n in range(9))],
    "names without numbers": [f"src/part_{n % 2}.py:    cache.load(x)" for n in sorted(range(9), key=lambda n: n % 2)],
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_search_results_are_taken(form):
    assert score(*FORMS[form]) > 0.5


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        (["a.py-1-import os", "a.py-2-", "a.py:3:load(x)", "a.py-4-pass"], "grep -rn -C2 load ."),
        (["1-import os", "2-", "3:load(x)", "4-pass"], "grep -n -C2 load a.py"),
        (["src/a.py:load(x)", "src/b.py:load(y)", "Makefile:load z"], "cd /repo && git grep load"),
        (["z.py:30:load(x)", "z.py:4:load(y)", "a.py:5: Load z"], '{"pattern": "load"}'),
        (["x" * 9_000 + ":1:y", "a.min.js:1:" + "y" * 9_000, "a.min.js:2:" + "y" * 9_000, "b.js:3:y"], "rg -n y"),
    ],
)  # fmt: skip
def test_a_search_command_tells_what_its_lines_alone_would_not(lines, source):
    tool = "Grep" if source.startswith("{") else "Bash"
    assert score(*lines, tool=tool, source=source) > 0.7


OTHERS = {
    "a linter": numbered("{path}:{number}:5: E501 line too long (101 > 100)"),
    "a type checker": numbered("{path}:{number}: error: Incompatible types in assignment"),
    "a compiler": numbered("{path}:{number}:9: warning: unused variable 'x'"),
    "a linter in brackets": numbered("[{path}:{number}:1] The line length is 91"),
    "lines in no order": numbered("{path}:{number}:text")[::-1],
    "a file that was read": [f"{n}:    line {n}" for n in range(1, 40)],
    "times": [f"10:00:{n:02} INFO served" for n in range(20)],
    "dates and times": [f"2026-03-01 10:{n}:11 INFO served" for n in range(20)],
    "keys and values": [f"key_{n}: value" for n in range(20)],
    "headers": ["Package: bash", "Version: 5.2", "Section: shells", "Priority: required"],
    "ports": [f"127.0.0.1:{n}: listening" for n in range(8000, 8020)],
    "paths alone": [f"src/part_{n}.py" for n in range(20)],
    "prose": ["This is a sentence.", "It goes on: here.", "And ends."],
    "numbers that fall": ["9:a", "3:b", "12:c", "4:d", "8:e", "2:f", "70:g"],
    "code": ["def f(x):", "    return x", "", "class A:", "    pass"],
    "too little": ["a.py:1:x", "b.py:2:x"],
    "names of tests": [f"tests/test_part.py::test_{n}" for n in range(20)],
    "names with a blank": [f"src/part_{n % 2}.py: ok" for n in range(9)],
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_kinds_are_left_to_their_owners(kind):
    assert score(*OTHERS[kind]) < 0


def test_a_file_that_was_read_by_its_lines_is_none():
    lines = [f"{n}:    self.load({n})" for n in (3, 9, 14, 70, 71, 93)]
    assert score(*lines, tool="Bash", source='{"command": "cat a.py"}') < 0


def test_keys_that_a_search_found_are_no_paths():
    lines = ["Package: bash", "Package: dash", "Package: zsh", "Package: fish"]
    assert score(*lines, tool="Bash", source='{"command": "grep Package control"}') < 0


def test_messages_of_a_tool_that_look_like_matches_are_less_sure():
    assert score("a/b.php:3:Call to a", "a/b.php:9:No such b", "a/c.php:9:Wrong") < 0.8


def test_it_recognises_a_result_of_any_size():
    assert score(*numbered("{path}:{number}:    cache.load(x)", 6_000)) > 0.9


def test_a_text_of_few_long_lines_may_have_no_whole_line_in_a_probe():
    assert score(*["word " * 4_000] * 5) < 0
