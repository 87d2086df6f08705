"""Older texts made shorter once the provider's cache of a session is gone, and never before."""

import asyncio
import itertools
import threading

import pytest
from acting import Agent, goes_on, model, retrieving, sent, using
from dialects import DIALECTS
from dialects_of_blocks import Messages
from materials import source
from planting import stats
from scenes import assert_stable, assert_stable_values, scene
from socket_client import RESPONSES, connection

from headroom.conversation import Block, Conversation, Kind, Message
from headroom.errors import StoreError
from headroom.proxy import epochs
from headroom.proxy.epochs import Epochs
from headroom.proxy.memory import SessionMemory
from headroom.stores import InMemoryStore
from provider_cache import Clock
from running import proxied
from scripted_upstream import Reply, in_thread

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
MESSAGES = DIALECTS["anthropic_messages"]
READS = tuple(using("read_file", number) for number in range(6))
LATER = (*(using("status", number) for number in range(4)), Reply(text="Good."))
STEPS = (*READS, Reply(text="All are read."), *(Reply(text=f"Yes, {n}.") for n in range(9)))
every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)


class ForAnHour(Messages):
    """All is kept for an hour."""

    def body(self, history, tools, streamed):
        hour = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
        body = super().body(history, tools, streamed)
        body["system"][0] |= hour
        *before, last = body["messages"]
        *content, block = last["content"]
        return {**body, "messages": [*before, {**last, "content": [*content, {**block, **hour}]}]}


@pytest.fixture
def clock():
    return Clock()


def agent_of(dialect, url, clock, **more):
    """A client whose requests take two seconds each."""
    return Agent(dialect, url, before=lambda: clock.wait(2), **more)


def count(url):
    return stats(url)["epochs"]["count"]


@every_dialect
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_after_a_long_pause_older_texts_are_shorter_and_stay_so(dialect, streamed, clock):
    with scene(*STEPS, now=clock) as run:
        agent = agent_of(dialect, run.url, clock, streamed=streamed)
        agent.ask("Read them.")
        clock.wait(3 * DAY)
        agent.ask("And now?")
        agent.ask("Sure?")
        told = stats(run.url)["epochs"]
    assert_stable(run.requests[:7], dialect)
    assert_stable(run.requests[7:], dialect)
    before, after = run.requests[6], run.requests[7]
    assert before.results == [source(number) for number in range(6)]
    assert len(after.body) < 0.6 * len(before.body)
    assert source(0) not in after.results
    # What the model was given last stays as it is.
    assert after.results[-1] == source(5)
    assert told["count"] == 1
    assert told["tokens"] > 2_000


def test_what_was_made_shorter_is_retrieved_whole(clock):
    steps = (*STEPS[:7], retrieving(), Reply(text="Found."))
    with scene(*steps, now=clock) as run:
        agent = agent_of(MESSAGES, run.url, clock)
        agent.ask("Read them.")
        clock.wait(HOUR)
        assert agent.ask("What was in the first?").text == "Found."
    assert run.requests[7].results[0] != source(0)
    assert run.requests[8].results[-1] == source(0)


PAUSES = {
    "four minutes of five": (Messages(), 4 * MINUTE, 0),
    "just within the five": (Messages(), 5 * MINUTE - 3, 0),
    "six minutes of five": (Messages(), 6 * MINUTE, 1),
    "half an hour of one": (ForAnHour(), 30 * MINUTE, 0),
    "an hour but a minute": (ForAnHour(), 59 * MINUTE, 0),
    "seventy minutes of an hour": (ForAnHour(), 70 * MINUTE, 1),
    "an hour at OpenAI": (DIALECTS["openai_chat"], HOUR, 0),
}


@pytest.mark.parametrize(("dialect", "pause", "made"), PAUSES.values(), ids=PAUSES)
def test_an_epoch_begins_when_the_cache_is_surely_gone(dialect, pause, made, clock):
    with scene(*STEPS, now=clock) as run:
        agent = agent_of(dialect, run.url, clock)
        agent.ask("Read them.")
        clock.wait(pause)
        agent.ask("And now?")
        assert count(run.url) == made
    bare = [_without_marks(request, dialect) for request in run.requests]
    assert goes_on(bare[6], bare[7]) is not bool(made)


def _without_marks(request, dialect):
    hour = b',"cache_control":{"type":"ephemeral","ttl":"1h"}'
    return [item.replace(hour, b"") for item in sent(request, dialect)]


def test_turned_off_there_is_none(clock):
    with scene(*STEPS, now=clock, epochs=False) as run:
        agent = agent_of(MESSAGES, run.url, clock)
        agent.ask("Read them.")
        clock.wait(DAY)
        agent.ask("And now?")
        assert count(run.url) == 0
    assert_stable(run.requests, MESSAGES)


def test_a_session_that_is_new_to_us_is_not_taken_for_an_idle_one(clock):
    history = [MESSAGES.asked("Read them.")]
    with in_thread(model(*STEPS)) as upstream:
        agent = Agent(MESSAGES, upstream.url, history=history)
        agent.send()
        for _ in range(6):
            agent.answer(agent.heard[-1].calls)
            agent.send()
    with scene(Reply(text="Yes."), Reply(text="Yes."), now=clock) as run:
        agent.url = run.url
        agent.ask("And now?")
        agent.ask("Sure?")
        assert count(run.url) == 0
    assert_stable(run.requests, MESSAGES)


def test_a_session_that_another_worker_has_seen_is_not_idle(tmp_path, clock):
    with (
        in_thread(model(*STEPS)) as upstream,
        proxied(upstream.url, tmp_path, now=clock, workers=2) as one,
        proxied(upstream.url, tmp_path, now=clock, workers=2) as other,
    ):
        agent = agent_of(MESSAGES, one.url, clock)
        agent.ask("Read them.")
        for proxy in (other, one, other, one):
            clock.wait(4 * MINUTE)
            agent.url = proxy.url
            agent.ask("And now?")
        assert count(one.url) == count(other.url) == 0
        requests = list(upstream.requests)
    assert_stable(requests, MESSAGES)


@pytest.mark.parametrize("first", [0, 1])
def test_an_epoch_holds_for_every_worker(first, tmp_path, clock):
    with (
        in_thread(model(*STEPS)) as upstream,
        proxied(upstream.url, tmp_path, now=clock, workers=2) as one,
        proxied(upstream.url, tmp_path, now=clock, workers=2) as other,
    ):
        proxies = [one, other]
        agent = agent_of(MESSAGES, one.url, clock)
        agent.ask("Read them.")
        clock.wait(10 * MINUTE)
        for at in range(4):
            agent.url = proxies[(first + at) % 2].url
            agent.ask("And now?")
        # What a worker has done is counted for all once it was asked.
        assert max(count(one.url), count(other.url), count(one.url)) == 1
        requests = list(upstream.requests)
    assert not goes_on(*(sent(request, MESSAGES) for request in requests[6:8]))
    assert_stable(requests[7:], MESSAGES)


@every_dialect
def test_an_epoch_holds_after_a_restart(dialect, tmp_path, clock):
    with scene(*STEPS, now=clock, folder=tmp_path) as run:
        agent = agent_of(dialect, run.url, clock)
        agent.ask("Read them.")
        clock.wait(2 * DAY)
        agent.ask("And now?")
        requests = run.requests[7:]
    for _ in range(2):
        clock.wait(MINUTE)
        with scene(Reply(text="Yes."), now=clock, folder=tmp_path) as run:
            agent.url = run.url
            agent.ask("Sure?")
            requests += run.requests
    assert len(requests) == 3
    assert_stable(requests, dialect)
    assert source(0) not in requests[-1].results


def test_a_pause_over_a_restart_is_one(tmp_path, clock):
    with scene(*STEPS, now=clock, folder=tmp_path) as run:
        agent = agent_of(MESSAGES, run.url, clock)
        agent.ask("Read them.")
    clock.wait(HOUR)
    with scene(Reply(text="Yes."), now=clock, folder=tmp_path) as run:
        agent.url = run.url
        agent.ask("And now?")
        assert count(run.url) == 1
    assert source(0) not in run.requests[0].results


def test_a_second_pause_begins_a_second_epoch(clock):
    more = tuple(using("read_file", number) for number in range(10, 16))
    steps = (*READS, Reply(text="Read."), *more, Reply(text="Read too."), *LATER, *LATER)
    with scene(*steps, now=clock) as run:
        agent = agent_of(MESSAGES, run.url, clock)
        pauses = {"Read them.": HOUR, "Read those.": HOUR, "And now?": MINUTE, "Sure?": 0}
        for question, pause in pauses.items():
            agent.ask(question)
            clock.wait(pause)
        assert count(run.url) == 2
    epochs_of = [run.requests[:7], run.requests[7:14], run.requests[14:]]
    for requests in epochs_of:
        assert_stable(requests, MESSAGES)
    for former, later in itertools.pairwise(epochs_of):
        assert not goes_on(sent(former[-1], MESSAGES), sent(later[0], MESSAGES))
    assert source(10) not in run.requests[-1].results


def test_another_conversation_of_the_session_stays_as_it_was(clock):
    headers = {"x-claude-code-session-id": "one"}
    steps = (*STEPS[:7], *STEPS[:7], *(Reply(text="Yes.") for _ in range(9)))
    with scene(*steps, now=clock) as run:
        idle = agent_of(MESSAGES, run.url, clock, headers=headers)
        other = agent_of(MESSAGES, run.url, clock, headers=headers)
        idle.ask("Read them.")
        other.ask("Read them too.")
        clock.wait(HOUR)
        idle.ask("And now?")
        other.ask("And now?")
        idle.ask("Sure?")
        other.ask("Sure?")
        assert count(run.url) == 1
    assert_stable([*run.requests[7:14], run.requests[15], run.requests[17]], MESSAGES)
    assert_stable([run.requests[14], run.requests[16]], MESSAGES)
    assert source(0) not in run.requests[16].results


def test_a_session_that_is_replayed_goes_as_it_came(clock):
    with scene(*STEPS, now=clock) as run:
        agent = agent_of(MESSAGES, run.url, clock)
        agent.ask("Read them.")
        clock.wait(HOUR)
        agent.ask("And now?")
        earlier = agent_of(MESSAGES, run.url, clock, history=agent.history[:5])
        earlier.repeat(False)
        agent.ask("Sure?")
    replayed, later = run.requests[-2:]
    assert sent(replayed, MESSAGES) == sent(run.requests[2], MESSAGES)
    # The cache has that beginning again.
    assert goes_on(sent(run.requests[6], MESSAGES), sent(later, MESSAGES))


def test_where_deciding_takes_too_long_a_request_goes_as_known(clock):
    go_on = threading.Event()
    with scene(*STEPS, now=clock) as run:
        agent = agent_of(MESSAGES, run.url, clock)
        agent.ask("Read them.")
        clock.wait(HOUR)
        compressing = run.proxy.app.services.preparation.shortening.compressing
        compressing._alone.submit(go_on.wait, 30)
        agent.ask("And now?")
        go_on.set()
        agent.ask("Sure?")
        assert count(run.url) == 0
    assert_stable(run.requests, MESSAGES)


def test_a_connection_that_goes_on_has_no_epoch(tmp_path, clock):
    with scene(*STEPS, now=clock, folder=tmp_path) as run, connection(run.url) as client:
        client.ask("Read them.")
        clock.wait(3 * DAY)
        client.ask("And now?")
        assert count(run.url) == 0
        known = client.items
    clock.wait(3 * DAY)
    with (
        scene(Reply(text="Yes."), now=clock, folder=tmp_path) as run,
        connection(run.url) as client,
    ):
        client.send(*known, RESPONSES.asked("Once more."))
        assert count(run.url) == 1
    frame = next(request for request in run.requests if request.body)
    assert source(0) not in frame.results


def test_a_hidden_retrieval_from_before_stays_in_its_place(clock):
    steps = (*READS, using("read_log"), retrieving(lines="1-3"), Reply(text="Found."), *LATER[-1:])
    with scene(*steps, Reply(text="Yes."), now=clock) as run:
        agent = agent_of(MESSAGES, run.url, clock)
        agent.ask("Read them.")
        clock.wait(HOUR)
        agent.ask("And now?")
        agent.ask("Sure?")
        assert count(run.url) == 1
    assert len(run.requests[-1].results) == 8
    assert_stable_values(run.requests[9:], MESSAGES)


class Silent:
    """A store that does not answer."""

    def get(self, keys):
        raise StoreError("locked")

    def settle(self, facts):
        raise StoreError("locked")


def talk(*texts):
    said = [Message("user", (Block(("m", 0), Kind.USER_TEXT, "Look."),))]
    for at, text in enumerate(texts):
        call = Block(("m", at, "c"), Kind.TOOL_CALL, "{}", "Read", f"c{at}")
        result = Block(("m", at, "r"), Kind.TOOL_RESULT, text, "Read", f"c{at}")
        said += [Message("assistant", (call,)), Message("user", (result,))]
    return Conversation("m", tuple(said))


async def seen(memory, *times, lifetime=300.0):
    """Whether each of the requests at these times came after a pause."""
    known = Epochs()
    return [await known.was_idle(memory, "s", lifetime, time) for time in times]


@pytest.mark.parametrize("name", ["alone", "several"])
def test_a_pause_is_told_by_what_all_processes_have_noted(name):
    memory = SessionMemory(InMemoryStore().settled, alone=name == "alone")
    assert asyncio.run(seen(memory, 0.0, 200.0, 400.0, 690.0, 1_100.0)) == [
        *(False, False, False, False, True)
    ]
    assert asyncio.run(seen(memory, 1_200.0, 1_800.0)) == [False, True]


def test_a_store_that_does_not_answer_tells_of_no_pause():
    times = [0.0, 1_000.0, 5_000.0]
    assert asyncio.run(seen(SessionMemory(Silent()), *times)) == [False] * 3


def test_of_the_assistants_turns_the_last_two_are_not_older():
    assert epochs.older_texts(talk("a")) == 0
    assert epochs.older_texts(talk("a", "b")) == 0
    # The question, and the first call with its result.
    assert epochs.older_texts(talk("a", "b", "c")) == 3
    assert epochs.older_texts(talk("a", "b", "c", "d")) == 5


def test_every_api_has_a_pause_of_its_own(clock):
    """Bedrock keeps a cache as long as Anthropic does."""
    with scene(*STEPS, now=clock) as run:
        agent = agent_of(DIALECTS["bedrock_converse"], run.url, clock)
        agent.ask("Read them.")
        clock.wait(HOUR)
        agent.ask("And now?")
        assert count(run.url) == 1
