"""Line numbers are looked through, and what stands around the code is set apart."""

import pytest
from code_reading import compress, gaps, hidden, numbered, python

from headroom.compressors.code.framing import page_of

TEXT = python("alpha", "beta", lines=30)


@pytest.mark.parametrize(
    "gutter", ["{:6}\t", "{}\t", "{}|", "{}:", "{:>6}→", "{:4} | ", "{:>3} │ ", "{} ", "{:5}  "]
)
def test_line_numbers_of_any_shape_are_looked_through(gutter):
    page = page_of(numbered(TEXT, gutter))
    assert [row.rstrip() for row in page.rows] == [line.rstrip() for line in TEXT.split("\n")]
    assert page.numbers == list(range(1, len(page.rows) + 1))


def test_keys_that_count_are_no_line_numbers():
    rows = ["const STATUS = {", *[f"  {n}: 'text'," for n in (200, 201, 202)], "};"]
    page = page_of("\n".join([*rows, *TEXT.split("\n")]))
    assert page.numbers is None
    assert page.rows[1] == "  200: 'text',"


def test_numbers_that_count_once_or_leave_gaps_are_no_line_numbers():
    assert page_of(f"1: one\n\n2: two\n{TEXT}").numbers is None
    assert page_of(f"7: seven\n9: nine\n10: ten\n{TEXT}").numbers is None


def test_a_window_keeps_its_notes_and_its_numbers():
    window = "\n".join(
        [
            "[File: /x/app.py (812 lines total)]",
            "(120 more lines above)",
            numbered(TEXT, "{}:", 121),
            "(600 more lines below)",
            "(Open file: /x/app.py)",
            "bash-$",
        ]
    )
    page = page_of(window)
    assert page.files[0].path == "/x/app.py"
    out = compress(window)
    assert [gap["counted"] for gap, *_ in gaps(window, out)] == ["9-39", "44-74"]
    assert not any(note in hidden(window, out) for note in ("File", "more lines", "bash"))


@pytest.mark.parametrize(
    "header",
    ["==> src/b.py <==", "=== src/b.py ===", "// src/b.ts", "# src/b.py", '<file path="src/b.py">',
     "[File: src/b.py (9 lines total)]", "Here's the content of src/b.py:"],
)  # fmt: skip
def test_a_header_begins_another_file(header):
    page = page_of(f"{header}\n{TEXT}\n\n{header}\n{TEXT}", "a.py")
    paths = [file.path for file in page.files]
    assert len(set(paths)) == 1
    assert paths[0].startswith("src/b.")
    assert len(paths) == (1 if header.startswith("Here's") else 2)


def test_each_of_several_files_is_read_in_its_own_language():
    script = "\n".join(["function run() {", *[f"  step_{n}(value_of_it);" for n in range(40)], "}"])
    text = f"==> a.py <==\n{TEXT}\n==> b.js <==\n{script}\n"
    assert len(gaps(text, compress(text))) == 3


def test_a_comment_with_a_path_inside_of_code_begins_no_file():
    text = f"x = 1\n# src/other.py\n{TEXT}"
    assert [file.path for file in page_of(text, "a.py").files] == ["a.py"]
    assert len(page_of(f"# see docs/other.md\n{TEXT}", "a.py").files) == 1


def test_notes_of_other_tools_are_kept():
    text = f"{TEXT}\n... (50 more lines not shown. Use offset=219 to continue reading)"
    out = compress(text)
    assert out.split("\n")[-1] == text.split("\n")[-1]


@pytest.mark.parametrize(
    "notice",
    [
        "<response clipped><NOTE>Due to the max output limit, only part of this file has been shown to you.</NOTE>",
        "[Truncated: 312 lines in all]",
        "... (120 more lines)",
        "(output truncated)",
        "... [8,120 characters truncated] ...",
    ],
)
def test_what_a_reader_says_of_cutting_the_text_is_kept(notice):
    rows = python("alpha", lines=60).rstrip().split("\n")
    texts = ["\n".join([*rows[:40], notice, *rows[40:]]), "\n".join([*rows, notice])]
    texts.append(numbered(texts[0]))
    if notice.startswith("<"):
        glued = "\n".join(rows) + notice
        texts += [glued, numbered(glued)]
    for text in texts:
        out = compress(text)
        assert gaps(text, out)
        assert notice not in hidden(text, out)


def test_code_that_speaks_of_cutting_is_no_notice():
    rows = python("alpha", lines=60).split("\n")
    rows[20:20] = ["    check(result.truncated, f(truncated))", "    if (truncated): more lines()"]
    assert not page_of("\n".join(rows)).clips


def test_a_text_before_the_first_header_belongs_to_the_file_of_the_call():
    page = page_of(f"x = 1\n\n==> b.py <==\n{TEXT}", "a.py")
    assert [file.path for file in page.files] == ["a.py", "b.py"]
