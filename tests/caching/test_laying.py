"""Bodies of each wire format as rows of pieces."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import MODEL, digests, layout, said

from headroom.caching.busts import difference
from headroom.caching.laying import PER_MESSAGE, Sent, layout_of
from headroom.caching.layout import Zone, sides
from headroom.edits import Measure
from headroom.tokens import estimate
from headroom.wire import FORMATS
from strategies import BODIES, VALUES, spelled

MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
TOOLS = [{"name": "read", "input_schema": {}}, {"name": "run", "input_schema": {}}]
BODY = {
    "model": MODEL,
    "messages": [
        {"role": "user", "content": "Why?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "t1", "name": "read", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "It says so."}],
        },
    ],
    "system": [{"type": "text", "text": "Be careful."}, {"type": "text", "text": "Be brief."}],
    "tools": TOOLS,
}
CHAT = {
    "model": "gpt-5",
    "messages": [
        {"role": "system", "content": "Be careful."},
        {"role": "user", "content": "Why?"},
        {"role": "developer", "content": "Be brief."},
    ],
    "tools": [{"type": "function", "function": {"name": "read"}}, {"type": "custom"}, "odd"],
}
every_form = pytest.mark.parametrize("form", [form.name for form in FORMATS])


def places(found):
    return [(piece.zone.value, piece.at, piece.name) for piece in found.pieces]


def with_last(body, **more):
    """The body with something more in the last part of its last message."""
    message = body["messages"][-1]
    last = {**message["content"][-1], **more}
    return {**body, "messages": [*body["messages"][:-1], {**message, "content": [last]}]}


def test_pieces_stand_in_the_order_of_the_prompt_whatever_the_order_of_keys():
    found = layout(BODY)
    assert places(found) == [
        ("tools", 0, "read"),
        ("tools", 1, "run"),
        ("system", 0, "system"),
        ("system", 1, "system"),
        ("messages", 0, "user"),
        ("messages", 1, "assistant"),
        ("messages", 1, "assistant"),
        ("messages", 2, "user"),
    ]
    assert found.system == ("Be careful.", "Be brief.")
    assert digests(dict(reversed(BODY.items()))) == digests(BODY)


def test_tokens_are_those_of_texts_of_tools_and_a_few_for_each_message():
    found = layout(BODY)
    texts = [len("Why?") + 4, len("Let me look.") + 4, len('{"a": 1}'), len("It says so.") + 4]
    sizes = [estimate(json.dumps(tool)) for tool in TOOLS]
    assert [piece.before for piece in found.pieces] == [*sizes, 11, 9, *texts]
    assert [piece.after for piece in found.pieces] == [piece.before for piece in found.pieces]


def test_measures_go_to_the_pieces_of_their_texts():
    content = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    result = {"type": "tool_result", "tool_use_id": "t1", "content": content}
    body = {"messages": [{"role": "user", "content": [result, {"type": "text", "text": "c"}]}]}
    short = [Measure(100, 40, 7), Measure(50, 50), Measure(10, 10)]
    first, second = layout(body, measures=short).pieces
    assert (first.before, first.after) == (150 + PER_MESSAGE, 90 + PER_MESSAGE)
    assert (second.before, second.after) == (10, 10)
    long = layout(body, measures=[Measure(100, 100), *short[1:]]).pieces
    assert first.digest == long[0].digest
    assert (first.sent == long[0].sent, second.sent == long[1].sent) == (False, True)


def test_texts_without_a_measure_count_nothing():
    found = layout_of("anthropic_messages", MODEL, said(BODY), Sent((), exact=False))
    assert [piece.before for piece in found.pieces][2:4] == [0, 0]
    assert found.exact is False


def test_breakpoints_stand_behind_what_carries_them():
    body = {
        **with_last(BODY, cache_control=MARK),
        "tools": [TOOLS[0], {**TOOLS[1], "cache_control": HOUR}],
    }
    for one in (layout(body), layout(body, tool_tokens=50)):
        assert [piece.mark for piece in one.pieces if piece.digest] == ["", "1h", *[""] * 5, "5m"]
        assert [piece.sent_mark for piece in one.pieces] == [piece.mark for piece in one.pieces]
    assert digests(body) == digests(BODY)


def test_a_breakpoint_for_the_whole_request_is_one_behind_its_end():
    assert layout({**BODY, "cache_control": HOUR}).pieces[-1].mark == "1h"
    both = {**with_last(BODY, cache_control=MARK), "cache_control": HOUR}
    assert [piece.mark for piece in layout(both).pieces if piece.mark] == ["5m"]
    assert layout({"messages": [], "cache_control": HOUR}).pieces == ()


def test_a_string_and_a_list_of_its_one_text_are_the_same_prompt():
    blocks = [{"type": "text", "text": "Why?", "cache_control": MARK}]
    wrapped = {**BODY, "messages": [{"role": "user", "content": blocks}, *BODY["messages"][1:]]}
    assert digests(wrapped) == digests(BODY)
    assert layout(wrapped).pieces[4].mark == "5m"


def test_who_says_it_is_part_of_a_message():
    one = {"messages": [{"role": "user", "content": "Yes."}]}
    other = {"messages": [{"role": "assistant", "content": "Yes."}]}
    assert digests(one) != digests(other)


def test_a_breakpoint_of_ours_is_where_it_was_put_whatever_the_order_of_keys():
    body = said(BODY)
    for needle, place in ((b'"It says so.', 7), (b'"Be brief.', 3), (b'"run"', 1)):
        found = layout(BODY, placed=[body.body.index(needle)])
        assert [piece.sent_mark for piece in found.pieces].index("5m") == place
        assert not any(piece.mark for piece in found.pieces)


def test_our_tool_stands_before_all_and_is_ours_alone():
    found = layout(BODY, tool_tokens=50)
    ours = found.pieces[0]
    assert (ours.zone, ours.digest, ours.before, ours.after) == (Zone.TOOLS, b"", 0, 50)
    plain = layout(BODY)
    assert sides(found)[0].keys[1:] == sides(plain)[0].keys
    assert not set(sides(found)[1].keys) & set(sides(plain)[1].keys)


def restored(hidden):
    """A layout where turns that the client never saw were put back."""
    messages = [BODY["messages"][0], *hidden, *BODY["messages"][1:]]
    full, asked = said({**BODY, "messages": messages}), said(BODY)
    texts = [block.text for message in full.talk.messages for block in message.blocks]
    sent = Sent([Measure(len(text), len(text)) for text in texts], True)
    return layout_of("anthropic_messages", MODEL, full, sent, asked)


def test_hidden_turns_are_ours_alone():
    hidden = [{"role": "assistant", "content": "Hm."}, {"role": "user", "content": "Well."}]
    found, plain = restored(hidden), layout(BODY)
    came = [piece for piece in found.pieces if piece.digest]
    assert came == list(plain.pieces)
    ours = [piece.after for piece in found.pieces if not piece.digest]
    assert ours == [len("Hm.") + PER_MESSAGE, len("Well.") + PER_MESSAGE]
    assert difference(plain, found) is None


def test_text_that_was_moved_is_counted_where_the_client_had_it():
    clock = "Be careful. Current time: 10:05."
    asked = said({"system": clock, "messages": [{"role": "user", "content": "Why?"}]})
    parts = [{"type": "text", "text": "Why?"}, {"type": "text", "text": "[10:05]"}]
    full = said({"system": "Be careful.", "messages": [{"role": "user", "content": parts}]})
    sent = Sent([Measure(3, 3), Measure(2, 2), Measure(4, 4)], True)
    found = layout_of("anthropic_messages", MODEL, full, sent, asked)
    longer = estimate(clock) - estimate("Be careful.")
    assert [(one.before, one.after) for one in found.pieces] == [(3 + longer, 3), (6, 6), (0, 4)]
    assert found.system == (clock,), "what varies is looked for in what the client sent"


def test_what_the_cache_depends_on_beside_the_prompt_is_told_apart():
    thinking = {**BODY, "thinking": {"type": "enabled", "budget_tokens": 9}}
    chosen = {**BODY, "tool_choice": {"type": "any"}}
    found = [layout(body).choices for body in (BODY, thinking, chosen, {**BODY, "top_k": 3})]
    assert len(set(found)) == 3
    assert found[0] == found[3]


def test_a_chat_is_a_row_of_tools_and_messages():
    found = layout(CHAT, "openai_chat", "gpt-5")
    assert places(found) == [
        ("tools", 0, "read"),
        ("tools", 1, ""),
        ("system", 0, "system"),
        ("messages", 1, "user"),
        ("messages", 2, "developer"),
    ]
    assert found.system == ("Be careful.",)
    assert found.pieces[2].before == len("Be careful.") + PER_MESSAGE


def test_bedrock_names_its_tools_elsewhere_and_sets_breakpoints_between():
    body = {
        "toolConfig": {
            "tools": [{"toolSpec": {"name": "read"}}, {"cachePoint": {"type": "default"}}]
        },
        "system": [{"text": "a"}, {"cachePoint": {"type": "default"}}, {"text": "b"}],
        "messages": [{"role": "user", "content": [{"text": "Why?"}, {"cachePoint": {}}]}],
    }
    found = layout(body, "bedrock_converse")
    assert [(piece.at, piece.name, piece.mark) for piece in found.pieces] == [
        (0, "read", "5m"),
        (0, "system", "5m"),
        (2, "system", ""),
        (0, "user", "5m"),
    ]
    assert found.system == ("a", "", "b"), "each text at the place of its piece"


def test_a_system_message_among_the_others_is_no_system_prompt_by_place():
    found = layout({"messages": [{"role": "system", "content": "Be careful."}]})
    assert [piece.zone for piece in found.pieces] == [Zone.MESSAGES]
    assert found.system == ()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None, "tools": 3, "system": {"a": 1}},
        {
            "messages": [None, 3, {"role": 5, "content": [[], None, {"a": {}}]}],
            "tools": [{"name": 5}],
        },
        {"messages": [{"content": "x"}], "toolConfig": {"tools": "x"}, "thinking": 3},
        {"messages": [{"role": "\ud800", "content": "\ud800"}], "cache_control": "x"},
        {"messages": [{"role": "user", "content": [{"cachePoint": 3}, {"text": 3}]}]},
    ],
)
@every_form
def test_a_strange_body_has_fewer_pieces(form, body):
    assert len(layout(body, form).pieces) <= 2


@every_form
@settings(max_examples=30)
@given(data=st.data())
def test_any_body_has_a_layout_and_goes_on_from_itself(form, data):
    raw = data.draw(spelled(st.one_of(BODIES[form], st.dictionaries(st.text(max_size=9), VALUES))))
    found = layout(raw, form)
    for side in sides(found):
        assert len(side.keys) == len(found.pieces)
    again = layout_of(form, MODEL, said(raw, form), Sent((), exact=False), said(raw, form))
    assert difference(found, again) is None
    assert [piece.digest for piece in again.pieces] == [piece.digest for piece in found.pieces]


# In the others what the model says in one go is one message, which may still grow.
@pytest.mark.parametrize("form", [each.name for each in FORMATS if each.key == "messages"])
@settings(max_examples=30)
@given(data=st.data())
def test_a_body_that_grows_only_goes_on(form, data):
    body, more = data.draw(BODIES[form]), data.draw(BODIES[form])["messages"]
    grown = {**body, "messages": [*body["messages"], *more]}
    first, second = layout(body, form), layout(grown, form)
    assert second.pieces[: len(first.pieces)] == first.pieces
    assert difference(first, second) is None
