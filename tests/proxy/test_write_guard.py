"""Markers that a model copies into a client's file, caught on their way through the proxy."""

import json
import random

import pytest
from acting import retrieving
from dialect_parts import sse
from dialects import DIALECTS
from planting import (
    DONE,
    FILE,
    NUMBERED,
    TOOLS,
    call,
    copied,
    found,
    raw_answer,
    reads,
    use,
    writer,
    writes_back,
    written,
)
from scenes import assert_stable, assert_stable_values, scene
from socket_client import RESPONSES, connection

from headroom.guarding import PUT_BACK
from headroom.markers import TOOL_NAME
from scripted_upstream import Fault, Reply, in_thread

MCP = f"mcp__headroom__{TOOL_NAME}"
every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
both_ways = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


@every_dialect
@both_ways
def test_the_client_writes_the_original_lines(dialect, streamed):
    with scene(reads(), writes_back(), Reply(text="Done.")) as run:
        agent = writer(dialect, run.url, streamed=streamed)
        assert agent.ask("Write it back.").text == "Done."
        counted = found(run.url)
    assert written(agent) == [FILE]
    assert counted.keys() == {PUT_BACK}
    assert counted[PUT_BACK] > 50
    # What was put back is nothing to tell the model of.
    assert run.requests[-1].results[1] == DONE
    assert_stable(run.requests, dialect)


@pytest.mark.parametrize("size", [1, 3, 7, 4096])
@pytest.mark.parametrize("name", ["anthropic_messages", "openai_chat", "openai_responses"])
def test_however_a_stream_is_cut_into_pieces(name, size):
    steps = (reads(), writes_back(delta=size, write=911), Reply(text="Done."))
    with scene(*steps) as run:
        agent = writer(DIALECTS[name], run.url, streamed=True)
        agent.ask("Write it back.")
    assert written(agent) == [FILE]


@every_dialect
@both_ways
def test_where_the_client_retrieves_by_itself_its_writes_are_guarded_too(dialect, streamed):
    with scene(reads(), writes_back(), Reply(text="Done.")) as run:
        agent = writer(dialect, run.url, streamed=streamed, tools=(*TOOLS, MCP))
        agent.ask("Write it back.")
        assert found(run.url).keys() == {PUT_BACK}
    assert TOOL_NAME not in run.requests[0].tools
    assert written(agent) == [FILE]


@every_dialect
@both_ways
def test_a_write_beside_a_hidden_retrieval_is_guarded(dialect, streamed):
    def beside(request):
        both = [call(copied(request))]
        return retrieving(text="Both. ", beside=both, lines="1-3")(request)

    with scene(reads(), beside, Reply(text="Done."), Reply(text="Yes.")) as run:
        agent = writer(dialect, run.url, streamed=streamed)
        assert agent.ask("Write it back.").text == "Done."
        agent.ask("Sure?")
    assert written(agent) == [FILE]
    assert TOOL_NAME not in json.dumps([heard.said for heard in agent.heard])
    third, fourth = (request.results for request in run.requests[2:])
    assert len(third) == 3
    assert third == fourth
    assert_stable_values(run.requests, dialect)


@every_dialect
@both_ways
def test_a_write_on_the_leg_after_a_retrieval_is_guarded(dialect, streamed):
    steps = (reads(), retrieving(text="Hm. ", lines="1-3"), writes_back(), Reply(text="Done."))
    with scene(*steps) as run:
        agent = writer(dialect, run.url, streamed=streamed)
        agent.ask("Write it back.")
    assert written(agent) == [FILE]
    assert_stable_values(run.requests, dialect)


def test_a_call_that_has_no_id_is_guarded():
    with scene(reads(), writes_back(ident=""), Reply(text="Done.")) as run:
        agent = writer(DIALECTS["gemini"], run.url, streamed=True)
        agent.ask("Write it back.")
    assert written(agent) == [FILE]


def test_a_write_over_a_websocket_is_guarded():
    with scene(reads(), writes_back(), Reply(text="Done.")) as run, connection(run.url) as client:
        heard = client.send(RESPONSES.asked("Write it back."), tools=_tools())
        heard = client.send(*RESPONSES.answered(heard.calls, [NUMBERED]), tools=_tools())
        (write,) = heard.calls
        client.send(*RESPONSES.answered([write], [use("Write", {})]), tools=_tools())
        counted = found(run.url)
    assert write.arguments["content"] == FILE
    assert counted.keys() == {PUT_BACK}


def _tools():
    return RESPONSES.body([], TOOLS, True)["tools"]


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@both_ways
def test_a_coded_answer_is_guarded_and_comes_unpacked(coding, streamed):
    dialect = DIALECTS["anthropic_messages"]
    steps = (reads(), writes_back(coding=coding), Reply(text="Done."))
    with scene(*steps) as run:
        agent = writer(dialect, run.url, streamed=streamed)
        agent.history = [dialect.asked("Write it back.")]
        agent.answer(agent.send().calls)
        headers, data = raw_answer(run.url, agent, **{"accept-encoding": coding})
    assert run.requests[-1].header("accept-encoding") == coding
    assert "content-encoding" not in headers
    (write,) = _heard(dialect, data, streamed).calls
    assert write.arguments["content"] == FILE


def _heard(dialect, data, streamed):
    return dialect.stream(data) if streamed else dialect.whole(json.loads(data))


@pytest.mark.parametrize("kind", ["cut", "half"])
def test_a_stream_that_is_cut_inside_a_marker_loses_nothing(kind):
    """Only the client knows what it makes of half a call; it gets what there is."""
    dialect = DIALECTS["anthropic_messages"]

    def half(request):
        text = copied(request)
        events = 5 + len(_spelled(text[: text.index("[…") + 20])) // 8
        return Reply(tool_calls=[call(text)], delta=8, fault=Fault(kind, after=events))

    with scene(reads(), half) as run:
        agent = writer(dialect, run.url, streamed=True)
        agent.history = [dialect.asked("Write it back.")]
        agent.answer(agent.send().calls)
        _, data = raw_answer(run.url, agent)
        text = copied(run.requests[-1])
    heard = _pieces(data)
    said = _spelled(text)
    assert "[…" in heard
    assert len(heard) % 8 == 0, "it ends with an event of upstream's"
    assert said.startswith(heard)


def _spelled(text):
    arguments = {"file_path": "/a.py", "content": text}
    return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))


def _pieces(data):
    """The arguments as far as they were told."""
    data = data[: data.rindex(b"\n\n") + 2]
    deltas = (event.get("delta", {}) for event in sse(data))
    return "".join(delta.get("partial_json", "") for delta in deltas)


PLAIN = (
    f"{FILE[:3000]}\nx[0] = [[1, 2], [3]]\n",
    "x = data[…]; y = [= 1\n  print('[')  # [… and so on]\n",
    json.dumps({"rows": [1, 2], "a": {"b": ["[="]}}, indent=2),
)
LIKE_OURS = (
    "[= what]\n[= 1-3 as above]\n",
    f"{FILE[:300]}\n[… 3 lines of my own]\n",
    '[\n[…\n  [= \n[…]\n["',
    "".join(random.Random(7).choice('[…= \n\\"x') for _ in range(4_000)),
)
SPENT = {
    "input_tokens": 1,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "output_tokens": 1,
    "cache_creation": {},
    "prompt_tokens": 1,
    "completion_tokens": 1,
    "total_tokens": 2,
    "inputTokens": 1,
    "outputTokens": 1,
    "totalTokens": 2,
    "promptTokenCount": 1,
    "candidatesTokenCount": 1,
    "totalTokenCount": 2,
}
"""The same usage of every API, however long the request was."""


def both(dialect, texts, streamed, folder):
    """The answer in which these are written, as upstream gives it and as the client gets it."""
    calls = [call(text, f"call_{at}") for at, text in enumerate(texts)]
    steps = [reads(), Reply(text="[… I write.", tool_calls=calls, delta=5, usage=SPENT)]

    def answered(url):
        agent = writer(dialect, url, streamed=streamed)
        agent.history = [dialect.asked("Write it.")]
        agent.answer(agent.send().calls)
        return raw_answer(url, agent)[1]

    with in_thread(steps) as upstream:
        straight = answered(upstream.url)
    with scene(*steps, folder=folder) as run:
        through = answered(run.url)
        assert found(run.url) == {}
        assert run.requests[1].results != [NUMBERED]
    return straight, through


@every_dialect
@both_ways
def test_an_innocent_answer_passes_byte_for_byte(dialect, streamed, tmp_path):
    straight, through = both(dialect, PLAIN, streamed, tmp_path)
    assert through == straight


@every_dialect
@both_ways
def test_lines_that_begin_like_ours_come_as_they_are(dialect, streamed, tmp_path):
    straight, through = both(dialect, LIKE_OURS, streamed, tmp_path)
    assert _heard(dialect, through, streamed).said == _heard(dialect, straight, streamed).said


def test_where_the_guard_is_off_nothing_is_touched():
    with scene(reads(), writes_back(), Reply(text="Done."), write_guard=False) as run:
        agent = writer(DIALECTS["anthropic_messages"], run.url, streamed=True)
        agent.ask("Write it back.")
        assert found(run.url) == {}
        assert written(agent) == [copied(run.requests[1])]
    assert run.requests[-1].results[1] == DONE
