"""Responses requests: what is read, what is offered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responses_upstream import call, message, reasoning, result, user

from headroom.conversation import EDITABLE, Kind
from headroom.edits import Edit, Fidelity
from headroom.tokens import TokenCounter
from headroom.wire import json_spans
from headroom.wire.openai_responses import OPENAI_RESPONSES
from strategies import TEXTS, VALUES, spelled

RETRIEVAL = OPENAI_RESPONSES.retrieval


def blocks(conversation):
    return [block for message in conversation.messages for block in message.blocks]


def read(*items, **more):
    return OPENAI_RESPONSES.view({"input": list(items), **more})


def changed(body, *changes):
    """A request with what `changes` (functions of its tree) splice into it."""
    raw = json.dumps(body).encode()
    for change in changes:
        raw = json_spans.spliced(raw, change(json_spans.parse(raw)))
    return json.loads(raw)


# --- what is read

PARTS = st.one_of(
    st.builds(
        lambda kind, text: {"type": kind, "text": text},
        st.sampled_from(["input_text", "output_text", "refusal"]),
        TEXTS,
    ),
    st.just({"type": "input_image", "image_url": "data:,x"}),
)
CONTENTS = st.one_of(TEXTS, st.lists(PARTS, max_size=3))
ITEMS = st.one_of(
    st.builds(
        lambda role, content: {"role": role, "content": content},
        st.sampled_from(["user", "assistant", "developer", "system", "critic"]),
        CONTENTS,
    ),
    st.builds(lambda text: message("m", text), TEXTS),
    st.builds(
        lambda kind, output: {"type": kind, "call_id": "call_c", "output": output},
        st.sampled_from(["function_call_output", "custom_tool_call_output"]),
        CONTENTS,
    ),
    st.builds(lambda text: call("c", "read", text), TEXTS),
    st.builds(
        lambda text: {"type": "custom_tool_call", "call_id": "c2", "name": "exec", "input": text},
        TEXTS,
    ),
    st.sampled_from(
        [
            reasoning("r"),
            {"type": "compaction", "encrypted_content": "g"},
            {"type": "item_reference", "id": "msg_x"},
            {"type": "web_search_call", "id": "ws_1", "status": "completed"},
            {"type": "additional_tools", "role": "developer", "tools": []},
            {"type": "compaction_trigger"},
            {
                "type": "mcp_call",
                "id": "mcp_1",
                "name": "n",
                "arguments": "{}",
                "output": "left alone",
            },
        ]
    ),
)
BODIES = st.builds(
    lambda value, extra: {**extra, "model": "m", "input": value},
    st.one_of(TEXTS, st.lists(ITEMS, max_size=6)),
    st.dictionaries(TEXTS, VALUES, max_size=3).filter(lambda extra: "type" not in extra),
)


def at(tree, path):
    for step in path:
        tree = tree[step]
    return tree


@given(spelled(BODIES))
def test_no_edits_give_the_same_bytes_and_edits_change_their_texts_alone(body):
    conversation = OPENAI_RESPONSES.parse(body)
    assert OPENAI_RESPONSES.apply(body, ()) is body
    edits = [
        Edit(block.path, block.text, f"{block.text}!", "x", Fidelity.LOSSLESS, (), 1, 1)
        for block in blocks(conversation)
        if block.kind in EDITABLE
    ]
    expected = json.loads(body)
    for block in blocks(conversation):
        assert at(expected, block.path) == block.text
    for edit in edits:
        at(expected, edit.path[:-1])[edit.path[-1]] = edit.after
    assert json.loads(OPENAI_RESPONSES.apply(body, edits)) == expected


def steps(conversation):
    """A conversation as a walk through it meets it."""
    for one in conversation.messages:
        yield one.role
        yield from one.blocks


@given(st.lists(ITEMS, max_size=8), st.integers(0, 8))
def test_a_conversation_that_grows_reads_the_same_as_far_as_it_went(items, length):
    before, after = list(steps(read(*items[:length]))), list(steps(read(*items)))
    assert after[: len(before)] == before


def test_what_a_model_said_in_one_go_is_one_message():
    conversation = read(
        user("find it"),
        reasoning("1"),
        message("1", "looking"),
        call("1", "exec_command", '{"cmd":"rg x"}'),
        reasoning("2"),
        call("2", "exec_command", '{"cmd":"ls"}'),
        result("1", "x.py:1: x"),
        result("2", "x.py"),
        instructions="be brief",
    )
    assert [
        (m.role, [(b.kind, b.tool, b.text) for b in m.blocks]) for m in conversation.messages
    ] == [
        ("system", [(Kind.SYSTEM_TEXT, "", "be brief")]),
        ("user", [(Kind.USER_TEXT, "", "find it")]),
        (
            "assistant",
            [
                (Kind.ASSISTANT_TEXT, "", "looking"),
                (Kind.TOOL_CALL, "exec_command", '{"cmd":"rg x"}'),
                (Kind.TOOL_CALL, "exec_command", '{"cmd":"ls"}'),
            ],
        ),
        ("tool", [(Kind.TOOL_RESULT, "exec_command", "x.py:1: x")]),
        ("tool", [(Kind.TOOL_RESULT, "exec_command", "x.py")]),
    ]


def test_results_are_texts_or_lists_of_texts_and_bear_the_name_of_their_call():
    exec_call = {
        "type": "custom_tool_call",
        "call_id": "c",
        "name": "exec",
        "namespace": "functions",
    }
    conversation = read(
        {**exec_call, "input": "text(1)"},
        {
            "type": "custom_tool_call_output",
            "call_id": "c",
            "output": [
                {"type": "input_text", "text": "Script completed"},
                {"type": "input_image", "image_url": "data:,"},
                {"type": "input_text", "text": "one"},
            ],
        },
        {"type": "local_shell_call", "id": "l", "action": {"command": ["ls"]}},
        {"type": "local_shell_call_output", "id": "l", "output": "a.py"},
        {"type": "shell_call", "call_id": "s", "action": {"commands": ["ls"]}},
        {
            "type": "shell_call_output",
            "call_id": "s",
            "output": [{"stdout": "out", "stderr": "err", "outcome": {"type": "exit"}}],
        },
    )
    found = [
        (b.tool, b.text, b.path[1:]) for b in blocks(conversation) if b.kind is Kind.TOOL_RESULT
    ]
    assert found == [
        ("exec", "Script completed", (1, "output", 0, "text")),
        ("exec", "one", (1, "output", 2, "text")),
        ("local_shell", "a.py", (3, "output")),
        ("shell", "out", (5, "output", 0, "stdout")),
        ("shell", "err", (5, "output", 0, "stderr")),
    ]


def test_a_text_for_input_is_what_the_user_says():
    (said,) = blocks(OPENAI_RESPONSES.view({"model": "m", "input": "hello"}))
    assert (said.path, said.kind, said.text) == (("input",), Kind.USER_TEXT, "hello")


def test_a_frame_is_read_as_the_request_in_it():
    request = {"model": "m", "input": [user("hi")]}
    plain = OPENAI_RESPONSES.view({"type": "response.create", **request})
    wrapped = OPENAI_RESPONSES.view({"type": "response.create", "response": request})
    assert plain == OPENAI_RESPONSES.view(request)
    assert [b.path for b in blocks(wrapped)] == [("response", "input", 0, "content", 0, "text")]
    assert wrapped.model == "m"


def test_what_retrieval_returned_bears_its_name():
    script = {"type": "custom_tool_call", "call_id": "c", "name": "exec"}
    conversation = read(
        call("1"),
        result("1", "ours"),
        call("2", namespace="mcp__headroom"),
        result("2", "the client's"),
        {**script, "input": "text(await tools.mcp__headroom__headroom_retrieve({ref}))"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": "a script's"},
    )
    tools = [b.tool for b in blocks(conversation) if b.kind is Kind.TOOL_RESULT]
    assert tools == [
        "headroom_retrieve",
        "mcp__headroom__headroom_retrieve",
        "exec__headroom_retrieve",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"input": 1},
        {"input": [1, None, "x", {"role": 5, "content": "x"}, {"type": 7}, {"role": "user"}]},
        {"input": [{"type": "function_call_output", "output": {"a": 1}}]},
        {"input": [{"type": "message", "role": "user", "content": [None, {"type": "input_text"}]}]},
        {"type": "response.create", "response": 4},
        {},
    ],
)
def test_odd_bodies_are_passed_over(body):
    assert blocks(OPENAI_RESPONSES.parse(json.dumps(body).encode())) == []


def test_items_are_told_from_the_messages_of_other_apis():
    for item in (user("x"), call("1"), result("1", "x"), reasoning("1")):
        assert OPENAI_RESPONSES.recognises(item)
    assert not OPENAI_RESPONSES.recognises({"role": "user", "content": "x"})
    part = {"type": "text", "text": "x"}
    assert not OPENAI_RESPONSES.recognises({"role": "user", "content": [part]})


# --- what is offered

EXEC = {"type": "function", "name": "exec_command", "parameters": {}}
CODE_MODE = [
    {
        "type": "namespace",
        "name": "functions",
        "description": "",
        "tools": [{"type": "custom", "name": "exec"}, {"type": "function", "name": "wait"}],
    },
    {"type": "namespace", "name": "clock", "tools": [{"type": "function", "name": "sleep"}]},
]


def added(tools):
    return {"type": "additional_tools", "role": "developer", "tools": tools}


def test_the_tool_goes_first_and_costs_little():
    tools = changed({"tools": [EXEC], "input": "x"}, RETRIEVAL.offer)["tools"]
    ours, *rest = tools
    assert rest == [EXEC]
    assert (ours["type"], ours["name"], ours["strict"]) == ("function", "headroom_retrieve", False)
    # As OpenAI's open models are shown a function.
    schema = ours["parameters"]
    arguments = [
        f"{name}{'' if name in schema['required'] else '?'}: string,"
        for name in schema["properties"]
    ]
    shown = ["// " + ours["description"], f"type {ours['name']} = (_: {{", *arguments, "}) => any;"]
    assert TokenCounter().count("\n".join(shown)) <= 60


def test_a_choice_among_some_tools_has_ours_among_them():
    choice = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]}
    made = changed({"tools": [EXEC], "input": "x", "tool_choice": choice}, RETRIEVAL.offer)
    ours = {"type": "function", "name": "headroom_retrieve"}
    assert made["tool_choice"] == {**choice, "tools": [ours, {"type": "web_search"}]}


@pytest.mark.parametrize("body", [{"input": "x"}, {"input": "x", "tools": []}, {}])
def test_a_request_without_tools_gets_a_list(body):
    made = changed(body, RETRIEVAL.offer)
    assert [tool["name"] for tool in made["tools"]] == ["headroom_retrieve"]
    assert {**made, "tools": 0} == {**body, "tools": 0}


def test_in_code_mode_it_stands_among_the_functions_that_the_model_calls_itself():
    made = changed({"input": [added(CODE_MODE), user("x")]}, RETRIEVAL.offer)
    functions, clock = made["input"][0]["tools"]
    assert [tool["name"] for tool in functions["tools"]] == ["headroom_retrieve", "exec", "wait"]
    assert clock == CODE_MODE[1]
    assert "tools" not in made


def test_in_code_mode_without_plain_functions_it_stands_beside_the_namespaces():
    made = changed({"input": [added(CODE_MODE[1:])]}, RETRIEVAL.offer)
    assert [tool["name"] for tool in made["input"][0]["tools"]] == ["headroom_retrieve", "clock"]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "response.create", "previous_response_id": "resp_1", "input": []},
        {"type": "response.create", "generate": False},
        {"background": True, "tools": [EXEC], "input": "x"},
        {"tools": None, "input": "x"},
        {"tools": "none", "input": "x"},
    ],
    ids=["going on", "warming up", "background", "null", "text"],
)
def test_nothing_is_offered_where_it_stands_already_or_could_not_be_served(body):
    assert changed(body, RETRIEVAL.offer) == body


def test_the_names_of_the_clients_tools_tell_their_namespaces():
    mine = {"type": "namespace", "name": "mcp__headroom", "tools": [{"name": "headroom_retrieve"}]}
    body = {"tools": [EXEC, {"type": "web_search"}, mine, 4], "input": [added(CODE_MODE)]}
    assert RETRIEVAL.offered(body) == [
        "exec_command",
        "web_search",
        "mcp__headroom__headroom_retrieve",
        "exec",
        "wait",
        "clock__sleep",
    ]
