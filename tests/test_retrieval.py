import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom import retrieval
from headroom.errors import SettingsError
from headroom.retrieval import select

TEN = "".join(f"line {number}\n" for number in range(1, 11)).encode()


def test_without_selectors_all_of_it_comes():
    assert select(b"a\r\n\xffb") == "a\r\n\udcffb"


@pytest.mark.parametrize(
    ("lines", "numbers"),
    [
        ("3", [3]),
        ("2-4", [2, 3, 4]),
        ("9-", [9, 10]),
        ("-2", [9, 10]),
        ("-20", range(1, 11)),
        ("1-2, 9", [1, 2, 9]),
        ("9,1-2,2-3", [1, 2, 3, 9]),
        ("8-99999999999999999999999", [8, 9, 10]),
    ],
)
def test_lines_are_verbatim_and_count_from_one(lines, numbers):
    assert select(TEN, lines=lines) == "".join(f"line {number}\n" for number in numbers)


@pytest.mark.parametrize(
    "lines", ["", "0", "0-3", "4-2", "a", "1-2-3", "-", ",", "11", "11-12", "-0"]
)
def test_lines_that_name_nothing_are_refused(lines):
    with pytest.raises(SettingsError, match="line"):
        select(TEN, lines=lines)


def test_only_newlines_end_a_line():
    original = "a\x0bb\x0cc\u2028d\x85e\rf\r\ng\n\nlast".encode()
    assert select(original, lines="1") == "a\x0bb\x0cc\u2028d\x85e\rf\r\n"
    assert select(original, lines="2-3") == "g\n\n"
    assert select(original, lines="4") == "last"


@given(st.binary(), st.integers(1, 5))
def test_all_lines_together_are_the_original(original, first):
    count = len(original.decode("utf-8", "surrogateescape").split("\n")) - original.endswith(b"\n")
    if first < count:
        parts = select(original, lines=f"1-{first}") + select(original, lines=f"{first + 1}-")
        assert parts.encode("utf-8", "surrogateescape") == original


def test_matching_lines_come_with_their_numbers():
    assert select(TEN, match=r"[27]$") == "2: line 2\n7: line 7\n"
    assert select(TEN, match=r"[27]$", lines="5-") == "7: line 7\n"
    assert select(b"x\r\ny\r\n", match="^x$") == "1: x\r\n"


def test_context_is_shown_as_grep_shows_it():
    shown = select(TEN, match="[348]$", context=1)
    assert shown == (
        "2- line 2\n3: line 3\n4: line 4\n5- line 5\n--\n7- line 7\n8: line 8\n9- line 9\n"
    )
    assert select(TEN, match="1$", context=2, lines="1-2") == "1: line 1\n2- line 2\n"


def test_no_match_is_said():
    assert select(TEN, match="absent") == "[no line matches 'absent'; 10 lines were searched]"


@pytest.mark.parametrize("match", ["(", "[a", "*", "(?P<a>x)(?P<a", "a" * 3000])
def test_a_broken_pattern_is_refused(match):
    with pytest.raises(SettingsError, match="match"):
        select(TEN, match=match)


def test_a_pattern_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(retrieval, "_MATCH_SECONDS", 0.05)
    with pytest.raises(SettingsError, match="took longer than"):
        select(b"a" * 60 + b"b", match=r"(a|aa|a?)+$")


DOCUMENT = {
    "users": [{"name": "Ann", "id": 1}, {"name": "Bob", "id": 2}, {"id": 3}],
    "a b": {"c.d": [True, None]},
    "text": "first\nsecond\n",
    "it's": 'say "x"',
    "empty": [],
    "none": {},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.users[1].name", "Bob"),
        ("users[1].name", "Bob"),
        (".users[1].name", "Bob"),
        ("$.users[-1]", {"id": 3}),
        ("$.users[0:2]", DOCUMENT["users"][:2]),
        ("$.users[1:].id", [2, 3]),
        ("$.users[*].name", ["Ann", "Bob"]),
        ("$.users.*.id", [1, 2, 3]),
        ("$['a b']['c.d'][0]", True),
        ('$["a b"]["c.d"][1]', None),
        (r"$['it\'s']", 'say "x"'),
        ("$.text", "first\nsecond\n"),
        ("$.users[7:]", []),
        ("$.none.*", []),
        ("$", DOCUMENT),
        ("$.", DOCUMENT),
        ("", DOCUMENT),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_path_leads_to_its_value(path, found, indent):
    shown = select(json.dumps(DOCUMENT, indent=indent).encode(), path=path)
    assert shown == (found if isinstance(found, str) else json.dumps(found, indent=2))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("$.user", "an object with users, a b, text"),
        ("$.users[3]", r"a list of 3, \[0\] to \[2\]"),
        ("$.users.name", "a list of 3"),
        ("$.text.x", "a value with nothing inside"),
        ("$.empty[0]", "an empty list"),
        ("$.users[", r"cannot be read at '\['"),
        ("$..name", "cannot be read"),
        ("$['open", "cannot be read"),
        ("$." + "x" * 3000, "longer than"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ended(path, said):
    with pytest.raises(SettingsError, match=said):
        select(json.dumps(DOCUMENT).encode(), path=path)


def test_many_names_are_cut():
    with pytest.raises(SettingsError, match="n11, …"):
        select(json.dumps({f"n{number}": 0 for number in range(40)}).encode(), path="$.x")


def test_a_path_combines_with_lines_and_match():
    original = json.dumps(DOCUMENT).encode()
    assert select(original, path="$.text", lines="2") == "second\n"
    assert select(original, path="$.users", match="Bob") == '7:     "name": "Bob",\n'


def test_ndjson_is_a_list_of_its_lines():
    original = b'{"n": 1}\n\n{"n": 2}\n{"n": 3}\r\n'
    assert select(original, path="$[1].n") == "2"
    assert json.loads(select(original, path="$[*].n")) == [1, 2, 3]


@pytest.mark.parametrize("original", [b"no json", b'{"a": 1}\nlog line\n', b'{"a": ', b"\xff"])
def test_a_path_into_what_is_no_json_is_refused(original):
    with pytest.raises(SettingsError, match="use lines or match"):
        select(original, path="$.a")


def test_numbers_keep_their_spelling():
    big = "1" * 5000
    original = f"[1.10, 1E400, {big}, -0, NaN, 0.1e-7]".encode()
    assert select(original, path="$[2]") == big
    assert (
        select(original, path="$") == f"[\n  1.10,\n  1E400,\n  {big},\n  -0,\n  NaN,\n  0.1e-7\n]"
    )


def test_text_of_any_language_and_any_bytes_is_shown_as_it_is():
    assert select('\ufeff{"a": ["é", "中"]}'.encode(), path="$.a") == '[\n  "é",\n  "中"\n]'
    assert select(b'["\xff"]', path="$[0]") == "\udcff"
    assert select(rb'["\ud83d"]', path="$[0]") == r'"\ud83d"'
    assert select(rb'["\ud83d"]', path="$") == '[\n  "\\ud83d"\n]'


def test_a_path_looks_through_colours():
    original = b'\x1b[1;39m{\n  \x1b[0m\x1b[34;1m"a"\x1b[0m: \x1b[0;32m"x"\x1b[0m\n}\x1b[0m\n'
    assert select(original, path="$.a") == "x"
    assert select(original, lines="1") == "\x1b[1;39m{\n"


def test_deep_nesting_is_refused_not_raised():
    with pytest.raises(SettingsError, match="too deeply"):
        select(b"[" * 200_000 + b"]" * 200_000, path="$[0]")


SELECTORS = st.none() | st.text(max_size=12) | st.text("$.[]'*:-0123456789,ab\\()+?", max_size=12)


@given(st.binary() | st.just(json.dumps(DOCUMENT).encode()), SELECTORS, SELECTORS, SELECTORS)
def test_no_selector_raises_anything_but_a_settings_error(original, lines, match, path):
    with suppress(SettingsError):
        assert isinstance(select(original, lines=lines, match=match, path=path), str)
