"""The AWS SDK gets the same of Bedrock through the proxy as straight from it."""

import base64
import json

import pytest
from bedrock_scenes import bedrock_client, is_signed_by_the_proxy
from botocore.exceptions import BotoCoreError, ClientError, EventStreamError
from client_scenes import (
    FOLLOW_UP,
    PICTURE,
    QUESTION,
    tool_output,
    without,
)

from scripted_upstream import Fault, Reply, ToolCall

MODEL = "anthropic.claude-opus-5-5-v1:0"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}
READ_LOG = {"toolSpec": {"name": "read_log", "inputSchema": {"json": SCHEMA}}}
HELLO = [{"role": "user", "content": [{"text": "Say hello."}]}]


def conversed(sdk, streamed, **fields):
    """One answer of converse, as the message, the reason why it stopped, and the events."""
    if not streamed:
        got = sdk.converse(modelId=MODEL, **fields)
        return got["output"]["message"], got["stopReason"], without(got, "ResponseMetadata")
    events = list(sdk.converse_stream(modelId=MODEL, **fields)["stream"])
    return *assembled(events), events


def assembled(events):
    """The message that a stream of events makes, and why it stopped."""
    blocks = {}
    stop = None
    for event in events:
        if "contentBlockStart" in event:
            start = event["contentBlockStart"]
            blocks[start["contentBlockIndex"]] = {"toolUse": {**start["start"]["toolUse"]}}
        elif "contentBlockDelta" in event:
            delta = event["contentBlockDelta"]
            grow(blocks.setdefault(delta["contentBlockIndex"], {}), delta["delta"])
        elif "messageStop" in event:
            stop = event["messageStop"]["stopReason"]
    assert list(blocks) == list(range(len(blocks)))
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return {"role": "assistant", "content": list(blocks.values())}, stop


def grow(block, delta):
    """Puts a delta behind what the block has."""
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    elif "toolUse" in delta:
        call = block["toolUse"]
        call["input"] = call.get("input", "") + delta["toolUse"]["input"]
    else:
        thought = block.setdefault("reasoningContent", {"reasoningText": {}})["reasoningText"]
        for key, value in delta["reasoningContent"].items():
            thought[key] = thought.get(key, "") + value


def tool_loop(url, streamed=False, turns=1):
    """An agent with one tool: every message that it got."""
    history = []
    got = []
    sdk = bedrock_client(url)
    for question in (QUESTION, FOLLOW_UP)[:turns]:
        history.append({"role": "user", "content": [{"text": question}]})
        while True:
            fields = {"messages": history, "toolConfig": {"tools": [READ_LOG]}}
            message, _, _ = conversed(sdk, streamed, **fields)
            got.append(message)
            history.append(message)
            calls = [block["toolUse"] for block in message["content"] if "toolUse" in block]
            if not calls:
                break
            results = [
                {
                    "toolResult": {
                        "toolUseId": call["toolUseId"],
                        "content": [{"text": tool_output(call["input"]["name"])}],
                    }
                }
                for call in calls
            ]
            history.append({"role": "user", "content": results})
    sdk.close()
    return got


def said(messages):
    """All text of the messages."""
    return [
        block["text"] for message in messages for block in message["content"] if "text" in block
    ]


@pytest.mark.parametrize("streamed", [False, True])
def test_converse_is_the_same(twice, streamed):
    def play(url):
        sdk = bedrock_client(url)
        got = conversed(sdk, streamed, messages=HELLO, system=[{"text": "Be kind."}])
        sdk.close()
        return got

    run = twice.unedited([Reply(thinking="A greeting.", text="Hello, ünïcode ✓.")], play)
    assert run.outcome[0]["content"][-1] == {"text": "Hello, ünïcode ✓."}
    assert all(is_signed_by_the_proxy(request) for request in run.requests)


def test_a_document_and_a_picture_pass_untouched(twice):
    picture = {"image": {"format": "png", "source": {"bytes": base64.b64decode(PICTURE)}}}
    messages = [{"role": "user", "content": [picture, {"text": "What is this?"}]}]

    def play(url):
        sdk = bedrock_client(url)
        got = conversed(sdk, False, messages=messages)
        sdk.close()
        return got

    run = twice.unedited([Reply(text="A dot.")], play)
    assert PICTURE in run.requests[0].body.decode()


@pytest.mark.parametrize("streamed", [False, True])
def test_a_small_result_goes_round_in_converse(twice, streamed):
    replies = [Reply(tool_calls=[ToolCall("read_log", {"name": "small"})]), Reply(text="Nothing.")]
    run = twice.offered(replies, lambda url: tool_loop(url, streamed))
    assert run.outcome[1]["content"] == [{"text": "Nothing."}]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_big_result_is_compressed_in_converse(twice, streamed):
    through = twice.compressed(lambda url: tool_loop(url, streamed))
    assert all(is_signed_by_the_proxy(request) for request in through.requests)


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_omitted_is_retrieved_in_converse_without_the_client(twice, streamed):
    twice.retrieved(lambda url: tool_loop(url, streamed, turns=2), said)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_retrieval_beside_a_call_is_joined_to_the_next_converse_request(twice, streamed):
    twice.joined(lambda url: tool_loop(url, streamed, turns=2), said)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("streamed", [False, True])
def test_errors_of_bedrock_are_the_same(twice, status, streamed):
    def play(url):
        sdk = bedrock_client(url)
        with pytest.raises(ClientError) as caught:
            conversed(sdk, streamed, messages=HELLO)
        sdk.close()
        error = caught.value
        code = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return type(error).__name__, code, error.response["Error"]

    run = twice.unedited([Reply(status=status, text="No.")], play)
    assert run.outcome[1:] == (status, run.outcome[2])
    assert run.outcome[2]["Message"] == "No."


@pytest.mark.parametrize("kind", ["cut", "half", "error"])
def test_a_stream_of_bedrock_breaks_off_as_it_did_upstream(twice, kind):
    def play(url):
        seen = []
        sdk = bedrock_client(url)
        stream = sdk.converse_stream(modelId=MODEL, messages=HELLO)["stream"]
        try:
            seen.extend(stream)
        except EventStreamError as error:
            return seen, type(error), error.response["Error"]
        except (BotoCoreError, OSError) as error:
            return seen, type(error)
        except Exception as error:  # noqa: BLE001 (the HTTP library's own, whatever it is)
            return seen, type(error)
        finally:
            stream.close()
            sdk.close()
        return seen, None

    run = twice.unedited([Reply(text="word " * 40, fault=Fault(kind, 4))], play)
    assert len(run.outcome[0]) == 4
    assert run.outcome[1] is not None
