import pytest

from headroom.compressors import Sample
from headroom.compressors.listing import Listing

PATHS = [f"src/pkg{n}/mod.py" for n in range(12)]
ROW = "-rw-r--r-- 1 root root 4096 Apr  7 15:38 a.py"
LISTINGS = {
    "ls -l": [ROW] * 6,
    "tree": [".", "├── a", "│   ├── b", "│   └── c", "└── d"],
    "ls -R": ["src:", "a.py", "b", "", "src/b:", "c.py", "d.py", "", "src/b/e:", "f"],
    "paths": PATHS,
    "git status": [
        "On branch main",
        "Changes not staged for commit:",
        *["\tmodified:   src/a.py"] * 4,
    ],
    "porcelain": [f" M {path}" for path in PATHS],
    "wc": [f"{n:>6} {path}" for n, path in enumerate(PATHS)],
    "hashes": [f"{'0f' * 20}  {path}" for path in PATHS],
}
OTHERS = {
    "matches": [f"{path}:12:def f():" for path in PATHS],
    "places": [f"{path}:12" for path in PATHS],
    "addresses": [f"https://example.org/{path}" for path in PATHS],
    "tests": [f"{path}::test_it" for path in PATHS],
    "prose": ["This is a sentence and/or two, with words in it."] * 9,
    "diff": ["--- a/x.py", "+++ b/x.py", "@@ -1,2 +1,2 @@", "-old", "+new", " same"],
    "build targets": ["all:", "\tcc -o a a.c", "", "clean:", "\trm a", "", "test:", "\t./a"],
    "short": PATHS[:2],
    "empty headings": ["a:", "", "b:", "", "c:", "", "d:", ""],
}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_is_claimed(name):
    assert Listing().score(Sample("\n".join(LISTINGS[name]))) >= 0.8


@pytest.mark.parametrize("name", OTHERS)
def test_what_others_own_is_not(name):
    assert Listing().score(Sample("\n".join(OTHERS[name]))) < 0


def test_the_command_that_made_a_text_makes_surer():
    text = "\n".join([*PATHS[:4], *["another tool's own words"] * 8])
    assert Listing().score(Sample(text)) < 0
    assert (
        Listing().score(Sample(text, "Bash", '{"command": "cd x && find . -name mod.py"}')) == 0.5
    )
    assert Listing().score(Sample("\n".join(PATHS), "Glob")) > Listing().score(
        Sample("\n".join(PATHS))
    )


def test_a_long_text_is_judged_by_its_head_middle_and_end():
    prose = ["a sentence of many words that names no path at all"] * 900
    assert Listing().score(Sample("\n".join([*PATHS * 20, *prose]))) < 0
    assert Listing().score(Sample("\n".join(PATHS * 2_000))) == 0.8
