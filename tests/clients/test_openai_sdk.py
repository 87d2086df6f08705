"""OpenAI's SDK gets the same through the proxy as straight from the API: chat completions and
what is older or smaller."""

import asyncio
import http.client
import json
import sys

import openai
import pytest
from client_scenes import (
    FOLLOW_UP,
    KEY,
    PICTURE,
    QUESTION,
    broken_off,
    busy_reader,
    log,
    packed,
    reader,
    refusal,
    tool_output,
    without,
)

from scripted_upstream import Fault, Reply, ToolCall

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MODEL = "gpt-4o"
PARAMETERS = {"type": "object", "properties": {"name": {"type": "string"}}}
READ_LOG = {"type": "function", "function": {"name": "read_log", "parameters": PARAMETERS}}


def client(url):
    return openai.OpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0)


def asked(url, streamed=False, content="Say hello.", **more):
    """One request; the completion or its chunks as dicts."""
    fields = {"model": MODEL, "messages": [{"role": "user", "content": content}], **more}
    with client(url) as sdk:
        if not streamed:
            return sdk.chat.completions.create(**fields).model_dump()
        with sdk.chat.completions.create(stream=True, **fields) as stream:
            return [chunk.model_dump() for chunk in stream]


def tool_loop(url, streamed=False, turns=1):
    """An agent with one tool: every answer that it got as a completion."""
    history = []
    got = []
    with client(url) as sdk:
        for question in (QUESTION, FOLLOW_UP)[:turns]:
            history.append({"role": "user", "content": question})
            while True:
                fields = {"model": MODEL, "messages": history, "tools": [READ_LOG]}
                if streamed:
                    usage = {"include_usage": True}
                    with sdk.chat.completions.stream(**fields, stream_options=usage) as stream:
                        stream.until_done()
                        answer = stream.get_final_completion()
                else:
                    answer = sdk.chat.completions.create(**fields)
                got.append(answer)
                message = answer.choices[0].message
                history.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
                if not message.tool_calls:
                    break
                history += [
                    {
                        "role": "tool",
                        "tool_call_id": call.id,
                        "content": tool_output(json.loads(call.function.arguments)["name"]),
                    }
                    for call in message.tool_calls
                ]
    return got


def said(answers):
    """All text of the answers."""
    texts = [answer.choices[0].message.content for answer in answers]
    return [text for text in texts if text]


def dumped(answers):
    """The answers as dicts, without what the tool costs."""
    return without([answer.model_dump() for answer in answers], "usage")


@pytest.mark.parametrize("streamed", [False, True])
def test_plain_chat_is_the_same(twice, streamed):
    run = twice.unedited(
        [Reply(text="Hello, world – ünïcode ✓.")], lambda url: asked(url, streamed)
    )
    assert "Hello, world" in str(run.outcome)


def test_usage_comes_only_to_streams_that_ask_for_it(twice):
    def play(url):
        options = {"include_usage": True}
        return asked(url, streamed=True), asked(url, streamed=True, stream_options=options)

    without_usage, with_usage = twice.unedited([Reply(text="Hello.")], play).outcome
    assert without_usage[-1]["usage"] is None
    assert with_usage[-1]["usage"]["prompt_tokens"] > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_a_picture_passes_untouched(twice, streamed):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}
    content = [{"type": "text", "text": "What is this?"}, picture]
    run = twice.unedited([Reply(text="A dot.")], lambda url: asked(url, streamed, content))
    assert run.requests[0].json["messages"][0]["content"] == content


def test_structured_chat_output_is_the_same(twice):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": schema}}
    run = twice.unedited([Reply(text='{"n":7}')], lambda url: asked(url, response_format=wanted))
    assert run.outcome["choices"][0]["message"]["content"] == '{"n":7}'


@pytest.mark.parametrize("streamed", [False, True])
def test_a_small_result_goes_round_in_chat(twice, streamed):
    replies = [Reply(tool_calls=[ToolCall("read_log", {"name": "small"})]), Reply(text="Nothing.")]
    run = twice.offered(replies, lambda url: dumped(tool_loop(url, streamed)))
    assert run.outcome[1]["choices"][0]["message"]["content"] == "Nothing."


@pytest.mark.parametrize("streamed", [False, True])
def test_a_big_result_is_compressed_in_chat(twice, streamed):
    twice.compressed(lambda url: dumped(tool_loop(url, streamed)))


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_omitted_is_retrieved_in_chat_without_the_client(twice, streamed):
    def ended(got):
        return [[answer.choices[0].finish_reason for answer in got], *said(got)]

    def talk(url):
        return tool_loop(url, streamed, turns=2)

    twice.retrieved(talk, ended, model=without_thinking(reader), plainly=plainly)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_retrieval_beside_a_call_is_joined_to_the_next_chat_request(twice, streamed):
    def talk(url):
        return tool_loop(url, streamed, turns=2)

    twice.joined(talk, said, model=without_thinking(busy_reader), plainly=plainly)


def without_thinking(script):
    """The same model for an API that does not show its thinking."""

    def model(request):
        reply = script(request)
        return Reply(text=reply.text, tool_calls=reply.tool_calls)

    return model


def plainly(messages):
    """Messages without the empty fields that a client drops when it sends them back."""
    return [
        {key: value for key, value in message.items() if value and key != "refusal"}
        for message in messages
    ]


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("streamed", [False, True])
def test_chat_errors_are_the_same(twice, status, streamed):
    reply = Reply(status=status, text="No.", headers={"retry-after": "7"})

    def play(url):
        return refusal(openai.APIStatusError, lambda: asked(url, streamed))

    assert twice.unedited([reply], play).outcome[1] == status


@pytest.mark.parametrize("kind", ["cut", "half", "error", "malformed"])
def test_a_chat_stream_breaks_off_as_it_did_upstream(twice, kind):
    def play(url):
        def read(seen):
            fields = {"model": MODEL, "messages": [{"role": "user", "content": "Go."}]}
            with client(url) as sdk, sdk.chat.completions.create(stream=True, **fields) as stream:
                seen.extend(chunk.choices[0].delta.content for chunk in stream)

        return broken_off(read, openai.APIError, ValueError)

    run = twice.unedited([Reply(text="word " * 40, fault=Fault(kind, 6))], play)
    assert len(run.outcome[0]) == 6
    assert run.outcome[1] is not None


def test_completions_embeddings_and_models_pass(twice):
    def play(url):
        with client(url) as sdk:
            stream = sdk.completions.create(model="old", prompt="Once", stream=True)
            return [
                sdk.completions.create(model="old", prompt="Once").model_dump(),
                [chunk.model_dump() for chunk in stream],
                sdk.embeddings.create(model="e", input=["one", log()]).model_dump(),
                sdk.embeddings.create(model="e", input="x", encoding_format="float").model_dump(),
                [model.id for model in sdk.models.list()],
                sdk.models.retrieve(MODEL).model_dump(),
            ]

    run = twice.unedited([Reply(text="upon a time")], play)
    assert run.outcome[0]["choices"][0]["text"] == "upon a time"
    assert len(run.outcome[2]["data"]) == 2


def test_asynchronous_chat_is_the_same(twice):
    async def talk(url):
        async with openai.AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0) as sdk:
            fields = {"model": MODEL, "messages": [{"role": "user", "content": "Go."}]}
            whole = await sdk.chat.completions.create(**fields)
            stream = await sdk.chat.completions.create(stream=True, **fields)
            return whole.model_dump(), [chunk.model_dump() async for chunk in stream]

    run = twice.unedited([Reply(text="Gone.")], lambda url: asyncio.run(talk(url)))
    assert run.outcome[0]["choices"][0]["message"]["content"] == "Gone."


@pytest.mark.parametrize(("coding", "pack"), [("gzip", packed), ("zstd", zstd.compress)])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_coded_request_bodies_pass_as_they_are(twice, coding, pack, path):
    said = [{"role": "user", "content": "Say hello."}]
    body = {"model": MODEL, "input" if "responses" in path else "messages": said}

    def play(url):
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        headers = {"content-type": "application/json", "content-encoding": coding}
        connection.request("POST", path, pack(json.dumps(body).encode()), headers)
        with connection.getresponse() as answer:
            got = answer.status, json.loads(answer.read())
        connection.close()
        return got

    run = twice.unedited([Reply(text="Hello.")], play)
    assert run.outcome[0] == 200
    assert run.requests[0].header("content-encoding") == coding


@pytest.mark.parametrize(("coding", "pack"), [("gzip", packed), ("zstd", zstd.compress)])
def test_a_coded_request_body_is_compressed_inside(twice, coding, pack):
    call = {"id": "call_1", "type": "function", "function": {"name": "read_log", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": log()},
    ]
    body = {"model": MODEL, "messages": messages, "tools": [READ_LOG]}

    def play(url):
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        headers = {"content-type": "application/json", "content-encoding": coding}
        connection.request("POST", "/v1/chat/completions", pack(json.dumps(body).encode()), headers)
        with connection.getresponse() as answer:
            got = answer.status, without(json.loads(answer.read()), "usage")
        connection.close()
        return got

    _, through = twice([Reply(text="Hello.")], play)
    assert through.outcome[0] == 200
    assert len(through.requests[0].results[0]) < len(log()) / 4
