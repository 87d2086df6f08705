"""The parts that decide what is worth showing: the pattern, the kind of line, the shape."""

import pytest

from headroom.compressors import Sample
from headroom.compressors.search import context, definitions, entries, prefix, searched, shapes
from headroom.compressors.search.shapes import Group, Row


@pytest.mark.parametrize(
    ("tool", "source", "text", "expected"),
    [
        ("Grep", '{"pattern": "class\\\\s+Cache", "path": "src"}', "", {"Cache"}),
        ("search", '{"query": "load_settings"}', "", {"load_settings"}),
        ("Grep", '{"path": "src"}', "", set()),
        ("Grep", '{"pattern": ["x"]}', "", set()),
        ("Grep", '{"pattern": ', "", set()),
        ("Bash", '{"command": "cd x && grep -rn -A 3 --include \'*.py\' \'def load\' src"}', "", {"load"}),
        ("Bash", '{"command": "rg -e \'Cache\\\\b\' -n"}', "", {"Cache"}),
        ("Bash", '{"command": "rg -eCache src"}', "", {"Cache"}),
        ("Bash", '{"command": "grep --regexp Cache src"}', "", {"Cache"}),
        ("Bash", '{"command": "/usr/bin/git grep -n Cache"}', "", {"Cache"}),
        ("Bash", '{"command": "grep -rn \'open"}', "", set()),
        ("Bash", '{"command": "grep -rn"}', "", set()),
        ("Bash", '{"command": "cat x"}', "", set()),
        ("bash", "search_file load_settings", "", {"load_settings"}),
        ("", "", 'Found 12 matches for "load_settings" in /repo:', {"load_settings"}),
    ],
)  # fmt: skip
def test_the_names_that_were_searched_for_are_read_from_the_call(tool, source, text, expected):
    assert searched.identifiers(Sample(text, tool, source), []) == expected


def test_without_a_call_they_are_what_all_lines_have():
    texts = [
        "x = load_settings(1)",
        "def load_settings(path):",
        "    load_settings()",
        "# load_settings",
    ]
    assert searched.identifiers(Sample(""), texts) == {"load_settings"}
    assert searched.identifiers(Sample(""), texts[:2]) == set()
    inside = ["test_request_context()", "x.request_context_class", "def request_context(self):"]
    assert searched.identifiers(Sample(""), inside) == {"request_context"}
    assert searched.identifiers(Sample(""), ["a", "b", "c"]) == set()


@pytest.mark.parametrize(
    ("tool", "source", "expected"),
    [
        ("Grep", "", True),
        ("mcp__files__search_code", "", True),
        ("Bash", "cd /x && LC_ALL=C git --no-pager grep -n x", True),
        ("Bash", "npm run check | grep error", False),
        ("Bash", "grep-my-tool x", False),
        ("Read", '{"file_path": "x"}', False),
    ],
)
def test_a_search_is_told_from_its_call(tool, source, expected):
    assert searched.is_search(Sample("", tool, source)) is expected


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("def load(path):", "load"),
        ("    async def load(path):", "load"),
        ("class Cache(Base):", "Cache"),
        ("export default class Cache {", "Cache"),
        ("func (c *Context) Abort() {", "Abort"),
        ("pub(crate) fn load<T>(x: T) -> T {", "load"),
        ("pub const fn load() {", "load"),
        ("#define FMT_THROW(x) throw x", "FMT_THROW"),
        ("#  define FMT_THROW(x) throw x", "FMT_THROW"),
        ("export interface Options {", "Options"),
        ("public final class Reader extends Base {", "Reader"),
        ("  public static <T> Reader<T> open(Path path) {", "open"),
        ("FMT_API void report(int code) {", "report"),
        ("void Formatter::report(int code) {", "report"),
        ("int *report(int code,", "report"),
        ("  load(data) {", "load"),
        ("res.send = function send(body) {", "send"),
    ],
)
def test_a_definition_is_known_by_its_line(line, name):
    found = definitions.told(line)
    assert (found.kind, found.name, found.sure) == (definitions.DEFINITION, name, True)


@pytest.mark.parametrize(
    ("line", "name"),
    [("DEFAULT = 3", "DEFAULT"), ("export const schema = z.object({", "schema"), ("limit: int = 3", "limit")],
)  # fmt: skip
def test_an_assignment_at_the_margin_is_a_less_sure_definition(line, name):
    assert definitions.told(line) == (definitions.DEFINITION, name, False)


@pytest.mark.parametrize(
    "line",
    [
        "    load(path)",
        "    if load(path) {",
        "  app.get('/', function (req, res) {",
        "  list.forEach((item) => {",
        "return load(",
        "    total = load(path)",
        "load(path, [",
        "    load(",
        "{",
        "  } else {",
        "local load path",
        "do this {",
        "    while (load()) {",
    ],
)
def test_a_call_defines_nothing(line):
    assert definitions.told(line).kind == definitions.USE


@pytest.mark.parametrize("line", ["# load", "// load", " * load", '"""load', "-- load"])
def test_comments_are_known(line):
    assert definitions.told(line).kind == definitions.COMMENT


@pytest.mark.parametrize(
    "line", ["import load", "from x import load", "#include <load>", "use load;"]
)
def test_imports_are_known(line):
    assert definitions.told(line).kind == definitions.IMPORT


def test_numbers_in_a_row_become_ranges():
    assert entries.ranges([3]) == "3"
    assert entries.ranges([3, 4, 9, 12, 13, 14, 20]) == "3,4,9,12-14,20"


def test_only_matches_that_rise_are_joined():
    def rows(*numbers, mark=":"):
        return [Row(n, mark, f"{n}{mark}x", "x", 0) for n in numbers]

    assert len(entries.entries(rows(1, 2, 3))) == 1
    assert len(entries.entries(rows(1, 3, 2))) == 3
    assert len(entries.entries(rows(1, 2, 3, mark="-"))) == 3
    assert len(entries.entries([Row(n, ":", f"{n}|x", "x", 0) for n in (1, 2)])) == 2
    assert len(entries.entries([Row(n, ":", f"Line {n}:x", "x", 0) for n in (1, 2)])) == 2


def test_a_folder_is_shared_up_to_its_slash():
    assert prefix.shared_folder(["/a/bcd/x", "/a/bce/y"]) == "/a/"
    assert prefix.shared_folder(["C:\\a\\b.c", "C:\\a\\d.c"]) == "C:\\a\\"
    assert prefix.shared_folder(["/a/b"]) == ""
    assert prefix.shared_folder(["a", "b"]) == ""


@pytest.mark.parametrize(
    "path", ["a.py", "src/x", "Makefile", ".gitignore", "my docs/a b.md", "C:\\x\\y"]
)
def test_paths_are_known(path):
    assert shapes.is_path(path)


@pytest.mark.parametrize("path", ["", "12", "two words", " a.py", "x" * 500, "word"])
def test_what_is_no_path_is_known(path):
    assert not shapes.is_path(path)


def test_a_heading_names_its_path():
    for line in ("src/a.py", "src/a.py:", "File: src/a.py", "# src/a.py", "src/a.py (3 matches)"):
        assert shapes.heading_path(line) == "src/a.py"
    assert shapes.heading_path('Found 3 matches for "x" in src/a.py:') == "src/a.py"
    assert shapes.heading_path("some words") == shapes.heading_path("x/" * 900) == ""


def test_a_listed_path_may_bear_a_count():
    for line in ("src/a.py", "src/a.py:12", "src/a.py (1 match)", "src/a.py (3 matches)\r"):
        assert shapes.listed_path(line) == "src/a.py"
    assert shapes.listed_path("src/a b.py") == shapes.listed_path("x/" * 900) == ""


def test_context_is_as_wide_as_the_budget_lets_it():
    rows = [Row(n, ":" if n == 5 else "-", f"{n}-" + "x" * 30, "x" * 30, n) for n in range(1, 10)]
    group = Group("src/a.py", None, rows)
    widths = [context.widest([group], budget) for budget in (3, 20, 50, 75, 900)]
    assert widths == [-1, 0, 1, 2, 4]
