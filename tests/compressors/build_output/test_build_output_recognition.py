"""Runs are told from what others own."""

import pytest

from headroom.compressors import Sample
from headroom.compressors.build_output import BuildOutput


def score(text, tool="", source=""):
    return BuildOutput().score(Sample(text, tool, source))


RUNS = {
    "pytest": "===== test session starts =====\ncollected 3 items\n\ntests/test_a.py ...  [100%]\n",
    "pytest -q": "...F..\n3 failed, 4 passed in 0.12s\n",
    "unittest": "test_a (tests.A) ... ok\nRan 1 test in 0.001s\n\nOK\n",
    "cargo": "running 2 tests\ntest a ... ok\ntest b ... FAILED\n",
    "go": "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \texample.org/a\t0.01s\n",
    "go json": '{"Time":"2026-03-01T09:00:00Z","Action":"run","Package":"example.org/a","Test":"TestA"}\n',
    "jest": "PASS src/a.test.js\nTest Suites: 1 passed, 1 total\n",
    "maven": "[INFO] Scanning for projects...\n[INFO] BUILD SUCCESS\n",
    "gradle": "> Task :compileJava\n> Task :test\n\nBUILD SUCCESSFUL in 3s\n",
    "rustc": "error[E0308]: mismatched types\n --> src/a.rs:3:5\n  |\n3 |     x\n",
    "gcc": "a.c:3:5: error: 'x' undeclared\na.c:4:5: warning: unused 'y'\na.c:5:5: error: 'z'\n",
    "tsc": "src/a.ts(3,5): error TS2322: no.\nsrc/b.ts(3,5): error TS2322: no.\nsrc/c.ts(3,5): error TS2322: no.\n",
    "golint": "a.go:3:5: exported var V\na.go:4:5: exported var W\na.go:5:5: exported var X\n",
    "on a runner": "2026-03-01T09:00:00.1234567Z ##[group]Run make\n2026-03-01T09:00:01.1234567Z make\n",
    "pip": "Collecting orjson\n  Downloading orjson-3.10.whl\nSuccessfully installed orjson-3.10\n",
    "docker": "#5 [2/3] RUN make\n#5 0.312 gcc -c a.c\n#5 DONE 0.5s\n",
}
OTHERS = {
    "nothing": "",
    "json": '{"errors": [{"path": "a.py", "message": "1 failed, 2 passed in 0.1s"}]}',
    "an array": '[\n  {"name": "BUILD SUCCESS"}\n]',
    "markup": "<html><body>BUILD SUCCESS</body></html>",
    "diff": "diff --git a/t.py b/t.py\n--- a/t.py\n+++ b/t.py\n@@ -1 +1 @@\n-3 failed, 4 passed in 0.12s\n+x\n",
    "commit": f"commit {'a' * 40}\nAuthor: A\n\n    Ran 3 tests in 0.1s\n",
    "search": "a.py:3:def f():\na.py:9:    f()\nb.py:1:import a\nb.py:4:    a.f()\n",
    "search of a log": "run.log:3:--- FAIL: TestA (0.00s)\nrun.log:9:--- FAIL: TestB (0.00s)\nrun.log:12:FAIL\n",
    "numbered file": "     1\tRan 3 tests in 0.1s\n     2\tOK\n     3\tend\n",
    "service log": "2026-03-01 09:00:00 INFO served request 1\n2026-03-01 09:00:01 ERROR request 2 failed\n"
    * 9,
    "code": "def f():\n    raise ValueError('error')\n\nclass A:\n    pass\n",
    "document": "# Testing\n\n```\n3 failed, 4 passed in 0.12s\n```\n\n## Building\n\nRun make.\n",
    "prose": "The tests failed because of an error in the build. Nobody knows why.\n",
    "listing": "src/a.py\nsrc/b.py\nsrc/error.py\n",
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_mine(name):
    assert score(RUNS[name]) >= 0.6


@pytest.mark.parametrize("name", OTHERS)
def test_what_another_owns_is_not_mine(name):
    assert score(OTHERS[name]) < 0


def test_a_read_source_file_is_not_mine_whatever_it_quotes():
    source = '{"file_path": "tests/data.py"}'
    assert score(RUNS["unittest"], "Read", source) < 0
    assert score(RUNS["unittest"], "bash", '{"command": "python -m unittest"}') > 0.9


def test_a_command_that_builds_makes_up_for_weak_signs():
    text = "Linting the tree\nall is well\n"
    assert score(text) < 0
    assert score(text, "bash", '{"command": "npm run lint"}') > 0.8


def test_a_run_is_recognised_by_signs_in_its_middle():
    filler = "words of no meaning stand here\n" * 2_000
    assert score(filler + RUNS["pytest"] * 200 + filler) > 0.9
    assert score(filler) < 0


def test_installers_are_likely_without_a_command():
    assert 0.5 < score("Collecting a\nDownloading a.whl\nCollecting b\nnothing more\n") < 0.8


TRACEBACK = (
    "Traceback (most recent call last):\n"
    + '  File "a.py", line 3, in f\n    g()\n' * 9
    + "ValueError: x\n"
)


def test_a_program_that_printed_much_and_failed_is_not_mine_but_its_traceback_alone_is():
    assert score("row of figures 1 2 3\n" * 200 + TRACEBACK) < 0
    assert score(TRACEBACK) > 0.5
