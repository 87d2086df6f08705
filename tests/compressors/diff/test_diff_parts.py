"""The parts of the diff compressor: files and hunks, who wrote a file, what a lock file moves."""

import pytest
from diff_making import git_diff, numbered

from headroom.compressors.diff.origins import origin
from headroom.compressors.diff.reading import files
from headroom.compressors.diff.versions import told


def one_file(path, *hunk):
    lines = [f"--- a/{path}", f"+++ b/{path}", *hunk]
    return lines, files(lines)[0]


def said(path, *hunk, query="", room=300):
    return told(*one_file(path, *hunk), query, room)


def hunk_of(*body):
    old = sum(line[:1] in " -" for line in body)
    new = sum(line[:1] in " +" for line in body)
    return (f"@@ -1,{old} +1,{new} @@", *body)


def test_a_removed_line_that_looks_like_a_header_stays_in_its_hunk():
    lines, file = one_file("x.sql", *hunk_of("--- a/y", "+++ b/y", " kept"), "", "--- a/z")
    assert (file.path, file.end) == ("x.sql", 6)
    assert lines[file.hunks[0].start] == "@@ -1,2 +1,2 @@"
    assert file.hunks[0].whole


def test_hunks_without_counts_and_notes_about_the_last_line_are_read():
    _, file = one_file(
        "x",
        "@@ -1 +1 @@",
        "-a",
        "\\ No newline at end of file",
        "+b",
        "\\ No newline at end of file",
    )
    assert file.hunks[0].signs == "-\\+\\"
    assert file.end == 7


def test_blank_lines_that_lost_their_sign_are_unchanged_ones():
    _, file = one_file("x", "@@ -1,3 +1,3 @@", "-a", "+b", "", "\r")
    assert file.hunks[0].signs == "-+  "
    assert file.hunks[0].whole


def test_a_hunk_that_ends_early_is_not_whole():
    _, file = one_file("x", "@@ -1,9 +1,9 @@", "-a", "+b", "[truncated]", " c")
    assert (file.end, file.hunks[0].whole) == (5, False)
    _, file = one_file("x", "@@ -1,9 +1,9 @@", "-a")
    assert not file.hunks[0].whole


def test_a_line_that_only_begins_like_a_hunk_ends_the_file():
    _, file = one_file("x", "@@ -1 +1 @@", "-a", "+b", "@@ unfinished")
    assert file.end == 5


def test_files_follow_each_other_without_a_line_between():
    lines = [
        "--- a",
        "+++ a",
        "@@ -1 +1 @@",
        "-a",
        "+b",
        "--- c\t2026-01-01",
        "+++ c\t2026-01-02",
        "@@ -1 +1 @@",
        "-a",
        "+b",
    ]
    assert [(file.path, file.start, file.end) for file in files(lines)] == [
        ("a", 0, 5),
        ("c", 5, 10),
    ]


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (
            [
                "Index: src/x.c",
                "=" * 60,
                "--- src/x.c\t(revision 1)",
                "+++ src/x.c\t(working copy)",
            ],
            "src/x.c",
        ),
        (
            [
                "diff -r 0123456789ab src/x.c",
                "--- a/src/x.c\tThu Jan 01",
                "+++ b/src/x.c\tThu Jan 01",
            ],
            "src/x.c",
        ),
        (
            ["diff -ru one/x.c two/x.c", "--- one/x.c\t2026-01-01", "+++ two/x.c\t2026-01-01"],
            "two/x.c",
        ),
        (
            ["diff --git a/x.c b/x.c", "deleted file mode 100644", "--- a/x.c", "+++ /dev/null"],
            "x.c",
        ),
        (["diff --git i/x.c w/x.c", "--- i/x.c", "+++ w/x.c"], "x.c"),
        (
            [
                'diff --git "a/\\303\\251.c" "b/\\303\\251.c"',
                '--- "a/\\303\\251.c"',
                '+++ "b/\\303\\251.c"',
            ],
            "\\303\\251.c",
        ),
        (["index 3f78685..89e6c98"], ""),
        (["Index: src/x.c\r"], "src/x.c"),
    ],
)
def test_the_path_is_the_new_name_without_a_prefix(header, path):
    (file,) = files([*header, "@@ -1 +1 @@", "-a", "+b"])
    assert (file.path, file.body) == (path, len(header))


def test_names_at_the_end_of_a_text_are_no_file():
    assert files(["--- a/x", "+++ b/x"]) == []
    assert files(["--- a/x"]) == []


def test_a_merge_hunk_counts_for_every_parent():
    body = [
        "  both",
        "++new",
        "- one",
        " -two",
        "--three",
        "\\ No newline at end of file",
        "  end",
        "  beyond",
    ]
    lines = ["diff --combined x.py", "index 1,2..3", "@@@ -1,4 -1,4 +1,3 @@@ def f():", *body]
    (file,) = files(lines)
    assert (file.path, file.end) == ("x.py", 10)
    assert file.hunks[0].signs == " +---\\ "
    assert file.hunks[0].whole


def test_a_merge_hunk_that_ends_early_is_not_whole():
    (file,) = files(["diff --cc x.py", "@@@ -1,4 -1,4 +1,3 @@@", "  both", "diff --cc y.py"])
    assert (file.end, file.hunks[0].whole) == (3, False)


def test_a_binary_patch_ends_with_its_blocks():
    lines = [
        "diff --git a/x b/x",
        "GIT binary patch",
        "delta 9",
        "zabc",
        "",
        "literal 0",
        "HcmV",
        "",
        "diff --git a/y b/y",
    ]
    assert files(lines)[0].end == 8
    assert files(lines[:4])[0].end == 4


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("package-lock.json", "lock file"),
        ("deep/down/Cargo.lock", "lock file"),
        ("go.sum", "lock file"),
        ("Gemfile.lock", "lock file"),
        ("flake.lock", "lock file"),
        ("vendor/github.com/x/y.go", "vendored"),
        ("web/node_modules/x/package-lock.json", "lock file"),
        ("third_party/zlib/inflate.c", "vendored"),
        ("api/service.pb.go", "generated"),
        ("api/service_pb2.py", "generated"),
        ("src/client_generated.ts", "generated"),
        ("src/__snapshots__/page.test.js.snap", "generated"),
        ("dist/index.html", "generated"),
        ("assets/jquery-3.7.min.js", "minified"),
        ("static/app.css.map", "generated"),
        ("src/lock.py", ""),
        ("src/vendor.py", ""),
        ("src/distribution/x.py", ""),
        ("src/generated_code_reader.py", ""),
        ("go.mod", ""),
        ("package.json", ""),
        ("pyproject.toml", ""),
        ("docs/go.sum.md", ""),
        ("src/admin.js", ""),
    ],
)
def test_a_machine_made_file_is_known_by_its_path(path, kind):
    assert origin(*one_file(path, *hunk_of("-a", "+b"))) == kind


@pytest.mark.parametrize(
    "line",
    [
        "// Code generated by mockgen. DO NOT EDIT.",
        "# @generated by pip-compile",
        "/* @generated */",
        "<!-- DO NOT EDIT -->",
    ],
)
def test_a_file_that_says_at_its_head_that_it_is_generated_is_believed(line):
    assert origin(*one_file("x.go", *hunk_of(f" {line}", "-a", "+b"))) == "generated"
    assert origin(*one_file("x.go", "@@ -40,2 +40,2 @@", f" {line}", "-a", "+b")) == ""
    assert origin(*one_file("x.go", *hunk_of(f'+print("{line}")', "-a", "+b"))) == ""


def test_lines_that_no_person_writes_make_a_file_minified():
    code = "function(a,b){return!a&&b||c(d)};" * 100
    assert origin(*one_file("x.js", *hunk_of(f"-{code}", f"+{code}1"))) == "minified"
    words = "people do write long paragraphs on one line " * 100
    assert origin(*one_file("x.md", *hunk_of(f"-{words}", f"+{words}1"))) == ""
    short = ["+" + "x" * 30] * 40
    assert origin(*one_file("x.js", *hunk_of(f"-{code}", *short))) == ""


MOVES = {
    "Cargo.lock": (
        ' name = "serde"',
        '-version = "1.0.1"',
        '+version = "1.0.2"',
        ' source = "registry"',
    ),
    "uv.lock": (" [[package]]", ' name = "serde"', '-version = "1.0.1"', '+version = "1.0.2"'),
    "package-lock.json": (
        '     "node_modules/a/node_modules/serde": {',
        '-      "version": "1.0.1",',
        '+      "version": "1.0.2",',
    ),
    "composer.lock": (
        '             "name": "serde",',
        '-            "version": "1.0.1",',
        '+            "version": "1.0.2",',
    ),
    "yarn.lock": ("-serde@^1.0.1:", '-  version "1.0.1"', "+serde@^1.0.2:", '+  version "1.0.2"'),
    "pnpm-lock.yaml": ("-  serde@1.0.1:", "+  serde@1.0.2:"),
    "Gemfile.lock": ("-    serde (1.0.1)", "+    serde (1.0.2)", "       serde (~> 1.0)"),
    "Podfile.lock": ("-  - serde (1.0.1):", "+  - serde (1.0.2):"),
    "mix.lock": (
        '-  "serde": {:hex, :serde, "1.0.1", "ab"},',
        '+  "serde": {:hex, :serde, "1.0.2", "cd"},',
    ),
    "bun.lock": (
        '-    "serde": ["serde@1.0.1", "", {}],',
        '+    "serde": ["serde@1.0.2", "", {}],',
    ),
}


@pytest.mark.parametrize("path", MOVES)
def test_the_move_of_a_package_is_told(path):
    assert said(path, *hunk_of(*MOVES[path])) == "serde 1.0.1 → 1.0.2"
    assert said(path, *(f"{line}\r" for line in hunk_of(*MOVES[path]))) == "serde 1.0.1 → 1.0.2"


@pytest.mark.parametrize(
    ("path", "lines", "words"),
    [
        ("yarn.lock", ['-"@types/node@npm:^20":', "-  version: 20.1.0", '+"@types/node@npm:^20":', "+  version: 20.2.0"],
         "@types/node 20.1.0 → 20.2.0"),
        ("pnpm-lock.yaml", ["-  /@types/node/20.1.0:", "+  '@types/node@20.2.0(x@1)':"], "@types/node 20.1.0 → 20.2.0"),
        ("go.sum", ["-example.org/x/y v1.2.3 h1:aa=", "-example.org/x/y v1.2.3/go.mod h1:bb=", "+example.org/x/y v1.3.0 h1:cc="],
         "example.org/x/y v1.2.3 → v1.3.0"),
        ("Pipfile.lock", ['         "idna": {', '-            "version": "==3.6"', '+            "version": "==3.7"'],
         "idna ==3.6 → ==3.7"),
    ],
)  # fmt: skip
def test_names_in_the_dress_of_their_format_are_told(path, lines, words):
    assert said(path, *hunk_of(*lines)) == words


def test_new_and_gone_packages_and_several_versions_are_told():
    lines = [
        "+a@^1:",
        '+  version "1.1"',
        "+a@^2:",
        '+  version "2.2"',
        "-b@1:",
        '-  version "1.0"',
        " c@1:",
        '   version "1.0"',
    ]
    assert said("yarn.lock", *hunk_of(*lines)) == "new a 1.1 and 2.2, gone b 1.0"


def test_a_package_that_only_moved_its_place_is_not_told():
    assert (
        said("yarn.lock", *hunk_of("-b@1:", '-  version "1.0"', "+b@1:", '+  version "1.0"')) == ""
    )


def test_a_version_whose_name_is_out_of_sight_is_counted():
    first = hunk_of(' name = "serde"', '-version = "1"', '+version = "2"')
    assert said("Cargo.lock", *first, *hunk_of('-version = "1"', '+version = "2"')) == (
        "serde 1 → 2, 2 more versions changed"
    )
    assert said("Cargo.lock", *hunk_of('-version = "1"', '+version = "2"')) == "2 versions changed"


def test_more_moves_than_fit_are_counted_and_named_ones_come_first():
    lines = [line for n in range(40) for line in (f"-    gem{n} (1.{n})", f"+    gem{n} (2.{n})")]
    out = said("Gemfile.lock", *hunk_of(*lines), query="why gem33?", room=100)
    assert out.startswith("gem33 1.33 → 2.33, gem0 1.0 → 2.0, ")
    assert out.endswith(" more versions changed")
    assert len(out) <= 100
    assert out.count("→") + int(out.split()[-4]) == 40


def test_a_lock_file_of_an_unknown_format_tells_nothing():
    assert said("gradle.lockfile", *hunk_of("-a:b:1=x", "+a:b:2=x")) == ""
    assert said("flake.lock", *hunk_of('-        "rev": "abc",', '+        "rev": "abd",')) == ""


def test_files_that_git_writes_are_read_whole():
    diff = git_diff("a.py", numbered(40), numbered(20))
    (file,) = files(["commit 0123456", "", *diff, ""])
    assert (file.start, file.end) == (2, 2 + len(diff))
    assert all(hunk.whole for hunk in file.hunks)
