import json

import pytest
from messages_api import (
    ASKED,
    RETRIEVAL,
    Client,
    Proxy,
    call,
    compact,
    events,
    hidden,
    replies,
    result,
    text,
    thinking,
    whole,
)

from headroom.markers import TOOL_NAME
from headroom.wire import json_spans
from headroom.wire._api import Call, Turn, Usage, read

EACH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])


@EACH
def test_usage_adds_the_outputs_and_keeps_the_last_input(stream):
    proxy = Proxy(stream)
    message = proxy.ask(ASKED, [[hidden(1)], [hidden(2)], [text("it is 42")]])
    assert message["usage"] == {"input_tokens": 300, "output_tokens": 60}
    assert proxy.usage == Usage(fresh=600, output=60)


def test_details_of_the_output_are_added_too():
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    for number, blocks in enumerate(([hidden(1)], [text("it is 42")]), 1):
        usage = {
            "input_tokens": 5,
            "cache_read_input_tokens": 70 * number,
            "output_tokens": 10,
            "output_tokens_details": {"thinking_tokens": 4},
            "service_tier": "standard",
        }
        given = answer.feed(compact(whole(blocks, number, usage=usage)))
        if turn := answer.end():
            answer.resume(turn, ["found"])
    assert json.loads(given[0])["usage"] == {
        "input_tokens": 5,
        "cache_read_input_tokens": 140,
        "output_tokens": 20,
        "output_tokens_details": {"thinking_tokens": 8},
        "service_tier": "standard",
    }
    assert answer.usage == Usage(fresh=10, cache_read=210, output=20)


@EACH
def test_without_interception_only_the_usage_is_read(stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=False)
    assert answer.usage is None
    made = events([hidden(1)]) if stream else [whole([hidden(1)])]
    assert {answer.feed(compact(event)) for event in made} == {None}
    assert answer.end() is None
    assert answer.memories() == []
    assert answer.usage == Usage(fresh=100, output=10)


@EACH
def test_what_needs_no_change_passes_as_it_came(stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    blocks = [
        thinking("hm"),
        text("headroom retrieves"),
        call(1),
        call(2, f"mcp__headroom__{TOOL_NAME}"),
    ]
    made = list(events(blocks)) if stream else [whole(blocks)]
    assert [answer.feed(compact(event)) for event in made] == [None] * len(made)
    assert answer.end() is None


def test_text_before_a_hidden_call_is_not_held_back():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    made = list(events([text("let me see"), hidden(1)]))
    given = [answer.feed(compact(event)) for event in made]
    first = next(i for i, event in enumerate(made) if event.get("index") == 1)
    assert set(map(type, given[:first])) == {type(None)}
    held = [event["type"] for event, out in zip(made, given, strict=True) if out == []]
    assert held[-2:] == ["message_delta", "message_stop"]
    assert "ping" not in held


@EACH
def test_the_rest_of_a_json_body_keeps_its_bytes(stream):
    spaced = json.dumps({**whole([text("both"), hidden(1), call(2)]), "x": 1.0}, indent=2).encode()
    (given,) = RETRIEVAL.answer(stream=False, intercept=True).feed(spaced)
    head = spaced[: spaced.index(b"[")]
    tail = spaced[spaced.index(b'"stop_reason"') :]
    assert given.startswith(head)
    assert given.endswith(tail)


@pytest.mark.parametrize("stop", ["max_tokens", "refusal", "pause_turn"])
@EACH
def test_a_leg_that_was_cut_short_is_no_turn(stream, stop):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    made = (
        events([text("let me"), hidden(1)], 1, stop)
        if stream
        else [whole([text("let me"), hidden(1)], 1, stop)]
    )
    proxy = Proxy(stream)
    shown = []
    for payload in map(compact, made):
        given = answer.feed(payload)
        shown += [payload] if given is None else given
    message = proxy.collected(shown)
    assert answer.end() is None
    assert (message["content"], message["stop_reason"]) == ([text("let me")], stop)


@pytest.mark.parametrize("kept", range(1, 12))
def test_a_stream_that_is_cut_is_seen_as_cut(kept):
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    client = Client()
    for payload in map(compact, list(events([hidden(1)]))[:-1][:kept]):
        given = answer.feed(payload)
        for shown in [payload] if given is None else given:
            client.hear(json.loads(shown))
    assert answer.end() is None
    assert not client.ended
    assert client.message["stop_reason"] is None


@EACH
def test_giving_up_ends_the_answer_as_it_stands(stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    proxy = Proxy(stream)
    shown = []
    for number, blocks in enumerate(([text("one"), hidden(1)], [text("two"), hidden(2)]), 1):
        shown += proxy.leg(answer, blocks, number)
        turn = answer.end()
        if number == 1:
            answer.resume(turn, ["found"])
    shown += answer.give_up(b"")
    message = proxy.collected(shown)
    assert message["content"] == [text("one"), text("two")]
    assert message["stop_reason"] == "end_turn"
    assert message["usage"] == {"input_tokens": 200, "output_tokens": 30}
    assert len(answer.memories()) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"type":"error","error":{"type":"overloaded_error"}}', {"type": "overloaded_error"}),
        (b"<html>", {"type": "api_error", "message": "<html>"}),
    ],
)
def test_an_error_of_a_later_leg_is_an_error_event(body, said):
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    list(Proxy(True).leg(answer, [hidden(1)], 1))
    answer.resume(answer.end(), ["found"])
    (payload,) = answer.give_up(body)
    assert json.loads(payload) == {"type": "error", "error": said}


def test_upstream_error_passes_in_json():
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    assert answer.give_up(b"{}") == [b"{}"]
    assert answer.give_up(b"") == []


def test_what_the_model_said_goes_back_verbatim():
    blocks = [
        {"type": "redacted_thinking", "data": "opaque"},
        thinking("hm"),
        {
            "type": "server_tool_use",
            "id": "srvtoolu_1",
            "name": "web_search",
            "input": {"query": "x"},
        },
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"url": "u"}]},
        text("found"),
        hidden(1),
    ]
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    list(Proxy(True).leg(answer, blocks, 1))
    turn = answer.end()
    assert json.loads(turn.said) == blocks
    assert turn.calls[0].arguments == {"ref": "k3f9a2c1"}
    proxy = Proxy(True)
    following = replies(proxy, [blocks, [text("it is 42")]])
    proxy.request(compact({"messages": following}))
    assert proxy.sent_messages()[1]["content"] == blocks


def test_citations_are_collected():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    made = list(events([{**text("cited"), "citations": None}, hidden(1)]))
    cited = {"type": "citations_delta", "citation": {"cited_text": "c"}}
    made.insert(3, {"type": "content_block_delta", "index": 0, "delta": cited})
    for event in made:
        answer.feed(compact(event))
    said = {**text("cited"), "citations": [{"cited_text": "c"}]}
    assert json.loads(answer.end().said) == [said, hidden(1)]


def test_blank_texts_are_not_sent_back_because_the_api_refuses_them():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    list(Proxy(True).leg(answer, [text("\n\n"), hidden(1)], 1))
    assert json.loads(answer.end().said) == [hidden(1)]


def test_arguments_are_sent_back_as_the_model_spelled_them():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    made = list(events([hidden(1)]))
    spelled = '{"ref": 1.0, "n": 123456789012345678901234567890}'
    made[3:6] = [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": spelled},
        }
    ]
    for event in made:
        answer.feed(compact(event))
    assert spelled.encode() in answer.end().said


def test_arguments_that_are_no_json_make_a_call_without_any():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    oops = {"type": "input_json_delta", "partial_json": "{oops"}
    made = list(events([hidden(1)]))
    made.insert(3, {"type": "content_block_delta", "index": 0, "delta": oops})
    for event in made:
        answer.feed(compact(event))
    turn = answer.end()
    assert turn.calls[0].arguments == {}
    assert json.loads(turn.said)[0]["input"] == {}


def test_a_character_torn_over_two_events_is_whole_again():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    made = [compact(event) for event in events([text("xxxx"), hidden(1)])]
    half = (
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\ud83d"}}'
    )
    made[3:4] = [half, half.replace(b"ud83d", b"ude00")]
    assert [answer.feed(payload) for payload in made[:5]] == [None] * 5
    for payload in made[5:]:
        answer.feed(payload)
    turn = answer.end()
    sent = json_spans.spliced(
        b'{"messages":[]}', RETRIEVAL.carry_on(read(b'{"messages":[]}'), turn, ["x"])
    )
    assert b'"text":"\\ud83d\\ude00"' in sent


def test_what_upstream_says_after_the_end_of_a_leg_is_not_lost():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    made = list(events([hidden(1), call(2)]))
    late = made[7:13]
    assert late[0]["type"] == "content_block_start"
    *head, delta, stop = [event for event in made if event not in late]
    given = [answer.feed(compact(event)) for event in (*head, delta, *late, stop)]
    assert [json.loads(out)["type"] for out in given[-1]] == ["message_delta", "message_stop"]
    assert not answer.end().alone


def test_events_of_unknown_shape_pass():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    list(Proxy(True).leg(answer, [hidden(1)], 1))
    answer.resume(answer.end(), ["found"])
    delta = b'{"type":"content_block_delta","index":"x","delta":{"type":"text_delta","text":"a"}}'
    twice = delta.replace(b'"x"', b'0,"index":["x"]')
    deep = b'{"type":"content_block_stop","index":0,"x":' + b"[" * 400 + b"]" * 400 + b"}"
    for payload in (delta, twice, deep, b'{"type":"content_block_stop","index":NaN}', b"[1]", b"x"):
        assert answer.feed(payload) is None
    made = [compact(event) for event in events([text("a"), hidden(2)])]
    for payload in (*made[:3], twice, *made[3:]):
        answer.feed(payload)
    assert json.loads(answer.end().said) == [text("a"), hidden(2)]


@pytest.mark.parametrize("body", [b"<html>", b'{"content":["x"]}', b'{"type":"error"}', b"[]"])
def test_a_later_leg_that_is_no_message_passes_as_it_came(body):
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    answer.feed(compact(whole([hidden(1)])))
    answer.resume(answer.end(), ["found"])
    assert answer.feed(body) is None
    assert answer.end() is None


def test_a_result_that_is_missing_is_empty():
    turn = Turn((Call("toolu_1", {}),), b"[]", alone=True)
    body = b'{"messages":[1]}'
    sent = json_spans.spliced(body, RETRIEVAL.carry_on(read(body), turn, []))
    assert json.loads(sent)["messages"][2]["content"] == [result(1, "")]


def test_an_end_that_was_never_said_is_not_made_up():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    made = [compact(event) for event in events([text("a"), hidden(1)])]
    for payload in made[:3]:
        answer.feed(payload)
    assert answer.give_up(b"") == []
    for payload in made[3:-1]:
        answer.feed(payload)
    told = [json.loads(payload) for payload in answer.give_up(b"")]
    assert [event["type"] for event in told] == ["message_delta", "message_stop"]
    assert answer.give_up(b"") == []
