"""Signatures and bodies are told by the layout of rows and by a parser, and both agree."""

import pytest
from code_reading import body, compress, gaps, hidden

from headroom.compressors.code import Rules, blocks, grammar
from headroom.compressors.code.languages import LANGUAGES, by_look, by_name, by_path, language_of
from headroom.compressors.code.layout import Layout

# By language: rows of a file whose bodies are between the marks.
FILES = {
    "python": ["class A(B):", "    @property", "    async def run(", "        self,", "        value: int = 3,", "    ) -> None:", "<8"],
    "javascript": ["export class A {", "  async run({ a, b }, c = () => {}) {", "<4", "  }", "}", "const go = async (x) => {", "<2", "};",
                   "exports.stop = function (x) {", "<2", "};", "it('does `this`', () => {", "<2", "});"],
    "typescript": ["export interface I {", "  a: string;", "}", "export abstract class A<T> implements I {", "  private async run(", "    value: T,",
                   "  ): Promise<Map<string, T>> {", "<4", "  }", "}", "export const go = async <T>(x: T): Promise<void> => {", "<2", "};"],
    "go": ["type T struct {", "\ta int", "}", "func (t *T) Run(ctx context.Context, value int) (int, error) {", "<1", "}"],
    "rust": ["impl<K> Tree<K>", "where", "    K: Ord,", "{", "    pub(crate) async fn run<F>(&mut self, f: F) -> Result<K, Error>", "    where",
             "        F: Fn(&K),", "    {", "<8", "    }", "}"],
    "java": ["public final class A extends B {", "    @Override", "    public <T> List<T> run(final int value)", "            throws IOException {", "<8", "    }", "}"],
    "c": ["struct s {", "    int a;", "};", "static int", "run(struct s *s,", "    int value)", "{", "<4", "}"],
    "cpp": ["namespace n {", "template <typename T, int N>", "class A : public B<T> {", " public:", "  explicit A(int a)", "      : B<T>(a), a_(a) {", "<4", "  }", "};", "}"],
    "csharp": ["namespace N", "{", "    public class A : B", "    {", "        public async Task<int> Run(int value)", "        {", "<12", "        }", "    }", "}"],
    "php": ["<?php", "class A extends B", "{", "    public function run(array $value): ?int", "    {", "<8", "    }", "}"],
    "ruby": ["module M", "  class A < B", "    def self.run(value, other: 3)", "<6", "    end", "  end", "end"],
    "bash": ["#!/bin/bash", "run() {", "<2", "}"],
}  # fmt: skip


def written(name):
    """The file, and for each body the rows it has."""
    ends = {"python": "", "ruby": "", "go": "", "bash": ""}
    rows, bodies = [], []
    for row in FILES[name]:
        if not row.startswith("<") or row.startswith("<?"):
            rows.append(row)
            continue
        statements = body("do", 9, int(row[1:]), ends.get(name, ";"))
        if name == "bash":
            statements = [line.replace("(", " ").replace(")", "") for line in statements]
        bodies.append((len(rows), len(rows) + 9))
        rows += statements
    return "\n".join(rows), bodies


def functions(found):
    return [(each.start, each.end) for each in found.definitions if not each.holds]


@pytest.mark.parametrize("name", FILES)
def test_the_layout_tells_bodies_from_signatures(name):
    text, bodies = written(name)
    language = by_name(name)
    found = blocks.found_in(Layout(text.split("\n"), language), language)
    assert functions(found) == bodies
    assert found.doubts == 0


@pytest.mark.parametrize("name", FILES)
def test_a_parser_tells_the_same(name):
    text, bodies = written(name)
    assert functions(grammar.found_by(text, by_name(name))) == bodies


@pytest.mark.parametrize("name", FILES)
def test_either_reader_gives_the_same_gaps(name):
    text, bodies = written(name)
    suffix = by_name(name).suffixes[0]
    source = {"tool": "Read", "source": f'{{"file_path": "a{suffix}"}}'}
    outs = [
        compress(text, Rules(reads=0.0, least_saved=1, parser=parser), **source)
        for parser in ("never", "always")
    ]
    assert outs[0] == outs[1]
    assert [(start, end) for _, start, end in gaps(text, outs[0])] == bodies


def test_a_language_without_a_grammar_is_read_by_its_layout():
    assert grammar.found_by("fun f() = 1", by_name("kotlin")) is None
    text = "\n".join(
        [
            "class A {",
            "    override fun run(value: Int): Int {",
            *body("do", 9, 8, ""),
            "    }",
            "}",
        ]
    )
    out = compress(text, Rules(reads=0.0, parser="always"), tool="Read", source='{"path": "a.kt"}')
    assert "do_step_3" in hidden(text, out)


def test_a_parser_that_is_not_installed_is_done_without(monkeypatch):
    def missing(name):
        raise ImportError(name)

    grammar._reader.cache_clear()
    monkeypatch.setattr(grammar.importlib, "import_module", missing)
    text, bodies = written("go")
    assert grammar.found_by(text, by_name("go")) is None
    out = compress(text, Rules(reads=0.0, parser="always"), tool="Read", source='{"path": "a.go"}')
    assert [(start, end) for _, start, end in gaps(text, out)] == bodies
    monkeypatch.undo()
    grammar._reader.cache_clear()


def test_where_the_layout_is_in_doubt_a_parser_is_asked():
    flat = [
        "int run(int value) {",
        *body("do", 9, 0),
        "}",
        "int other(int value) {",
        *body("go", 9, 2),
        "}",
    ]
    text = "\n".join(flat)
    source = {"tool": "Read", "source": '{"path": "a.c"}'}
    assert len(gaps(text, compress(text, Rules(reads=0.0), **source))) == 2
    assert len(gaps(text, compress(text, Rules(reads=0.0, parser="never"), **source))) == 1
    assert len(gaps(text, compress(text, Rules(reads=0.0, parsed_chars=10), **source))) == 1


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("python", ['TEXT = """', "def not_this():", '"""', "def run(value):", "<4"]),
        (
            "python",
            ["def run(value):", "<4", '    text = """', "at the margin", '"""', "    return text"],
        ),
        ("go", ["func run() {", "<1", "\ttext := `", "at the margin {", "`", "\treturn text", "}"]),
        ("javascript", ["function run() {", "<2", "  return `", "at ${the} margin", "`;", "}"]),
        (
            "c",
            [
                "int run(void)",
                "{",
                "<4",
                "#ifdef A",
                "    a();",
                "#endif",
                "error:",
                "    return 1;",
                "}",
            ],
        ),
        ("bash", ["run() {", "<2", "  cat <<EOF", "at the margin {", "EOF", "}"]),
        ("cpp", ["int A::run(int a) {", "<2", "// a remark at the margin", "  return 1;", "}"]),
        ("go", ["func run() {", "<1", "loop: // again", "\tfor {", "\t}", "}"]),
    ],
)
def test_rows_at_the_margin_do_not_end_a_body(name, rows):
    lines = []
    for row in rows:
        lines += body("do", 9, int(row[1:]), "") if row.startswith("<") else [row]
    language = by_name(name)
    found = blocks.found_in(Layout(lines, language), language)
    assert [each.name.split("::")[-1] for each in found.definitions] == ["run"]
    assert found.doubts == 0
    assert found.definitions[0].end >= len(lines) - 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("python", 'x = """never closed\n' + "y = 1\n" * 9),
        ("javascript", "const x = `never closed\n" + "y = 1\n" * 9),
        ("bash", "cat <<EOF\n" + "y\n" * 9),
        ("ruby", "def run\n  a\n  b\nx = 1\n"),
        ("c", "int run(int a) {\nreturn 1;\n}\n"),
    ],
)
def test_what_does_not_end_as_it_should_is_a_doubt(name, text):
    language = by_name(name)
    assert blocks.found_in(Layout(text.split("\n"), language), language).doubts > 0


@pytest.mark.parametrize(
    "row",
    ["if (a(b)) {", "} else {", "for (const a of b()) {", "switch (a(b)) {", "const a = {", "foo(a, {", "Foo::Bar(a) => {",
     "const a = new Foo(b) {", "return run(a) {", "x = call(a) {"],
)  # fmt: skip
def test_blocks_that_are_no_definitions_are_none(row):
    text = "\n".join([row, *body("do", 9, 2), "}"])
    language = by_name("rust" if "=>" in row else "javascript")
    assert blocks.found_in(Layout(text.split("\n"), language), language).definitions == []


def test_methods_of_an_object_made_on_the_spot_are_definitions():
    rows = [
        "class A {",
        "  B b() {",
        "    return new B() {",
        "      @Override",
        "      void run(int a) {",
        *body("do", 9, 8),
        "      }",
        "    };",
        "  }",
        "}",
    ]
    language = by_name("java")
    found = blocks.found_in(Layout(rows, language), language)
    assert [each.name for each in found.definitions] == ["A", "b", "run"]


def test_definitions_in_one_line_stay_within_a_hidden_body():
    rows = [
        "function outer() {",
        *body("do", 9, 2),
        "  function tiny() { return false }",
        *body("go", 9, 2),
        "}",
    ]
    text = "\n".join(rows)
    out = compress(text, tool="Read", source='{"path": "a.js"}')
    assert "  function tiny() { return false }" in out.split("\n")
    assert len(gaps(text, out)) == 2


@pytest.mark.parametrize("name", FILES)
def test_a_language_is_told_by_name_by_suffix_and_by_look(name):
    text = f"{written(name)[0]}\n" * 3
    language = by_name(name)
    assert by_path(f"x/y{language.suffixes[0]}") is language
    looked = by_look(text)
    assert looked is not None
    assert looked.layout == language.layout


def test_what_no_one_names_is_told_by_its_braces():
    assert by_name("Klingon") is None
    assert by_look("lorem ipsum\n" * 20) is None
    assert language_of("", "zork {\n  a\n}\n" * 9).layout == "brace"
    assert language_of("", "zork:\n  a\n" * 9).layout == "indent"
    assert language_of("a.h", "class A;\nnamespace b {}\n").name == "cpp"
    assert language_of("a.h", "struct a;\n").name == "c"
    assert len({suffix for language in LANGUAGES for suffix in language.suffixes}) == sum(
        len(language.suffixes) for language in LANGUAGES
    )


@pytest.mark.parametrize(
    ("name", "rows", "names"),
    [
        ("c", ["int run(int a) { // a remark", "<2", "}"], ["run"]),
        ("c", ["int run(int a) { /* a remark */", "<2", "}", "{", "  int b; // {", "}"], ["run"]),
        ("cpp", ["template <typename T> T run(T a) {", "<2", "}"], ["run"]),
        ("cpp", ["inline namespace n {", "int run(int a) {", "<2", "}"], ["run"]),
        ("java", ["class A {", "  @Override @Size(3) void run(int a) {", "<4", "  }", "}"], ["A", "run"]),
        ("go", ["func open(", *["\ta int,"] * 50, "{", "<1", "}"], []),
        ("rust", ["fn run(a: u8)", "// a remark", "    -> u8", "{", "<4", "}"], ["run"]),
        ("rust", ["trait A {}", "impl B", "where", "    B: A,", "{", "    fn run(&self) {", "<8", "    }", "}"], ["B", "run"]),
        ("python", ["class", "def run(value,", *["        other,"] * 60], ["run"]),
        ("nim", ["proc run(value: int) =", "<2", "proc = 3"], ["run"]),
        ("javascript", ["const a = foo((x) {", "<2", "});", "}"], []),
        ("c", ["/* a {", "   comment { */", "int run(int a) {", "<2", "}", "/* never closed", "/* nor this"], ["run"]),
        ("c", ["/* one */", "/* two", "/* three", "*/", "void run(int *a) {", "  *a = 3;", "default:", "case 1: // b", "<2", "}"], ["run"]),
        ("ruby", ["def run", "  a <<SQL", "at the margin", "SQL", "<2", "end"], ["run"]),
    ],
)  # fmt: skip
def test_headers_of_every_shape_are_understood(name, rows, names):
    lines = []
    for row in rows:
        lines += body("do", 9, int(row[1:]), "") if row.startswith("<") else [row]
    language = by_name(name)
    found = blocks.found_in(Layout(lines, language), language)
    assert [each.name for each in found.definitions] == names


def test_a_text_whose_blocks_never_close_is_given_up():
    brace, indent = by_name("c"), by_name("python")
    assert blocks.found_in(Layout(["f(a) {"] * 3_000, brace), brace).doubts == 1_001
    found = blocks.found_in(Layout(["def f("] * 3_000, indent), indent)
    assert len(found.definitions) == 1_000


def test_a_long_run_of_comments_behind_a_body_costs_no_more_than_a_look():
    rows = ["def run(value):", *body("do", 9, 4, ""), *["# a remark"] * 2_000]
    language = by_name("python")
    (found,) = blocks.found_in(Layout(rows, language), language).definitions
    assert found.end == len(rows) - 500
