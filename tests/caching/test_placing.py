"""Where breakpoints and cache keys go, and where they do not."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom import wire
from headroom.caching.placing import cache_key, goes_on, placed
from headroom.wire.json_spans import Splice, spliced

MARK = {"type": "ephemeral"}
MAY_CARRY = {"text", "image", "document", "tool_use", "tool_result"}
LONG = "Some words of a long prompt. " * 200
MODEL = "claude-sonnet-4-5"


def breakpoints(body):
    """The changes that put breakpoints into a request."""
    return [change for one in placed(body) for change in one.splices]


def text(said):
    return {"type": "text", "text": said}


def result(said="ok"):
    return {"type": "tool_result", "tool_use_id": "t1", "content": said}


def call(number=0):
    return {"type": "tool_use", "id": f"t{number}", "name": "run", "input": {"n": number}}


def tool(name, **more):
    return {"name": name, "description": LONG, "input_schema": {"type": "object"}, **more}


def user(*content):
    return {"role": "user", "content": content[0] if isinstance(content[0], str) else [*content]}


def assistant(*content):
    return {**user(*content), "role": "assistant"}


def request(*messages, model=MODEL, **more):
    return {"model": model, "max_tokens": 9, "tools": [tool("run")], "messages": messages, **more}


def names(body, **options):
    return [one.name for one in placed(wire.read(json.dumps(body).encode()), **options)]


def with_marks(body):
    raw = json.dumps(body).encode()
    return json.loads(spliced(raw, breakpoints(wire.read(raw))))


def without_marks(value):
    """The value with no breakpoint in it, and lists of one plain text as that text."""
    if isinstance(value, list):
        value = [without_marks(item) for item in value]
        if len(value) == 1 and isinstance(value[0], dict) and value[0].keys() == {"type", "text"}:
            return value[0]["text"]
        return value
    if isinstance(value, dict):
        return {
            key: without_marks(item)
            for key, item in value.items()
            if not (key == "cache_control" and item == MARK)
        }
    return value


def marked(body):
    """Everything in a body that carries a breakpoint, by where it is."""
    for key in ("tools", "system"):
        for index, node in enumerate(body.get(key) or ()):
            if isinstance(node, dict) and "cache_control" in node:
                yield (key, index), node
    for index, message in enumerate(body["messages"]):
        for at, node in enumerate(message["content"]):
            if isinstance(node, dict) and "cache_control" in node:
                yield ("messages", index, at), node


def test_tools_system_and_the_ends_of_this_request_and_the_one_before_get_one():
    body = request(user("hi"), assistant(call()), user(result()), system="Be kind.")
    assert names(body) == ["tools[0]", "system[0]", "messages[0]", "messages[2]"]
    assert with_marks(body) == {
        "model": MODEL,
        "max_tokens": 9,
        "tools": [tool("run", cache_control=MARK)],
        "system": [{**text("Be kind."), "cache_control": MARK}],
        "messages": [
            user({**text("hi"), "cache_control": MARK}),
            assistant(call()),
            user({**result(), "cache_control": MARK}),
        ],
    }


def test_no_byte_but_the_marks_changes():
    raw = b"""{ "model":"claude-sonnet-4-5", "system" : "caf\\u00e9 \\/ %b", "tools":[ ],
      "messages":[{"content":"hi" , "role":"user"},{"role":"assistant","content":"yo"},
      {"role":"user","content":[ {"type":"text" ,"text":"go", "x": 1.0 } ]} ] }""" % (LONG.encode())
    new = spliced(raw, breakpoints(wire.read(raw)))
    mark = b',"cache_control":{"type":"ephemeral"}'
    assert new.count(mark) == 3
    new = new.replace(mark, b"")
    assert new.count(b'[{"type":"text","text":') == 2
    assert new.replace(b'[{"type":"text","text":', b"").replace(b'"}]', b'"') == raw


def test_what_may_not_carry_one_is_passed_over():
    body = request(
        user(text("go on"), text("  ")),
        assistant({"type": "thinking", "thinking": "…", "signature": "s"}),
        user({"type": "unheard_of"}, {"type": "text", "text": 7}, "bare"),
        tools=[tool("run"), tool("late", defer_loading=True), {"type": "mcp_toolset"}],
        system=[text("Be kind."), text("")],
    )
    assert names(body) == ["tools[0]", "system[0]", "messages[0]"]
    body["tools"] = [{"name": "a", "custom": {"defer_loading": True}}, 7]
    assert names({**body, "system": LONG}) == ["system[0]", "messages[0]"]
    assert names({**body, "system": LONG, "messages": [user(text(""))]}) == ["system[0]"]


def test_an_answer_begun_by_the_client_is_not_the_end():
    body = request(user("hi"), assistant("yo"), user("more"), assistant("Sure, "))
    assert names(body)[1:] == ["messages[0]", "messages[2]"]


def test_what_was_added_for_one_request_stands_behind_the_breakpoint():
    body = request(user(text("hi"), text("[for this request: Current time: 10:05]")))
    found = dict(marked(with_marks(body)))
    assert list(found) == [("tools", 0), ("messages", 0, 0)]


def test_where_a_turn_added_more_than_is_looked_back_over_its_beginning_goes_before_the_tools():
    calls = [call(number) for number in range(12)]
    turns = [
        *(user("hi"), assistant(*calls), user(*[result()] * 12)),
        *(assistant("done"), user("thanks")),
    ]
    body = request(*turns, system="Be kind.")
    assert names(body) == ["system[0]", "messages[0]", "messages[2]", "messages[4]"]
    few = [user("hi"), assistant(*calls[:2]), user(result()), *turns[3:]]
    assert names({**body, "messages": few})[0] == "tools[0]"


SETS_ITS_OWN = {
    "on a tool": {"tools": [tool("run", cache_control=MARK)]},
    "on the system text": {"system": [{**text("Be kind."), "cache_control": MARK}]},
    "in a message": {"messages": [user({**text("hi"), "cache_control": MARK})]},
    "inside a result": {"messages": [user(result([{**text("hi"), "cache_control": MARK}]))]},
    "inside a document": {
        "messages": [
            user(
                {
                    "type": "document",
                    "source": {
                        "type": "content",
                        "content": [{**text("hi"), "cache_control": MARK}],
                    },
                }
            )
        ]
    },
    "by the provider": {"cache_control": MARK},
}


@pytest.mark.parametrize("where", SETS_ITS_OWN)
def test_a_client_that_sets_its_own_is_left_alone(where):
    assert names({**request(user("hi")), **SETS_ITS_OWN[where]}) == []


def test_blocks_nested_without_end_are_not_followed():
    inner = text("hi")
    for _ in range(400):
        inner = result([inner])
    assert names(request(user(inner))) == ["tools[0]", "messages[0]"]


def test_a_mark_of_null_is_none_but_keeps_its_place():
    body = request(user({**text("hi"), "cache_control": None}), cache_control=None)
    assert names(body) == ["tools[0]"]


def test_a_single_question_gets_none_unless_always():
    body = {"model": MODEL, "system": LONG, "messages": [user("hi")]}
    assert names(body) == []
    assert names(body, always=True) == ["system[0]", "messages[0]"]
    assert names({**body, "messages": [user("hi"), assistant("yo"), user("so")]}) == [
        "system[0]",
        "messages[0]",
        "messages[2]",
    ]


def test_what_is_too_short_to_be_kept_gets_none():
    short = {"name": "run", "input_schema": {"type": "object"}}
    body = request(user("hi"), assistant(call()), user(result(LONG)), tools=[short])
    assert names(body) == ["messages[2]"]
    assert names({**body, "messages": [user("hi")]}) == []
    assert names({**body, "model": "claude-haiku-4-5"}) == []


@pytest.mark.parametrize(
    "model",
    ["", "gpt-5", "glm-4.6", "claude-2.1", "claude-instant-1.2", "claude-3-sonnet-20240229"],
)
def test_a_model_without_such_a_cache_gets_none(model):
    assert names(request(user("hi"), model=model)) == []


def test_a_model_that_the_body_does_not_name_may_be_told():
    body = request(user("hi"))
    del body["model"]
    assert names(body, model="anthropic.claude-sonnet-4-20250514-v1:0") != []
    assert names(body) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"messages": None},
        {"messages": [7, None, {"role": "user"}, {"content": "x"}]},
        {"messages": [], "tools": 7, "system": 7},
        {"messages": [{"role": "user", "content": {"a": 1}}], "system": [7, []], "tools": [[]]},
    ],
)
def test_odd_bodies_get_what_can_be_placed(odd):
    body = {"model": MODEL, **odd}
    assert names(body, always=True) == []
    assert placed(body, always=True) == []


CONTENTS = st.one_of(
    st.sampled_from(["hi", " ", LONG]),
    st.lists(
        st.one_of(
            st.builds(text, st.sampled_from(["", "\n", "so", LONG])),
            st.builds(result, st.sampled_from(["ok", LONG, [text("a"), text("")]])),
            st.builds(call, st.integers(0, 99)),
            st.just({"type": "thinking", "thinking": "…", "signature": "s"}),
            st.just({"type": "redacted_thinking", "data": "x"}),
            st.just({"type": "image", "source": {"type": "url", "url": "u"}}),
            st.just({"type": "unheard_of"}),
        ),
        max_size=30,
    ),
)
MESSAGES = st.lists(
    st.builds(
        lambda role, content: {"role": role, "content": content},
        st.sampled_from(["user", "user", "assistant", "system"]),
        CONTENTS,
    ),
    max_size=9,
)
TOOLS = st.lists(
    st.builds(
        lambda name, more: tool(name, **more),
        st.sampled_from("abc"),
        st.sampled_from([{}, {"defer_loading": True}]),
    ),
    max_size=3,
)
SYSTEMS = st.one_of(
    st.sampled_from(["", "Be kind.", LONG]),
    st.lists(st.builds(text, st.sampled_from(["", "Be kind.", LONG])), max_size=3),
)
BODIES = st.builds(
    lambda messages, tools, system: {
        "model": MODEL,
        "messages": messages,
        "tools": tools,
        "system": system,
    },
    MESSAGES,
    TOOLS,
    SYSTEMS,
)


@settings(max_examples=150)
@given(BODIES, st.sampled_from([None, 2]))
def test_placing_keeps_the_rules_whatever_the_request_is(body, indent):
    raw = json.dumps(body, indent=indent).encode()
    changes = breakpoints(wire.read(raw))
    assert changes == breakpoints(wire.read(raw))
    assert all(isinstance(change, Splice) and change.start == change.end for change in changes)
    new = spliced(raw, changes)
    after = json.loads(new)
    assert without_marks(after) == without_marks(copy.deepcopy(body))
    found = list(marked(after))
    assert len(found) == len(placed(wire.read(raw))) <= 4
    for where, node in found:
        assert node["cache_control"] == MARK
        if where[0] == "tools":
            assert not node.get("defer_loading")
        else:
            assert node["type"] in MAY_CARRY
            assert node["type"] != "text" or node["text"].strip()
    if found:
        assert breakpoints(wire.read(new)) == []


def key_of(body, session="s", **options):
    raw = json.dumps(body).encode()
    return json.loads(spliced(raw, cache_key(wire.read(raw), session, **options)))


CHAT = {"model": "gpt-5", "tools": [{"type": "function"}], "messages": [user("hi")]}


def test_a_key_is_made_of_the_session_alone():
    keyed = key_of(CHAT)
    key = keyed.pop("prompt_cache_key")
    assert keyed == CHAT
    assert key == key_of({**CHAT, "messages": [user("hi"), assistant("yo")]})["prompt_cache_key"]
    assert key != key_of(CHAT, session="t")["prompt_cache_key"]
    assert len(key) <= 64
    responses = {"model": "o3", "instructions": "Be kind.", "input": "hi", "tools": [{}]}
    assert key_of(responses)["prompt_cache_key"] == key
    frame = {"type": "response.create", "response": responses}
    assert key_of(frame)["response"]["prompt_cache_key"] == key


@pytest.mark.parametrize(
    "body",
    [
        {**CHAT, "prompt_cache_key": "mine"},
        {**CHAT, "prompt_cache_key": None},
        {**CHAT, "model": "gpt-oss-120b"},
        {**CHAT, "model": "mistral-large"},
        {**CHAT, "model": "o365-helper"},
        {**CHAT, "tools": []},
        {},
    ],
)
def test_no_key_where_it_would_not_be_understood_or_would_part_what_belongs_together(body):
    assert key_of(body) == body
    assert cache_key(body, "s") == []


def test_no_key_without_a_session_and_one_for_a_single_question_only_if_always():
    assert key_of(CHAT, session="") == CHAT
    single = {**CHAT, "tools": []}
    assert "prompt_cache_key" in key_of(single, always=True)


@pytest.mark.parametrize(
    ("body", "goes"),
    [
        ({"messages": [user("hi")]}, False),
        ({"messages": [user("hi"), assistant("yo")]}, True),
        ({"messages": [user("hi")], "functions": [{}]}, True),
        ({"input": "hi"}, False),
        ({"input": [{"role": "user", "content": "hi"}]}, False),
        ({"input": [{"type": "function_call", "name": "run"}]}, True),
        ({"input": "hi", "previous_response_id": "r"}, True),
        ({}, False),
    ],
)
def test_a_conversation_is_told_from_a_single_question(body, goes):
    assert goes_on(body) is goes
