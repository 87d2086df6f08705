"""What keeps a prompt from being the same twice, mended."""

import itertools
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom import wire
from headroom.caching.fixing import mended
from headroom.caching.placing import placed
from headroom.wire.json_spans import spliced

MODEL = "claude-sonnet-4-5"
WORDS = "You are an agent. Use the tools. " * 200


def breakpoints(body):
    """The changes that put breakpoints into a request."""
    return [change for one in placed(body) for change in one.splices]


def fixed(body, **spelling):
    raw = json.dumps(body, **spelling).encode()
    found = mended(wire.read(raw), raw)
    new = spliced(raw, found.splices)
    return json.loads(new), found.what


def tool(name, **properties):
    schema = {"type": "object", "properties": properties}
    return {"description": "…", "input_schema": schema, "name": name}


def user(content):
    return {"role": "user", "content": content}


def test_tools_stand_in_one_order_however_they_come():
    tools = [tool("b", x={"type": "string"}, a={"type": 1e5}), tool("a"), tool("c"), tool("a")]
    one, what = fixed({"tools": tools, "messages": []})
    assert what == ("tools in a fixed order",)
    assert [one["name"] for one in one["tools"]] == ["a", "a", "b", "c"]
    other, _ = fixed({"tools": tools[::-1], "messages": []})
    assert json.dumps(one) == json.dumps(other)
    assert sorted(one["tools"], key=str) == sorted(tools, key=str)
    assert fixed(one) == (one, ())
    chat = {"tools": [{"function": {"name": name}, "type": "function"} for name in "ba"]}
    assert fixed(chat) == ({"tools": chat["tools"][::-1]}, ("tools in a fixed order",))


@pytest.mark.parametrize(
    "tools",
    [
        None,
        7,
        [],
        [tool("b", cache_control=None) | {"cache_control": {"type": "ephemeral"}}, tool("a")],
        [tool("b"), 7, tool("a")],
    ],
)
def test_tools_that_cannot_be_put_in_order_safely_stay(tools):
    assert fixed({"tools": tools}) == ({"tools": tools}, ())


def test_odd_tools_have_a_place_too():
    tools = [tool("a"), {"type": "x"}, {"function": 7}, {"name": 3}]
    assert fixed({"tools": tools})[0] == fixed({"tools": tools[::-1]})[0]


def test_what_is_said_of_the_moment_goes_to_the_end_of_an_anthropic_request():
    body = {
        "system": "Caf\u00e9 \U0001f600 \\ rules.\nCurrent time: 10:05\nBe kind. \u00fc",
        "messages": [user("hi")],
    }
    for spelling in ({}, {"ensure_ascii": False}, {"indent": 1}):
        after, what = fixed(body, **spelling)
        assert what == ("a time of day out of the system text",)
        assert after == {
            "system": "Caf\u00e9 \U0001f600 \\ rules.\nBe kind. \u00fc",
            "messages": [
                user(
                    [
                        {"type": "text", "text": "hi"},
                        {"type": "text", "text": "[for this request: Current time: 10:05]"},
                    ]
                )
            ],
        }
        assert fixed(after) == (after, ())


def test_the_rest_of_the_system_text_stays_byte_for_byte():
    raw = rb'{"system":"\u0041\/ b\nRequest-ID: 8f14e45fcee\nCurrent time: 10:05\n\u00e9 c","messages":[{"role":"user","content":[]}]}'
    found = mended(wire.read(raw), raw)
    assert spliced(raw, found.inside) == raw.replace(
        rb"Request-ID: 8f14e45fcee\nCurrent time: 10:05\n", b""
    )
    after = json.loads(spliced(raw, found.splices))
    assert after["messages"][0]["content"] == [
        {
            "type": "text",
            "text": "[for this request: Request-ID: 8f14e45fcee\nCurrent time: 10:05]",
        }
    ]
    assert found.what == (
        "a random id out of the system text",
        "a time of day out of the system text",
    )


def test_system_blocks_are_mended_each_and_an_answer_begun_stays_last():
    system = [{"type": "text", "text": "Be kind. Current time: 10:05"}, {"type": "text"}, "x"]
    messages = [user([{"type": "text", "text": "hi"}]), {"role": "assistant", "content": "Sure"}]
    after, _ = fixed({"system": system, "messages": messages})
    assert after["system"][0]["text"] == "Be kind."
    assert after["messages"][0]["content"][1]["text"].startswith("[for this request: ")
    assert after["messages"][1] == messages[1]


def test_in_an_openai_request_it_is_a_message_of_its_own():
    said = {"role": "user", "content": "[for this request: Current time: 10:05]"}
    system = {"role": "developer", "content": "Be kind.\nCurrent time: 10:05"}
    kind = {"role": "developer", "content": "Be kind."}
    after, what = fixed({"messages": [system, user("hi")]})
    assert after == {"messages": [kind, user("hi"), said]}
    assert what == ("a time of day out of the system text",)
    after, _ = fixed({"input": [system, user("hi")]})
    assert after == {"input": [kind, user("hi"), said]}
    after, _ = fixed({"instructions": system["content"], "input": "hi"})
    assert after == {"instructions": "Be kind.", "input": [user("hi"), said]}


SAYS = "Be kind. Current time: 10:05"


@pytest.mark.parametrize(
    "body",
    [
        {"system": "Current time: 10:05", "messages": [user("hi")]},
        {"system": "Be kind. Today is 2026-03-01.", "messages": [user("hi")]},
        {"system": f"x-anthropic-billing-header: a;\n{SAYS}", "messages": [user("hi")]},
        {"system": SAYS, "messages": []},
        {"system": SAYS},
        {"system": SAYS, "messages": [7]},
        {"system": SAYS, "messages": [{"role": "assistant", "content": "x"}]},
        {"system": SAYS, "messages": [user(None)]},
        {"system": SAYS, "messages": [user("hi")], "cache_control": {"type": "ephemeral"}},
        {"messages": [user("hi"), {"role": "system", "content": SAYS}]},
        {"instructions": SAYS, "input": "hi", "previous_response_id": "r"},
        {"instructions": SAYS, "input": "hi", "conversation": "c"},
        {"instructions": SAYS, "input": "hi", "type": "response.create"},
        {"instructions": SAYS, "input": 7},
        {},
    ],
)
def test_what_cannot_be_mended_safely_stays(body):
    assert fixed(body) == (body, ())


def test_a_tree_without_positions_is_not_mended():
    assert mended({"tools": [tool("b"), tool("a")]}, b"").splices == ()


@settings(max_examples=60)
@given(st.data())
def test_in_a_growing_conversation_the_mended_prompt_only_grows_where_the_clients_own_did_not(data):
    messages, prompts, originals = [], [], []
    tools = [tool(name, x={}) for name in "abcd"]
    for turn in range(data.draw(st.integers(2, 5))):
        if turn:
            messages.append({"role": "assistant", "content": f"answer {turn}"})
        messages.append(user(data.draw(st.sampled_from([f"turn {turn}", [{"type": "image"}]]))))
        random.Random(turn).shuffle(tools)
        clock = f"{data.draw(st.integers(0, 23))}:{turn:02d}"
        system = data.draw(st.just(f"{WORDS}\nCurrent time: {clock}\nBe kind."))
        body = {"model": MODEL, "system": system, "tools": tools, "messages": messages}
        raw = json.dumps(body).encode()
        originals.append(prompt(raw))
        new = spliced(raw, mended(wire.read(raw), raw).splices)
        new = spliced(new, breakpoints(wire.read(new)))
        prompts.append(kept(new))
    for former, later in itertools.pairwise(prompts):
        assert later[: len(former)] == former
    for former, later in itertools.pairwise(originals):
        assert later[: len(former)] != former


def prompt(raw):
    """The blocks of a request in the provider's order, with who says them."""
    body = json.loads(raw)
    blocks = [("tools", block) for block in body["tools"]]
    contents = [("system", body["system"])] + [
        (message["role"], message["content"]) for message in body["messages"]
    ]
    for role, content in contents:
        bare = isinstance(content, str)
        blocks += [
            (role, block) for block in ([{"type": "text", "text": content}] if bare else content)
        ]
    return blocks


def kept(raw):
    """What the last breakpoint keeps."""
    blocks = prompt(raw)
    last = max(at for at, (_, block) in enumerate(blocks) if "cache_control" in block)
    return [
        (role, {key: value for key, value in block.items() if key != "cache_control"})
        for role, block in blocks[: last + 1]
    ]
