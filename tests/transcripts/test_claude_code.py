"""Sessions of Claude Code, written by hand in the documented shapes."""

import json

import pytest

from headroom.transcripts.claude_code import ClaudeCode
from headroom.wire import recognised


class Session:
    """Writes events as the agent does, each linked to the one before it."""

    def __init__(self, **common):
        self.lines = []
        self.common = {"sessionId": "s1", "isSidechain": False, **common}
        self.tip = None

    def add(self, kind, message=None, parent="tip", **extra):
        uuid = f"u{len(self.lines)}"
        event = {
            "parentUuid": self.tip if parent == "tip" else parent,
            "type": kind,
            "uuid": uuid,
            **self.common,
            **extra,
        }
        if message is not None:
            event["message"] = message
        self.lines.append(event)
        self.tip = uuid
        return uuid

    def asks(self, text, **extra):
        return self.add("user", {"role": "user", "content": text}, **extra)

    def answers(self, *blocks, name="msg_1", **extra):
        return self.add(
            "assistant", {"id": name, "role": "assistant", "content": list(blocks)}, **extra
        )

    def results(self, *names, **extra):
        blocks = [{"type": "tool_result", "tool_use_id": n, "content": f"{n} out"} for n in names]
        return self.add("user", {"role": "user", "content": blocks}, **extra)

    @property
    def text(self):
        return "\n".join(json.dumps(line) for line in self.lines)


def said(text):
    return {"type": "text", "text": text}


def call(name):
    return {"type": "tool_use", "id": name, "name": "Bash", "input": {"command": "ls"}}


def read(text):
    assert ClaudeCode().recognises(text)
    return list(ClaudeCode().conversations(text))


def shape(transcript):
    return [
        (
            message["role"],
            message["content"]
            if isinstance(message["content"], str)
            else [
                block.get("text") or block.get("id") or block["tool_use_id"]
                for block in message["content"]
            ],
        )
        for message in transcript.messages
    ]


def test_a_session_reads_as_the_messages_that_were_sent():
    session = Session()
    session.asks("list")
    session.answers(said("I look"), call("t1"))
    session.results("t1")
    session.answers(said("done"), name="msg_2")
    (found,) = read(session.text)
    assert found.id == "s1"
    assert found.form == recognised(found.messages).name == "anthropic_messages"
    assert shape(found) == [
        ("user", "list"),
        ("assistant", ["I look", "t1"]),
        ("user", ["t1"]),
        ("assistant", ["done"]),
    ]
    assert found.messages[2]["content"][0]["content"] == "t1 out"
    assert found.skipped == {}


def test_blocks_of_one_answer_in_several_events_are_one_message():
    session = Session()
    session.asks("list")
    session.answers({"type": "thinking", "thinking": "hm", "text": "hm"})
    session.answers(said("I look"))
    session.answers(call("t1"))
    session.results("t1")
    assert shape(read(session.text)[0])[1] == ("assistant", ["hm", "I look", "t1"])


def test_a_later_snapshot_of_a_block_takes_the_place_of_the_former():
    session = Session()
    session.asks("list")
    session.answers(said("I lo"))
    session.answers(said("I look"), call("t1"))
    session.answers({**call("t1"), "input": {"command": "ls -l"}}, said("other"), "odd", "odd")
    (found,) = read(session.text)
    blocks = found.messages[1]["content"]
    assert [block if isinstance(block, str) else block["type"] for block in blocks] == [
        "text",
        "tool_use",
        "text",
        "odd",
    ]
    assert blocks[0]["text"] == "I look"
    assert blocks[1]["input"] == {"command": "ls -l"}


def test_an_answer_whose_content_is_a_text_is_replaced_by_its_later_snapshot():
    session = Session()
    session.asks("hi")
    for content in ("he", "hello", ""):
        session.add("assistant", {"id": "m", "role": "assistant", "content": content})
    assert shape(read(session.text)[0]) == [("user", "hi"), ("assistant", "hello")]


def test_parallel_calls_and_their_results_are_one_answer_and_one_message():
    session = Session()
    session.asks("both")
    first = session.answers(call("t1"))
    second = session.answers(call("t2"))
    session.results("t1", parent=first)
    session.results("t2", parent=second)
    session.answers(said("done"), name="msg_2")
    (found,) = read(session.text)
    assert shape(found) == [
        ("user", "both"),
        ("assistant", ["t1", "t2"]),
        ("user", ["t1", "t2"]),
        ("assistant", ["done"]),
    ]
    assert found.skipped == {}


def test_turns_that_were_taken_back_are_left_out_and_counted():
    session = Session()
    start = session.asks("one")
    session.answers(said("wrong"))
    session.asks("what?")
    session.answers(said("right"), name="msg_2", parent=start)
    (found,) = read(session.text)
    assert shape(found) == [("user", "one"), ("assistant", ["right"])]
    assert found.skipped == {"abandoned": 2}


def test_a_compaction_begins_a_conversation():
    session = Session()
    session.asks("long story")
    last = session.answers(said("yes"))
    session.add("system", parent=None, subtype="compact_boundary", logicalParentUuid=last)
    session.asks("summary of it all", isCompactSummary=True)
    session.answers(said("on we go"), name="msg_2")
    first, second = read(session.text)
    assert (first.id, second.id) == ("s1", "s1-2")
    assert shape(first) == [("user", "long story"), ("assistant", ["yes"])]
    assert shape(second) == [("user", "summary of it all"), ("assistant", ["on we go"])]


def test_an_agents_sidechain_is_a_conversation_of_its_own():
    main = Session()
    main.asks("delegate")
    main.answers(call("t1"))
    main.asks("sub task", parent=None, isSidechain=True, agentId="a9")
    main.answers(said("sub done"), name="msg_s", isSidechain=True, agentId="a9")
    main.results("t1", parent="u1")
    first, second = read(main.text)
    assert shape(first) == [("user", "delegate"), ("assistant", ["t1"]), ("user", ["t1"])]
    assert second.id == "agent-a9-2"
    assert shape(second) == [("user", "sub task"), ("assistant", ["sub done"])]


def test_a_sidechain_without_an_agents_name_that_names_a_parent_is_apart_too():
    main = Session()
    main.asks("delegate")
    main.asks("sub task", isSidechain=True)
    main.answers(said("ok"), parent="u0")
    first, second = read(main.text)
    assert shape(first) == [("user", "delegate"), ("assistant", ["ok"])]
    assert (second.id, shape(second)) == ("s1-sidechain-2", [("user", "sub task")])


def test_an_agents_own_file_is_named_after_it():
    session = Session(isSidechain=True, agentId="a5e72c")
    session.asks("sub task")
    assert read(session.text)[0].id == "agent-a5e72c"


def test_what_is_unknown_or_never_sent_is_passed_over_and_counted():
    session = Session()
    session.add("attachment", attachment={"type": "hook_success"})
    session.asks("hi")
    session.add("system", subtype="local_command", content="x")
    session.add("progress", data={})
    session.add("assistant", {"role": "assistant", "content": "API Error"}, isApiErrorMessage=True)
    session.answers(said("hello"))
    lines = [
        '{"type": "summary", "summary": "greeting", "leafUuid": "u1"}',
        '{"type": "file-history-snapshot", "messageId": "u1", "snapshot": {}}',
        '{"type": "user", "sessionId": "s1", "message": "no object"}',
        *session.text.split("\n"),
        "",
        "[1, 2]",
        '{"type": "user", "mess',
    ]
    (found,) = read("\n".join(lines))
    assert shape(found) == [("user", "hi"), ("assistant", ["hello"])]
    assert found.skipped == {
        "summary": 1,
        "file-history-snapshot": 1,
        "user": 1,
        "attachment": 1,
        "system": 1,
        "progress": 1,
        "assistant": 1,
        "unreadable": 2,
    }


def test_an_event_that_was_written_twice_counts_once():
    session = Session()
    session.asks("hi")
    session.answers(said("hello"))
    (found,) = read(session.text + "\n" + session.text)
    assert shape(found) == [("user", "hi"), ("assistant", ["hello"])]
    assert found.skipped == {"repeated": 2}


def test_a_parent_that_is_not_in_the_file_is_the_event_before():
    session = Session()
    session.asks("hi", parent="lost")
    session.answers(said("hello"), parent="lost too")
    assert shape(read(session.text)[0]) == [("user", "hi"), ("assistant", ["hello"])]


def test_the_stream_that_the_agent_prints_reads_in_its_order():
    events = [
        {"type": "system", "subtype": "init", "session_id": "s7"},
        {"type": "user", "session_id": "s7", "message": {"role": "user", "content": "hi"}},
        {
            "type": "assistant",
            "session_id": "s7",
            "message": {"id": "m", "role": "assistant", "content": [said("hello")]},
        },
        {"type": "result", "session_id": "s7"},
    ]
    (found,) = read("\n".join(map(json.dumps, events)))
    assert found.id == "s7"
    assert shape(found) == [("user", "hi"), ("assistant", ["hello"])]
    assert found.skipped == {"system": 1, "result": 1}


def test_a_session_without_messages_holds_no_conversation():
    assert read('{"type": "summary", "summary": "x", "leafUuid": "u"}') == []


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", '{"role": "user", "content": "hi"}', '{"type": "user"}', "[" * 10_000],
)
def test_other_texts_are_not_taken_for_sessions(text):
    assert not ClaudeCode().recognises(text)


def test_a_root_that_leads_to_no_message_is_no_conversation():
    session = Session()
    session.add("attachment", attachment={"type": "hook_success"})
    session.asks("hi", parent=None)
    (found,) = read(session.text)
    assert (found.id, shape(found)) == ("s1", [("user", "hi")])
