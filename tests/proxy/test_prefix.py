"""What upstream got once, it gets again: each request begins with the bytes of the one before."""

import itertools

import pytest
from acting import Agent, retrieving, using
from dialects import DIALECTS
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from materials import FACT, MATERIALS, log
from materials import given as output_of
from scenes import (
    assert_shortened,
    assert_stable,
    assert_stable_values,
    aws_keys,
    histories,
    scene,
)

from running import proxied
from scripted_upstream import Reply

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
USES = st.lists(
    st.tuples(st.sampled_from(sorted(MATERIALS)), st.integers(0, 2)), min_size=3, max_size=6
)
SHORTENED = {"read_log", "list_records"}


@every_dialect
@settings(max_examples=3, phases=[Phase.generate])
@given(uses=USES, streamed=st.booleans())
def test_a_growing_history_keeps_its_beginning(dialect, uses, streamed):
    calls = [
        using(name, seed, at, thinking="I look.", text=f"Step {at}.")
        for at, (name, seed) in enumerate(uses)
    ]
    half = len(calls) // 2
    script = (*calls[:half], Reply(text="So far."), *calls[half:], Reply(text="All done."))
    with scene(*script) as run:
        agent = Agent(dialect, run.url, streamed=streamed)
        agent.ask("Look at everything.")
        agent.ask("Now the rest.")
        assert len(run.requests) == len(script)
        assert_stable(run.requests, dialect)
        big = {use for use in uses if use[0] in SHORTENED and uses.count(use) == 1}
        assert_shortened(run.requests, *(output_of(name, {"seed": seed}) for name, seed in big))


def script_of_logs():
    """The model reads one thing after another, in two turns."""
    names = ("read_log", "list_records", "read_file", "read_file", "run_tests", "read_log")
    calls = [using(name, at // 5, at, text=f"Step {at}.") for at, name in enumerate(names)]
    return (*calls[:3], Reply(text="So far."), *calls[3:], Reply(text="All done."))


def played(run, dialect, **more):
    """Both turns of `script_of_logs`."""
    agent = Agent(dialect, run.url, **more)
    agent.ask("Look at everything.")
    agent.ask("Now the rest.")
    return agent


@every_dialect
def test_a_history_is_the_same_after_a_restart(dialect, tmp_path):
    with scene(*script_of_logs(), folder=tmp_path) as first:
        agent = played(first, dialect)
    with scene(Reply(text="Still here."), folder=tmp_path) as second:
        agent.url = second.url
        agent.ask("Are you there?")
    assert_shortened(second.requests, output_of("read_log", {}), output_of("list_records", {}))
    assert_stable([*first.requests, *second.requests], dialect)


@every_dialect
def test_two_proxies_on_one_store_send_the_same(dialect, tmp_path):
    with (
        scene(*script_of_logs(), folder=tmp_path) as one,
        aws_keys(),
        proxied(one.upstream.url, tmp_path) as other,
    ):
        urls = itertools.cycle([one.url, other.url])
        agent = Agent(dialect, one.url)
        agent.before = lambda: setattr(agent, "url", next(urls))
        agent.ask("Look at everything.")
        agent.ask("Now the rest.")
    assert_shortened(one.requests, output_of("read_log", {}), output_of("list_records", {}))
    assert_stable(one.requests, dialect)


@every_dialect
def test_a_streamed_request_repeated_without_streaming_says_the_same(dialect):
    with scene(using("read_log"), Reply(text="It is long.")) as run:
        agent = Agent(dialect, run.url, streamed=True)
        agent.ask("Look at the log.")
        del agent.history[-len(agent.heard[-1].said) :]
        again = agent.repeat(streamed=False)
    assert again.text == "It is long."
    _, streamed, whole = histories(run.requests, dialect)
    assert_shortened(run.requests, output_of("read_log", {}))
    assert streamed == whole


def without_thinking(message):
    """A message as a client sends it that keeps no thinking."""
    content = message.get("content")
    if message["role"] != "assistant" or not isinstance(content, list):
        return message
    kept = [b for b in content if b.get("type") != "thinking" and "reasoningContent" not in b]
    return {**message, "content": kept}


@pytest.mark.parametrize("name", ["anthropic_messages", "invoke", "bedrock_converse"])
def test_results_stay_as_they_are_when_a_client_drops_the_thinking(name):
    dialect = DIALECTS[name]
    script = (
        using("read_log", thinking="I look.", text="I read."),
        retrieving(text="Hm. "),
        Reply(thinking="Now I know.", text="Found it."),
        Reply(text="Nothing else."),
    )
    with scene(*script) as run:
        agent = Agent(dialect, run.url)
        agent.ask("Look at everything.")
        agent.history = [without_thinking(message) for message in agent.history]
        assert agent.ask("What else?").text == "Nothing else."
    assert b"I look." in run.requests[2].body
    assert b"I look." not in run.requests[3].body
    assert run.requests[3].results == run.requests[2].results
    assert len(run.requests[3].results) == 2


@every_dialect
def test_what_is_late_once_stays_as_it_is(dialect, tmp_path):
    long = log(lines=4_000)
    script = (using("read_log"), Reply(text="It is long."))
    no_time = {"deadline_ms": 1e-6, "deadline_ms_per_mb": 1e-6}
    with scene(*script, folder=tmp_path, **no_time) as run:
        agent = Agent(dialect, run.url, use=lambda name, _: long if name == "read_log" else log(9))
        agent.ask("Look at the log.")
    with scene(using("list_records"), Reply(text="Done."), folder=tmp_path) as later:
        agent.url = later.url
        agent.ask("Once more.")
    assert long in later.requests[-1].results
    assert_shortened(later.requests, log(9))
    assert_stable([*run.requests, *later.requests], dialect)


@every_dialect
@pytest.mark.parametrize("streamed", [False, True])
def test_hidden_turns_stay_in_the_history(dialect, streamed, tmp_path):
    script = (
        using("read_log", text="I read."),
        retrieving(text="Something is missing. "),
        using("list_records", 1, text="Now the records."),
        retrieving(match=FACT[:14], text="And once more. "),
        Reply(text="Found it."),
        Reply(text="Nothing else."),
    )
    with scene(*script, folder=tmp_path) as run:
        agent = Agent(dialect, run.url, streamed=streamed)
        agent.ask("Look at everything.")
        agent.ask("What else?")
    with scene(Reply(text="Still here."), folder=tmp_path) as later:
        agent.url = later.url
        agent.ask("Are you there?")
    assert len(run.requests) == len(script)
    assert_stable_values([*run.requests, *later.requests], dialect)
