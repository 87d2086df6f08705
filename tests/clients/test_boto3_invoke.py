"""Bedrock's invoke carries Anthropic's messages: the same as straight, in AWS event streams too."""

import json

import pytest
from bedrock_scenes import bedrock_client, is_signed_by_the_proxy
from client_scenes import (
    FOLLOW_UP,
    QUESTION,
    tool_output,
)

from scripted_upstream import Reply

MODEL = "anthropic.claude-opus-5-5-v1:0"
HELLO = [{"role": "user", "content": "Say hello."}]
READ_LOG = {
    "name": "read_log",
    "description": "Reads a log.",
    "input_schema": {"type": "object", "properties": {"name": {"type": "string"}}},
}


def invoked(sdk, streamed, messages, tools=()):
    """One answer: its content, why it stopped, and its bytes."""
    more = {"tools": list(tools)} if tools else {}
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 1_000, "messages": messages}
    fields = {"modelId": MODEL, "body": json.dumps({**body, **more})}
    if not streamed:
        raw = sdk.invoke_model(**fields)["body"].read()
        message = json.loads(raw)
        return message["content"], message["stop_reason"], raw
    answer = sdk.invoke_model_with_response_stream(**fields)["body"]
    pieces = [event["chunk"]["bytes"] for event in answer]
    content, stop = assembled([json.loads(piece) for piece in pieces])
    return content, stop, pieces


def assembled(events):
    """The blocks that a stream's events make, and why it stopped."""
    blocks = []
    stop = None
    for event in events:
        if event["type"] == "content_block_start":
            assert event["index"] == len(blocks)
            blocks.append({**event["content_block"]})
        elif event["type"] == "content_block_delta":
            grow(blocks[event["index"]], event["delta"])
        elif event["type"] == "message_delta":
            stop = event["delta"]["stop_reason"]
    for block in blocks:
        if "partial" in block:
            block["input"] = json.loads(block.pop("partial"))
    return blocks, stop


def grow(block, delta):
    """Puts a delta behind what the block has."""
    if delta["type"] == "input_json_delta":
        block["partial"] = block.get("partial", "") + delta["partial_json"]
    else:
        name = delta["type"].removesuffix("_delta")
        block[name] += delta[name]


def tool_loop(url, streamed):
    """An agent with one tool, asked twice: the content of every message that it got."""
    history = []
    got = []
    sdk = bedrock_client(url)
    for question in (QUESTION, FOLLOW_UP):
        history.append({"role": "user", "content": question})
        while True:
            content, _, _ = invoked(sdk, streamed, history, [READ_LOG])
            got.append(content)
            history.append({"role": "assistant", "content": content})
            calls = [block for block in content if block["type"] == "tool_use"]
            if not calls:
                break
            results = [
                {
                    "type": "tool_result",
                    "tool_use_id": call["id"],
                    "content": tool_output(call["input"]["name"]),
                }
                for call in calls
            ]
            history.append({"role": "user", "content": results})
    sdk.close()
    return got


def said(got):
    """All text of the messages."""
    return [block["text"] for content in got for block in content if block["type"] == "text"]


@pytest.mark.parametrize("streamed", [False, True])
def test_invoke_is_the_same(twice, streamed):
    def play(url):
        sdk = bedrock_client(url)
        got = invoked(sdk, streamed, HELLO)
        sdk.close()
        return got

    run = twice.unedited([Reply(thinking="A greeting.", text="Hello.")], play)
    assert run.outcome[0][-1]["text"] == "Hello."
    assert all(is_signed_by_the_proxy(request) for request in run.requests)


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_omitted_is_retrieved_in_invoke(twice, streamed):
    through = twice.retrieved(lambda url: tool_loop(url, streamed), said)
    assert all(is_signed_by_the_proxy(request) for request in through.requests)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_retrieval_beside_a_call_is_joined_to_the_next_invoke_request(twice, streamed):
    through = twice.joined(lambda url: tool_loop(url, streamed), said)
    assert all(is_signed_by_the_proxy(request) for request in through.requests)


def test_a_big_result_is_compressed_in_invoke(twice):
    twice.compressed(lambda url: tool_loop(url, False))
