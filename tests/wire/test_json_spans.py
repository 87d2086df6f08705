import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.edits import Edit, Fidelity
from headroom.errors import WireError
from headroom.wire import json_spans
from strategies import VALUES, spelled


def edit(path, before, after):
    return Edit(path, before, after, "x", Fidelity.LOSSLESS, (), 1, 1)


def strings(value, path=()):
    """Every text in a decoded value with its path."""
    if isinstance(value, str):
        yield path, value
    if isinstance(value, (dict, list)):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(item, (*path, step))


@given(spelled(VALUES))
def test_parsing_gives_the_value_that_json_gives(body):
    assert same(json_spans.parse(body), json.loads(body))


def same(mine, theirs):
    if isinstance(theirs, float):
        return math.isclose(mine, theirs) or mine == theirs
    if isinstance(theirs, int) and isinstance(mine, bytes):
        return mine == str(theirs).encode()
    if isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(same(mine[k], theirs[k]) for k in theirs)
    if isinstance(theirs, list):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    return mine == theirs and isinstance(mine, bool) == isinstance(theirs, bool)


@given(spelled(VALUES))
def test_a_string_knows_the_bytes_it_was_read_from(body):
    for _, text in strings(json_spans.parse(body)):
        assert json.loads(body[text.start : text.end]) == text


@given(spelled(VALUES), st.data())
def test_a_splice_changes_the_named_strings_and_no_other_byte(body, data):
    found = list(strings(json_spans.parse(body)))
    chosen = data.draw(
        st.lists(st.sampled_from(found), unique_by=lambda e: e[0]) if found else st.just([])
    )
    edits = [edit(path, text, f"<{text}>é\n") for path, text in chosen]
    spliced = json_spans.splice(body, edits)
    at_before = at_after = 0
    for text, new in sorted(((t, f"<{t}>é\n") for _, t in chosen), key=lambda e: e[0].start):
        kept = text.start - at_before
        assert spliced[at_after : at_after + kept] == body[at_before : text.start]
        at_before, at_after = text.end, at_after + kept + len(json_spans.encoded(new))
    assert spliced[at_after:] == body[at_before:]
    json.loads(spliced)


def test_a_key_said_twice_makes_its_object_opaque():
    body = b'{"a": {"k": "x", "k": "y"}, "b": "z"}'
    tree = json_spans.parse(body)
    assert isinstance(tree["a"], json_spans.Opaque)
    assert tree["b"] == "z"
    with pytest.raises(WireError, match="no text at"):
        json_spans.splice(body, [edit(("a", "k"), "y", "new")])


def test_an_edit_that_expects_another_text_is_refused():
    with pytest.raises(WireError, match="not the one that was edited"):
        json_spans.splice(b'{"a": "x"}', [edit(("a",), "other", "new")])


def test_lone_surrogates_are_read_and_written_as_escapes():
    body = rb'{"a": "\ud800x"}'
    assert json_spans.parse(body)["a"] == "\ud800x"
    spliced = json_spans.splice(body, [edit(("a",), "\ud800x", "\ud800y")])
    assert spliced == rb'{"a": "\ud800y"}'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"a"}', b'{"a":}', b"[1,]", b"[1 2]", b'"a', b'{"a":1}x', b"nul", b"{]",
        b'["\x01"]', b'["\xff"]', b'{"a" "b"}', b",", b"[1}", b'{1:2}', rb'["\u12"]',
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(body):
    with pytest.raises(WireError):
        json_spans.parse(body)


def test_a_number_longer_than_any_stays_as_it_is_spelled():
    assert json_spans.parse(b"[1, -2.5e3, " + b"9" * 50 + b"]") == [1, -2500.0, b"9" * 50]


def test_deep_nesting_is_refused_without_recursion():
    with pytest.raises(WireError, match="nested deeper"):
        json_spans.parse(b"[" * 100_000)


def test_a_body_just_within_the_depth_is_read():
    depth = json_spans.MAX_DEPTH
    tree = json_spans.parse(b"[" * depth + b'"x"' + b"]" * depth)
    for _ in range(depth):
        (tree,) = tree
    assert tree == "x"
