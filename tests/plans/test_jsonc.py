import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.plans import Unreadable, change
from headroom.plans.jsonc import JsonEditor

EDITOR = JsonEditor()
KEYS = st.sampled_from(["env", "a", "b c", "ä", 'q"', "mcpServers", "// no comment"])
SCALARS = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["x", "/* no */", ",}", "é"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
GAPS = st.sampled_from(
    ["", " ", "\n", "\r\n  ", "\t", " // said\n", "/* so */", "\n  /* a\n b */\n"]
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """An object as people write it: with comments, odd spaces and trailing commas."""
    return draw(GAPS) + _written(draw, draw(st.dictionaries(KEYS, VALUES, max_size=4))) + draw(GAPS)


def _written(draw: st.DrawFn, value: object) -> str:
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key)}{draw(GAPS)}:{draw(GAPS)}{_written(draw, v)}"
            for key, v in value.items()
        ]
        return _joined(draw, "{}", items)
    if isinstance(value, list):
        return _joined(draw, "[]", [_written(draw, item) for item in value])
    return json.dumps(value)


def _joined(draw: st.DrawFn, brackets: str, items: list[str]) -> str:
    inner = ",".join(f"{draw(GAPS)}{item}{draw(GAPS)}" for item in items)
    trailing = f",{draw(GAPS)}" if items and draw(st.booleans()) else ""
    return brackets[0] + inner + (trailing or draw(GAPS)) + brackets[1]


def _is_within(shorter: str, longer: str) -> bool:
    """Whether every character of one text stands in the other, in order; spaces do not count."""
    rest = iter(longer)
    return all(character in rest for character in shorter if not character.isspace())


@given(texts(), VALUES)
def test_a_new_key_is_all_that_is_added(text: str, value: object) -> None:
    before = EDITOR.read(text)
    after = EDITOR.put(text, change("new", to=value))
    assert EDITOR.read(after) == {**before, "new": value}
    assert _is_within(text, after)


@given(texts(), VALUES)
def test_what_was_put_in_can_be_taken_out_again(text: str, value: object) -> None:
    changed = change("outer", "inner", to=value)
    after = EDITOR.drop(EDITOR.put(text, changed), changed)
    assert EDITOR.read(after) == {**EDITOR.read(text), "outer": {}}
    gone = EDITOR.drop(after, change("outer", to={}))
    assert EDITOR.read(gone) == EDITOR.read(text)
    assert gone.count("said") == text.count("said")


@given(texts(), VALUES, VALUES)
def test_a_known_key_gets_the_other_value_where_it_stands(
    text: str, old: object, new: object
) -> None:
    first = EDITOR.put(text, change("key", to=old))
    second = EDITOR.put(first, change("key", to=new))
    assert EDITOR.read(second) == {**EDITOR.read(text), "key": new}
    assert _is_within(text, second)


@given(texts(), SCALARS)
def test_an_item_is_appended_once(text: str, item: object) -> None:
    changed = change("list", "of", to=item, append=True)
    once = EDITOR.put(text, changed)
    assert EDITOR.put(once, changed) == once
    assert EDITOR.read(once) == {**EDITOR.read(text), "list": {"of": [item]}}
    assert EDITOR.read(EDITOR.drop(once, changed)) == {**EDITOR.read(text), "list": {"of": []}}


@pytest.mark.parametrize("text", ["", "\n", "{}", "{}\n"])
def test_a_file_with_nothing_in_it_becomes_one_that_people_can_read(text: str) -> None:
    after = EDITOR.put(text, change("env", "URL", to="http://127.0.0.1"))
    assert after.rstrip("\n") == '{\n  "env": {\n    "URL": "http://127.0.0.1"\n  }\n}'


def test_a_new_key_is_laid_out_as_its_neighbours() -> None:
    text = '{\r\n\t"env": {\r\n\t\t"A": "1" // mine\r\n\t}, // all\r\n}\r\n'
    assert EDITOR.put(text, change("env", "B", to=["x"])) == (
        '{\r\n\t"env": {\r\n\t\t"A": "1", // mine\r\n\t\t"B": [\r\n\t\t\t"x"\r\n\t\t]\r\n\t}, // all\r\n}\r\n'
    )
    assert EDITOR.put(text, change("c", to=1)).endswith('}, // all\r\n\t"c": 1,\r\n}\r\n')
    assert EDITOR.put('{"a": 1}', change("b", to={"c": 2})) == '{"a": 1, "b": {"c": 2}}'


def test_a_value_that_says_the_same_keeps_how_it_is_written() -> None:
    text = '{"a": [1,2 , 3], "n": 1e2}'
    assert EDITOR.put(text, change("a", to=[1, 2, 3])) == text
    assert EDITOR.put(text, change("n", to=True)) == '{"a": [1,2 , 3], "n": true}'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1 has the end"),
        ('{\n "a": 1\n "b": 2}', "line 3"),
        ('{"a": 1, "a": 2}', "names 'a' a second time"),
        ("{'a': 1}", "line 1"),
        ('{"a": 01}', "line 1"),
        ('{"a": 1} x', "'x'"),
        ('{"a": /* open', "line 1"),
        ('{"a": "\n"}', "line 1"),
        ("[" * 500 + "]" * 500, "nested deeper"),
        ("[1, , 2]", "','"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=r".") as refused:
        EDITOR.put(text, change("new", to=1))
    assert says in str(refused.value)


def test_a_key_below_something_that_is_no_object_is_refused() -> None:
    with pytest.raises(Unreadable, match="env is no object"):
        EDITOR.put('{"env": "x"}', change("env", "URL", to="y"))
    with pytest.raises(Unreadable, match="the file is no object"):
        EDITOR.put("[1]", change("env", to="y"))
    with pytest.raises(Unreadable, match="hooks is no list"):
        EDITOR.put('{"hooks": {}}', change("hooks", to="y", append=True))


def test_dropping_what_is_not_there_changes_nothing() -> None:
    text = '{"a": {"b": 1}}'
    assert EDITOR.drop(text, change("x", "y", to=1)) == text
    assert EDITOR.drop(text, change("a", "c", to=1)) == text


def test_dropping_a_line_leaves_its_neighbours_lines() -> None:
    text = '{\n  // one\n  "a": 1,\n  // two\n  "b": 2,\n  "c": 3 // three\n}\n'
    assert (
        EDITOR.drop(text, change("b", to=2))
        == '{\n  // one\n  "a": 1,\n  // two\n  "c": 3 // three\n}\n'
    )
    assert (
        EDITOR.drop(text, change("c", to=3))
        == '{\n  // one\n  "a": 1,\n  // two\n  "b": 2 // three\n}\n'
    )
