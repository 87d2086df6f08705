"""What the model is told of a marker that it wrote into a file: a note behind the call's result, in
the next request and in every one after it."""

import itertools
import json
import sqlite3

import pytest
from acting import Agent, model, using
from bills import played
from dialects import DIALECTS
from dialects_of_blocks import Messages
from materials import given as output_of
from materials import log
from planting import (
    DONE,
    NUMBERED,
    TOOLS,
    call,
    found,
    reads,
    spoiled,
    spoils,
    use,
    writer,
    written,
)
from scenes import assert_stable, aws_keys, scene
from socket_client import RESPONSES, connection

from headroom.guarding import LET_THROUGH
from headroom.markers import is_marked, omissions
from running import proxied
from scripted_upstream import Reply, in_thread

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
both_ways = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


def note_of(result, before=DONE):
    """The note behind a result."""
    assert result.startswith(f"{before}\n\n(Note on this call:"), result
    return result.removeprefix(f"{before}\n\n")


@every_dialect
@both_ways
def test_a_marker_inside_a_line_passes_and_the_model_is_told(dialect, streamed):
    with scene(reads(), spoils(), Reply(text="Oh."), Reply(text="Yes.")) as run:
        agent = writer(dialect, run.url, streamed=streamed)
        agent.ask("Write it back.")
        agent.ask("Is it right?")
        assert found(run.url) == {LET_THROUGH: 1}
    assert written(agent) == [spoiled(run.requests[1])]
    note = note_of(run.requests[2].results[1])
    (ref,) = {omission.ref for omission in omissions(run.requests[1].results[0])}
    assert f'headroom_retrieve("{ref}")' in note
    assert not is_marked(note)
    assert run.requests[3].results == run.requests[2].results
    assert_stable(run.requests, dialect)


@every_dialect
def test_it_is_told_the_same_by_a_later_process(dialect, tmp_path):
    with scene(reads(), spoils(), folder=tmp_path) as run:
        agent = writer(dialect, run.url)
        agent.history = [dialect.asked("Write it back.")]
        agent.answer(agent.send().calls)
        agent.answer(agent.send().calls)
        requests = list(run.requests)
    for said in ("Oh.", "Yes."):
        with scene(Reply(text=said), folder=tmp_path) as run:
            agent.url = run.url
            agent.ask("Is it right?")
            requests += run.requests
    note_of(requests[2].results[1])
    assert_stable(requests, dialect)


@every_dialect
def test_it_is_told_the_same_by_a_second_worker(dialect, tmp_path):
    script = model(reads(), spoils(), Reply(text="Oh."), *(Reply(text="Yes.") for _ in range(3)))
    with (
        in_thread(script) as upstream,
        aws_keys(),
        proxied(upstream.url, tmp_path, workers=2) as one,
        proxied(upstream.url, tmp_path, workers=2) as other,
    ):
        urls = itertools.cycle([one.url, other.url])
        agent = writer(dialect, one.url)
        agent.before = lambda: setattr(agent, "url", next(urls))
        agent.ask("Write it back.")
        for _ in range(3):
            agent.ask("Is it right?")
        requests = list(upstream.requests)
    note_of(requests[2].results[1])
    assert_stable(requests, dialect)


@both_ways
def test_a_call_without_an_id_is_met_again_by_what_it_says(streamed):
    dialect = DIALECTS["gemini"]
    with scene(reads(), spoils(ident=""), Reply(text="Oh."), Reply(text="Yes.")) as run:
        agent = writer(dialect, run.url, streamed=streamed)
        agent.ask("Write it back.")
        agent.ask("Is it right?")
    note_of(run.requests[2].results[1])
    assert_stable(run.requests, dialect)


@every_dialect
def test_a_result_that_is_shortened_bears_its_note_too(dialect):
    def gives(name, arguments):
        return log(3) if name == "Write" else use(name, arguments)

    with scene(reads(), spoils(), Reply(text="Oh."), Reply(text="Yes.")) as run:
        agent = writer(dialect, run.url, use=gives)
        agent.ask("Write it back.")
        agent.ask("Is it right?")
    result = run.requests[2].results[1]
    assert omissions(result)
    assert len(result) < len(log(3))
    assert result.rpartition("\n\n")[2].startswith("(Note on this call:")
    assert_stable(run.requests, dialect)


@every_dialect
def test_a_short_result_bears_it(dialect):
    with scene(reads(), spoils(), Reply(text="Oh.")) as run:
        gives = {"Read": NUMBERED, "Write": "ok"}
        writer(dialect, run.url, use=lambda name, _: gives[name]).ask("Write it back.")
    note_of(run.requests[2].results[1], "ok")


@every_dialect
def test_each_of_two_calls_has_its_own_note(dialect):
    steps = (reads(), spoils("call_1"), using("status", 5), spoils("call_2"), Reply(text="Oh."))

    def gives(name, arguments):
        return output_of(name, arguments) if name == "status" else use(name, arguments)

    with scene(*steps) as run:
        agent = writer(dialect, run.url, use=gives, tools=(*TOOLS, "status"))
        agent.ask("Write it back.")
        assert found(run.url) == {LET_THROUGH: 2}
    _, first, other, second = run.requests[-1].results
    assert second.endswith(f"\n\n{note_of(first)}")
    assert other == "exit code 5"
    assert_stable(run.requests, dialect)


def test_over_a_websocket_the_note_goes_with_the_frame_that_has_the_result():
    tools = RESPONSES.body([], TOOLS, True)["tools"]
    with (
        scene(reads(), spoils(), Reply(text="Oh."), Reply(text="Yes.")) as run,
        connection(run.url) as client,
    ):
        heard = client.send(RESPONSES.asked("Write it back."), tools=tools)
        heard = client.send(*RESPONSES.answered(heard.calls, [NUMBERED]), tools=tools)
        client.send(*RESPONSES.answered(heard.calls, [DONE]), tools=tools)
        client.send(RESPONSES.asked("Is it right?"), tools=tools)
        assert found(run.url) == {LET_THROUGH: 1}
    frames = [request for request in run.requests if request.on_socket and request.body]
    note_of(frames[2].results[0])
    assert frames[3].results == []


def test_http_after_a_websocket_bears_the_note_as_that_did(tmp_path):
    tools = RESPONSES.body([], TOOLS, True)["tools"]
    with scene(reads(), spoils(), Reply(text="Oh."), folder=tmp_path) as run:
        with connection(run.url) as client:
            heard = client.send(RESPONSES.asked("Write it back."), tools=tools)
            heard = client.send(*RESPONSES.answered(heard.calls, [NUMBERED]), tools=tools)
            client.send(*RESPONSES.answered(heard.calls, [DONE]), tools=tools)
        agent = Agent(RESPONSES, run.url, tools=TOOLS, history=list(client.items))
        agent.ask("Is it right?")
    results = [result for request in run.requests[1:4] for result in request.results]
    assert len(results) == 2
    assert run.requests[-1].results == results


def test_a_history_that_was_cut_off_is_sent_as_it_is():
    dialect = DIALECTS["openai_chat"]
    with scene(reads(), spoils(), Reply(text="Oh."), Reply(text="Yes.")) as run:
        agent = writer(dialect, run.url)
        agent.ask("Write it back.")
        agent.history = [agent.history[0], dialect.asked("Go on.")]
        agent.send()
    assert run.requests[-1].json["messages"][1:] == agent.history[:2]


class LongSystem(Messages):
    """A system prompt that is worth keeping by itself."""

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        body["system"][0]["text"] = "You are an agent. " * 400
        return body


@pytest.mark.parametrize(
    "dialect",
    [LongSystem(), DIALECTS["openai_chat"], DIALECTS["openai_responses"]],
    ids=["messages", "chat", "responses"],
)
def test_a_note_is_ours_to_pay(dialect, tmp_path):
    (tmp_path / "first").mkdir()
    with scene(reads(), spoils(), Reply(text="Oh."), folder=tmp_path / "first") as run:
        agent = writer(dialect, run.url)
        agent.ask("Write it back.")
        (text,) = written(agent)
    steps = (reads(), Reply(tool_calls=[call(text)]), Reply(text="Oh."), Reply(text="Yes."))

    def play(url, clock):
        agent = writer(dialect, url, before=lambda: clock.wait(2))
        agent.ask("Write it back.")
        agent.ask("Is it right?")

    run = played(play, steps, tmp_path, align_cache="off")
    assert note_of(run.ours.requests[-1].results[1])
    assert run.before == run.bill
    assert run.after == run.ours.bill
    assert run.after.prompt < run.before.prompt


def test_what_the_guard_found_is_kept_with_its_request(tmp_path):
    with scene(reads(), spoils(), Reply(text="Oh."), folder=tmp_path) as run:
        writer(DIALECTS["openai_chat"], run.url).ask("Write it back.")
    connection = sqlite3.connect(tmp_path / "home" / "counts.db")
    rows = connection.execute("SELECT events FROM exchanges ORDER BY id").fetchall()
    connection.close()
    kinds = [[event[:2] for event in json.loads(events)] for (events,) in rows]
    assert kinds == [[], [["guard", LET_THROUGH]], []]
