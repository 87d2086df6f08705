import re

import pytest
from hypothesis import given, settings
from listing_making import long_lists, path_lists, recursive_lists, row_lists, trees
from listing_reading import GAP, number, read

from headroom.compressors import Sample
from headroom.compressors.listing import Listing, omit
from headroom.compressors.listing.gaps import footer
from headroom.compressors.listing.long_form import LongForm
from headroom.compressors.listing.paths import Paths
from headroom.compressors.listing.recursive import Recursive
from headroom.compressors.listing.tree import Tree
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED, SAFE

REF = "abcdefgh"


def shortened(text, policy=AGGRESSIVE, **about):
    return Listing().compress(Sample(text, ref=REF, **about), policy)


def with_gaps(form, text):
    """The gaps where as much as may be is left out, and the text with them."""
    cut = form(text)
    gaps = omit.choose(cut.entries(), "", "", 10**9)
    return gaps, cut.fold({gap.start: gap for gap in gaps})


def restored(out, text):
    """The lines of a text with gaps, each gap replaced by the lines it says it stands for."""
    lines = text.split("\n")
    back = []
    for line in read(out).split("\n"):
        found = GAP.search(line)
        if found is None:
            back.append(line)
            continue
        end = number(found[3])
        hidden = lines[number(found[2] or found[3]) - 1 : end]
        assert len(hidden) == number(found[1])
        back += hidden
    return back


@settings(max_examples=60)
@given(path_lists())
def test_gaps_in_paths_stand_for_what_is_missing(text):
    _, out = with_gaps(Paths, text)
    assert out is None or restored(out, text) == text.split("\n")


@settings(max_examples=60)
@given(row_lists())
def test_gaps_in_rows_stand_for_what_is_missing(text):
    _, out = with_gaps(Paths, text)
    assert out is None or restored(out, text) == text.split("\n")


@settings(max_examples=60)
@given(long_lists())
def test_gaps_in_long_rows_stand_for_what_is_missing(text):
    _, out = with_gaps(LongForm, text)
    if out is not None:
        # Padding follows from the rows that are shown, so here only the fields are compared.
        assert [line.split() for line in restored(out, text)] == [
            line.split() for line in text.split("\n")
        ]


@settings(max_examples=60)
@given(trees())
def test_gaps_in_trees_stand_for_what_is_missing(text):
    _, out = with_gaps(Tree, text)
    if out is not None:
        bars = re.compile(r"[│├└─|`\s\xa0-]*")
        assert [bars.sub("", line) for line in restored(out, text)] == [
            bars.sub("", line) for line in text.split("\n")
        ]


@settings(max_examples=60)
@given(recursive_lists())
def test_gaps_in_recursive_listings_stand_for_what_is_missing(text):
    _, out = with_gaps(Recursive, text)
    if out is not None:
        names = [line for line in restored(out, text) if line and not line.endswith(":")]
        assert names == [line for line in text.split("\n") if line and not line.endswith(":")]


def project(*extra):
    """A project with its dependencies, as `find` lists it."""
    vendored = [
        f"./node_modules/pkg{n}/lib/{k * n * 7919 % 100_003}.js"
        for n in range(160)
        for k in range(9)
    ]
    source = [f"./src/app/views/{name}.ts" for name in ("login", "cart", "order", "search")]
    names = [
        "red",
        "blue",
        "green",
        "sand",
        "iron",
        "jade",
        "ruby",
        "opal",
        "onyx",
        "gold",
        "zinc",
        "lead",
        "coal",
        "salt",
        "tin",
        "fog",
    ]
    deep = [f"./src/app/views/parts/icons/{name}.svg" for name in names]
    return "\n".join(["./README.md", "./package.json", *vendored, *source, *deep, *extra])


def test_vendored_folders_become_counts():
    out = shortened(project(), BALANCED)
    assert out.fidelity is Fidelity.RECOVERABLE
    assert " node_modules/: [… 1,440 lines, 3-1442: 1,440 .js]" in out.text
    assert "login.ts cart.ts order.ts search.ts" in out.text
    assert omissions(out.text)[0].what == "1,440 lines omitted, counted in place"


def test_what_the_question_names_stays_in_a_vendored_folder():
    out = shortened(
        project("./node_modules/pkg7/lib/tokenizer.js"), BALANCED, query="tokenizer.js?"
    )
    assert "pkg7/lib/tokenizer.js" in out.text


def test_a_vendored_folder_that_is_asked_for_is_not_vendored():
    lines = [f"./node_modules/pkg{n}/index{n}.js" for n in range(400)]
    assert shortened("\n".join(lines), BALANCED).fidelity is Fidelity.LOSSLESS


@pytest.mark.parametrize(
    "about",
    [
        {"query": "what is in node_modules?"},
        {"tool": "Bash", "source": '{"command": "find . -path \'./node_modules/*\'"}'},
    ],
)
def test_a_vendored_folder_that_is_named_is_not_vendored(about):
    assert " lines, 3-1442: " not in shortened(project(), BALANCED, **about).text


def test_deep_folders_are_thinned_and_near_ones_are_not():
    names = [f"{letter}{n}x{n * 7}.bin" for n in range(60) for letter in "qz"]
    near = [f"./data/near/{name}" for name in names]
    deep = [f"./data/a/b/c/{name}" for name in [*names, "README.md", "odd.toml"]]
    out = shortened("\n".join([*near, *deep]))
    assert all(name in out.text for name in names)
    assert "c/: q0x0.bin z0x0.bin [… 118 lines, 123-240: 118 .bin] README.md odd.toml" in out.text


def test_folders_stay_named_however_deep():
    lines = []
    for n in range(30):
        lines += [
            f"./a/b/c/d/kind{n}q",
            *[f"./a/b/c/d/kind{n}q/w{k}e{k * k}.txt" for k in range(30)],
        ]
    out = shortened("\n".join(lines)).text
    assert all(f"kind{n}q" in out for n in range(30))


def test_folders_in_a_long_run_stay_named():
    names = [f"w{k}e{k * k}" for k in range(60)]
    lines = [f"./a/b/c/d/{name}" for name in names] + [
        f"./a/b/c/d/{names[30]}/x{k * k}" for k in range(9)
    ]
    lines += [f"./a/b/c/d/e/{name}.txt" for name in names]
    _, out = with_gaps(Paths, "\n".join(["./x", *lines]))
    assert "w30e900 [… 28 lines, 33-60: 28 other]" in out


def test_folders_alone_are_never_thinned():
    lines = [f"./a/b/c/d/kind{n}q{n * n}" for n in range(600)]
    sample = {"tool": "Bash", "source": '{"command": "find . -type d"}'}
    assert shortened("\n".join(lines), **sample).fidelity is Fidelity.LOSSLESS


def test_changed_files_are_all_shown():
    lines = [f" M src/one/two/three/four/five{n}q{n * n}.py" for n in range(190)]
    assert shortened("\n".join(lines)).fidelity is Fidelity.LOSSLESS
    more = [" M README.md", *[f" M src/one/two/three/four/five{n}q{n * n}.py" for n in range(400)]]
    assert shortened("\n".join(more)).fidelity is Fidelity.RECOVERABLE


def test_the_contents_of_a_vendored_folder_in_a_recursive_long_listing_go_with_their_heading():
    inside = [f"-rw-r--r-- 1 root root {n:>4} Apr  7 15:38 file{n}.py" for n in range(1000, 1300)]
    lines = [
        ".:",
        "total 8",
        *inside[:9],
        "",
        "./.venv:",
        "total 9",
        *inside,
        "",
        "./src:",
        *inside[:5],
    ]
    out = shortened("\n".join(lines)).text
    assert "./.venv/: [… 303 lines, 13-315: 300 .py]" in out
    assert "./src:" in out.split("\n")


def test_a_tree_keeps_its_folders_and_counts_the_middle_of_deep_ones():
    deep = ["│   └── b", "│       └── c", "│           └── d"]
    leaves = [f"│               ├── w{n}x{n * n}.txt" for n in range(300)]
    text = "\n".join([".", "├── a", *deep, *leaves, "│               └── z.md", "└── e"])
    out = shortened(text).text.split("\n")
    assert [line.strip() for line in out[1:6]] == [".", "a/", "b/", "c/", "d/"]
    assert out[6:9] == [
        "     w0x0.txt w1x1.txt",
        "     [… 298 lines, 8-305: 298 .txt]",
        "     z.md",
    ]


def test_a_tree_with_a_name_a_line_has_gaps_too():
    leaves = [f"│   ├── [ {n}K]  w{n}.txt" for n in range(300)]
    text = "\n".join([".", "├── node_modules", *leaves, "│   └── [ 12K]  z", "└── [ 12K]  e"])
    _, out = with_gaps(Tree, text)
    assert out.split("\n")[2:] == [
        " node_modules",
        "  [… 301 lines, 3-303: 300 .txt, 1 other]",
        " [ 12K]  e",
    ]


def test_a_tree_with_sizes_has_a_name_a_line():
    leaves = [f"│   ├── [ 12K]  w{n}.txt" for n in range(300)]
    text = "\n".join([".", "├── [4.0K]  dist", *leaves, "│   └── [ 12K]  z", "└── [ 12K]  e"])
    lossless = shortened(text, SAFE).text
    assert "  [ 12K]  w7.txt" in lossless.split("\n")
    assert read(lossless) == text


def test_rows_that_name_their_folders_have_gaps_too():
    row = "-rw-r--r-- root/root {:>9} 2026-11-22 12:40 {}"
    inside = [row.format(n, f"x/node_modules/{n * n}.js") for n in range(500)]
    text = "\n".join(
        [row.format(1, "x/a.py"), *inside, row.format(2, "x/b.py"), row.format(3, "y/c.py")]
    )
    gaps, out = with_gaps(LongForm, text)
    assert restored(out, text) == text.split("\n")
    assert out.startswith("[503 rows of tar tv")
    assert [gap.text for gap in gaps] == ["[… 500 lines, 2-501: 500 .js]"]


def test_a_folder_of_a_recursive_listing_goes_with_its_heading():
    names = [f"w{n}x{n * n}.js" for n in range(400)]
    vendored = ["./node_modules:", *names, "", "./node_modules/x:", "y", ""]
    text = "\n".join([".:", "a", "b", "", *vendored, "./src:", "c", "", "./z:", "d"])
    assert "node_modules/: [… 405 lines, 5-409: 400 .js, 1 other]" in shortened(text).text


def test_the_middle_of_a_deep_folder_of_a_recursive_listing_goes():
    names = [f"w{n}x{n * n}.js" for n in range(400)]
    text = "\n".join([".:", "a", "", "./a/b/c/d:", *names, "", "./e:", "f"])
    assert "w0x0.js w1x1.js [… 397 lines, 7-403: 397 .js] w399x159201.js" in shortened(text).text


def test_without_a_ref_nothing_is_omitted():
    out = Listing().compress(Sample(project()), AGGRESSIVE)
    assert out.fidelity is Fidelity.LOSSLESS


def test_the_safe_policy_omits_nothing():
    assert shortened(project(), SAFE).fidelity is Fidelity.LOSSLESS


def test_a_gap_of_one_line_says_so():
    gaps, _ = with_gaps(Paths, "\n".join(["./a", "./node_modules/" + "x" * 80, "./b", "./c"]))
    assert [gap.text for gap in gaps] == ["[… 1 line, 2: 1 other]"]
    assert footer(gaps, REF).startswith("[… 1 line omitted")


@pytest.mark.parametrize("entries", [[], ["./a"]])
def test_of_next_to_nothing_nothing_is_omitted(entries):
    assert omit.choose(Paths("\n".join(entries)).entries(), "", "", 10**9) == []
