"""WebSocket frames: what a frame goes on from."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responses_upstream import call, events, message, reasoning, result, user

from headroom.compressors import built_in
from headroom.conversation import Kind
from headroom.engine import Engine
from headroom.policy import BALANCED
from headroom.stores import InMemoryStore
from headroom.tokens import TokenCounter
from headroom.wire import json_spans
from headroom.wire.openai_responses import OPENAI_RESPONSES
from headroom.wire.openai_responses.frames import Thread
from strategies import VALUES

LOG = "\n".join(
    f"2026-03-01 10:{index // 60:02d}:{index % 60:02d} INFO worker: job {index} done in {index * 7 % 97} ms"
    for index in range(900)
)
ADDED = {
    "type": "additional_tools",
    "role": "developer",
    "tools": [{"type": "custom", "name": "exec"}],
}


def frame(*items, **more):
    return {"type": "response.create", "model": "m", "store": False, **more, "input": list(items)}


class Connection:
    """A thread with an upstream that answers each frame with given items."""

    def __init__(self, limit=64):
        self.thread = Thread(limit)

    def ask(self, sent, name, items, **more):
        followed = self.thread.follow(json_spans.parse(json.dumps(sent).encode()))
        for payload in events(name, items, **more):
            self.thread.hear(payload)
        return followed


def texts(followed):
    return [b.text for m in followed.conversation.messages for b in m.blocks]


def own_texts(followed):
    return [b.text for m in followed.conversation.messages for b in m.blocks if b.path]


def test_a_frame_is_read_behind_all_that_it_goes_on_from():
    connection = Connection()
    said = [reasoning("1"), message("1", "looking"), call("1", "exec_command", "{}")]
    connection.ask(frame(user("find it")), "1", said)
    answered = frame(result("1", "found"), previous_response_id="resp_1")
    followed = connection.ask(answered, "2", [message("2", "there")])
    whole = OPENAI_RESPONSES.view(
        {"model": "m", "input": [user("find it"), *said, result("1", "found")]}
    )
    roles = [m.role for m in followed.conversation.messages]
    assert (roles, texts(followed)) == (
        [m.role for m in whole.messages],
        [b.text for m in whole.messages for b in m.blocks],
    )
    assert own_texts(followed) == ["found"]
    (last,) = followed.conversation.messages[-1].blocks
    assert (last.path, last.kind, last.tool) == (
        ("input", 0, "output"),
        Kind.TOOL_RESULT,
        "exec_command",
    )


def test_frames_and_whole_requests_are_compressed_alike():
    """A client that falls back to HTTP, or resumes, sends all again: the same bytes go upstream."""

    def engine():
        return Engine(built_in(), TokenCounter(), BALANCED, InMemoryStore())

    sent, connection, deciding = [user("why is it slow?")], Connection(), engine()
    history, frames = list(sent), []
    for number, log in enumerate([LOG, LOG + "\nERROR out of memory", "short"]):
        said = [
            reasoning(f"{number}"),
            call(f"{number}", "exec_command", f'{{"cmd":"journalctl {number}"}}'),
        ]
        previous = {"previous_response_id": f"resp_{number - 1}"} if number else {}
        followed = connection.ask(frame(*sent, **previous), str(number), said)
        frames += (edit for edit in deciding.decide(followed.conversation).edits if edit.path)
        sent = [result(f"{number}", log)]
        history += [*said, *sent]
    followed = connection.ask(frame(*sent, previous_response_id="resp_2"), "3", [])
    frames += (edit for edit in deciding.decide(followed.conversation).edits if edit.path)
    whole = engine().decide(OPENAI_RESPONSES.view({"model": "m", "input": history})).edits
    assert len(whole) == 2
    assert [(edit.before, edit.after) for edit in frames] == [(e.before, e.after) for e in whole]


def test_a_jump_back_goes_on_from_there():
    connection = Connection()
    connection.ask(frame(user("one")), "1", [message("1", "first")])
    connection.ask(frame(user("two"), previous_response_id="resp_1"), "2", [message("2", "second")])
    back = connection.ask(frame(user("other"), previous_response_id="resp_1"), "3", [])
    assert texts(back) == ["one", "first", "other"]


def test_an_unknown_or_forgotten_response_leaves_the_frame_alone():
    connection = Connection(limit=2)
    for number in range(3):
        connection.ask(frame(user(f"{number}")), f"{number}", [])
    assert texts(connection.ask(frame(user("x"), previous_response_id="resp_9"), "a", [])) == ["x"]
    assert texts(connection.ask(frame(user("x"), previous_response_id="resp_0"), "b", [])) == ["x"]


def test_a_warm_up_counts_as_said():
    connection = Connection()
    developer = {"type": "message", "role": "developer", "content": "be brief"}
    connection.ask(frame(developer, generate=False), "0", [])
    followed = connection.ask(frame(user("hi"), previous_response_id="resp_0"), "1", [])
    assert texts(followed) == ["be brief", "hi"]


def test_instructions_are_those_of_the_frame():
    connection = Connection()
    connection.ask(frame(user("a"), instructions="old"), "1", [])
    followed = connection.ask(
        frame(user("b"), instructions="new", previous_response_id="resp_1"), "2", []
    )
    assert texts(followed) == ["new", "a", "b"]
    assert own_texts(followed) == ["new", "b"]


def test_tools_in_the_input_hold_for_the_frames_that_follow():
    connection = Connection()
    first = connection.ask(frame(ADDED, user("a")), "1", [])
    second = connection.ask(frame(user("b"), previous_response_id="resp_1"), "2", [])
    third = connection.ask(frame(user("c"), previous_response_id="resp_2"), "3", [])
    assert [f.inherits_tools for f in (first, second, third)] == [False, True, True]


def test_a_leg_of_ours_is_a_frame_like_any_other():
    connection = Connection()
    connection.ask(frame(user("a")), "1", [call("r")])
    connection.ask(
        frame(result("r", "line 4711"), previous_response_id="resp_1"), "2", [message("2", "b")]
    )
    followed = connection.ask(frame(user("c"), previous_response_id="resp_2"), "3", [])
    assert texts(followed) == ["a", '{"ref":"k3f9a2c1"}', "line 4711", "b", "c"]
    retrieved = followed.conversation.messages[2].blocks[0]
    assert retrieved.tool == "headroom_retrieve"


def test_lanes_are_answered_side_by_side():
    thread = Thread()
    for lane, asked in (("a", "one"), ("b", "two")):
        thread.follow(frame(user(asked), stream_id=lane))
    for lane, name in (("b", "2"), ("a", "1")):
        for payload in events(name, [message(name, f"said in {lane}")], stream_id=lane):
            thread.hear(payload)
    for name, expected in (("1", ["one", "said in a", "x"]), ("2", ["two", "said in b", "x"])):
        followed = thread.follow(
            frame(user("x"), previous_response_id=f"resp_{name}", stream_id="c")
        )
        assert texts(followed) == expected


def test_an_output_that_the_end_does_not_list_is_known_from_its_items():
    thread = Thread()
    thread.follow(frame(user("a")))
    *made, last = events("1", [message("1", "b")])
    ended = json.loads(last)
    ended["response"]["output"] = []
    for payload in (*made, json.dumps(ended).encode()):
        thread.hear(payload)
    assert texts(thread.follow(frame(user("c"), previous_response_id="resp_1"))) == ["a", "b", "c"]


def test_a_response_that_failed_is_not_gone_on_from():
    connection = Connection()
    connection.ask(frame(user("a")), "1", [], status="failed")
    followed = connection.ask(frame(user("b"), previous_response_id="resp_1"), "2", [])
    assert texts(followed) == ["b"]


@pytest.mark.parametrize(
    "sent", [{"type": "response.cancel"}, {"type": "response.steer", "input": "x"}, {}]
)
def test_a_frame_that_asks_for_no_response_is_none_of_ours(sent):
    assert Thread().follow(sent) is None


@given(
    st.lists(
        st.one_of(
            VALUES,
            st.just(frame(1)),
            st.sampled_from([json.loads(e) for e in events("1", [call("r")])]),
        ),
        max_size=6,
    )
)
def test_no_frame_and_no_event_raises(values):
    thread = Thread()
    for value in values:
        thread.hear(json.dumps(value).encode())
        if isinstance(value, dict):
            thread.follow(value)
