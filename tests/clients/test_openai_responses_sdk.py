"""OpenAI's SDK gets the same through the proxy as straight from the API: Responses."""

import asyncio
import json

import openai
import pytest
from client_scenes import (
    FACT,
    FOLLOW_UP,
    KEY,
    PICTURE,
    QUESTION,
    broken_off,
    reader,
    refusal,
    tool_output,
    without,
)

from headroom.markers import TOOL_NAME
from scripted_upstream import Fault, Reply, ToolCall

MODEL = "gpt-5.5"
PARAMETERS = {"type": "object", "properties": {"name": {"type": "string"}}}
READ_LOG = {"type": "function", "name": "read_log", "parameters": PARAMETERS, "strict": False}


def client(url):
    return openai.OpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0)


def asked(url, streamed=False, content="Say hello.", **more):
    """One request; the response or its events as dicts."""
    fields = {"model": MODEL, "input": content, **more}
    with client(url) as sdk:
        if not streamed:
            return sdk.responses.create(**fields).model_dump()
        with sdk.responses.create(stream=True, **fields) as stream:
            return [event.model_dump() for event in stream]


def tool_loop(url, streamed=False, turns=1, *, stored=False):
    """An agent with one tool: every response that it got. `stored`: upstream keeps the history."""
    history = []
    got = []
    with client(url) as sdk:
        for question in (QUESTION, FOLLOW_UP)[:turns]:
            history.append({"role": "user", "content": question})
            while True:
                fields = {"model": MODEL, "input": history, "tools": [READ_LOG]}
                if stored and got:
                    fields["previous_response_id"] = got[-1].id
                if streamed:
                    with sdk.responses.stream(**fields) as stream:
                        stream.until_done()
                        answer = stream.get_final_response()
                else:
                    answer = sdk.responses.create(**fields)
                got.append(answer)
                sent_back = [item.model_dump(exclude_none=True) for item in answer.output]
                history = [] if stored else [*history, *map(plainly, sent_back)]
                calls = [item for item in answer.output if item.type == "function_call"]
                if not calls:
                    break
                history += [
                    {
                        "type": "function_call_output",
                        "call_id": call.call_id,
                        "output": tool_output(json.loads(call.arguments)["name"]),
                    }
                    for call in calls
                ]
    return got


def plainly(item):
    """An item without what the SDK adds to it when it parses."""
    return without(item, "parsed", "parsed_arguments")


def dumped(answers):
    """The answers as dicts, without what the tool costs."""
    return without([answer.model_dump() for answer in answers], "usage")


def said(answers):
    """All text of the answers."""
    return [answer.output_text for answer in answers if answer.output_text]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_plain_response_is_the_same(twice, streamed):
    run = twice.unedited(
        [Reply(thinking="A greeting.", text="Hello, world – ünïcode ✓.")],
        lambda url: asked(url, streamed),
    )
    assert "ünïcode ✓" in str(run.outcome)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_picture_in_the_input_passes_untouched(twice, streamed):
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}"}
    content = [picture, {"type": "input_text", "text": "What is this?"}]
    wanted = [{"role": "user", "content": content}]
    run = twice.unedited([Reply(text="A dot.")], lambda url: asked(url, streamed, wanted))
    assert run.requests[0].json["input"] == wanted


def test_reasoning_goes_back_with_its_encrypted_content(twice):
    def play(url):
        with client(url) as sdk:
            first = sdk.responses.create(model=MODEL, input="Say hello.", store=False)
            items = [item.model_dump(exclude_none=True) for item in first.output]
            second = sdk.responses.create(
                model=MODEL,
                input=[
                    {"role": "user", "content": "Hi."},
                    *items,
                    {"role": "user", "content": "?"},
                ],
                store=False,
            )
            return first.model_dump(), second.model_dump()

    run = twice.unedited([Reply(thinking="A greeting.", text="Hello.")], play)
    assert run.requests[1].json["input"][1]["encrypted_content"].startswith("gAAAAA")


def test_a_structured_response_is_the_same(twice):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wanted = {"format": {"type": "json_schema", "name": "n", "schema": schema, "strict": True}}
    run = twice.unedited([Reply(text='{"n":7}')], lambda url: asked(url, text=wanted))
    assert run.outcome["output"][0]["content"][0]["text"] == '{"n":7}'


@pytest.mark.parametrize("streamed", [False, True])
def test_a_small_result_goes_round_in_responses(twice, streamed):
    replies = [Reply(tool_calls=[ToolCall("read_log", {"name": "small"})]), Reply(text="Nothing.")]
    run = twice.offered(replies, lambda url: dumped(tool_loop(url, streamed)))
    assert "Nothing." in str(run.outcome[1]["output"])


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_big_result_is_compressed_in_responses(twice, streamed, stored):
    twice.compressed(lambda url: dumped(tool_loop(url, streamed, stored=stored)))


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_omitted_is_retrieved_in_responses_without_the_client(twice, streamed):
    twice.retrieved(lambda url: tool_loop(url, streamed, turns=2), said)


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_omitted_is_retrieved_where_upstream_keeps_the_history(twice, streamed):
    def script(request):
        if request.json.get("previous_response_id") is None:
            return reader(request)
        if any(FACT in result for result in request.results):
            return Reply(text=f"Found: {FACT}.")
        return reader(request) if request.results else Reply(text="That was all.")

    def play(url):
        return said(tool_loop(url, streamed, turns=2, stored=True))

    _, through = twice(script, play)
    assert through.outcome[-2:] == [f"Found: {FACT}.", "That was all."]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_retrieval_beside_a_call_is_joined_to_the_next_responses_request(twice, streamed):
    twice.joined(lambda url: tool_loop(url, streamed, turns=2), said)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("streamed", [False, True])
def test_responses_errors_are_the_same(twice, status, streamed):
    reply = Reply(status=status, text="No.", headers={"retry-after": "7"})

    def play(url):
        return refusal(openai.APIStatusError, lambda: asked(url, streamed))

    assert twice.unedited([reply], play).outcome[1] == status


def test_a_previous_response_that_nobody_knows_is_refused_as_upstream_does(twice):
    def play(url):
        with pytest.raises(openai.BadRequestError) as caught:
            asked(url, previous_response_id="resp_unknown")
        return caught.value.body

    assert "resp_unknown" in twice.unedited([Reply(text="?")], play).outcome["message"]


@pytest.mark.parametrize("kind", ["cut", "half", "error", "malformed"])
def test_a_responses_stream_breaks_off_as_it_did_upstream(twice, kind):
    def play(url):
        def read(seen):
            fields = {"model": MODEL, "input": "Go."}
            with client(url) as sdk, sdk.responses.create(stream=True, **fields) as stream:
                seen.extend(event.type for event in stream)

        return broken_off(read, openai.APIError, ValueError)

    run = twice.unedited([Reply(text="word " * 40, fault=Fault(kind, 7))], play)
    assert "response.output_text.delta" in run.outcome[0]
    assert "response.completed" not in run.outcome[0]


def on_socket(url, script_turns):
    """Turns over one WebSocket: the events' types, the final text and the tools of each."""
    got = []
    with client(url) as sdk, sdk.responses.connect() as connection:
        previous = None
        for fields in script_turns:
            more = {"previous_response_id": previous} if previous else {}
            connection.response.create(model=MODEL, **fields, **more)
            kinds = []
            for event in connection:
                kinds.append(event.type)
                if event.type in ("response.completed", "error"):
                    break
            previous = event.response.id
            got.append((kinds, event.response.output_text, event.response.model_dump()["tools"]))
    return got


# The SDK uses websockets in a way that its newest version warns of.
@pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager")
def test_turns_over_a_websocket_are_the_same(twice):
    turns = [{"input": "Say hello.", "tools": [READ_LOG]}, {"input": "Again."}]
    run = twice(
        [Reply(text="Hello."), Reply(text="Hello again.")], lambda url: on_socket(url, turns)
    )[1]
    assert [text for _, text, _ in run.outcome] == ["Hello.", "Hello again."]
    assert [tool["name"] for tool in run.outcome[0][2]] == ["read_log"]
    assert run.asked[0].tools == [TOOL_NAME, "read_log"]
    assert [request.on_socket for request in run.asked] == [True, True]


def test_a_compaction_passes(twice):
    def play(url):
        with client(url) as sdk:
            history = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Ho."}]
            answer = sdk.responses.compact(model=MODEL, input=history)
            return [item.type for item in answer.output], answer.output[-1].model_dump()

    run = twice.unedited([], play)
    assert run.outcome[0] == ["message", "compaction"]


def test_asynchronous_responses_are_the_same(twice):
    async def talk(url):
        async with openai.AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0) as sdk:
            whole = await sdk.responses.create(model=MODEL, input="Go.")
            async with sdk.responses.stream(model=MODEL, input="Go.") as stream:
                kinds = [event.type async for event in stream]
            return whole.model_dump(), kinds

    run = twice.unedited([Reply(text="Gone.")], lambda url: asyncio.run(talk(url)))
    assert run.outcome[1][-1] == "response.completed"
