"""Parts of a request, told by what they say and not by their breakpoints."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.caching.content import lifetime, parts
from headroom.wire.json_spans import parse
from strategies import VALUES, spelled

MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
SPELLINGS = (
    {},
    {"indent": 2},
    {"separators": (",", ":")},
    {"separators": (" , ", " : ")},
)


def read(value, **spelling):
    raw = json.dumps(value, **spelling).encode()
    return list(parts(parse(raw), raw))


def one(value, **spelling):
    (part,) = read([value], **spelling)
    return part


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("mark", [MARK, HOUR])
def test_a_breakpoint_and_its_place_among_the_keys_are_no_content(mark, place, spelling):
    plain = [("type", "image"), ("source", {"data": "aGk="}), ("more", [1, {"a": None}])]
    marked = [*plain[:place], ("cache_control", mark), *plain[place:]]
    bare, with_mark = one(dict(plain), **spelling), one(dict(marked), **spelling)
    assert with_mark.digest == bare.digest
    assert (bare.mark, with_mark.mark) == ("", mark.get("ttl", "5m"))


def test_a_part_with_nothing_but_a_breakpoint_is_an_empty_one():
    assert one({"cache_control": MARK}).digest == one({}).digest


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_a_text_is_the_list_of_one_block_that_it_stands_for(spelling):
    (bare,) = read("Why?\n☃", **spelling)
    block = {"type": "text", "text": "Why?\n☃"}
    marked = {"cache_control": HOUR, **block}
    assert bare.digest == one(block, **spelling).digest == one(marked, **spelling).digest
    assert bare.digest != one({**block, "text": "Why? ☃"}, **spelling).digest
    assert bare.digest != one({**block, "citations": []}, **spelling).digest


def test_a_result_is_told_by_its_text_however_that_is_wrapped():
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "It failed."}
    block = {"type": "text", "text": "It failed."}
    wrapped = [
        {**result, "content": [block]},
        {**result, "content": [{**block, "cache_control": MARK}]},
        {**result, "content": [block], "cache_control": MARK},
    ]
    assert {one(each).digest for each in wrapped} == {one(result).digest}
    assert [one(each).mark for each in wrapped] == ["", "5m", "5m"]
    assert one({**result, "tool_use_id": "t2"}).digest != one(result).digest


def test_breakpoints_inside_a_result_of_several_blocks_are_no_content_either():
    blocks = [{"type": "text", "text": "a"}, {"type": "image", "source": {}}, "odd"]
    marked = [blocks[0], {**blocks[1], "cache_control": HOUR}, "odd"]
    first = one({"type": "tool_result", "content": blocks})
    again = one({"type": "tool_result", "content": marked})
    assert again.digest == first.digest
    assert (first.mark, again.mark) == ("", "1h")


def test_text_that_reads_like_a_breakpoint_is_content():
    block = {"type": "note", "said": 'x, "cache_control": {}', "cache_control": MARK}
    other = {**block, "said": 'y, "cache_control": {}'}
    bare = {key: value for key, value in block.items() if key != "cache_control"}
    assert one(block).digest == one(bare).digest != one(other).digest


def test_a_breakpoint_of_its_own_is_for_what_stands_before_it():
    listed = [{"text": "a"}, {"cachePoint": {"type": "default"}}, {"text": "b"}, {"text": "c"}]
    listed.append({"cachePoint": {"type": "default", "ttl": "1h"}})
    assert [(part.at, part.mark) for part in read(listed)] == [(0, "5m"), (2, ""), (3, "1h")]


@pytest.mark.parametrize("mark", [None, "ephemeral", 3, ["x"]])
def test_what_is_no_breakpoint_asks_for_no_lifetime(mark):
    assert lifetime(mark) == ""
    assert one({"type": "image", "cache_control": mark}).mark == ""


def test_a_breakpoint_whose_key_is_spelled_with_escapes_is_one_too():
    raw = rb'[{"type": "image", "cache\u005fcontrol": {"ttl": "1h"}}]'
    (part,) = parts(parse(raw), raw)
    assert part.mark == "1h"


@pytest.mark.parametrize("said", [None, 3, {"a": 1}, [1, "a", None, [{}]]])
def test_what_holds_no_parts_has_none(said):
    assert read(said) == []


def test_a_key_that_stands_twice_hides_a_part():
    raw = b'[{"text": "a", "text": "b"}, {"text": "c"}]'
    assert [part.at for part in parts(parse(raw), raw)] == [1]


def test_a_long_run_of_white_space_takes_no_time():
    raw = (
        b'[{"type": "image",' + b" " * 1_000_000 + b'"cache_control": {}' + b" " * 1_000_000 + b"}]"
    )
    (part,) = parts(parse(raw), raw)
    assert part.mark == "5m"


@given(spelled(st.lists(st.dictionaries(st.sampled_from(["type", "text", "content"]), VALUES))))
def test_any_list_has_parts_that_stand_where_they_say(raw):
    for part in parts(parse(raw), raw):
        assert parse(raw[part.start : part.end]) == part.value
        assert len(part.digest) == 8
