"""Chat Completions: what the client hears and sends when the model retrieves in between."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.conversation import Kind
from headroom.edits import Edit, Fidelity
from headroom.markers import TOOL_NAME
from headroom.tool_definition import retrieve_tool
from headroom.wire import OPENAI_CHAT, json_spans
from headroom.wire._api import Call, Turn, Usage
from strategies import VALUES, spelled

CHAT = OPENAI_CHAT.retrieval
DONE = b"[DONE]"
BASH = ("call_Bash11111111", "bash", '{"command":"ls"}')
GREP = ("call_Grep22222222", "grep", '{"pattern":"x"}')
OURS = ("call_Ours33333333", TOOL_NAME, '{"ref":"k3f9a2c1"}')
MORE = ("call_Ours44444444", TOOL_NAME, '{"ref":"zzzz2222","lines":"1-9"}')
REQUEST = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "why does it fail?"},
    ],
    "tools": [{"type": "function", "function": {"name": "bash"}}],
}


def said(text="", *calls, finish=None, **fields):
    """A leg of an answer."""
    return {
        "text": text,
        "calls": calls,
        "finish": finish or ("tool_calls" if calls else "stop"),
        "fields": fields,
    }


def usage(prompt, cached, output):
    return {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": 1},
    }


def chunk(delta, finish=None, number=1, **top):
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    head = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 5 + number}
    return json.dumps({**head, "model": "m", "choices": [choice], **top}).encode()


def item(call, index=0, arguments=None):
    body = {"name": call[1], "arguments": call[2] if arguments is None else arguments}
    return {"index": index, "id": call[0], "type": "function", "function": body}


def pieces(text, size=7):
    return [text[at : at + size] for at in range(0, len(text), size)]


def streamed(leg, number=1, reported=None):
    """A leg as OpenAI streams it."""
    yield chunk({"role": "assistant", "content": "" if leg["text"] else None}, number=number)
    for key, text in leg["fields"].items():
        yield from (chunk({key: piece}, number=number) for piece in pieces(text))
    yield from (chunk({"content": piece}, number=number) for piece in pieces(leg["text"]))
    for index, call in enumerate(leg["calls"]):
        yield chunk({"tool_calls": [item(call, index, "")]}, number=number)
        for piece in pieces(call[2]):
            grown = {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            yield chunk(grown, number=number)
    yield chunk({}, leg["finish"], number)
    if reported:
        yield json.dumps(
            {"id": f"chatcmpl-{number}", "created": 5, "choices": [], "usage": reported}
        ).encode()
    yield DONE


def whole(leg, number=1, reported=None):
    message = {"role": "assistant", "content": leg["text"] or None, "refusal": None}
    message.update(leg["fields"])
    if leg["calls"]:
        message["tool_calls"] = [
            {key: value for key, value in item(call).items() if key != "index"}
            for call in leg["calls"]
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": leg["finish"]}
    body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "choices": [choice]}
    yield json.dumps({**body, **({"usage": reported} if reported else {})}).encode()


def fed(answer, payloads):
    heard = []
    for payload in payloads:
        passed = answer.feed(payload)
        heard += [payload] if passed is None else passed
    return heard


def results_of(turn):
    return [f"original of {call.arguments.get('ref')}" for call in turn.calls]


def exchange(request, legs, *, stream=True):
    """What the client hears, the answer, and the last request that upstream got."""
    body = json_spans.parse(request)
    answer = CHAT.answer(stream=stream, intercept=True, body=body)
    heard = []
    for number, leg in enumerate(legs, 1):
        speak = streamed if stream else whole
        heard += fed(answer, speak(leg, number, usage(100 * number, 90, 10)))
        turn = answer.end()
        if turn is None:
            break
        answer.resume(turn, results_of(turn))
        if not turn.alone:
            break
        changes = CHAT.carry_on(json_spans.parse(request), turn, results_of(turn))
        request = json_spans.spliced(request, changes)
    return heard, answer, request


def understood(heard):
    """The message that a client makes of what it hears; it must be coherent."""
    if json.loads(heard[-1])["object"] == "chat.completion" if heard[-1] != DONE else False:
        [body] = heard
        message = json.loads(body)["choices"][0]["message"]
        return {key: value for key, value in message.items() if key != "refusal"}
    assert heard.count(DONE) == 1
    assert heard[-1] == DONE
    chunks = [json.loads(each) for each in heard[:-1]]
    assert {each["id"] for each in chunks} == {"chatcmpl-1"}
    choices = [each["choices"][0] for each in chunks if each["choices"]]
    assert len([each for each in choices if each["finish_reason"]]) == 1
    message = {}
    for choice in choices:
        for key, value in choice["delta"].items():
            if key == "tool_calls":
                grow_calls(message.setdefault("tool_calls", []), value)
            elif isinstance(value, str):
                message[key] = (message.get(key) or "") + value
            else:
                message.setdefault(key, value)
    return message


def grow_calls(calls, items):
    for each in items:
        if each["index"] == len(calls):
            calls.append({key: value for key, value in each.items() if key != "index"})
        else:
            calls[each["index"]]["function"]["arguments"] += each["function"]["arguments"]


def names(message):
    return [call["function"]["name"] for call in message.get("tool_calls", ())]


def finish_of(heard):
    each = [json.loads(one) for one in heard if one != DONE]
    reasons = [choice["finish_reason"] for one in each for choice in one["choices"]]
    return next(reason for reason in reasons if reason)


def following(request, message, *more):
    """The client's next request."""
    body = json.loads(request)
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": f"result of {call['id']}"}
        for call in message.get("tool_calls", ())
    ]
    body["messages"] += [message, *results, *(more or [{"role": "user", "content": "and now?"}])]
    return json.dumps(body).encode()


def restored(request, *answers):
    body = json_spans.parse(request)
    every = [memory for answer in answers for memory in answer.memories()]
    known = {memory.anchor: memory.data for memory in every}
    assert set(known) <= set(CHAT.anchors(body))
    return json.loads(json_spans.spliced(request, CHAT.restore(body, known)))["messages"]


BOTH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])
SESSIONS = {
    "once": [said("", OURS), said("It is 42.")],
    "behind a text": [said("Let me look. ", OURS), said("It is 42.")],
    "twice": [said("Look. ", OURS), said("Again. ", MORE), said("It is 42.")],
    "two at once": [said("", OURS, MORE), said("It is 42.")],
    "before a client's call": [said("Look. ", OURS), said("Run it.", BASH, GREP)],
    "behind blank lines": [said("\n\nLook. ", OURS), said("It is 42.")],
    "with reasoning": [said("Look. ", OURS, reasoning_content="Hm. "), said("42.", reasoning_content="So.")],
    "and nothing then": [said("Look.", OURS), said("")],
}  # fmt: skip
EACH_SESSION = pytest.mark.parametrize("legs", SESSIONS.values(), ids=SESSIONS)
ECHOES = {
    "as heard": lambda message: message,
    "in one part": lambda message: {**message, "content": as_parts(message, 10_000)},
    "in parts": lambda message: {**message, "content": as_parts(message, 5)},
    "trimmed": lambda message: {**message, "content": (message["content"] or "").strip()},
    "bare": lambda message: {
        key: value for key, value in message.items() if key in ("role", "content", "tool_calls")
    },
}


def as_parts(message, size):
    return [{"type": "text", "text": text} for text in pieces(message["content"] or "", size)]


# What the client sends


def test_custom_calls_and_their_results_are_read():
    call = {"id": "c1", "type": "custom", "custom": {"name": "apply_patch", "input": "*** Begin"}}
    body = {
        "messages": [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "Modified"},
        ]
    }
    (called,), (result,) = (message.blocks for message in OPENAI_CHAT.view(body).messages)
    assert (called.kind, called.tool, called.text) == (Kind.TOOL_CALL, "apply_patch", "*** Begin")
    assert called.path == ("messages", 0, "tool_calls", 0, "custom", "input")
    assert (result.kind, result.tool, result.text) == (Kind.TOOL_RESULT, "apply_patch", "Modified")


def test_an_edit_changes_its_string_and_no_other_byte():
    body = b'{"x" : 1.50, "messages":[{"role":"tool","tool_call_id":"c1",\n "content":"long", "y":[]}]}'
    edit = Edit(("messages", 0, "content"), "long", "short", "x", Fidelity.LOSSLESS, (), 1, 1)
    assert OPENAI_CHAT.apply(body, [edit]) == body.replace(b'"long"', b'"short"')
    assert OPENAI_CHAT.apply(body, []) == body


def test_the_clients_tools_are_named_in_every_spelling():
    body = {
        "tools": [
            {"type": "function", "function": {"name": "bash"}},
            {"type": "custom", "custom": {"name": "apply_patch"}},
            {"type": "function", "name": "flat"},
            {"type": "web_search"},
            7,
        ],
        "functions": [{"name": "older"}],
    }
    assert CHAT.offered(body) == ["bash", "apply_patch", "flat", "older"]


def offering(**fields):
    body = json.dumps({**REQUEST, **fields}).encode()
    return json.loads(json_spans.spliced(body, CHAT.offer(json_spans.parse(body))))


def test_the_tool_is_offered_first_and_changes_nothing_else():
    offer = offering()
    assert offer["tools"][0]["function"]["name"] == TOOL_NAME
    assert {**offer, "tools": offer["tools"][1:]} == REQUEST


@pytest.mark.parametrize("absent", [True, False])
def test_a_request_without_tools_gets_ours_alone(absent):
    body = {key: value for key, value in REQUEST.items() if key != "tools" or not absent}
    raw = json.dumps({**body, **({} if absent else {"tools": []})}).encode()
    offer = json.loads(json_spans.spliced(raw, CHAT.offer(json_spans.parse(raw))))
    assert [tool["function"]["name"] for tool in offer["tools"]] == [TOOL_NAME]


def test_a_choice_among_some_tools_allows_ours_too():
    bash = {"type": "function", "function": {"name": "bash"}}
    allowed = {"mode": "auto", "tools": [bash]}
    offer = offering(tool_choice={"type": "allowed_tools", "allowed_tools": allowed})
    ours = {"type": "function", "function": {"name": TOOL_NAME}}
    assert offer["tool_choice"]["allowed_tools"]["tools"] == [ours, bash]


def test_a_choice_of_one_tool_stays_as_it_is():
    choice = {"type": "function", "function": {"name": "bash"}}
    assert offering(tool_choice=choice)["tool_choice"] == choice


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 2},
        {"functions": [{"name": "older"}]},
        {"prediction": {"type": "content", "content": "x"}},
        {"tools": None},
        {"tools": "none"},
        {"messages": None},
    ],
)
def test_nothing_is_offered_where_it_could_not_be_served(fields):
    assert offering(**fields) == {**REQUEST, **fields}


def test_the_tool_is_the_one_that_is_defined_for_this_api():
    assert offering()["tools"][0] == retrieve_tool("openai")


# What the client hears


@pytest.mark.parametrize("legs", [[said("It is 42.")], [said("Run.", BASH, GREP)]])
@BOTH
def test_an_answer_without_our_tool_passes_as_it_came(legs, stream):
    answer = CHAT.answer(stream=stream, intercept=True)
    for payload in (streamed if stream else whole)(legs[0], reported=usage(100, 90, 10)):
        assert answer.feed(payload) is None
    assert answer.end() is None
    assert answer.memories() == []
    assert answer.usage == Usage(fresh=10, cache_read=90, output=10)


@EACH_SESSION
@BOTH
def test_the_client_hears_all_legs_as_one_message(legs, stream):
    heard, answer, _ = exchange(json.dumps(REQUEST).encode(), legs, stream=stream)
    message = understood(heard)
    assert (message["content"] or "") == "".join(leg["text"] for leg in legs)
    assert names(message) == [call[1] for call in legs[-1]["calls"]]
    assert message["role"] == "assistant"
    assert finish_of(heard) == legs[-1]["finish"]
    assert TOOL_NAME.encode() not in b"".join(heard)
    assert answer.usage.output == 10 * len(legs)


@BOTH
def test_the_client_is_told_what_all_legs_put_out_and_how_full_its_context_is(stream):
    heard, answer, _ = exchange(json.dumps(REQUEST).encode(), SESSIONS["twice"], stream=stream)
    told = [json.loads(each).get("usage") for each in heard if each != DONE]
    assert [each for each in told if each] == [
        {
            "prompt_tokens": 300,
            "completion_tokens": 30,
            "total_tokens": 330,
            "prompt_tokens_details": {"cached_tokens": 90},
            "completion_tokens_details": {"reasoning_tokens": 3},
        }
    ]
    assert answer.usage == Usage(fresh=600 - 270, cache_read=270, output=30)


def test_usage_that_upstream_does_not_report_is_not_invented():
    answer = CHAT.answer(stream=True, intercept=True)
    fed(answer, streamed(said("", OURS)))
    turn = answer.end()
    answer.resume(turn, ["text"])
    heard = fed(answer, streamed(said("42."), 2))
    assert b"usage" not in b"".join(heard)
    assert answer.usage is None


def test_usage_with_every_chunk_goes_on_over_the_legs():
    answer = CHAT.answer(stream=True, intercept=True)
    reported = {"prompt_tokens": 50, "completion_tokens": 7}
    fed(answer, [chunk({"tool_calls": [item(OURS)]}, "tool_calls", usage=reported)])
    answer.resume(answer.end(), ["text"])
    heard = fed(answer, [chunk({"content": c}, None, 2, usage=usage(90, 0, n)) for n, c in enumerate("ab", 1)])  # fmt: skip
    assert [json.loads(each)["usage"]["completion_tokens"] for each in heard] == [8, 9]
    assert answer.usage == Usage(fresh=140, output=9)


def test_text_goes_on_at_once_and_only_the_end_waits():
    answer = CHAT.answer(stream=True, intercept=True)
    leg = list(streamed(said("Let me look.", OURS), reported=usage(9, 0, 1)))
    passed = [answer.feed(payload) for payload in leg]
    assert passed[:3] == [None] * 3
    assert passed[3:] == [[]] * (len(leg) - 3)


@pytest.mark.parametrize("calls", [(OURS, BASH, GREP), (BASH, OURS, GREP), (BASH, GREP, OURS)])
@BOTH
def test_the_clients_calls_beside_ours_are_its_own_at_once(calls, stream):
    leg = said("Look. ", *calls)
    heard, answer, _ = exchange(json.dumps(REQUEST).encode(), [leg], stream=stream)
    message = understood(heard)
    assert names(message) == ["bash", "grep"]
    assert [call["function"]["arguments"] for call in message["tool_calls"]] == [BASH[2], GREP[2]]
    assert finish_of(heard) == "tool_calls"
    turn = answer.end()
    assert not turn.alone
    assert turn.calls == (Call(OURS[0], {"ref": "k3f9a2c1"}),)
    assert [call["id"] for call in json.loads(turn.said)["tool_calls"]] == [c[0] for c in calls]


def test_a_chunk_that_holds_our_call_and_more_is_rewritten():
    answer = CHAT.answer(stream=True, intercept=True)
    delta = {"role": "assistant", "content": "Look.", "tool_calls": [item(OURS), item(BASH, 1)]}
    [heard] = fed(answer, [chunk(delta, "tool_calls")])
    choice = json.loads(heard)["choices"][0]
    assert choice["delta"] == {
        "role": "assistant",
        "content": "Look.",
        "tool_calls": [item(BASH, 0)],
    }
    assert choice["finish_reason"] == "tool_calls"
    assert not answer.end().alone


def test_a_whole_answer_in_one_chunk_shows_its_text_and_waits():
    answer = CHAT.answer(stream=True, intercept=True)
    call = {key: value for key, value in item(OURS).items() if key != "index"}
    delta = {"role": "assistant", "content": "Look. ", "tool_calls": [call]}
    [heard] = fed(answer, [chunk(delta, "stop", usage=usage(9, 0, 1)), DONE])
    shown = json.loads(heard)
    assert shown["choices"][0]["delta"] == {"role": "assistant", "content": "Look. "}
    assert shown["choices"][0]["finish_reason"] is None
    assert "usage" not in shown
    turn = answer.end()
    assert turn.alone
    answer.resume(turn, ["text"])
    assert understood([heard, *fed(answer, streamed(said("42."), 2))])["content"] == "Look. 42."


@pytest.mark.parametrize("order", [(OURS, BASH), (BASH, OURS)])
@pytest.mark.parametrize("index", [{}, {"index": 0}], ids=["no index", "all index 0"])
def test_calls_are_told_apart_where_servers_do_not_number_them(order, index):
    answer = CHAT.answer(stream=True, intercept=True)
    items = [{**{k: v for k, v in item(call).items() if k != "index"}, **index} for call in order]
    heard = fed(answer, [chunk({"tool_calls": [each]}) for each in items])
    heard += fed(answer, [chunk({}, "stop"), DONE])
    shown = [json.loads(each)["choices"][0]["delta"] for each in heard[:-1]]
    bash = next(each for each in items if each["function"]["name"] == "bash")
    assert shown == [{"tool_calls": [bash]}, {}]
    assert answer.end().calls == (Call(OURS[0], {"ref": "k3f9a2c1"}),)


def test_arguments_in_pieces_without_an_index_belong_to_the_last_call():
    answer = CHAT.answer(stream=True, intercept=True)
    first = {"id": OURS[0], "function": {"name": TOOL_NAME, "arguments": ""}}
    items = [first, *({"function": {"arguments": piece}} for piece in pieces(OURS[2]))]
    assert fed(answer, [chunk({"tool_calls": [each]}) for each in items]) == []
    fed(answer, [chunk({}, "stop")])
    assert answer.end().calls[0].arguments == {"ref": "k3f9a2c1"}


def test_new_ids_with_every_piece_are_the_same_call():
    answer = CHAT.answer(stream=True, intercept=True)
    items = [item(OURS, 0, "")]
    items += [
        {"index": 0, "id": f"x{n}", "function": {"arguments": p}}
        for n, p in enumerate(pieces(OURS[2]))
    ]
    fed(answer, [*(chunk({"tool_calls": [each]}) for each in items), chunk({}, "tool_calls")])
    assert answer.end().calls == (Call(OURS[0], {"ref": "k3f9a2c1"}),)


@pytest.mark.parametrize(("call", "shown"), [(BASH, 3), (OURS, 0)])
def test_a_call_waits_until_its_name_is_known(call, shown):
    answer = CHAT.answer(stream=True, intercept=True)
    items = [
        {"index": 0, "id": call[0], "type": "function"},
        {"index": 0, "function": {"name": call[1], "arguments": ""}},
        {"index": 0, "function": {"arguments": call[2]}},
    ]
    assert answer.feed(chunk({"tool_calls": [items[0]]})) == []
    heard = fed(answer, [chunk({"tool_calls": [each]}) for each in items[1:]])
    told = [each for one in heard for each in json.loads(one)["choices"][0]["delta"]["tool_calls"]]
    assert told == items[:shown]


def test_a_call_that_is_never_named_is_the_clients():
    answer = CHAT.answer(stream=True, intercept=True)
    nameless = {"index": 0, "id": "c"}
    heard = fed(answer, [chunk({"tool_calls": [nameless]}), chunk({}, "tool_calls")])
    assert json.loads(heard[-1])["choices"][0]["delta"] == {"tool_calls": [nameless]}
    assert answer.end() is None


@pytest.mark.parametrize("name", [f"mcp__headroom__{TOOL_NAME}", f"headroom-{TOOL_NAME}"])
@BOTH
def test_the_clients_own_spelling_of_the_tool_is_not_ours(name, stream):
    answer = CHAT.answer(stream=stream, intercept=True)
    leg = said("", (OURS[0], name, OURS[2]))
    assert all(answer.feed(each) is None for each in (streamed if stream else whole)(leg))
    assert answer.end() is None


def test_several_choices_are_left_alone():
    choices = [
        {"index": n, "delta": {"tool_calls": [item(OURS)]}, "finish_reason": "stop"} for n in (0, 1)
    ]
    answer = CHAT.answer(stream=True, intercept=True)
    assert answer.feed(json.dumps({"choices": choices}).encode()) is None
    assert answer.feed(json.dumps({"choices": choices[1:]}).encode()) is None
    assert answer.end() is None


@BOTH
def test_an_answer_that_ran_out_of_room_is_no_turn(stream):
    answer = CHAT.answer(stream=stream, intercept=True)
    leg = said("Look. ", OURS, finish="length")
    heard = fed(answer, (streamed if stream else whole)(leg))
    assert answer.end() is None
    assert finish_of(heard) == "length"
    assert names(understood(heard)) == []


def test_a_leg_that_is_cut_is_seen_as_cut():
    answer = CHAT.answer(stream=True, intercept=True)
    payloads = list(streamed(said("Look. ", OURS)))[:-2]
    heard = fed(answer, payloads)
    assert answer.end() is None
    assert [*heard, *answer.give_up(b"")] == payloads[:2]


def test_a_second_leg_that_is_cut_is_seen_as_cut():
    answer = CHAT.answer(stream=True, intercept=True)
    fed(answer, streamed(said("Look. ", OURS)))
    answer.resume(answer.end(), ["text"])
    heard = fed(answer, list(streamed(said("It is forty-two."), 2))[:2])
    assert answer.end() is None
    assert answer.give_up(b"") == []
    assert json.loads(heard[-1])["choices"][0]["delta"] == {"content": "It is f"}


@pytest.mark.parametrize("resumed", [True, False])
@BOTH
def test_giving_up_ends_the_answer_as_it_stands(resumed, stream):
    answer = CHAT.answer(stream=stream, intercept=True)
    speak = streamed if stream else whole
    heard = fed(answer, speak(said("Look. ", OURS), 1, usage(9, 0, 1)))
    turn = answer.end()
    if resumed:
        answer.resume(turn, ["text"])
    heard += answer.give_up(b"")
    message = understood(heard)
    assert message["content"] == "Look. "
    assert names(message) == []
    assert finish_of(heard) == "stop"
    assert json.loads(heard[-2 if stream else -1])["usage"]["completion_tokens"] == 1
    assert answer.give_up(b"") == [] or not stream


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {\n"message": "slow down", "code": 429}}', "slow down"),
        (b'[{"error": {"message": "slow down"}}]', "slow down"),
        (b"<html>bad gateway</html>", "<html>bad gateway</html>"),
        (b"[]", "[]"),
    ],
)
def test_an_error_in_the_middle_is_told_as_streams_tell_it(body, message):
    answer = CHAT.answer(stream=True, intercept=True)
    fed(answer, streamed(said("", OURS)))
    answer.resume(answer.end(), ["text"])
    [event] = answer.give_up(body)
    assert json.loads(event)["error"]["message"] == message
    assert b"\n" not in event


def test_an_error_to_a_json_leg_is_left_to_upstreams_own_response():
    answer = CHAT.answer(stream=False, intercept=True)
    fed(answer, whole(said("", OURS)))
    assert answer.give_up(b'{"error": {}}') == []


def test_a_client_call_behind_a_held_end_brings_the_end_back():
    answer = CHAT.answer(stream=True, intercept=True)
    assert fed(answer, [chunk({"tool_calls": [item(OURS)]}, "tool_calls")]) == []
    heard = fed(answer, [chunk({"tool_calls": [item(BASH, 1)]}), DONE])
    assert [json.loads(each)["choices"][0]["finish_reason"] for each in heard[:-1]] == [
        "tool_calls",
        None,
    ]
    assert not answer.end().alone


def test_a_stream_without_a_finish_ends_with_its_last_event():
    answer = CHAT.answer(stream=True, intercept=True)
    assert fed(answer, [chunk({"tool_calls": [item(OURS)]}), DONE]) == []
    assert answer.end().alone
    assert answer.give_up(b"") == [DONE]


def test_unreadable_arguments_are_no_arguments():
    answer = CHAT.answer(stream=False, intercept=True)
    fed(answer, whole(said("", (OURS[0], TOOL_NAME, '{"ref": '))))
    assert answer.end().calls == (Call(OURS[0], {}),)


def test_a_call_without_an_id_gets_one():
    answer = CHAT.answer(stream=False, intercept=True)
    fed(answer, whole(said("", ("", *OURS[1:]))))
    turn = answer.end()
    assert turn.calls[0].id == json.loads(turn.said)["tool_calls"][0]["id"] != ""


def test_signatures_and_reasoning_go_back_to_the_model_as_they_came():
    signed = {**item(OURS), "extra_content": {"google": {"thought_signature": "sig"}}}
    details = [
        {"type": "reasoning.text", "text": "Hm, ", "index": 0},
        {"type": "reasoning.text", "text": "so.", "index": 0},
        {"type": "reasoning.text", "text": "", "signature": "s1", "index": 0},
        {"type": "reasoning.text", "text": "More.", "index": 0},
        {"type": "reasoning.encrypted", "data": "xyz", "index": 1},
    ]
    answer = CHAT.answer(stream=True, intercept=True)
    fed(answer, [chunk({"reasoning_details": [each]}) for each in details])
    fed(answer, [chunk({"annotations": [{"url": "x"}], "tool_calls": [signed]}, "stop")])
    turn = answer.end()
    assert json.loads(turn.said) == {
        "role": "assistant",
        "content": None,
        "reasoning_details": [
            {"type": "reasoning.text", "text": "Hm, so.", "signature": "s1", "index": 0},
            *details[3:],
        ],
        "tool_calls": [{key: value for key, value in signed.items() if key != "index"}],
    }
    answer.resume(turn, ["text"])
    [heard] = fed(answer, [chunk({"reasoning_details": [details[0]]}, None, 2)])
    assert json.loads(heard)["choices"][0]["delta"]["reasoning_details"][0]["index"] == 3


# What the client sends then


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@EACH_SESSION
@BOTH
def test_a_later_request_begins_with_the_last_continuation(legs, stream, echo):
    request = json.dumps(REQUEST).encode()
    heard, answer, sent = exchange(request, legs, stream=stream)
    message = echo(understood(heard))
    history = restored(following(request, message), answer)
    continued = json.loads(sent)["messages"]
    assert history[: len(continued)] == continued
    rest = history[len(continued) :]
    assert rest[-1] == {"role": "user", "content": "and now?"}
    if not legs[-1]["text"]:
        assert len(rest) == 1
    else:
        content = rest[0]["content"]
        content = content if isinstance(content, str) else "".join(p["text"] for p in content)
        assert content == legs[-1]["text"]
        assert names(rest[0]) == [call[1] for call in legs[-1]["calls"]]
        reasoning = legs[-1]["fields"].get("reasoning_content")
        assert rest[0].get("reasoning_content", reasoning) == reasoning


@pytest.mark.parametrize("first", [[], [said("So. ", MORE)]], ids=["", "after another"])
@pytest.mark.parametrize("calls", [(OURS, BASH, GREP), (BASH, OURS, GREP), (BASH, GREP, OURS)])
@BOTH
def test_a_call_beside_the_clients_is_joined_to_its_next_request(calls, stream, first):
    request = json.dumps(REQUEST).encode()
    heard, answer, sent = exchange(request, [*first, said("Look.", *calls)], stream=stream)
    history = restored(following(request, understood(heard)), answer)
    continued = json.loads(sent)["messages"]
    assert history[: len(continued)] == continued
    message, ours, bash, grep, _ = history[len(continued) :]
    assert message["content"] == "Look."
    assert [call["id"] for call in message["tool_calls"]] == [call[0] for call in calls]
    result = {"role": "tool", "tool_call_id": OURS[0], "content": "original of k3f9a2c1"}
    assert ours == result
    assert [bash["tool_call_id"], grep["tool_call_id"]] == [BASH[0], GREP[0]]


def test_several_calls_beside_the_clients_come_back_between_them():
    request = json.dumps(REQUEST).encode()
    calls = (OURS, BASH, MORE, GREP)
    heard, answer, _ = exchange(request, [said("", *calls)])
    _, _, message, *results, _ = restored(following(request, understood(heard)), answer)
    assert [call["id"] for call in message["tool_calls"]] == [call[0] for call in calls]
    asked = [OURS, MORE, BASH, GREP]
    assert [result["tool_call_id"] for result in results] == [call[0] for call in asked]


def test_what_was_retrieved_is_seen_as_such():
    request = json.dumps(REQUEST).encode()
    heard, answer, _ = exchange(request, SESSIONS["once"])
    conversation = OPENAI_CHAT.view({"messages": restored(following(request, understood(heard)), answer)})  # fmt: skip
    results = [b for m in conversation.messages for b in m.blocks if b.kind is Kind.TOOL_RESULT]
    assert [(b.tool, b.text) for b in results] == [(TOOL_NAME, "original of k3f9a2c1")]


def test_hidden_turns_of_a_whole_session_come_back_at_their_places():
    request = json.dumps(REQUEST).encode()
    answers, histories = [], []
    for legs in ([said("Look. ", OURS), said("Done.")], [said("Done.")], [said("", MORE), said("Done.")]):  # fmt: skip
        heard, answer, _ = exchange(request, legs)
        answers.append(answer)
        request = following(request, understood(heard), {"role": "user", "content": "go on"})
        histories.append(restored(request, *answers))
    for before, after in pairwise(histories):
        assert after[: len(before)] == before
    roles = [message["role"][0] for message in histories[-1]]
    assert "".join(roles) == "su" + "atau" + "au" + "atau"


def test_lists_of_reasoning_are_parted_between_the_turns():
    def leg(text, number, *calls):
        details = [{"type": "reasoning.text", "text": text, "signature": text, "index": 0}]
        yield chunk({"role": "assistant", "reasoning_details": details}, number=number)
        yield from list(streamed(said(f"{text}. ", *calls), number))[1:]

    request = json.dumps(REQUEST).encode()
    answer = CHAT.answer(stream=True, intercept=True, body=json.loads(request))
    heard = fed(answer, leg("a", 1, OURS))
    answer.resume(answer.end(), ["text"])
    heard += fed(answer, leg("b", 2))
    items = [
        json.loads(each)["choices"][0]["delta"].get("reasoning_details") for each in heard[:-1]
    ]
    items = [each for listed in items if listed for each in listed]
    assert [each["index"] for each in items] == [0, 1]
    message = {**understood(heard), "reasoning_details": items}
    _, _, first, _, last, _ = restored(following(request, message), answer)
    assert first["reasoning_details"] == [{**items[0], "index": 0}]
    assert last["reasoning_details"] == [items[1]]
    message["reasoning_details"] = [1, 2]
    assert restored(following(request, message), answer)[4]["reasoning_details"] == [1, 2]
    message["reasoning_details"] = items[:1]
    assert restored(following(request, message), answer)[4]["reasoning_details"] == []


def test_parts_that_are_no_text_stay_in_their_message():
    request = json.dumps(REQUEST).encode()
    heard, answer, _ = exchange(request, SESSIONS["behind a text"])
    image = {"type": "image", "x": 1}
    texts = as_parts(understood(heard), 14)
    message = {**understood(heard), "content": [image, texts[0], image, *texts[1:]]}
    history = restored(following(request, message), answer)
    assert history[4]["content"] == [image, {"type": "text", "text": "I"}, image, *texts[1:]]


@pytest.mark.parametrize("content", [None, "", []])
def test_a_client_that_drops_all_text_still_has_its_hidden_turn(content):
    request = json.dumps(REQUEST).encode()
    legs = [said(" ", OURS), said("", BASH)]
    heard, answer, sent = exchange(request, legs)
    message = {**understood(heard), "content": content}
    history = restored(following(request, message), answer)
    assert history[: len(json.loads(sent)["messages"])] == json.loads(sent)["messages"]
    assert names(history[4]) == ["bash"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"[[1], [[0], [0, 1], 2], [3]]"])
def test_a_memory_that_is_none_of_ours_restores_nothing(data):
    body = json.dumps(
        {"messages": [{"role": "assistant", "tool_calls": [{"id": BASH[0]}]}]}
    ).encode()
    tree = json_spans.parse(body)
    [anchor] = CHAT.anchors(tree)
    assert json_spans.spliced(body, CHAT.restore(tree, {anchor: data})) == body


def test_content_in_parts_is_not_joined_with_text_before_it():
    answer = CHAT.answer(stream=False, intercept=True)
    fed(answer, whole(said("Look. ", OURS)))
    answer.resume(answer.end(), ["text"])
    message = {"role": "assistant", "content": as_parts({"content": "42."}, 9)}
    body = {
        "choices": [{"message": message, "finish_reason": "stop"}],
        "usage": {"completion_tokens": 2},
    }
    [heard] = fed(answer, [json.dumps(body).encode()])
    assert json.loads(heard)["choices"][0]["message"] == message


def test_text_that_the_client_has_rewritten_stays_behind_the_hidden_turn():
    request = json.dumps(REQUEST).encode()
    heard, answer, sent = exchange(request, SESSIONS["before a client's call"])
    message = {**understood(heard), "content": "(summarised)"}
    history = restored(following(request, message), answer)
    continued = json.loads(sent)["messages"]
    assert history[: len(continued)] == continued
    assert history[len(continued)] == message


def test_the_same_short_words_to_another_question_are_not_the_same_place():
    request = json.dumps(REQUEST).encode()
    _, answer, _ = exchange(request, SESSIONS["once"])
    [memory] = answer.memories()
    other = {"messages": [{"role": "user", "content": "else?"}, {"role": "assistant", "content": "It is 42."}]}  # fmt: skip
    assert memory.anchor not in CHAT.anchors(other)


@pytest.mark.parametrize(("text", "kept"), [("Ok.", 0), ("A text that hardly comes again.", 1)])
def test_without_the_request_only_longer_texts_are_places(text, kept):
    answer = CHAT.answer(stream=True, intercept=True)
    fed(answer, streamed(said("", OURS)))
    answer.resume(answer.end(), ["text"])
    fed(answer, streamed(said(text), 2))
    assert len(answer.memories()) == kept
    body = {"messages": [{"role": "assistant", "content": text}]}
    assert {memory.anchor for memory in answer.memories()} <= set(CHAT.anchors(body))


@pytest.mark.parametrize("recurring", ["functions.bash:0", "call_0", "297140"])
def test_ids_that_come_again_are_no_places_by_themselves(recurring):
    def asked(question, text):
        call = {"id": recurring, "function": {"name": "bash", "arguments": "{}"}}
        said = {"role": "assistant", "content": text, "tool_calls": [call]}
        return {"messages": [{"role": "user", "content": question}, said]}

    anchors = [CHAT.anchors(asked(*words)) for words in (("a", "x"), ("b", "x"), ("a", "y"))]
    assert len(set(map(tuple, anchors))) == 3
    unique = json.loads(json.dumps(asked("a", "x")).replace(recurring, BASH[0]))
    other = json.loads(json.dumps(asked("b", "y")).replace(recurring, BASH[0]))
    assert CHAT.anchors(unique) == CHAT.anchors(other)


def test_a_request_that_holds_no_anchor_is_left_alone():
    body = json_spans.parse(json.dumps(REQUEST).encode())
    assert CHAT.restore(body, {"call x": b"[]"}) == []


# Usage alone


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (usage(100, 60, 7), Usage(40, 60, 0, 7)),
        ({"prompt_tokens": 8, "total_tokens": 8}, Usage(8)),
        ({"prompt_tokens": 100, "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36, "completion_tokens": 3}, Usage(36, 64, 0, 3)),
        ({"prompt_tokens": 90, "prompt_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 30}}, Usage(40, 20, 30)),
        ({"prompt_tokens": 90, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 30}, Usage(40, 20, 30)),
        ({"prompt_tokens": "many", "prompt_tokens_details": 5, "completion_tokens": -1}, Usage()),
    ],
)  # fmt: skip
def test_usage_is_read_as_servers_spell_it(reported, expected):
    body = json.dumps({"data": [{"embedding": [0.5] * 9}], "usage": reported}).encode()
    answer = CHAT.answer(stream=False, intercept=False)
    assert answer.feed(body) is None
    assert answer.usage == expected


def test_without_interception_everything_passes():
    answer = CHAT.answer(stream=True, intercept=False)
    payloads = [*streamed(said("", OURS), reported=usage(10, 0, 2)), b'{"usage": null}', b'"usage"']
    assert all(answer.feed(payload) is None for payload in payloads)
    assert answer.end() is None
    assert (answer.give_up(b"x"), answer.memories()) == ((), ())
    assert answer.usage == Usage(fresh=10, output=2)


@pytest.mark.parametrize("tail", [b"{", b"{" + b'"a":{' * 4_000, b"7", b""])
def test_a_report_that_cannot_be_read_is_none(tail):
    answer = CHAT.answer(stream=False, intercept=False)
    assert answer.feed(b'{"usage":' + tail) is None
    assert answer.usage is None


# Whatever comes


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"[DONE]", b"null", b"[1]", b"\xff", b'{"choices": 1}', b'{"choices": [1]}',
        b'{"choices": [{"delta": {"content": "\\ud800"}}]}', b'{"choices": [{"delta": NaN}]}',
        b'{"a":' * 900 + b"1" + b"}" * 900, b"[" * 100_000,
        b'{"choices": [{"delta": {"tool_calls": [5, null, {"function": 3}]}}]}',
        b'{"choices": [{"delta": 5}, {"delta": 6}]}',
    ],
)  # fmt: skip
@BOTH
def test_what_cannot_be_read_passes_in_any_leg(payload, stream):
    answer = CHAT.answer(stream=stream, intercept=True)
    fed(answer, [payload])
    answer.resume(Turn((), b"not JSON", alone=True), ["x"])
    fed(answer, [payload])
    assert answer.end() is None
    assert answer.memories() == []


def test_half_a_character_in_a_leg_that_is_rewritten_survives():
    answer = CHAT.answer(stream=True, intercept=True)
    payload = chunk({"content": "\ud83d", "tool_calls": [item(OURS), item(BASH, 1)]})
    [heard] = fed(answer, [payload])
    assert json.loads(heard)["choices"][0]["delta"]["content"] == "\ud83d"


WORDS = st.sampled_from(
    ["choices", "delta", "message", "tool_calls", "function", "name", TOOL_NAME, "finish_reason",
     "index", "id", "usage", "role", "assistant", "user", "content", "messages", "arguments",
     "completion_tokens", "completion_tokens_details", "reasoning_details", "stop", "text", "type",
     "error", "custom", "tools", "n", "tool_choice", "allowed_tools"]
)  # fmt: skip
LEAVES = st.one_of(WORDS, st.none(), st.booleans(), st.integers(-2, 2**70), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=3))  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=5)),
    max_leaves=25,
)
MESSAGES = st.builds(
    lambda role, content, calls, more: {**more, "role": role, "content": content, "tool_calls": calls},
    st.sampled_from(["user", "assistant", "tool"]), TREES, TREES, st.dictionaries(WORDS, TREES, max_size=2),
)  # fmt: skip
DELTAS = st.dictionaries(
    st.sampled_from(["role", "content", "tool_calls", "function_call", "reasoning_details"]),
    st.one_of(
        TREES,
        st.lists(
            st.builds(
                lambda call, index, part: {k: v for k, v in item(call, index).items() if k != part},
                st.sampled_from([OURS, BASH]), st.one_of(st.integers(0, 2), TREES),
                st.sampled_from(["index", "id", "type", "function", ""]),
            )
        ),
    ),
)  # fmt: skip
CHUNKS = st.one_of(
    TREES,
    st.builds(
        lambda delta, finish, reported: {
            "id": "x",
            "choices": [{"index": 0, "delta": delta, "message": delta, "finish_reason": finish}],
            "usage": reported,
        },
        DELTAS,
        st.sampled_from([None, "stop", "tool_calls", "length"]),
        TREES,
    ),
)


@settings(max_examples=150)
@given(st.lists(st.one_of(CHUNKS, st.just(DONE)), max_size=6), st.booleans(), st.binary(max_size=9))
def test_no_answer_raises_or_shows_the_tool_as_a_call(chunks, stream, error):
    answer = CHAT.answer(stream=stream, intercept=True, body={"messages": chunks})
    body = json_spans.parse(b'{"messages": []}')
    for each in chunks:
        fed(answer, [each if each is DONE else json.dumps(each).encode()])
        turn = answer.end()
        if turn:
            json_spans.parse(turn.said)
            assert CHAT.carry_on(body, turn, [])
            answer.resume(turn, ["x"])
    for payload in answer.give_up(error):
        assert payload == DONE or json.loads(payload)
    for memory in answer.memories():
        json_spans.parse(memory.data)


@settings(max_examples=150)
@given(st.data())
def test_no_request_is_broken_by_what_is_put_into_it(data):
    tree = data.draw(
        st.one_of(
            st.builds(
                lambda m, more: {**more, "messages": m},
                st.lists(MESSAGES, max_size=4),
                st.dictionaries(WORDS, TREES, max_size=3),
            ),
            st.dictionaries(WORDS, VALUES, max_size=4),
        )
    )
    raw = data.draw(spelled(st.just(tree)))
    body = json_spans.parse(raw)
    OPENAI_CHAT.view(body)
    assert all(isinstance(name, str) for name in CHAT.offered(body))
    known = {}
    for name in CHAT.anchors(body):
        before = data.draw(st.sampled_from(["", "a", "stop", "text"]))
        leg = {"role": "assistant", "content": before, "tool_calls": []}
        known[name] = json.dumps(
            data.draw(st.one_of(TREES, st.just([[leg], [[0, {"id": "o"}]], [leg]])))
        ).encode()
    turn = Turn((Call("o", {}),), b'{"role":"assistant"}', alone=True)
    for changes in (
        CHAT.offer(body),
        CHAT.restore(body, known),
        CHAT.carry_on(body, turn, ["text"]),
    ):
        json.loads(json_spans.spliced(raw, changes))
