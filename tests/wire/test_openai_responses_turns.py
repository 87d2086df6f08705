"""Responses answers with hidden calls, and what later requests are made of them."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responses_upstream import (
    call,
    events,
    heard,
    message,
    reasoning,
    response,
    result,
    shown,
    usage,
    user,
    whole,
)

from headroom.wire import json_spans
from headroom.wire._api import Usage
from headroom.wire.openai_responses import OPENAI_RESPONSES
from strategies import VALUES

RETRIEVAL = OPENAI_RESPONSES.retrieval
TOLD = "line 4711 of the original"


def spliced(body, changes):
    raw = json.dumps(body).encode()
    return json.loads(json_spans.spliced(raw, changes(json_spans.parse(raw))))


def restored(body, memories):
    known = {memory.anchor: memory.data for memory in memories}
    asked = RETRIEVAL.anchors(json_spans.parse(json.dumps(body).encode()))
    found = {name: known[name] for name in asked if name in known}
    return spliced(body, lambda tree: RETRIEVAL.restore(tree, found))


class Session:
    """One client request through the proxy: legs of items in, what the client and upstream saw
    out. `sent` holds the requests that went upstream."""

    def __init__(self, body, *legs, stream=True, tell=True):
        parsed = json_spans.parse(json.dumps(body).encode())
        told = {"body": parsed} if tell else {}
        self.answer = RETRIEVAL.answer(stream=stream, intercept=True, **told)
        self.sent, self.payloads, self.turns = [body], [], []
        for number, items in enumerate(legs, 1):
            made = events(number, items) if stream else [whole(number, items)]
            self.payloads += heard(self.answer, made)
            turn = self.answer.end()
            if turn is None:
                break
            self.turns.append(turn)
            results = [TOLD] * len(turn.calls)
            self.answer.resume(turn, results)
            if turn.alone:
                on = partial(RETRIEVAL.carry_on, turn=turn, results=results)
                self.sent.append(spliced(self.sent[-1], on))
        self.memories = self.answer.memories()

    @property
    def ended(self):
        (*_, last) = self.payloads
        told = json.loads(last)
        return told.get("response", told)


BODY = {"model": "m", "store": False, "input": [user("what failed?")], "tools": []}
ASKED = BODY["input"]
BOTH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])


# --- what the client hears


@BOTH
def test_an_answer_without_our_call_passes_as_it_came(stream):
    items = [reasoning("1"), message("1", "looking"), call("1", "exec_command")]
    made = events("1", items) if stream else [whole("1", items)]
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    assert [answer.feed(payload) for payload in made] == [None] * len(made)
    assert answer.end() is None
    assert answer.usage == Usage(10, 90, 0, 5)
    assert answer.memories() == []


@BOTH
@pytest.mark.parametrize(
    "name", [{"namespace": "mcp__headroom"}, {"tool": "mcp__headroom__headroom_retrieve"}]
)
def test_the_clients_own_retrieve_tool_is_its_own(stream, name):
    items = [call("1", **name)]
    made = events("1", items) if stream else [whole("1", items)]
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    assert [answer.feed(payload) for payload in made] == [None] * len(made)
    assert answer.end() is None


@BOTH
def test_a_call_of_ours_is_answered_and_never_seen(stream):
    said = [reasoning("1"), message("1", "Let me look."), call("r", namespace="functions")]
    rest = [reasoning("2"), message("2", "It was line 4711.")]
    session = Session(BODY, said, rest, stream=stream)
    assert session.sent[1]["input"] == [*ASKED, *said, result("r", TOLD)]
    assert session.ended["output"] == [*said[:2], *rest]
    assert b"headroom_retrieve" not in b"".join(session.payloads)
    (turn,) = session.turns
    assert [(c.id, c.arguments) for c in turn.calls] == [("call_r", {"ref": "k3f9a2c1"})]


@BOTH
def test_usage_tells_all_output_and_the_last_input(stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    legs = [[call("r")], [call("s")], [message("1", "done")]]
    got = []
    for number, items in enumerate(legs):
        used = usage(100, number * 1000, 7)
        made = events(number, items, used) if stream else [whole(number, items, used)]
        got = heard(answer, made)
        if turn := answer.end():
            answer.resume(turn, ["x"])
    told = json.loads(got[-1])
    told = told.get("response", told)["usage"]
    assert told == {**usage(100, 2000, 21), "output_tokens_details": {"reasoning_tokens": 3}}
    assert answer.usage == Usage(fresh=300, cache_read=3000, cache_write=0, output=21)


def test_the_answer_keeps_the_id_that_the_client_heard_first():
    session = Session(BODY, [call("r")], [message("1", "done")])
    assert session.ended["id"] == "resp_1"


@pytest.mark.parametrize(
    "legs",
    [
        [[call("r")], [message("1", "done")]],
        [[reasoning("1"), message("1", "a"), call("r")], [call("s")], [message("2", "b")]],
        [[call("r"), message("1", "after")], [reasoning("2"), call("c", "exec_command")]],
        [[call("c", "exec_command"), call("r"), call("d", "exec_command")]],
        [[call("r")], [call("c", "exec_command"), call("s"), message("1", "x")]],
    ],
)
def test_a_stream_stays_whole(legs):
    session = Session(BODY, *legs)
    visible = [
        i for leg in legs for i in leg if i["name" if "name" in i else "id"] != "headroom_retrieve"
    ]
    assert shown(session.payloads)["output"] == visible


def test_text_goes_on_at_once():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    made = events("1", [message("1", "a text of some length"), call("r")])
    passed = [payload for payload in made if answer.feed(payload) is None]
    told = [payload for payload in made if b"response.output_text." in payload]
    assert len(told) > 3
    assert set(told) <= set(passed)


@BOTH
def test_beside_the_clients_calls_the_client_gets_its_own_at_once(stream):
    items = [message("1", "both"), call("c", "exec_command"), call("r")]
    made = events("1", items) if stream else [whole("1", items)]
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    got = heard(answer, made)
    told = shown(got) if stream else json.loads(got[-1])
    assert told["output"] == items[:2]
    assert answer.end().alone is False


def test_a_leg_that_was_cut_is_no_turn_and_has_no_end():
    made = events("1", [message("1", "half"), call("r")])
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    heard(answer, made[:-1])
    assert answer.end() is None
    assert answer.give_up(b"") == []


@BOTH
def test_an_answer_out_of_room_is_no_turn(stream):
    items = [message("1", "half"), call("r")]
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    made = (
        events("1", items, None, "incomplete")
        if stream
        else [whole("1", items, None, "incomplete")]
    )
    got = heard(answer, made)
    told = json.loads(got[-1])
    told = told.get("response", told)
    assert (told["status"], told["output"]) == ("incomplete", items[:1])
    assert answer.end() is None


@BOTH
def test_after_the_last_round_the_client_gets_what_there_is(stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    items = [message("1", "I would have to look further."), call("r")]
    got = heard(answer, events("1", items) if stream else [whole("1", items)])
    assert answer.end().alone
    got += answer.give_up(b"")
    told = shown(got) if stream else json.loads(got[-1])
    assert (told["status"], told["output"]) == ("completed", items[:1])
    assert answer.give_up(b"") == []
    again = restored({"input": [*ASKED, items[0], user("go on")]}, answer.memories())["input"]
    assert [item.get("type") for item in again[1:4]] == [
        "message",
        "function_call",
        "function_call_output",
    ]
    assert "Not retrieved" in again[3]["output"]


def test_upstreams_refusal_of_another_leg_fails_the_response():
    session = Session(BODY, [message("1", "Let me look."), call("r")])
    error = {
        "error": {"type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "slow"}
    }
    got = session.payloads + list(session.answer.give_up(json.dumps(error).encode()))
    told = shown(got)
    assert told["error"] == {"code": "rate_limit_exceeded", "message": "slow"}
    assert told["status"] == "failed"
    assert [item["id"] for item in told["output"]] == ["msg_1"]


def test_events_of_a_lane_stay_in_it():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    heard(answer, events("1", [call("r")], stream_id="b"))
    answer.resume(answer.end(), ["x"])
    (failed,) = answer.give_up(b"no JSON")
    assert json.loads(failed)["stream_id"] == "b"


def test_without_interception_only_usage_is_read():
    for stream, made in ((True, events("1", [call("r")])), (False, [whole("1", [call("r")])])):
        answer = RETRIEVAL.answer(stream=stream, intercept=False)
        assert [answer.feed(payload) for payload in made] == [None] * len(made)
        assert (answer.usage, answer.end()) == (Usage(10, 90, 0, 5), None)


def test_upstreams_that_list_no_output_are_read_from_their_events():
    made = events("1", [message("1", "Let me look."), call("r")])
    ended = json.loads(made[-1])
    ended["response"]["output"] = []
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    heard(answer, [*made[:-1], json.dumps(ended).encode()])
    turn = answer.end()
    assert (turn.alone, [c.id for c in turn.calls]) == (True, ["call_r"])


# --- what the client's next request is made of

SAID = st.sampled_from(
    ["Let me look at that.", "Looking further into it.", "The cause is clear now."]
)


@st.composite
def legs(draw):
    """Legs of an answer: some alone with our call, then one that is for the client."""
    made = []
    for number in range(draw(st.integers(1, 3)) + 1):
        items = [reasoning(f"{number}")] if draw(st.booleans()) else []
        if draw(st.booleans()):
            items.append(message(f"{number}", f"{draw(SAID)} ({number})"))
        made.append([*items, call(f"r{number}")])
    last = made.pop()
    kind = draw(st.sampled_from(["text", "calls", "beside"]))
    if kind == "text":
        last = [*last[:-1], message("z", draw(SAID) + " That is all.")]
    elif kind == "calls":
        last = [*last[:-1], call("c", "exec_command"), call("d", "exec_command")]
    else:
        last = draw(
            st.permutations([*last[-1:], call("c", "exec_command"), call("d", "exec_command")])
        )
    return [*made, last]


def client_items(session):
    """What a client holds of an answer: its items, and results of its own calls."""
    items = session.ended["output"]
    own = [i for i in items if i["type"] == "function_call"]
    return [*items, *(result(i["call_id"].removeprefix("call_"), "ran") for i in own)]


def lived(session, legs, *, body=BODY):
    """The history as the model lived it."""
    items = list(body["input"])
    for leg in legs:
        items += leg
        ours = [i for i in leg if i.get("name") == "headroom_retrieve"]
        items += [result(i["call_id"].removeprefix("call_"), TOLD) for i in ours]
    return items


@BOTH
@given(legs())
def test_a_client_that_keeps_its_items_extends_what_the_model_lived(stream, legs):
    session = Session(BODY, *legs, stream=stream)
    again = {**BODY, "input": [*ASKED, *client_items(session), user("next")]}
    made = restored(again, session.memories)["input"]
    sent = session.sent[-1]["input"]
    assert made[: len(sent)] == sent
    own = [item for item in client_items(session) if item["type"] == "function_call_output"]
    assert made == [*lived(session, legs), *own, user("next")]
    later = {**again, "input": [*again["input"], message("y", "ok"), user("and then?")]}
    assert restored(later, session.memories)["input"][: len(made)] == made


def dropping_ids(item):
    return {key: value for key, value in item.items() if key not in ("id", "status")}


@given(legs(), st.sets(st.sampled_from(["ids", "reasoning"])), st.booleans())
def test_a_client_that_drops_things_still_has_every_hidden_turn_in_its_place(legs, drops, tell):
    session = Session(BODY, *legs, tell=tell)
    kept = client_items(session)
    if "reasoning" in drops:
        kept = [item for item in kept if item["type"] != "reasoning"]
    if "ids" in drops:
        kept = [dropping_ids(item) for item in kept]
    made = restored({"input": [*ASKED, *kept]}, session.memories)["input"]
    mine = [item for item in made if item not in kept]
    hidden = lived(session, legs)
    expected = [
        i for i in hidden if i["type"] != "reasoning" or i in made or dropping_ids(i) in made
    ]
    own = [item for item in kept if item["type"] == "function_call_output"]
    assert [dropping_ids(i) for i in made] == [dropping_ids(i) for i in [*expected, *own]]
    for item in mine:
        if item.get("name") == "headroom_retrieve" and "reasoning" in drops:
            leg = next(leg for leg in legs if any(i.get("call_id") == item["call_id"] for i in leg))
            assert ("id" in item) is (leg[0]["type"] != "reasoning")


@pytest.mark.parametrize("joint", ["", "\n\n"])
@pytest.mark.parametrize("parts", [False, True], ids=["text", "part"])
def test_a_client_that_joins_what_was_said_has_it_parted_again(joint, parts):
    first, second = message("1", "Let me look at the log."), message("2", "It was line 4711.")
    session = Session(BODY, [first, call("r")], [second])
    text = f"Let me look at the log.{joint}It was line 4711."
    content = [{"type": "output_text", "text": text}] if parts else text
    body = {"input": [*ASKED, {"role": "assistant", "content": content}, user("thanks")]}
    made = restored(body, session.memories)["input"]
    assert made[:4] == session.sent[-1]["input"]
    rest = made[4]["content"]
    assert (rest[0]["text"] if parts else rest).strip() == "It was line 4711."
    assert made[5:] == [user("thanks")]


@pytest.mark.parametrize("cut", [(26,), (10, 26), (10, 26, 30)])
def test_parts_that_are_not_the_legs_parts_are_parted_all_the_same(cut):
    said = "Let me look at the log...." + "It was line 4711."
    session = Session(BODY, [message("1", said[:26]), call("r")], [message("2", said[26:])])
    edges = [0, *cut, len(said)]
    parts = [{"type": "output_text", "text": said[a:b]} for a, b in zip(edges, edges[1:])]  # noqa: B905, RUF007
    body = {"input": [*ASKED, {"role": "assistant", "content": parts}]}
    *made, last = restored(body, session.memories)["input"]
    assert made == session.sent[-1]["input"]
    assert "".join(part["text"] for part in last["content"]) == "It was line 4711."


@pytest.mark.parametrize(
    "parts",
    [
        ["Let me look at  the log.It was line", " 4711."],
        ["Let me look at th e log.", "It was line 4711."],
    ],
)
def test_parts_that_do_not_part_have_the_turn_before_them(parts):
    session = Session(
        BODY,
        [message("1", "Let me look at the log."), call("r")],
        [message("2", "It was line 4711.")],
    )
    said = {
        "role": "assistant",
        "content": [{"type": "output_text", "text": text} for text in parts],
    }
    made = restored({"input": [*ASKED, said]}, session.memories)["input"]
    assert made == [*ASKED, call("r"), result("r", TOLD), said]


def test_words_joined_before_a_call_are_parted_too():
    legs = [
        [message("1", "Let me look."), call("r")],
        [message("2", "Now the tests."), call("c", "run"), call("s")],
    ]
    session = Session(BODY, *legs)
    joined = {"role": "assistant", "content": "Let me look. Now the tests."}
    made = restored(
        {"input": [*ASKED, joined, call("c", "run"), result("c", "ran")]}, session.memories
    )["input"]
    assert made[:4] == session.sent[-1]["input"]
    assert (made[4]["content"].strip(), made[5:]) == (
        "Now the tests.",
        [call("c", "run"), call("s"), result("s", TOLD), result("c", "ran")],
    )


def test_text_that_is_no_unicode_goes_back_as_it_came():
    session = Session(BODY, [message("1", "\ud800 found"), call("r")], [call("c", "run")])
    assert session.ended["output"] == [message("1", "\ud800 found"), call("c", "run")]
    assert session.sent[1]["input"][1] == message("1", "\ud800 found")


@BOTH
@pytest.mark.parametrize("depth", [300, 900, 3_000])
def test_what_nests_too_deep_to_be_written_again_passes_as_it_came(stream, depth):
    items = [call("c", "run"), call("r"), {"type": "web_search_call", "id": "w", "action": "deep"}]
    made = events("1", items) if stream else [whole("1", items)]
    made[-1] = made[-1].replace(b'"deep"', b"[" * depth + b"]" * depth)
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    last = heard(answer, made)[-1]
    answer.memories()
    ends = [payload.partition(b'"output": ')[2] for payload in (last, made[-1])]
    assert ends[0] == ends[1] or b"headroom_retrieve" not in last


def test_joined_words_that_do_not_part_have_the_turn_before_them():
    session = Session(
        BODY, [message("1", "Let me look at it."), call("r")], [message("2", "Line 4711.")]
    )
    said = {"role": "assistant", "content": "Let me  look at it.Line 4711."}
    made = restored({"input": [*ASKED, said]}, session.memories)["input"]
    assert made == [*ASKED, call("r"), result("r", TOLD), said]


def test_the_same_words_said_to_another_question_are_another_answer():
    session = Session(BODY, [call("r")], [message("1", "All the tests pass now.")])
    said = {"role": "assistant", "content": "All the tests pass now."}
    body = {"input": [user("run the tests"), said, *ASKED, said]}
    tree = json.loads(json.dumps(body))
    assert restored(tree, session.memories)["input"] == [
        *body["input"][:3],
        call("r"),
        result("r", TOLD),
        said,
    ]


def test_other_conversations_stay_as_they_are():
    session = Session(BODY, [call("r")], [call("c", "exec_command")])
    body = {"input": [*ASKED, call("e", "exec_command"), result("e", "ran")]}
    assert restored(body, session.memories) == body


def test_items_by_reference_tell_the_place_too():
    said = [reasoning("1"), message("1", "Let me look."), call("r")]
    session = Session({**BODY, "store": True}, said, [call("c", "exec_command")])
    names = [{"type": "item_reference", "id": name} for name in ("rs_1", "msg_1", "fc_c")]
    made = restored({"input": [*ASKED, *names, result("c", "ran")]}, session.memories)["input"]
    assert made == [*ASKED, *names[:2], call("r"), result("r", TOLD), names[2], result("c", "ran")]


# --- going on from stored responses

STORED = {"model": "m", "previous_response_id": "resp_0", "input": [user("and now?")]}


@pytest.mark.parametrize(
    "body",
    [STORED, {"type": "response.create", "store": False, "input": []}],
    ids=["stored", "frame"],
)
def test_what_the_server_holds_is_not_sent_again(body):
    session = Session(body, [message("1", "hm"), call("r")], [call("s")], [message("2", "done")])
    assert session.sent[1:] == [
        {**body, "previous_response_id": "resp_1", "input": [result("r", TOLD)]},
        {**body, "previous_response_id": "resp_2", "input": [result("s", TOLD)]},
    ]


def test_a_conversation_on_the_server_gets_the_results_alone():
    body = {"conversation": "conv_1", "input": "hi"}
    session = Session(body, [call("r")], [message("1", "done")])
    assert session.sent[1] == {"conversation": "conv_1", "input": [result("r", TOLD)]}


def test_a_text_for_input_becomes_the_first_item():
    session = Session({"input": "hi"}, [call("r")], [message("1", "done")])
    asked = {"role": "user", "content": "hi"}
    assert session.sent[1]["input"] == [asked, call("r"), result("r", TOLD)]


def test_reasoning_that_nobody_keeps_is_not_sent_back():
    said = [reasoning("1", encrypted=False), call("r")]
    session = Session(BODY, said, [message("1", "done")])
    without = {key: value for key, value in call("r").items() if key != "id"}
    assert session.sent[1]["input"] == [*ASKED, without, result("r", TOLD)]


@pytest.mark.parametrize(
    "previous", [{"previous_response_id": "resp_1"}, {"conversation": "conv_1"}]
)
def test_a_result_beside_the_clients_calls_joins_the_next_request(previous):
    session = Session(STORED, [call("c", "exec_command"), call("r")])
    body = {"model": "m", **previous, "input": [result("c", "ran")]}
    made = restored(body, session.memories)
    assert made == {**body, "input": [result("r", TOLD), result("c", "ran")]}


def test_who_goes_on_from_an_early_leg_goes_on_from_the_last():
    session = Session(STORED, [call("r")], [message("1", "done")])
    body = {"previous_response_id": "resp_1", "input": "thanks"}
    assert restored(body, session.memories) == {**body, "previous_response_id": "resp_2"}


def test_a_call_left_unanswered_is_answered_by_who_goes_on_from_it():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    heard(answer, events("1", [call("r")]))
    answer.give_up(b"")
    body = {"previous_response_id": "resp_1", "input": "go on"}
    (output, asked) = restored(body, answer.memories())["input"]
    assert (output["call_id"], asked) == ("call_r", {"role": "user", "content": "go on"})


# --- whatever comes

ODD = st.one_of(
    VALUES,
    st.builds(
        lambda kind, rest: {**rest, "type": kind},
        st.sampled_from(
            [
                *("response.created", "response.output_item.added", "response.output_item.done"),
                *("response.completed", "response.incomplete", "response.output_text.delta"),
                *("error", "function_call", "function_call_output", "message", "reasoning"),
            ]
        ),
        st.dictionaries(
            st.sampled_from(
                ["item", "response", "output_index", "sequence_number", "id", "call_id", "output"]
            ),
            st.one_of(VALUES, st.just(call("r")), st.just(response("1", [call("r"), 4]))),
        ),
    ),
)


@BOTH
@given(
    st.lists(
        st.one_of(ODD.map(lambda v: json.dumps(v).encode()), st.binary(max_size=9)), max_size=8
    )
)
def test_no_payload_raises(stream, payloads):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    for payload in payloads:
        for told in answer.feed(payload) or ():
            json.loads(told)
        if turn := answer.end():
            answer.resume(turn, ["x"] * len(turn.calls))
    answer.memories()
    for told in answer.give_up(b"?"):
        json.loads(told)


@given(st.sampled_from(["input", "tools", "response", "previous_response_id"]), ODD, st.data())
def test_no_request_raises(key, value, data):
    items = data.draw(st.lists(st.one_of(ODD, st.just(call("c", "exec_command"))), max_size=4))
    body = {"type": "response.create", "input": items, key: value}
    session = Session(BODY, [call("c", "exec_command"), call("r")], tell=False)
    for known in ({m.anchor: m.data for m in session.memories}, {"call:call_c": b"[1"}):
        spliced(body, lambda tree, known=known: RETRIEVAL.restore(tree, known))
    for change in (
        RETRIEVAL.offer,
        lambda tree: RETRIEVAL.carry_on(tree, session.turns[0], [TOLD]),
    ):
        spliced(body, change)
    tree = json_spans.parse(json.dumps(body).encode())
    RETRIEVAL.anchors(tree)
    RETRIEVAL.offered(tree)
    RETRIEVAL.answer(stream=True, intercept=True, body=tree)
    OPENAI_RESPONSES.view(tree)
