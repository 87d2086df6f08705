"""Google's SDK gets the same through the proxy as straight from the API."""

import asyncio
import base64

import pytest
from client_scenes import (
    FOLLOW_UP,
    KEY,
    PICTURE,
    QUESTION,
    broken_off,
    log,
    tool_output,
    without,
)
from google import genai
from google.genai import errors, types

from scripted_upstream import Fault, Reply, ToolCall

MODEL = "gemini-3-pro"
NAME = types.Schema(type="OBJECT", properties={"name": types.Schema(type="STRING")})
DECLARATION = types.FunctionDeclaration(name="read_log", parameters=NAME)
WITH_TOOL = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[DECLARATION])])
MOVING = ("sdk_http_response", "usage_metadata")


def client(url):
    return genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=url))


def dumped(answers):
    """The answers as dicts, without HTTP and what the tool costs."""
    return [without(answer.model_dump(mode="json"), *MOVING) for answer in answers]


def asked(url, streamed=False, contents="Say hello.", config=None):
    """One request; the answer's chunks, or the answer as the only one."""
    with client(url) as sdk:
        return chunks_of(sdk, streamed, contents, config)


def chunks_of(sdk, streamed, contents, config=None):
    """The same by a client that is there."""
    fields = {"model": MODEL, "contents": contents, "config": config}
    if streamed:
        return list(sdk.models.generate_content_stream(**fields))
    return [sdk.models.generate_content(**fields)]


def tool_loop(url, streamed=False, turns=1):
    """An agent with one tool: what each answer said, as a list of parts."""
    history = []
    got = []
    with client(url) as sdk:
        for question in (QUESTION, FOLLOW_UP)[:turns]:
            history.append(types.Content(role="user", parts=[types.Part(text=question)]))
            while True:
                chunks = chunks_of(sdk, streamed, history, WITH_TOOL)
                contents = [chunk.candidates[0].content for chunk in chunks]
                parts = [part for content in contents for part in content.parts or ()]
                got.append(parts)
                history.append(types.Content(role="model", parts=parts))
                calls = [part.function_call for part in parts if part.function_call]
                if not calls:
                    break
                answers = [
                    types.Part.from_function_response(
                        name=call.name, response={"output": tool_output(call.args["name"])}
                    )
                    for call in calls
                ]
                history.append(types.Content(role="user", parts=answers))
    return got


def said(got):
    """The text of every answer."""
    texts = ["".join(part.text or "" for part in parts if not part.thought) for parts in got]
    return [text for text in texts if text]


@pytest.mark.parametrize("streamed", [False, True])
def test_plain_content_is_the_same(twice, streamed):
    run = twice.unedited(
        [Reply(thinking="A greeting.", text="Hello, world – ünïcode ✓.")],
        lambda url: [
            answer.model_dump(mode="json", exclude={"sdk_http_response"})
            for answer in asked(url, streamed)
        ],
    )
    assert "Hello, world" in str(run.outcome)
    assert run.outcome[-1]["usage_metadata"]["prompt_token_count"] > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_inline_data_passes_untouched(twice, streamed):
    picture = types.Part.from_bytes(data=base64.b64decode(PICTURE), mime_type="image/png")
    run = twice.unedited(
        [Reply(text="A dot.")],
        lambda url: dumped(asked(url, streamed, [picture, "What is this?"])),
    )
    sent = run.requests[0].json["contents"][0]["parts"][0]["inlineData"]["data"]
    assert base64.urlsafe_b64decode(sent) == base64.b64decode(PICTURE)


def test_structured_content_is_the_same(twice):
    schema = types.Schema(type="OBJECT", properties={"n": types.Schema(type="INTEGER")})
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=schema
    )
    run = twice.unedited([Reply(text='{"n":7}')], lambda url: asked(url, config=config)[0].parsed)
    assert run.outcome == {"n": 7}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_small_function_response_goes_round(twice, streamed):
    replies = [Reply(tool_calls=[ToolCall("read_log", {"name": "small"})]), Reply(text="Nothing.")]
    run = twice.offered(replies, lambda url: str(tool_loop(url, streamed)))
    assert "Nothing." in run.outcome
    assert run.requests[1].json["contents"][1]["parts"][0]["thoughtSignature"]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_big_function_response_is_compressed(twice, streamed):
    twice.compressed(lambda url: said(tool_loop(url, streamed)))


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_omitted_is_retrieved_without_google_s_client(twice, streamed):
    twice.retrieved(lambda url: tool_loop(url, streamed, turns=2), said)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_retrieval_beside_a_function_call_is_joined_to_the_next_request(twice, streamed):
    twice.joined(lambda url: tool_loop(url, streamed, turns=2), said)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("streamed", [False, True])
def test_errors_of_google_are_the_same(twice, status, streamed):
    reply = Reply(status=status, text="No.", headers={"retry-after": "7"})

    def play(url):
        with pytest.raises(errors.APIError) as caught:
            asked(url, streamed)
        error = caught.value
        return type(error), error.code, error.status, error.message

    assert twice.unedited([reply], play).outcome[1] == status


@pytest.mark.parametrize("kind", ["cut", "half", "error"])
def test_a_stream_of_google_breaks_off_as_it_did_upstream(twice, kind):
    def play(url):
        def read(seen):
            with client(url) as sdk:
                for chunk in sdk.models.generate_content_stream(model=MODEL, contents="Go."):
                    seen.append(chunk.text)

        return broken_off(read, errors.APIError, ValueError)

    run = twice.unedited([Reply(text="word " * 40, fault=Fault(kind, 5))], play)
    assert len(run.outcome[0]) == 5
    assert run.outcome[1] is not None


def test_tokens_and_models_of_google_pass(twice):
    def play(url):
        with client(url) as sdk:
            counted = sdk.models.count_tokens(model=MODEL, contents=log())
            return counted.total_tokens, [model.name for model in sdk.models.list()]

    run = twice.unedited([], play)
    assert run.outcome[0] > 12_000
    assert run.outcome[1] == [f"models/{MODEL}"]


# The SDK inherits from a class of aiohttp that warns of it.
@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession")
def test_the_asynchronous_client_of_google_gets_the_same(twice):
    async def talk(url):
        async with client(url).aio as sdk:
            whole = await sdk.models.generate_content(model=MODEL, contents="Go.")
            stream = await sdk.models.generate_content_stream(model=MODEL, contents="Go.")
            return dumped([whole, *[chunk async for chunk in stream]])

    run = twice.unedited([Reply(text="Gone.")], lambda url: asyncio.run(talk(url)))
    assert "Gone." in str(run.outcome)
