"""JSON as answers spell it: what is read can be written again."""

import json

import pytest
from hypothesis import given

from headroom.wire.values import decoded, encoded, object_in
from strategies import VALUES


@given(VALUES)
def test_what_is_read_is_written_with_the_same_meaning(value):
    read = decoded(json.dumps(value).encode())
    assert decoded(encoded(read)) == read


def test_half_a_character_comes_and_goes_as_its_escape():
    assert decoded(rb'{"a":"\ud83d"}') == {"a": "\ud83d"}
    assert encoded({"a": "\ud83d"}) == rb'{"a":"\ud83d"}'


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"NaN", b'{"a":Infinity}', b'"a'])
def test_what_is_no_json_is_nothing(raw):
    assert decoded(raw) is None
    assert object_in(raw) == {}


def test_only_an_object_is_an_object():
    assert object_in(b"[1]") == {}
    assert object_in(b'{"a":1}') == {"a": 1}


@pytest.mark.parametrize("inside", [b"1", rb'"\ud800"'], ids=["plain", "half a character"])
@pytest.mark.parametrize("depth", [10, 190, 270, 900, 100_000])
def test_what_is_read_can_be_written_inside_of_further_levels(depth, inside):
    value = decoded(b"[" * depth + inside + b"]" * depth)
    assert (value is None) == (depth > 250)
    if value is not None:
        assert encoded({"further": [{"levels": [value]}]}).count(b"[") == depth + 2


def test_a_long_shallow_value_is_read():
    raw = json.dumps([[n] for n in range(5_000)] + ["\ud800"]).encode()
    assert decoded(raw)[-1] == "\ud800"
