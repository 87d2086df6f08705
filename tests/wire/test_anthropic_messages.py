import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages_api import (
    ASKED,
    Proxy,
    call,
    compact,
    hidden,
    replies,
    result,
    text,
    thinking,
    whole,
)

from headroom.markers import TOOL_NAME

EACH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])

SCRIPTS = {
    "nothing hidden": [[text("it is 42")]],
    "hidden alone": [[hidden(1)], [text("it is 42")]],
    "hidden twice in a row": [[hidden(1)], [hidden(2)], [text("it is 42")]],
    "two hidden at once": [[hidden(1), hidden(2)], [text("it is 42")]],
    "text before": [[text("let me see"), hidden(1)], [text("it is 42")]],
    "text before every leg": [
        [text("let me see"), hidden(1)],
        [text("and\n\nthe rest"), hidden(2)],
        [text("it is 42")],
    ],
    "thinking": [
        [thinking("hm"), text("let me see"), hidden(1)],
        [thinking("so"), text("it is 42")],
    ],
    "beside a client's call": [[text("both"), hidden(1), call(2)]],
    "behind a client's call": [[call(2), hidden(1)]],
    "between clients' calls": [[call(2), hidden(1), call(3), hidden(4)]],
    "alone, then a client's call": [[text("let me see"), hidden(1)], [text("now"), call(2)]],
    "alone, then beside": [
        [thinking("hm"), hidden(1)],
        [text("more"), hidden(2)],
        [thinking("so"), text("both"), hidden(3), call(4)],
    ],
    "nothing said at the end": [[text("let me see"), hidden(1)], []],
}
SCRIPTED = pytest.mark.parametrize("legs", SCRIPTS.values(), ids=SCRIPTS)


def visible(legs):
    ours = [block for blocks in legs for block in blocks]
    return [block for block in ours if block.get("name") != TOOL_NAME]


def lived(asked, legs):
    """The conversation as the model lived it, up to its last leg."""
    messages = list(asked)
    for blocks in legs:
        messages.append({"role": "assistant", "content": blocks})
        results = [
            result(block["id"].removeprefix("toolu_"), f"result of {block['id']}")
            for block in blocks
            if block.get("name") == TOOL_NAME
        ]
        if results:
            messages.append({"role": "user", "content": results})
    return messages


@EACH
@SCRIPTED
def test_a_client_sees_one_answer_without_the_hidden_calls(stream, legs):
    message = Proxy(stream).ask(ASKED, legs)
    assert message["content"] == visible(legs)
    assert message["id"] == "msg_1"
    assert message["stop_reason"] == whole(legs[-1])["stop_reason"]


@EACH
@SCRIPTED
def test_the_next_request_begins_with_what_the_model_lived(stream, legs):
    proxy = Proxy(stream)
    following = replies(proxy, legs)
    continued = proxy.sent_messages()
    proxy.request(compact({"messages": following}))
    restored = proxy.sent_messages()
    assert restored[: len(continued)] == continued
    expected = lived(ASKED, legs)
    if expected[-1]["role"] == "user" and any(b["type"] == "tool_use" for b in visible(legs)):
        expected[-1]["content"] += following[-1]["content"]
    elif not legs[-1]:
        expected[-1] = following[-1]
    else:
        expected.append(following[-1])
    assert restored == expected


def joined(blocks):
    """Some clients keep one text."""
    texts = "".join(block["text"] for block in blocks if block["type"] == "text")
    return [text(texts), *(block for block in blocks if block["type"] == "tool_use")]


def as_string(blocks):
    only_text = all(block["type"] == "text" for block in blocks)
    return "\n\n".join(block["text"] for block in blocks) if only_text else blocks


def split(blocks):
    parts = []
    for block in blocks:
        said = block.get("text")
        parts += [text(said[:3]), text(said[3:])] if said else [block]
    return parts


def marked(blocks):
    return [*blocks[:-1], {**blocks[-1], "cache_control": {"type": "ephemeral"}}]


def without_fields(blocks):
    return [{k: v for k, v in block.items() if k != "citations"} for block in blocks]


def trimmed(blocks):
    return [{**b, "text": b["text"].strip()} if b["type"] == "text" else b for b in blocks]


CLIENTS = [joined, as_string, split, marked, without_fields, trimmed]


@EACH
@pytest.mark.parametrize("normalise", CLIENTS, ids=lambda client: client.__name__)
@pytest.mark.parametrize(
    "name",
    [name for name in SCRIPTS if name not in ("thinking", "alone, then beside", "nothing hidden")],
)
def test_a_client_may_spell_what_it_was_shown_in_its_own_way(stream, normalise, name):
    legs = SCRIPTS[name]
    proxy = Proxy(stream)
    following = replies(proxy, legs, normalise)
    continued = proxy.sent_messages()
    proxy.request(compact({"messages": following}))
    restored = proxy.sent_messages()
    said = [
        block for message in restored for block in message["content"] if isinstance(block, dict)
    ]
    assert unmarked(restored[: len(continued)]) == continued
    results = [block["tool_use_id"] for block in said if block["type"] == "tool_result"]
    calls = [block["id"] for block in said if block["type"] == "tool_use"]
    assert sorted(results) == sorted(calls)
    assert said_in(restored) == said_in([*ASKED, {"content": visible(legs)}, following[-1]])
    again = json.dumps(restored).count("ephemeral")
    assert again == json.dumps(following).count("ephemeral"), "a mark was lost"


def unmarked(value):
    if isinstance(value, list):
        return [unmarked(item) for item in value]
    if isinstance(value, dict):
        return {k: unmarked(item) for k, item in value.items() if k != "cache_control"}
    return value


def said_in(messages):
    """All texts, without white space."""
    parts = []
    for message in messages:
        content = message["content"]
        blocks = [text(content)] if isinstance(content, str) else content
        parts += [block["text"] for block in blocks if block["type"] == "text"]
    return "".join("".join(parts).split())


@EACH
def test_a_client_that_drops_the_thinking_does_not_get_it_back(stream):
    proxy = Proxy(stream)
    legs = SCRIPTS["thinking"]
    following = replies(proxy, legs, lambda blocks: [b for b in blocks if b["type"] == "text"])
    proxy.request(compact({"messages": following}))
    bare = [[block for block in blocks if block["type"] != "thinking"] for blocks in legs]
    assert proxy.sent_messages() == [*lived(ASKED, bare), following[-1]]


@EACH
def test_hidden_turns_stand_before_an_answer_in_which_their_place_is_not_found(stream):
    proxy = Proxy(stream)
    legs = SCRIPTS["alone, then a client's call"]
    following = replies(proxy, legs, lambda blocks: [text("changed"), blocks[-1]])
    proxy.request(compact({"messages": following}))
    calls = lived(ASKED, [[hidden(1)]])
    assert proxy.sent_messages() == [*calls, *following[1:]]


@EACH
def test_a_session_stays_whole_over_many_requests(stream):
    proxy = Proxy(stream)
    messages = ASKED
    for legs in (
        [[hidden(1)], [text("now"), call(2)]],
        [[text("both"), hidden(3), call(4)]],
        [[text("more"), hidden(5)], [text("done")]],
    ):
        before = proxy.sent_messages() if proxy.sent else []
        messages = replies(proxy, legs, asked=messages)
        assert proxy.sent_messages()[: len(before)] == before
    proxy.request(compact({"messages": messages}))
    restored = proxy.sent_messages()
    hidden_calls = [
        b["id"]
        for m in restored
        for b in m["content"]
        if isinstance(b, dict) and b.get("name") == TOOL_NAME
    ]
    assert hidden_calls == ["toolu_1", "toolu_3", "toolu_5"]
    assert len(restored) == 11


def test_the_same_short_answer_to_another_question_is_another_answer():
    proxy = Proxy(stream=True)
    following = replies(proxy, [[hidden(1)], [text("Yes.")]])
    following += [{"role": "assistant", "content": "Yes."}, ASKED[0]]
    proxy.request(compact({"messages": following}))
    assert json.dumps(proxy.sent_messages()).count('"tool_use"') == 1


def test_an_answer_is_found_by_its_text_alone_where_the_question_was_not_given():
    proxy = Proxy(stream=True)
    message = proxy.ask(ASKED, [[hidden(1)], [text("it is 42")]], named=False)
    following = [*ASKED, {"role": "assistant", "content": message["content"]}]
    proxy.request(compact({"messages": following}))
    assert proxy.sent_messages() == lived(ASKED, [[hidden(1)], [text("it is 42")]])


def test_results_go_before_a_user_text_that_is_a_string():
    proxy = Proxy(stream=True)
    message = proxy.ask(ASKED, [[hidden(1), call(2)]])
    assistant = {"role": "assistant", "content": message["content"]}
    proxy.request(
        compact({"messages": [*ASKED, assistant, {"role": "user", "content": "st\u00f6p"}]})
    )
    results = result(1, "result of toolu_1")
    assert proxy.sent_messages()[-1] == {"role": "user", "content": [results, text("st\u00f6p")]}


@pytest.mark.parametrize("following", [[], [{"role": "system", "content": "be brief"}]])
def test_results_get_a_message_of_their_own_where_the_client_gives_none(following):
    proxy = Proxy(stream=True)
    message = proxy.ask(ASKED, [[hidden(1), call(2)]])
    assistant = {"role": "assistant", "content": message["content"]}
    proxy.request(compact({"messages": [*ASKED, assistant, *following]}))
    results = {"role": "user", "content": [result(1, "result of toolu_1")]}
    said = {"role": "assistant", "content": [hidden(1), call(2)]}
    assert proxy.sent_messages() == [*ASKED, said, results, *following]


SPOKEN = st.text(max_size=12).filter(str.strip)
ALONE = st.builds(
    lambda said, thought: [
        *([thinking(thought)] if thought else []),
        *([text(said)] if said else []),
    ],
    st.one_of(st.none(), SPOKEN),
    st.one_of(st.none(), SPOKEN),
)


@given(st.lists(ALONE, max_size=4), SPOKEN, st.booleans(), st.booleans())
def test_any_answer_is_restored_as_it_was_lived(alone, last, calls, stream):
    legs = [[*blocks, hidden(number)] for number, blocks in enumerate(alone)]
    legs.append([text(last), *([hidden(98), call(99)] if calls else [])])
    proxy = Proxy(stream)
    following = replies(proxy, legs)
    proxy.request(compact({"messages": following}))
    expected = lived(ASKED, legs)
    if calls:
        expected[-1]["content"] += following[-1]["content"]
    else:
        expected.append(following[-1])
    assert proxy.sent_messages() == expected


@EACH
def test_a_block_of_another_kind_ends_what_was_said_before(stream):
    proxy = Proxy(stream)
    legs = SCRIPTS["hidden alone"]
    following = replies(proxy, legs, lambda blocks: [{"type": ["odd"]}, *blocks])
    proxy.request(compact({"messages": following}))
    odd = [{"type": ["odd"]}, text("it is 42")]
    assert proxy.sent_messages() == [*lived(ASKED, [legs[0], odd]), following[-1]]
