"""Anthropic's SDK gets the same through the proxy as straight from the API."""

import asyncio

import anthropic
import pytest
from client_scenes import (
    FOLLOW_UP,
    KEY,
    PICTURE,
    QUESTION,
    broken_off,
    log,
    refusal,
    tool_output,
    without,
)

from headroom.markers import TOOL_NAME
from scripted_upstream import Fault, Reply, ToolCall

MODEL = "claude-opus-5-5"
READ_LOG = {
    "name": "read_log",
    "description": "Reads a log.",
    "input_schema": {"type": "object", "properties": {"name": {"type": "string"}}},
}


def client(url):
    return anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0)


def asked(url, streamed=False, content="Say hello.", **more):
    """One request; the message as a dict."""
    fields = {
        "model": MODEL,
        "max_tokens": 1_000,
        "messages": [{"role": "user", "content": content}],
        **more,
    }
    with client(url) as sdk:
        if not streamed:
            return sdk.messages.create(**fields).model_dump()
        with sdk.messages.stream(**fields) as stream:
            events = [event.model_dump() for event in stream]
            return [events, stream.get_final_message().model_dump()]


def tool_loop(url, streamed=False, turns=1):
    """An agent with one tool: every message that it got, and its own history."""
    history = []
    got = []
    with client(url) as sdk:
        for question in (QUESTION, FOLLOW_UP)[:turns]:
            history.append({"role": "user", "content": question})
            while True:
                fields = {"model": MODEL, "max_tokens": 1_000, "tools": [READ_LOG]}
                if streamed:
                    with sdk.messages.stream(messages=history, **fields) as stream:
                        message = stream.get_final_message()
                else:
                    message = sdk.messages.create(messages=history, **fields)
                got.append(message.model_dump())
                history.append({"role": "assistant", "content": got[-1]["content"]})
                calls = [block for block in message.content if block.type == "tool_use"]
                if not calls:
                    break
                results = [
                    {
                        "type": "tool_result",
                        "tool_use_id": call.id,
                        "content": tool_output(call.input["name"]),
                    }
                    for call in calls
                ]
                history.append({"role": "user", "content": results})
    return got


def said(messages):
    """All text of the messages."""
    blocks = [block for message in messages for block in message["content"]]
    return [block["text"] for block in blocks if block["type"] == "text"]


@pytest.mark.parametrize("streamed", [False, True])
def test_plain_text_is_the_same(twice, streamed):
    run = twice.unedited(
        [Reply(text="Hello, world – ünïcode ✓.")], lambda url: asked(url, streamed)
    )
    assert "ünïcode ✓" in str(run.outcome)


@pytest.mark.parametrize("streamed", [False, True])
def test_an_image_passes_untouched(twice, streamed):
    source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
    run = twice.unedited([Reply(text="A dot.")], lambda url: asked(url, streamed, content))
    assert run.requests[0].json["messages"][0]["content"] == content


@pytest.mark.parametrize("streamed", [False, True])
def test_thinking_and_its_signature_come_and_go_back_untouched(twice, streamed):
    def play(url):
        first = asked(url, thinking={"type": "adaptive"}, streamed=streamed)
        message = first[1] if streamed else first
        history = [
            {"role": "user", "content": "Say hello."},
            {"role": "assistant", "content": message["content"]},
            {"role": "user", "content": FOLLOW_UP},
        ]
        return first, asked(url, messages=history, streamed=streamed)

    run = twice.unedited([Reply(thinking="A greeting is due.", text="Hello.")], play)
    assert run.requests[1].json["messages"][1]["content"][0]["signature"].startswith("sig")


def test_structured_output_is_the_same(twice):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wanted = {"format": {"type": "json_schema", "schema": schema}}
    run = twice.unedited([Reply(text='{"n":7}')], lambda url: asked(url, output_config=wanted))
    assert run.outcome["content"][0]["text"] == '{"n":7}'


@pytest.mark.parametrize("streamed", [False, True])
def test_a_small_tool_result_goes_round(twice, streamed):
    replies = [Reply(tool_calls=[ToolCall("read_log", {"name": "small"})]), Reply(text="Nothing.")]
    run = twice.offered(replies, lambda url: without(tool_loop(url, streamed), "usage"))
    assert run.outcome[1]["content"][0]["text"] == "Nothing."


@pytest.mark.parametrize("streamed", [False, True])
def test_a_big_tool_result_is_compressed_and_the_answer_is_the_same(twice, streamed):
    twice.compressed(lambda url: without(tool_loop(url, streamed), "usage"))


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_omitted_is_retrieved_without_the_client(twice, streamed):
    def ended(got):
        return [[message["stop_reason"] for message in got], *said(got)]

    twice.retrieved(lambda url: tool_loop(url, streamed, turns=2), ended, plainly=plainly)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_retrieval_beside_the_clients_call_is_joined_to_its_next_request(twice, streamed):
    twice.joined(lambda url: tool_loop(url, streamed, turns=2), said, plainly=plainly)


def plainly(messages):
    """Messages without what a client adds to blocks that it sends back, and without breakpoints: a
    text that carries one is a list of one block."""
    bare = without(messages, "citations", "caller", "toolset_name", "cache_control")
    for message in bare:
        content = message["content"]
        if (
            isinstance(content, list)
            and len(content) == 1
            and content[0].keys() == {"type", "text"}
        ):
            message["content"] = content[0]["text"]
    return bare


@pytest.mark.parametrize("streamed", [False, True])
def test_a_ref_that_nobody_knows_is_answered_truthfully(twice, streamed):
    def script(request):
        if TOOL_NAME not in request.tools:
            return Reply(text="Done.")
        if not request.results:
            return Reply(tool_calls=[ToolCall(TOOL_NAME, {"ref": "aaaaaaaa"})])
        return Reply(text="Done.")

    def play(url):
        return without(
            asked(url, streamed, tools=[READ_LOG])[1 if streamed else "content"], "usage", "id"
        )

    _, through = twice(script, play)
    assert "aaaaaaaa" in through.requests[1].results[0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 529])
@pytest.mark.parametrize("streamed", [False, True])
def test_errors_are_the_same(twice, status, streamed):
    reply = Reply(status=status, text="No.", headers={"retry-after": "7", "x-should-retry": "no"})

    def play(url):
        return refusal(anthropic.APIStatusError, lambda: asked(url, streamed))

    run = twice.unedited([reply], play)
    assert run.outcome[1] == status


@pytest.mark.parametrize("kind", ["cut", "half", "error", "malformed"])
def test_a_stream_breaks_off_as_it_did_upstream(twice, kind):
    def play(url):
        def read(seen):
            fields = {"max_tokens": 9, "messages": [{"role": "user", "content": "Go."}]}
            with client(url) as sdk, sdk.messages.stream(model=MODEL, **fields) as stream:
                seen.extend(event.type for event in stream)

        return broken_off(read, anthropic.APIError, ValueError)

    run = twice.unedited([Reply(text="word " * 40, fault=Fault(kind, 6))], play)
    assert "message_stop" not in run.outcome[0]
    assert "text" in run.outcome[0]


def test_a_connection_reset_upstream_is_an_error_of_the_connection_or_of_the_gateway(twice):
    def play(url):
        with pytest.raises(anthropic.APIError) as caught:
            asked(url)
        return isinstance(caught.value, (anthropic.APIConnectionError, anthropic.APIStatusError))

    twice([Reply(fault=Fault("reset"))], play)


def test_tokens_are_counted_of_the_uncompressed_request(twice):
    def play(url):
        with client(url) as sdk:
            return sdk.messages.count_tokens(
                model=MODEL, messages=[{"role": "user", "content": log()}]
            ).model_dump()

    run = twice.unedited([], play)
    assert run.outcome["input_tokens"] > 12_000


def test_models_and_batches_pass(twice):
    def play(url):
        with client(url) as sdk:
            params = {
                "model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": log()}],
            }  # fmt: skip
            made = sdk.messages.batches.create(requests=[{"custom_id": "a", "params": params}])
            return [
                [model.id for model in sdk.models.list()],
                sdk.models.retrieve(MODEL).model_dump(),
                made.model_dump(),
                sdk.messages.batches.retrieve(made.id).model_dump(),
            ]

    run = twice.unedited([], play)
    assert run.outcome[0] == [MODEL, "claude-haiku-5-5"]


def test_asynchronous_clients_get_the_same(twice):
    async def talk(url):
        async with anthropic.AsyncAnthropic(api_key=KEY, base_url=url, max_retries=0) as sdk:
            fields = {
                "model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "Go."}],
            }  # fmt: skip
            whole = await sdk.messages.create(**fields)
            async with sdk.messages.stream(**fields) as stream:
                events = [event.model_dump() async for event in stream]
            return whole.model_dump(), events

    run = twice.unedited([Reply(text="Gone.")], lambda url: asyncio.run(talk(url)))
    assert run.outcome[0]["content"][0]["text"] == "Gone."


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("streamed", [False, True])
def test_coded_answers_are_read_by_the_client(twice, coding, streamed):
    run = twice.unedited(
        [Reply(text="Packed. " * 50, coding=coding)], lambda url: asked(url, streamed)
    )
    assert "Packed. Packed." in str(run.outcome)
