"""What the question or the call points at stays whole."""

import json

import pytest
from code_reading import body, compress, gaps, hidden, numbered, python

from headroom.compressors.code import Rules
from headroom.compressors.code.asking import Place, asked, path_of
from headroom.policy import Policy

TEXT = python("alpha", "beta_gamma", "delta", lines=30)


@pytest.mark.parametrize(
    "query",
    ["Why does beta_gamma fail?", "`beta_gamma`", "app.py:43 raises", 'File "src/app.py", line 50, in x', "see line 60",
     "lines 45-47", "why does Beta_Gamma(…) hang"],
)  # fmt: skip
def test_a_body_that_the_question_names_stays_whole(query):
    source = json.dumps({"file_path": "/x/app.py"})
    out = compress(TEXT, query=query, tool="Read", source=source)
    assert "beta_gamma_step" not in hidden(TEXT, out)
    assert "delta_step" in hidden(TEXT, out)


def test_a_line_of_another_file_is_not_asked_for():
    out = compress(TEXT, query="other.py:50", tool="Read", source='{"file_path": "/x/app.py"}')
    assert "beta_gamma_step" in hidden(TEXT, out)


def test_the_lines_asked_for_are_those_of_the_file_where_it_numbers_them():
    text = numbered(TEXT, "{:6}\t", 1001)
    out = compress(text, query="app.py:1050")
    assert "beta_gamma_step" not in hidden(text, out)


def test_a_line_that_holds_an_asked_identifier_stays():
    text = TEXT.replace("alpha_step_9(value, 9)", "retry_after_ms = 9")
    out = compress(text, query="where is retry_after_ms set?")
    assert "    retry_after_ms = 9" in out.split("\n")
    assert "alpha_step_3" in hidden(text, out)
    everywhere = TEXT.replace("(value, ", "(common_name, ")
    assert compress(everywhere, query="what is common_name?") == compress(everywhere)


def test_letters_whose_lower_case_is_longer_leave_the_places_right():
    text = TEXT.replace("alpha_step_9(value, 9)", 'retry_after_ms = "İ"')
    gaps(text, compress(text, query="retry_after_ms"))


def test_methods_of_an_asked_class_go_last():
    def holder(name):
        return "\n".join(
            [f"class {name}:", f"    def run_{name.lower()}(self):", *body(name.lower(), 30, 8, "")]
        )

    text = f"{holder('Reader')}\n{holder('Writer')}"
    one = Policy("one", omit=True, budget=500, min_tokens=0)
    out = compress(text, Rules(others=1.0), one, query="what does Writer do with its buffer")
    assert "reader_step" in hidden(text, out)
    assert "writer_step" not in hidden(text, out)
    assert len(gaps(text, compress(text, query="Writer"))) == 2


def test_functions_within_an_asked_function_are_asked_too():
    inner = ["    def inner(value):", *body("inner", 30, 8, ""), ""]
    text = "\n".join([TEXT, "def outer():", *inner, *body("outer", 30, 4, "")])
    out = compress(text, query="outer")
    assert "inner_step" not in hidden(text, out)
    assert "outer_step" not in hidden(text, out)


def test_words_of_the_question_hint_at_names_that_begin_alike():
    text = python("parse_header", "write_footer", lines=28)
    one = Policy("one", omit=True, budget=400, min_tokens=0)
    out = compress(text, Rules(others=1.0), one, query="how are headers read?")
    assert "parse_header_step" not in hidden(text, out)
    assert "write_footer_step" in hidden(text, out)


def test_a_test_is_asked_for_by_its_words():
    rows = ["test('adds two numbers', () => {", *body("add", 30, 2), "});"]
    text = "\n".join(
        [*rows, *[row.replace("adds", "takes").replace("add_", "take_") for row in rows]]
    )
    out = compress(
        text, query="why does 'adds two numbers' fail?", tool="Read", source='{"path": "a.ts"}'
    )
    assert "add_step" not in hidden(text, out)
    assert "take_step" in hidden(text, out)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ({"path": "a.py", "view_range": [100, 180]}, 81),
        ({"path": "a.py", "offset": 100, "limit": 60}, 60),
        ({"path": "a.py", "start_line": 10, "end_line": 90}, 81),
        ({"command": "sed -n '20,90p' a.py"}, 71),
        ({"command": "sed -n '20,+9p' a.py"}, 10),
        ({"command": "cat a.py | head -50"}, 50),
        ({"command": "tail -n 40 a.py"}, 40),
        ({"path": "a.py", "view_range": [1, "end"]}, 0),
        ({"path": "a.py", "view_range": [1, -1]}, 0),
        ({"path": "a.py", "limit": True}, 0),
        ({"path": "a.py"}, 0),
    ],
)
def test_a_call_says_how_many_lines_it_wants(source, lines):
    assert asked("", "read", json.dumps(source)).window == lines


def test_a_narrow_range_is_shown_whole_and_a_wide_one_is_not():
    text = python("alpha", "beta", lines=60)
    narrow = {"path": "a.py", "offset": 1, "limit": 140}
    assert compress(text, tool="read", source=json.dumps(narrow)) == text
    assert compress(text, tool="read", source=json.dumps({**narrow, "limit": 2_000})) != text


def test_calls_name_their_file_and_what_they_look_for():
    assert path_of("Read", '{"file_path": "src/a.py"}') == "src/a.py"
    assert path_of("bash", '{"command": "cd x && cat -n src/b.go | head -20"}') == "src/b.go"
    assert path_of("bash", '{"command": "cat Makefile"}') == ""
    assert path_of("bash", '{"command": "make c.o"}') == ""
    assert "parse_header" in asked("", "find", '{"symbol": "parse_header"}').identifiers
    assert asked("", "bash", '{"command": "goto 1310"}').places == (Place("", 1310, 1310),)
    assert asked("", "read", "{" + "[" * 10).window == 0
    assert asked("", "read", '{"a": 1').window == 0
