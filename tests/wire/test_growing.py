import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.errors import WireError
from headroom.wire import json_spans
from headroom.wire.growing import GrowingBodies
from strategies import VALUES, spelled


def spans(node):
    """Every value with where it stands, in order."""
    place = (getattr(node, "start", None), getattr(node, "end", None))
    if isinstance(node, dict):
        return [type(node), place, [(key, spans(value)) for key, value in node.items()]]
    if isinstance(node, list):
        return [type(node), place, [spans(value) for value in node]]
    return [type(node), place, node]


def body(messages, *, tail=1, mark=None):
    listed = [dict(message) for message in messages]
    if mark is not None and listed:
        listed[-1]["cache_control"] = mark
    tree = {"model": "m", "tools": [{"n": 1}, {"n": 2}], "messages": listed, "tail": tail}
    return json.dumps(tree).encode()


MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.text(max_size=3), "content": VALUES}), max_size=6
)
LONG = {"role": "user", "content": "x" * 9_000}


@given(MESSAGES, st.data())
def test_a_body_that_grows_reads_as_if_it_were_the_first(messages, data):
    bodies = GrowingBodies()
    for end in range(len(messages) + 1):
        marked = data.draw(st.sampled_from([None, {"type": "ephemeral"}]))
        sent = body([LONG, *messages[:end]], tail=data.draw(st.integers(0, 9)), mark=marked)
        assert spans(bodies.read(sent)) == spans(json_spans.parse(sent))


@given(st.lists(spelled(st.dictionaries(st.sampled_from("abc"), VALUES)), min_size=2, max_size=4))
def test_bodies_that_have_little_in_common_do_not_mix(sent):
    bodies = GrowingBodies()
    long = b'{"first":["' + b"y" * 9_000 + b'",{"a":1},'
    for one in sent:
        whole = long + one + b"]}"
        assert spans(bodies.read(whole)) == spans(json_spans.parse(whole))


def test_what_was_read_before_is_shared():
    bodies = GrowingBodies()
    first = bodies.read(body([LONG, LONG]))
    second = bodies.read(body([LONG, LONG, LONG]))
    assert second["messages"][1] is first["messages"][1]
    assert second["tools"][0] is first["tools"][0]
    assert len(first["messages"]) == 2


@pytest.mark.parametrize("broken", [b"[]", b"{", b'{"a":[{"b":1},', b""])
def test_a_body_that_is_no_object_is_refused_after_any_other(broken):
    bodies = GrowingBodies()
    bodies.read(body([LONG]))
    for wrong in (broken, body([LONG])[:-1] + broken):
        with pytest.raises(WireError):
            bodies.read(wrong)


def test_a_key_that_is_named_twice_is_seen_behind_a_shared_beginning():
    bodies = GrowingBodies()
    sent = body([LONG])
    bodies.read(sent)
    with pytest.raises(WireError):
        bodies.read(sent[:-1] + b', "model": "other"}')


def test_no_more_is_kept_than_a_bound():
    bodies = GrowingBodies()
    for number in range(80):
        bodies.read(json.dumps({"n": number, "text": "x" * 100_000}).encode())
    assert bodies._size <= 2_000_000
    assert len(bodies._latest) <= 20
