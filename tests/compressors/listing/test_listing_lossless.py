import pytest
from hypothesis import example, given, settings
from listing_making import long_lists, path_lists, recursive_lists, row_lists, trees
from listing_reading import read

from headroom.compressors import Sample
from headroom.compressors.listing import Listing
from headroom.compressors.listing.long_form import LongForm
from headroom.compressors.listing.paths import Paths
from headroom.compressors.listing.recursive import Recursive
from headroom.compressors.listing.tree import Tree
from headroom.edits import Fidelity
from headroom.policy import BALANCED, SAFE


def folded(form, text):
    """The text as the form says it, after reading it back."""
    out = form(text).fold({})
    assert out is None or read(out) == text
    return out


@settings(max_examples=60)
@given(path_lists())
def test_paths_read_back_as_they_were(text):
    folded(Paths, text)


@settings(max_examples=60)
@given(row_lists())
def test_paths_behind_something_read_back_as_they_were(text):
    folded(Paths, text)


@settings(max_examples=60)
@given(long_lists())
def test_rows_with_columns_read_back_as_they_were(text):
    folded(LongForm, text)


@settings(max_examples=60)
@given(trees())
def test_trees_read_back_as_they_were(text):
    folded(Tree, text)


@settings(max_examples=60)
@given(recursive_lists())
def test_recursive_listings_read_back_as_they_were(text):
    folded(Recursive, text)


def listed(text, policy=SAFE, **about):
    return Listing().compress(Sample(text, ref="abcdefgh", **about), policy)


def many(count, path="./src/pkg{}/file.py"):
    return "\n".join(path.format(number) for number in range(count))


def test_a_folder_is_said_once():
    text = "\n".join(f"./src/headroom/compressors/{name}.py" for name in NAMES * 8)
    out = listed(text)
    assert out.fidelity is Fidelity.LOSSLESS
    assert out.text.count("headroom") == 1
    assert read(out.text) == text


NAMES = ["engine", "edits", "errors", "library", "markers", "policy", "router", "seen"]


def test_names_that_count_up_become_a_range():
    text = "\n".join(f"./data/img_{number:04}.png" for number in range(1, 401))
    assert listed(text).text.split("\n")[1] == "./data/img_{0001..0400}.png"
    assert read(listed(text).text) == text


def test_a_few_paths_stay_whole_for_they_are_copied():
    assert listed(many(20)) is None


def test_sizes_and_names_of_long_rows_stay():
    rows = [f"-rw-r--r-- 1 root root {size} Apr  7 15:38 {size}.py" for size in range(9_000, 9_030)]
    out = listed("\n".join(["total 12", *rows]))
    assert "9007 9007.py" in out.text
    assert out.text.count("root") == 2


def test_a_row_unlike_the_rest_stands_as_it_was():
    odd = "-rwsr-xr-x 1 root root   77 Apr  7 15:38 sudo"
    rows = [f"-rw-r--r-- 1 root root {size} Apr  7 15:38 {size}.py" for size in range(9_000, 9_030)]
    text = "\n".join(["total 12", *rows, odd])
    assert odd in listed(text).text.split("\n")
    assert read(listed(text).text) == text


def test_a_row_unlike_the_rest_stands_behind_the_rest_of_a_line_that_was_cut():
    odd = "lrwxrwxrwx 1 root root    8 Apr  7 15:38 tool -> pkg/tool"
    rows = [f"-rw-r--r-- 1 root root {size} Apr  7 15:38 {size}.py" for size in range(9_000, 9_030)]
    text = "\n".join(["0 CONTRIBUTING.md", *rows[:9], odd, *rows[9:]])
    assert odd in listed(text).text.split("\n")
    assert read(listed(text).text) == text


ARCHIVE = [
    "drwxr-xr-x root/root         0 2026-11-22 12:40 docs/",
    *[
        f"-rw-r--r-- root/root {size:>9} 2026-11-22 12:40 docs/{size}.md"
        for size in range(900, 930)
    ],
    "-rwxr-xr-x root/root       120 2026-11-22 12:40 docs/run me",
    *[
        f"-rw-r--r-- root/root {size:>9} 2026-11-22 12:40 src/a/{size}.py"
        for size in range(900, 930)
    ],
    "lrwxrwxrwx root/root         0 2026-11-22 12:40 src/link -> docs/900.md",
]
ZIPPED = [
    "Archive:  x.zip",
    "  Length      Date    Time    Name",
    "---------  ---------- -----   ----",
    *[f"{size:>9}  2026-11-22 12:40   docs/deep/{size}.md" for size in range(900, 930)],
    "        7  2026-11-22 12:41   one name.md",
    "---------                     -------",
    "    30260                     31 files",
]
FOUND = [
    f"{5318045 + size:>9} {4:>6} -rw-r--r--   1 root     root     {size:>8} Nov 22 10:14 ./src/{size}.py"
    for size in range(900, 930)
]


@pytest.mark.parametrize("lines", [ARCHIVE, ZIPPED, FOUND], ids=["tar", "unzip", "find -ls"])
def test_rows_that_name_their_folders_stand_below_them(lines):
    text = "\n".join(lines)
    out = listed(text)
    assert len(out.text) < 0.6 * len(text)
    assert read(out.text) == text


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["[3 paths]", *many(200).split("\n")]),
        "\n".join([" indented", ".", "├── a", "│   └── b", "└── c", "", "2 directories"]),
        "\n".join([".", "├── a", "│   └── b", "├── c", "", "not closed"]),
        "\n".join([*FOUND, "  1 4 lrwxrwxrwx 1 root root 8 Nov 22 10:14 ./l -> ./m"]),
    ],
    ids=["our own header", "indented lines", "a torn tree", "links with inodes"],
)
def test_what_could_not_be_read_back_is_left(text):
    assert listed(text) is None


def test_a_line_that_could_be_a_short_row_is_told_from_them_by_their_count():
    rows = [f"-rw-r--r-- 1 root root {n} Apr  7 15:38 {n}.py" for n in range(10, 40)]
    text = "\n".join(["12 apples", *rows, "13 pears"])
    out = listed(text).text
    assert out.split("\n")[1].startswith("[30 rows of ls -l")
    assert read(out) == text


def test_rows_that_begin_in_other_columns_stay():
    text = "\n".join(f"{10 ** (n % 4)} src/one/two/three/file{n}.py" for n in range(99))
    assert Paths(text).fold({}) is None


@pytest.mark.parametrize("form", [Recursive, Tree, LongForm, Paths])
def test_a_form_leaves_what_is_not_of_its_form(form):
    assert form("two words\n\nand three more").fold({}) is None
    assert LongForm("no rows").entries() == []


@pytest.mark.parametrize("text", ["", "x\n" * 50, "no listing at all\n" * 50])
def test_what_is_no_listing_is_left(text):
    assert listed(text, BALANCED) is None


@settings(max_examples=40)
@given(path_lists())
@example("")
def test_safe_never_omits(text):
    out = listed(text)
    assert out is None or read(out.text) == text
