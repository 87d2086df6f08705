"""Bedrock Converse: what a request says, and answers in which the model retrieves."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.conversation import EDITABLE, Kind
from headroom.edits import Edit, Fidelity
from headroom.tool_definition import retrieve_tool
from headroom.wire import json_spans
from headroom.wire._api import Usage
from headroom.wire.bedrock_converse import BEDROCK_CONVERSE
from strategies import TEXTS, VALUES, spelled

RETRIEVAL = BEDROCK_CONVERSE.retrieval
LONG = "a long line of output\n" * 20


def text(said):
    return {"text": said}


def use(call, name="bash", **arguments):
    return {"toolUse": {"toolUseId": call, "name": name, "input": arguments}}


def hidden(call, ref="k3f9a2c1"):
    return use(call, "headroom_retrieve", ref=ref)


def result(call, *content):
    return {"toolResult": {"toolUseId": call, "content": list(content)}}


def thought(said, signature="c2ln"):
    return {"reasoningContent": {"reasoningText": {"text": said, "signature": signature}}}


def user(*content):
    return {"role": "user", "content": list(content)}


def assistant(*content):
    return {"role": "assistant", "content": list(content)}


def read(body):
    return json_spans.parse(json.dumps(body).encode())


def changed(body, splices):
    return json.loads(json_spans.spliced(json.dumps(body).encode(), splices))


def blocks(body):
    return [block for message in BEDROCK_CONVERSE.view(body).messages for block in message.blocks]


# What a request says.


def test_every_text_of_a_request_is_seen_and_nothing_else():
    body = {
        "system": [text("be brief"), {"cachePoint": {"type": "default"}}, {"guardContent": {}}],
        "messages": [
            user(text("hi"), {"image": {"format": "png", "source": {"bytes": "aGk="}}}),
            assistant(thought("hm"), text("looking"), use("t1", path="é"), use("t2", "query")),
            user(
                {"cachePoint": {"type": "default"}},
                result("t1", text("one"), {"document": {"name": "d"}}),
                result("t2", {"json": {"rows": [{"a": LONG, "b": "short"}, LONG + "2"]}}),
                text("go on"),
            ),
            {"role": "system", "content": [text("note")]},
        ],
    }
    at = ("messages", 2, "content")
    assert [(b.kind, b.tool, b.text, b.path) for b in blocks(body)] == [
        (Kind.SYSTEM_TEXT, "", "be brief", ("system", 0, "text")),
        (Kind.USER_TEXT, "", "hi", ("messages", 0, "content", 0, "text")),
        (Kind.ASSISTANT_TEXT, "", "looking", ("messages", 1, "content", 1, "text")),
        (
            Kind.TOOL_CALL,
            "bash",
            '{"path": "é"}',
            ("messages", 1, "content", 2, "toolUse", "input"),
        ),
        (Kind.TOOL_CALL, "query", "{}", ("messages", 1, "content", 3, "toolUse", "input")),
        (Kind.TOOL_RESULT, "bash", "one", (*at, 1, "toolResult", "content", 0, "text")),
        (
            Kind.TOOL_RESULT,
            "query",
            LONG,
            (*at, 2, "toolResult", "content", 0, "json", "rows", 0, "a"),
        ),
        (
            Kind.TOOL_RESULT,
            "query",
            LONG + "2",
            (*at, 2, "toolResult", "content", 0, "json", "rows", 1),
        ),
        (Kind.USER_TEXT, "", "go on", (*at, 3, "text")),
        (Kind.SYSTEM_TEXT, "", "note", ("messages", 3, "content", 0, "text")),
    ]


def test_what_was_retrieved_bears_the_tools_name():
    body = {"messages": [assistant(hidden("h1")), user(result("h1", text("original")))]}
    assert [block.tool for block in blocks(body)] == ["headroom_retrieve", "headroom_retrieve"]


def test_what_server_tools_gave_is_not_read():
    body = {"messages": [assistant(result("s1", text(LONG))), user(use("t1"))]}
    assert blocks(body) == []


def test_json_nested_deep_costs_no_recursion():
    value = LONG
    for _ in range(5_000):
        value = [value]
    body = {"messages": [user(result("t1", {"json": value}), use("t"))]}
    assert [len(block.path) for block in blocks(body)] == [8 + 5_000]
    assert blocks({"messages": [assistant({"toolUse": {"input": value}})]})[0].text == ""


PARTS = st.one_of(
    st.builds(text, TEXTS),
    st.builds(lambda value: use("t1", x=value), VALUES),
    st.builds(lambda said: result("t1", text(said)), TEXTS),
    st.builds(lambda value: result("t1", {"json": {"v": value, "long": LONG}}), VALUES),
    st.just({"cachePoint": {"type": "default"}}),
    st.dictionaries(TEXTS, VALUES, max_size=2),
)
MESSAGES = st.builds(
    lambda role, content: {"role": role, "content": content},
    st.sampled_from(["user", "assistant", "system", "other"]),
    st.lists(PARTS, max_size=4),
)
BODIES = st.builds(
    lambda messages, extra: {**extra, "messages": messages},
    st.lists(MESSAGES, max_size=5),
    st.dictionaries(st.sampled_from(["system", "toolConfig", "x"]), VALUES, max_size=2),
)


@given(body=spelled(BODIES))
def test_without_edits_the_bytes_are_the_same(body):
    BEDROCK_CONVERSE.parse(body)
    assert BEDROCK_CONVERSE.apply(body, ()) is body


@given(body=spelled(BODIES))
def test_an_edit_changes_its_text_and_nothing_else(body):
    seen = [b for m in BEDROCK_CONVERSE.parse(body).messages for b in m.blocks]
    edits = [
        Edit(b.path, b.text, f"{b.text}!", "x", Fidelity.LOSSLESS, (), 1, 1)
        for b in seen
        if b.kind in EDITABLE
    ]
    expected = json.loads(body)
    for edit in edits:
        at = expected
        for step in edit.path[:-1]:
            at = at[step]
        assert at[edit.path[-1]] == edit.before
        at[edit.path[-1]] = edit.after
    assert json.loads(BEDROCK_CONVERSE.apply(body, edits)) == expected


@pytest.mark.parametrize(
    ("message", "telling"),
    [
        (user(text("x")), True),
        (assistant(use("t")), True),
        (user({"cachePoint": {}}), True),
        ({"role": "user", "content": "x"}, False),
        (user({"type": "text", "text": "x"}), False),
        (user({"type": "tool_result", "tool_use_id": "t", "content": "x"}), False),
        ({"role": "user", "parts": [text("x")]}, False),
    ],
)
def test_it_is_told_from_other_formats_by_its_parts(message, telling):
    assert BEDROCK_CONVERSE.recognises(message) is telling


# Offering the tool.

SPEC = {"toolSpec": {"name": "bash", "inputSchema": {"json": {"type": "object"}}}}


def test_the_tool_goes_first_and_the_cache_point_stays_last():
    config = {"tools": [SPEC, {"cachePoint": {"type": "default"}}], "toolChoice": {"auto": {}}}
    body = {"messages": [user(text("hi"))], "toolConfig": config}
    offered = changed(body, RETRIEVAL.offer(read(body)))
    [ours, *others] = offered["toolConfig"].pop("tools")
    assert others == config["tools"]
    assert ours["toolSpec"]["name"] == "headroom_retrieve"
    assert set(ours["toolSpec"]["inputSchema"]["json"]["properties"]) >= {"ref", "lines"}
    assert offered == {"messages": body["messages"], "toolConfig": {"toolChoice": {"auto": {}}}}


@pytest.mark.parametrize("config", [None, {}, {"tools": []}, {"toolChoice": {"auto": {}}}])
def test_without_tools_the_list_is_made(config):
    body = {"messages": []} if config is None else {"messages": [], "toolConfig": config}
    offered = changed(body, RETRIEVAL.offer(read(body)))
    assert RETRIEVAL.offered(offered) == ["headroom_retrieve"]
    del offered["toolConfig"]["tools"]
    assert offered["toolConfig"] == {k: v for k, v in (config or {}).items() if k != "tools"}


@pytest.mark.parametrize("config", [[], 5, {"tools": {}}, {"tools": "x"}])
def test_an_odd_tool_configuration_is_left_alone(config):
    assert RETRIEVAL.offer({"toolConfig": {"tools": []}}) == (), "nothing that knows its bytes"
    assert RETRIEVAL.offer(read({"toolConfig": config})) == ()


def test_the_tool_is_the_one_that_others_are_offered():
    offered = changed({}, RETRIEVAL.offer(read({})))
    [tool] = offered["toolConfig"]["tools"]
    plain = retrieve_tool("anthropic")
    assert tool["toolSpec"].pop("inputSchema") == {"json": plain.pop("input_schema")}
    assert tool == {"toolSpec": plain}


def test_the_clients_tools_are_known_by_name():
    body = {
        "toolConfig": {"tools": [SPEC, {"systemTool": {"name": "search"}}, {"cachePoint": {}}]},
        "additionalModelRequestFields": {"tools": [{"type": "computer_1", "name": "computer"}]},
    }
    assert RETRIEVAL.offered(body) == ["bash", "search", "computer"]


# Answers. A leg is what the model says, and why it stops.

USAGE = {"inputTokens": 10, "outputTokens": 5, "totalTokens": 22, "cacheReadInputTokens": 7}
PLAIN = [thought("hm"), text("It is 42.")]


def whole(content, stop, usage):
    return json.dumps(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": stop,
            "usage": usage,
            "metrics": {"latencyMs": 1},
        }
    ).encode()


def cut_up(value, size):
    return [value[at : at + size] for at in range(0, len(value), size)]


def events(content, stop, usage, size=4):
    """The payloads of a leg's stream, texts in pieces of `size` characters."""
    yield {"messageStart": {"role": "assistant"}}
    for index, block in enumerate(content):
        if "toolUse" in block:
            start = {key: of for key, of in block["toolUse"].items() if key != "input"}
            started = {"start": {"toolUse": start}, "contentBlockIndex": index}
            yield {"contentBlockStart": started}
            given_input = json.dumps(block["toolUse"]["input"])
            deltas = [{"toolUse": {"input": piece}} for piece in cut_up(given_input, size)]
        elif "reasoningContent" in block:
            said = block["reasoningContent"]["reasoningText"]
            deltas = [{"reasoningContent": text(piece)} for piece in cut_up(said["text"], size)]
            deltas.append({"reasoningContent": {"signature": said["signature"]}})
        else:
            deltas = [text(piece) for piece in cut_up(block["text"], size)]
        for delta in deltas:
            yield {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta, "p": "ab"}}
        yield {"contentBlockStop": {"contentBlockIndex": index}}
    yield {"messageStop": {"stopReason": stop}}
    yield {"metadata": {"usage": usage, "metrics": {"latencyMs": 1}}}


def payloads(leg, stream):
    if not stream:
        return [whole(*leg)]
    return [json.dumps(event, separators=(",", ":")).encode() for event in events(*leg)]


class Client:
    """What a client makes of what it is given; it checks the order of a stream's events."""

    def __init__(self, given_payloads, stream):
        self.content, self.stop, self.usage = [], None, None
        self.given = [json.loads(payload) for payload in given_payloads]
        if not stream:
            [body] = self.given
            self.content = body["output"]["message"]["content"]
            self.stop, self.usage = body["stopReason"], body["usage"]
            return
        names = [name for event in self.given for name in event]
        assert names[0] == "messageStart"
        assert names.count("messageStart") == names.count("messageStop") == 1
        assert names[-2:] == ["messageStop", "metadata"]
        for event in self.given:
            [(name, said)] = event.items()
            getattr(self, f"_{name}", lambda said: None)(said)

    def _contentBlockStart(self, said):  # noqa: N802
        assert said["contentBlockIndex"] == len(self.content)
        self.content.append({"toolUse": {**said["start"]["toolUse"], "input": ""}})

    def _contentBlockDelta(self, said):  # noqa: N802
        index, delta = said["contentBlockIndex"], said["delta"]
        if index == len(self.content):
            kind = "reasoningContent" if "reasoningContent" in delta else "text"
            self.content.append(thought("", "") if kind == "reasoningContent" else text(""))
        assert index == len(self.content) - 1, "blocks come one after the other"
        block = self.content[index]
        if "toolUse" in delta:
            block["toolUse"]["input"] += delta["toolUse"]["input"]
        elif "reasoningContent" in delta:
            for key, piece in delta["reasoningContent"].items():
                block["reasoningContent"]["reasoningText"][key] += piece
        else:
            block["text"] += delta["text"]

    def _contentBlockStop(self, said):  # noqa: N802
        block = self.content[said["contentBlockIndex"]]
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])

    def _messageStop(self, said):  # noqa: N802
        self.stop = said["stopReason"]

    def _metadata(self, said):
        self.usage = said["usage"]


def run(body, legs, stream, context=True):
    """The proxy's part: legs are fed, turns answered. What the client got, the bodies that went
    upstream, and the answer."""
    answer = RETRIEVAL.answer(stream=stream, intercept=True, body=body if context else None)
    sent, given_payloads = [body], []
    for leg in legs:
        for payload in payloads(leg, stream):
            out = answer.feed(payload)
            given_payloads += [payload] if out is None else out
        turn = answer.end()
        if turn is None:
            break
        results = [f"original of {call.arguments.get('ref')}" for call in turn.calls]
        answer.resume(turn, results)
        if not turn.alone:
            break
        last = sent[-1]
        sent.append(changed(last, RETRIEVAL.carry_on(read(last), turn, results)))
    return given_payloads, sent, answer


def leg(*content, stop=None, usage=USAGE):
    calls = any("toolUse" in block for block in content)
    return list(content), stop or ("tool_use" if calls else "end_turn"), usage


ASKED = {"messages": [user(text("What does the log say?"))]}
ONCE = [leg(text("\n\nLet me see.\n\n"), hidden("h1")), leg(*PLAIN)]
TWICE = [
    leg(thought("one"), hidden("h1")),
    leg(thought("two"), text("More. "), hidden("h2"), hidden("h3")),
    leg(text("The log says nothing of it, in no line at all.")),
]
THEN_CALLS = [leg(text("Looking."), hidden("h1")), leg(text("Now run."), use("c1"), use("c2"))]
BESIDE = [leg(text("Both."), use("c1", command="ls"), hidden("h1"), use("c2"))]
LAST_BESIDE = [leg(thought("t"), hidden("h1")), leg(text("And."), use("c1"), hidden("h2"))]
SESSIONS = {
    "once": ONCE,
    "twice": TWICE,
    "then calls": THEN_CALLS,
    "beside": BESIDE,
    "last beside": LAST_BESIDE,
}
EACH = pytest.mark.parametrize("legs", SESSIONS.values(), ids=SESSIONS.keys())
BOTH = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@BOTH
@EACH
def test_the_client_sees_one_coherent_answer_without_the_hidden_calls(legs, stream):
    given_payloads, sent, answer = run(ASKED, legs, stream)
    client = Client(given_payloads, stream)
    every = [block for content, _, _ in legs for block in content]
    shown = [b for b in every if b.get("toolUse", {}).get("name") != "headroom_retrieve"]
    assert client.content == shown
    assert client.stop == legs[-1][1]
    assert client.usage == {
        **USAGE,
        "outputTokens": 5 * len(legs),
        "totalTokens": 22 + 5 * (len(legs) - 1),
    }
    assert answer.usage == Usage(10 * len(legs), 7 * len(legs), 0, 5 * len(legs))
    assert len(sent) == len(legs)
    assert b"headroom_retrieve" not in b"".join(given_payloads)


@BOTH
def test_an_answer_without_hidden_calls_passes_as_it_came(stream):
    for content in (PLAIN, [text("x"), use("c1")], [use("c", "mcp__headroom__headroom_retrieve")]):
        answer = RETRIEVAL.answer(stream=stream, intercept=True)
        assert [answer.feed(payload) for payload in payloads(leg(*content), stream)].count(
            None
        ) == len(payloads(leg(*content), stream))
        assert answer.end() is None
        assert answer.memories() == []
        assert answer.usage == Usage(10, 7, 0, 5)


@BOTH
def test_without_interception_only_the_usage_is_read(stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=False)
    for payload in payloads(ONCE[0], stream):
        assert answer.feed(payload) is None
    assert (answer.end(), answer.usage) == (None, Usage(10, 7, 0, 5))


def test_a_turn_holds_all_that_was_said_and_what_was_asked_for():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    content = [thought("hm"), text("\n"), text("So."), hidden("h1"), hidden("h2", "zzzzzzz7")]
    for payload in payloads(leg(*content), True):
        answer.feed(payload)
    turn = answer.end()
    assert json.loads(turn.said) == [thought("hm"), text("So."), *content[3:]], "no blank text"
    assert [(call.id, call.arguments) for call in turn.calls] == [
        ("h1", {"ref": "k3f9a2c1"}),
        ("h2", {"ref": "zzzzzzz7"}),
    ]
    assert turn.alone


def test_text_before_a_hidden_call_is_given_at_once():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    given_back = [answer.feed(payload) for payload in payloads(ONCE[0], True)]
    assert given_back[:6] == [None] * 6  # the start, four pieces of text, the end of the block
    assert given_back[6:] == [[]] * (len(given_back) - 6)


def test_the_next_leg_hears_what_was_said_and_the_results():
    _, sent, _ = run(ASKED, TWICE, True)
    assert sent[-1]["messages"] == [
        *ASKED["messages"],
        assistant(*TWICE[0][0]),
        user(result("h1", text("original of k3f9a2c1"))),
        assistant(*TWICE[1][0]),
        user(
            result("h2", text("original of k3f9a2c1")), result("h3", text("original of k3f9a2c1"))
        ),
    ]


def test_an_answer_that_the_client_began_is_gone_on_with():
    body = {"messages": [user(text("q")), assistant(text("I think"))], "x": 1}
    _, sent, _ = run(body, ONCE, False)
    assert sent[-1] == {
        "messages": [
            user(text("q")),
            assistant(text("I think"), *ONCE[0][0]),
            user(result("h1", text("original of k3f9a2c1"))),
        ],
        "x": 1,
    }


def test_a_result_that_is_no_text_for_the_api_is_made_one():
    [turn] = [t for t in [_turn_of(ONCE[0])] if t]
    for given_result, content in (("  \n", []), ("a\udc80b", [text("a\ufffd\ufffd\ufffdb")])):
        sent = changed(ASKED, RETRIEVAL.carry_on(read(ASKED), turn, [given_result]))
        assert sent["messages"][-1] == user(result("h1", *content))


def _turn_of(one):
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    answer.feed(whole(*one))
    return answer.end()


# What a client sends back, and the history that is made of it.


def as_it_is(content):
    return content


def joined(content):
    """One text, no reasoning."""
    said = "".join(block.get("text", "") for block in content)
    return [text(said), *[block for block in content if "toolUse" in block]]


def stripped(content):
    """Texts stripped, empty ones and reasoning left out, unknown fields dropped."""
    texts = [text(block["text"].strip()) for block in content if block.get("text", "").strip()]
    return [*texts, *[block for block in content if "toolUse" in block]]


def split(content):
    """Each text in two parts."""
    return [
        part
        for block in content
        for part in (
            [text(block["text"][:3]), text(block["text"][3:])] if "text" in block else [block]
        )
    ]


def reordered(content):
    """Objects with their keys in another order."""
    return json.loads(json.dumps(content, sort_keys=True))


def spaced(content):
    """One text, its parts joined by a line break."""
    said = "\n".join(block["text"].strip() for block in content if "text" in block)
    return [text(said), *[block for block in content if "toolUse" in block]]


def following(body, client, normalise):
    """The client's next request."""
    calls = [block["toolUse"]["toolUseId"] for block in client.content if "toolUse" in block]
    said = [result(call, text(f"output of {call}")) for call in calls] or [text("go on")]
    messages = [*body["messages"], assistant(*normalise(client.content)), user(*said)]
    return {**body, "messages": copy.deepcopy(messages)}


def restored(body, memories):
    tree = read(body)
    by_anchor = {memory.anchor: memory.data for memory in memories}
    known = {name: by_anchor[name] for name in RETRIEVAL.anchors(tree) if name in by_anchor}
    return changed(body, RETRIEVAL.restore(tree, known))


WAYS = pytest.mark.parametrize(
    "normalise", [as_it_is, joined, stripped, split, reordered, spaced], ids=lambda f: f.__name__
)


@WAYS
@BOTH
@EACH
def test_the_next_request_extends_what_went_upstream_last(legs, stream, normalise):
    given_payloads, sent, answer = run(ASKED, legs, stream)
    client = Client(given_payloads, stream)
    body = following(ASKED, client, normalise)
    history = restored(body, answer.memories())["messages"]
    last = sent[-1]["messages"]
    assert history[: len(last)] == last
    assert [message["role"] for message in history] == ["user", "assistant"] * (
        len(history) // 2
    ) + ["user"]
    assert_calls_are_answered(history)
    said = "".join(b.get("text", "") for m in history[1:-1] for b in m["content"])
    shown = "".join(block.get("text", "") for block in client.content)
    assert "".join(said.split()) == "".join(shown.split()), "nothing is said twice"
    assert history[-1]["content"][-1] == body["messages"][-1]["content"][-1]


def assert_calls_are_answered(history):
    for asked, heard in zip(history[1::2], history[2::2], strict=True):
        calls = [block["toolUse"]["toolUseId"] for block in asked["content"] if "toolUse" in block]
        answers = [b["toolResult"]["toolUseId"] for b in heard["content"] if "toolResult" in b]
        assert sorted(calls) == sorted(answers)
        assert len(set(calls)) == len(calls)


def test_a_hidden_call_beside_others_stands_where_the_model_made_it():
    given_payloads, _, answer = run(ASKED, BESIDE, True)
    body = following(ASKED, Client(given_payloads, True), as_it_is)
    history = restored(body, answer.memories())["messages"]
    assert history[1]["content"] == BESIDE[0][0]
    assert history[2]["content"] == [
        result("h1", text("original of k3f9a2c1")),
        result("c1", text("output of c1")),
        result("c2", text("output of c2")),
    ]


@WAYS
@BOTH
def test_a_growing_history_is_put_back_alike_each_time(stream, normalise):
    first, _, answer = run(ASKED, TWICE, stream)
    body = following(ASKED, Client(first, stream), normalise)
    memories = list(answer.memories())
    before = restored(body, memories)["messages"]
    for legs in (BESIDE, [leg(text("Done."))], [leg(text("x"), hidden("h9")), leg(text("Done."))]):
        given_payloads, _, answer = run(body, legs, stream)
        body = following(body, Client(given_payloads, stream), normalise)
        memories += answer.memories()
        after = restored(body, memories)["messages"]
        assert after[: len(before)] == before
        before = after
        assert_calls_are_answered(after)


@BOTH
def test_the_same_words_to_another_question_are_not_taken_for_the_turn(stream):
    given_payloads, _, answer = run(ASKED, [leg(hidden("h1")), leg(text("Done."))], stream)
    other = {"messages": [user(text("Delete it.")), assistant(text("Done.")), user(text("ok"))]}
    assert restored(other, answer.memories()) == other
    both = {"messages": [*other["messages"][:2], *ASKED["messages"]]}
    body = following(both, Client(given_payloads, stream), as_it_is)
    history = restored(body, answer.memories())["messages"]
    assert history[:3] == both["messages"]
    assert history[3] == assistant(hidden("h1"))


def test_without_the_request_a_short_answer_names_nothing_and_a_long_one_its_first_place():
    short = [leg(hidden("h1")), leg(text("Done."))]
    assert run(ASKED, short, False, context=False)[2].memories() == []
    given_payloads, sent, answer = run(ASKED, TWICE, False, context=False)
    body = following(ASKED, Client(given_payloads, False), as_it_is)
    body["messages"] += copy.deepcopy(body["messages"][1:])
    history = restored(body, answer.memories())["messages"]
    assert history[:5] == sent[-1]["messages"]
    assert json.dumps(history).count('"name": "headroom_retrieve"') == 3


def test_where_the_place_cannot_be_found_the_turn_stands_before_the_message():
    given_payloads, sent, answer = run(ASKED, THEN_CALLS, False)
    client = Client(given_payloads, False)
    client.content[0] = text("Something else entirely.")
    body = following(ASKED, client, as_it_is)
    history = restored(body, answer.memories())["messages"]
    assert history[:3] == sent[-1]["messages"]
    assert history[3:] == body["messages"][1:]


@pytest.mark.parametrize(
    "sent_back",
    [
        [text("Loo"), use("c1"), use("c2")],
        [{"novelty": {}}, use("c1"), use("c2")],
        [{"citationsContent": {"content": [text("Looking.Now run.")]}}, use("c1"), use("c2")],
    ],
)
def test_what_was_said_is_not_cut_where_the_client_shows_something_else(sent_back):
    given_payloads, sent, answer = run(ASKED, THEN_CALLS, False)
    client = Client(given_payloads, False)
    client.content = sent_back
    body = following(ASKED, client, as_it_is)
    history = restored(body, answer.memories())["messages"]
    assert history == [*sent[-1]["messages"], *body["messages"][1:]]


def test_an_answer_that_ended_without_a_word_is_not_emptied():
    given_payloads, sent, answer = run(ASKED, [ONCE[0], leg()], False)
    body = following(ASKED, Client(given_payloads, False), as_it_is)
    history = restored(body, answer.memories())["messages"]
    assert history == [*sent[-1]["messages"], *body["messages"][1:]]


@BOTH
def test_an_answer_without_usage_is_told_without(stream):
    given_payloads, _, answer = run(
        ASKED, [(content, stop, None) for content, stop, _ in ONCE], stream
    )
    assert Client(given_payloads, stream).usage is None
    assert answer.usage is None
    body = {"output": {"message": {"content": [text("x"), hidden("h")]}}, "stopReason": "x"}
    [told] = RETRIEVAL.answer(stream=False, intercept=True).feed(json.dumps(body).encode())
    assert json.loads(told) == {"output": {"message": {"content": [text("x")]}}, "stopReason": "x"}


@pytest.mark.parametrize(
    "memory", [None, [], {}, {"turns": 5}, {"turns": [{"said": 1, "answers": []}], "open": True}]
)
def test_a_memory_that_cannot_be_read_changes_nothing(memory):
    body = {"messages": [user(text("a")), assistant(text("b"), use("c1")), user(result("c1"))]}
    data = json.dumps(memory).encode()
    assert changed(body, RETRIEVAL.restore(read(body), {"call:c1": data})) == body
    assert RETRIEVAL.restore(read(body), {"call:c1": b"{"}) == []
    assert RETRIEVAL.restore({}, {"call:c1": data}) == ()


def test_a_remembered_turn_that_nests_too_deep_is_left_out():
    body = {"messages": [user(text("a")), assistant(text("b"), use("c1")), user(result("c1"))]}
    said = b"[" * 400 + b"]" * 400
    data = b'{"turns":[{"said":' + said + b',"answers":[]}],"open":false}'
    assert changed(body, RETRIEVAL.restore(read(body), {"call:c1": data})) == body


def test_a_message_with_what_is_no_block_is_left_alone():
    given_payloads, _, answer = run(ASKED, BESIDE, False)
    body = following(ASKED, Client(given_payloads, False), as_it_is)
    body["messages"][1]["content"].append("x")
    assert restored(body, answer.memories()) == body
    body["messages"][1]["content"].pop()
    body["messages"][2]["content"] = "x"
    assert restored(body, answer.memories()) == body


def test_a_call_is_not_put_back_where_its_result_could_not_be():
    given_payloads, _, answer = run(ASKED, BESIDE, False)
    body = following(ASKED, Client(given_payloads, False), as_it_is)
    body["messages"].pop()
    assert restored(body, answer.memories()) == body


AGAIN = text("Again, with the words of a longer text.")


@BOTH
@pytest.mark.parametrize("again", [[AGAIN], []], ids=["said", "silent"])
def test_given_up_after_its_last_round_the_answer_ends_and_is_remembered(stream, again):
    body = ASKED
    answer = RETRIEVAL.answer(stream=stream, intercept=True, body=body)
    given_payloads = []
    sent = body
    for one in (ONCE[0], leg(*again, hidden("h2"))):
        for payload in payloads(one, stream):
            out = answer.feed(payload)
            given_payloads += [payload] if out is None else out
        turn = answer.end()
        answer.resume(turn, ["r"])
        upstream, sent = sent, changed(sent, RETRIEVAL.carry_on(read(sent), turn, ["r"]))
    given_payloads += answer.give_up(b"")
    client = Client(given_payloads, stream)
    assert client.stop == "end_turn"
    assert client.usage["outputTokens"] == 10
    assert client.content == [ONCE[0][0][0], *again]
    history = restored(following(body, client, joined), answer.memories())["messages"]
    assert history[: len(upstream["messages"])] == upstream["messages"]
    assert history[-2] == assistant(*again, hidden("h2"))
    assert history[-1] == user(result("h2", text("r")), text("go on"))
    assert answer.give_up(b"") == []


def test_an_error_of_the_next_leg_is_an_exception_in_the_stream():
    _, _, answer = run(ASKED, ONCE[:1], True)
    [payload] = answer.give_up(b'{"message":"Too many requests"}')
    assert json.loads(payload) == {"modelStreamErrorException": {"message": "Too many requests"}}
    _, _, answer = run(ASKED, ONCE[:1], True)
    assert b'"message":"[1]"' in answer.give_up(b"[1]")[0]
    _, _, answer = run(ASKED, ONCE[:1], True)
    assert b'"{\\"message\\":5}"' in answer.give_up(b'{"message":5}')[0]
    _, _, answer = run(ASKED, ONCE[:1], True)
    assert b"<html>" in answer.give_up(b"<html>\xff")[0]
    _, _, answer = run(ASKED, ONCE[:1], False)
    assert answer.give_up(b'{"message":"Too many requests"}') == []


@pytest.mark.parametrize("stop", ["max_tokens", "malformed_tool_use", "guardrail_intervened"])
@BOTH
def test_a_call_that_did_not_end_well_is_hidden_but_not_answered(stop, stream):
    one = leg(text("So."), hidden("h1"), stop=stop)
    given_payloads, sent, answer = run(ASKED, [one], stream)
    client = Client(given_payloads, stream)
    assert (client.content, client.stop, len(sent)) == ([text("So.")], stop, 1)
    assert answer.memories() == []


@BOTH
def test_some_models_end_their_turn_beside_a_call(stream):
    _, sent, _ = run(ASKED, [leg(hidden("h1"), stop="end_turn"), leg(*PLAIN)], stream)
    assert len(sent) == 2


def test_what_follows_a_held_end_is_held_with_it():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    every = payloads(leg(text("So."), hidden("h1")), True)
    for payload in [*every, b'{"novelty":{}}']:
        answer.feed(payload)
    assert answer.end().alone
    names = [next(iter(json.loads(payload))) for payload in answer.give_up(b"")]
    assert names == ["messageStop", "metadata", "novelty"]


def test_a_stream_that_is_cut_is_no_turn_and_shows_no_end():
    every = payloads(leg(text("So."), hidden("h1")), True)
    for cut in range(len(every) - 2):
        answer = RETRIEVAL.answer(stream=True, intercept=True)
        out = [answer.feed(payload) for payload in every[: cut + 1]]
        assert answer.end() is None
        assert answer.give_up(b"") == []
        assert len(out) == cut + 1


def test_arguments_that_cannot_be_read_are_none():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    for payload in payloads(leg(hidden("h1")), True):
        answer.feed(payload.replace(b'{\\"', b"["))
    turn = answer.end()
    assert turn.calls[0].arguments == {}
    assert json.loads(turn.said) == [use("h1", "headroom_retrieve")]


def test_blocks_of_every_kind_are_said_again_as_they_were():
    cited = {"contentBlockDelta": {"contentBlockIndex": 4, "delta": {"citation": {"title": "t"}}}}
    stream = [
        {"contentBlockStart": {"contentBlockIndex": 0, "start": {"toolUse": SERVER}}},
        _delta(0, {"toolUse": {"input": '{"q":1}'}}),
        {"contentBlockStart": {"contentBlockIndex": 1, "start": {"toolResult": FROM_SERVER}}},
        _delta(1, {"toolResult": [text("found")]}),
        {"contentBlockStart": {"contentBlockIndex": 2, "start": {"image": {"format": "png"}}}},
        _delta(2, {"image": {"source": {"bytes": "aGk="}}}),
        _delta(3, {"reasoningContent": {"redactedContent": "c2VjcmV0"}}),
        {"contentBlockStart": {"contentBlockIndex": 3, "start": "odd"}},
        _delta(7, {"reasoningContent": text("unsigned")}),
        _delta(4, text("as it says")),
        cited,
        _delta(5, {"novelty": {"x": 1}}),
        {"contentBlockStart": {"contentBlockIndex": 6, "start": {"toolUse": OURS}}},
        {"messageStop": {"stopReason": "tool_use"}},
    ]
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    for event in stream:
        answer.feed(json.dumps(event).encode())
    turn = answer.end()
    assert turn.alone
    assert json.loads(turn.said) == [
        {"toolUse": {**SERVER, "input": {"q": 1}}},
        {"toolResult": {**FROM_SERVER, "content": [text("found")]}},
        {"image": {"format": "png", "source": {"bytes": "aGk="}}},
        {"reasoningContent": {"redactedContent": "c2VjcmV0"}},
        {"reasoningContent": {"reasoningText": text("unsigned")}},
        {"citationsContent": {"content": [text("as it says")], "citations": [{"title": "t"}]}},
        {"toolUse": {**OURS, "input": {}}},
    ]


SERVER = {"toolUseId": "s1", "name": "nova_grounding", "type": "server_tool_use"}
FROM_SERVER = {"toolUseId": "s1", "status": "success", "type": "nova_grounding_result"}
OURS = {"toolUseId": "h1", "name": "headroom_retrieve"}


def _delta(index, delta):
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}}


# Hostile shapes.

NAMES = """
    messages role content text toolUse toolResult toolUseId name input json type start delta
    contentBlockIndex contentBlockStart contentBlockDelta contentBlockStop messageStop usage
    stopReason metadata messageStart output message reasoningContent citationsContent citation
    toolConfig tools toolSpec turns said answers open inputTokens outputTokens image
"""
KEYS = st.sampled_from(NAMES.split())
LEAVES = st.sampled_from(
    ["user", "assistant", "headroom_retrieve", "tool_use", "h1", "", "x", 0, 1, -1, 2.5, None, True]
)
ODD = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=25,
)
SHAPED = st.one_of(
    ODD,
    st.builds(lambda content: {"messages": [user(text("a")), content, user(text("b"))]}, ODD),
    st.builds(
        lambda parts: {"messages": [assistant(*parts), user(*parts)]}, st.lists(ODD, max_size=3)
    ),
    st.builds(lambda use: {"messages": [assistant({"toolUse": use}, text("x"))]}, ODD),
    st.builds(lambda tools: {"toolConfig": {"tools": tools}}, ODD),
)


@given(body=SHAPED, memory=st.one_of(ODD, st.just({"turns": [{"said": [hidden("h1")]}]})))
def test_no_request_is_too_odd(body, memory):
    tree = read(body if isinstance(body, dict) else {"messages": body})
    raw = json.dumps(body if isinstance(body, dict) else {"messages": body}).encode()
    BEDROCK_CONVERSE.view(tree)
    RETRIEVAL.offered(tree)
    known = dict.fromkeys(RETRIEVAL.anchors(tree), json.dumps(memory).encode())
    turn = _turn_of(ONCE[0])
    for splices in (
        RETRIEVAL.offer(tree),
        RETRIEVAL.restore(tree, known),
        RETRIEVAL.carry_on(tree, turn, ["r"]),
    ):
        json.loads(json_spans.spliced(raw, splices))
    RETRIEVAL.answer(stream=True, intercept=True, body=tree)


EVENTS = st.one_of(
    st.builds(lambda name, event: {name: event}, KEYS, ODD),
    st.sampled_from(list(events(*ONCE[0])) + list(events(*BESIDE[0]))),
    st.just({"contentBlockStart": {"contentBlockIndex": 0, "start": {"toolUse": OURS}}}),
    ODD,
)


@BOTH
@given(every=st.lists(EVENTS, max_size=12), ends=st.sets(st.integers(0, 12)))
def test_no_answer_is_too_odd(stream, every, ends):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    for index, event in enumerate(every):
        shaped = event if stream else {"output": {"message": event}, "stopReason": "tool_use"}
        for payload in answer.feed(json.dumps(shaped).encode()) or ():
            json.loads(payload)
        if index in ends and (turn := answer.end()):
            json.loads(turn.said)
            answer.resume(turn, ["r"] * len(turn.calls))
    answer.end()
    for payload in answer.give_up(b""):
        json.loads(payload)
    for memory in answer.memories():
        json.loads(memory.data)


@BOTH
@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"\xff", b'{"a":1,"b":2}', b"null", b'"usage"']
)
def test_what_cannot_be_read_passes(payload, stream):
    assert RETRIEVAL.answer(stream=stream, intercept=False).feed(payload) is None
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    assert answer.feed(payload) is None
    assert answer.end() is None


def test_what_nests_too_deep_to_be_written_passes_as_it_came():
    value = "x"
    for _ in range(500):
        value = [value]
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    assert (
        answer.feed(whole([use("h1", "headroom_retrieve", ref=value)], "tool_use", USAGE)) is None
    )
    assert answer.end() is None


def test_a_call_beside_half_a_character_is_hidden_too():
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    content = [{"text": "\ud83d"}, use("c1"), hidden("h1")]
    (shown,) = answer.feed(whole(content, "tool_use", USAGE))
    assert json.loads(shown)["output"]["message"]["content"] == content[:2]
    turn = answer.end()
    assert json.loads(turn.said) == content
    answer.resume(turn, ["found"])
    (memory,) = answer.memories()
    body = {"messages": [assistant(*content[:2]), user(result("c1", {"text": "ran"}))]}
    made = changed(body, RETRIEVAL.restore(read(body), {memory.anchor: memory.data}))
    assert made["messages"][0]["content"] == content
