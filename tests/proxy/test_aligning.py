"""Breakpoints and keys for clients that set none, and what loses a cache mended where it is wanted,
as upstream gets it."""

import itertools

import pytest
from acting import Agent, compact, exchange, model, post, retrieving, sent, using
from dialects import DIALECTS, Chat, Responses
from dialects_of_blocks import Messages
from materials import FACT, log
from planting import stats
from scenes import assert_stable, scene

from headroom import wire
from headroom.caching.busts import Steadiness
from headroom.caching.placing import FOR_THIS_REQUEST
from headroom.markers import TOOL_NAME
from headroom.proxy.aligning import Aligning
from headroom.proxy.routes import recognise
from running import chosen_settings, proxied
from scripted_upstream import Reply, in_thread

MARKED = b'"cache_control":{"type":"ephemeral"}'
LONG = "You are an agent. " * 300
STEPS = (
    using("read_log"),
    using("run_tests", 1),
    Reply(text="It fails."),
    using("list_records", 2),
    Reply(text="There are sixty."),
    Reply(text="Yes."),
)


class Plain(Messages):
    """A script that sets no breakpoints."""

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        return {**body, "system": LONG, "messages": list(history)}


class Bare(Plain):
    """One whose texts are no blocks."""

    def body(self, history, tools, streamed):
        body = super().body(history[:1], tools, streamed)
        messages = [_bare(message) for message in history]
        return {**body, "messages": messages}


def _bare(message):
    (block, *more) = message["content"]
    return message if more or block["type"] != "text" else {**message, "content": block["text"]}


class Clocked(Plain):
    """A system prompt that says what time it is."""

    def __init__(self):
        self.turn = 0

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        self.turn += 1
        said = f"{LONG}\nCurrent time: 2026-03-01 10:00:{self.turn:02}\nBe brief."
        return {**body, "system": said}


class Shuffled(Plain):
    """Tools in another order each time."""

    def __init__(self):
        self.turn = 0

    def body(self, history, tools, streamed):
        self.turn += 1
        at = self.turn % len(tools)
        return super().body(history, (*tools[at:], *tools[:at]), streamed)


def marks(request):
    return request.body.count(MARKED)


def played(agent):
    for question in ("Do the tests pass?", "How many records are there?", "Sure?"):
        agent.ask(question)


def normal(message):
    """A message, whichever way its text is spelled."""
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return message["role"], [{**block, "cache_control": None} for block in blocks]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_a_plain_script_gets_breakpoints_and_its_messages_stay(streamed):
    with scene(*STEPS) as run:
        played(Agent(Plain(), run.url, streamed=streamed))
        aligned = stats(run.url)["aligned"]
    assert len(run.requests) == 6
    assert all(1 <= marks(request) <= 4 for request in run.requests)
    # Where a request ends, the provider keeps it, and there the next one finds it.
    assert all(MARKED in compact(each.json["messages"][-1]) for each in run.requests[1:])
    assert aligned == [{"what": "breakpoints set", "count": sum(map(marks, run.requests))}]
    histories = [sent(request, Plain()) for request in run.requests]
    for earlier, later in itertools.pairwise(histories):
        assert later[: len(earlier)] == earlier


def test_texts_that_are_no_blocks_stay_the_same_texts():
    with scene(*STEPS) as run:
        played(Agent(Bare(), run.url))
    assert all(marks(request) for request in run.requests)
    histories = [list(map(normal, request.json["messages"])) for request in run.requests]
    for earlier, later in itertools.pairwise(histories):
        assert later[: len(earlier)] == earlier


def test_a_hidden_retrieval_has_them_too():
    steps = (using("read_log"), retrieving(match=FACT), Reply(text="Found."), Reply(text="Yes."))
    with scene(*steps) as run:
        agent = Agent(Plain(), run.url)
        agent.ask("Did it start?")
        agent.ask("Sure?")
    assert all(1 <= marks(request) <= 4 for request in run.requests)
    histories = [list(map(normal, request.json["messages"])) for request in run.requests]
    for earlier, later in itertools.pairwise(histories):
        assert later[: len(earlier)] == earlier


def test_a_client_that_sets_breakpoints_keeps_its_own(tmp_path):
    bodies = []
    for way in ("auto", "on", "off"):
        folder = tmp_path / way
        folder.mkdir()
        with scene(*STEPS, folder=folder, align_cache=way) as run:
            played(Agent(Messages(), run.url))
            bodies.append([request.body for request in run.requests])
            assert stats(run.url)["aligned"] == []
    assert bodies[0] == bodies[1] == bodies[2]
    assert all(body.count(MARKED) == 2 for body in bodies[0])


def test_turned_off_nothing_is_placed():
    with scene(*STEPS, align_cache="off") as run:
        played(Agent(Plain(), run.url))
    assert not any(map(marks, run.requests))


@pytest.mark.parametrize("way", ["auto", "on"])
def test_a_single_question_gets_breakpoints_only_if_all_shall(way):
    body = {"model": "claude-opus-5-5", "max_tokens": 9, "system": LONG}
    body["messages"] = [{"role": "user", "content": "How much is 2 + 2?"}]
    with scene(Reply(text="4"), align_cache=way) as run:
        post(run.url, "/v1/messages", body)
    assert bool(marks(run.requests[0])) is (way == "on")
    assert way == "on" or run.requests[0].body == compact(body)


@pytest.mark.parametrize("way", ["auto", "on"])
def test_counting_tokens_passes_as_it_came(way):
    body = compact(Plain().body([Plain().asked(log())], ("read_log",), False))
    with scene(Reply(text="4"), align_cache=way, fix_cache=True) as run:
        post(run.url, "/v1/messages/count_tokens", body)
    assert run.requests[0].body == body


@pytest.mark.parametrize("name", ["invoke", "bedrock_converse", "gemini"])
def test_other_providers_get_none(name):
    with scene(*STEPS, align_cache="on") as run:
        played(Agent(DIALECTS[name], run.url))
        assert stats(run.url)["aligned"] == []
    assert not any(b"prompt_cache_key" in request.body for request in run.requests)
    assert len({marks(request) for request in run.requests}) == 1


@pytest.mark.parametrize("dialect", [Chat(), Responses()], ids=["chat", "responses"])
def test_of_others_only_openai_gets_a_key_unless_all_shall(dialect):
    with scene(*STEPS) as run:
        played(Agent(dialect, run.url))
    assert not any("prompt_cache_key" in request.json for request in run.requests)
    with scene(*STEPS, align_cache="on") as run:
        played(Agent(dialect, run.url))
        Agent(dialect, run.url).ask("Another session.")
    keys = [request.json["prompt_cache_key"] for request in run.requests]
    assert len(set(keys)) == 2
    assert keys[:6] == [keys[0]] * 6
    assert_stable(run.requests[:6], dialect)


HOSTS = {
    "https://api.openai.com/v1": True,
    "https://api.openai.com": True,
    "https://eu.api.openai.com/v1": False,
    "https://openrouter.ai/api/v1": False,
    "http://localhost:8000/v1": False,
    "https://api.openai.com.example.org/v1": False,
}


@pytest.mark.parametrize(("host", "takes"), HOSTS.items(), ids=HOSTS)
@pytest.mark.parametrize("dialect", [Chat(), Responses()], ids=["chat", "responses"])
def test_openai_is_known_by_its_host(host, takes, dialect, tmp_path):
    settings = chosen_settings("http://localhost", tmp_path, openai_upstream=host).proxy
    body = wire.read(compact(dialect.body([dialect.asked("Look.")], ("read_log",), False)))
    route = recognise(dialect.path(False), {})
    found = Aligning(settings).aligned(route, body, "a session", Steadiness())
    assert bool(found.splices) is takes


def test_a_key_of_the_clients_stays():
    dialect = Chat()
    body = dialect.body([dialect.asked("Look.")], ("read_log",), False)
    with scene(Reply(text="Yes."), align_cache="on") as run:
        post(run.url, dialect.path(False), {**body, "prompt_cache_key": "mine"})
    assert run.requests[0].body.count(b"prompt_cache_key") == 1
    assert run.requests[0].json["prompt_cache_key"] == "mine"


def test_after_two_busts_in_a_row_nothing_is_placed_any_more():
    with scene(*STEPS) as run:
        # Asking for the counts waits until what was done is counted.
        agent = Agent(Clocked(), run.url, before=lambda: stats(run.url))
        played(agent)
        busts = stats(run.url)["busts"]
    assert [bool(marks(request)) for request in run.requests] == [True] * 3 + [False] * 3
    assert sum(bust["count"] for bust in busts) == 5
    assert all("time" in bust["cause"] for bust in busts)


def test_a_session_that_only_grows_is_never_stopped():
    with scene(*STEPS) as run:
        played(Agent(Plain(), run.url, before=lambda: stats(run.url)))
        assert stats(run.url)["busts"] == []
    assert all(map(marks, run.requests))


def test_two_workers_place_alike(tmp_path):
    script = model(*STEPS)
    with (
        in_thread(script) as upstream,
        proxied(upstream.url, tmp_path, workers=2) as one,
        proxied(upstream.url, tmp_path, workers=2) as other,
    ):
        agent = Agent(Plain(), one.url)
        agent.history = [agent.dialect.asked("Do the tests pass?")]
        agent.answer(agent.send().calls)
        agent.answer(agent.send().calls)
        for proxy in (one, other):
            agent.url = proxy.url
            agent.repeat(False)
        assert upstream.requests[-1].body == upstream.requests[-2].body
        assert marks(upstream.requests[-1])


def tools_of(request):
    return [name for name in request.tools if name != TOOL_NAME]


def test_tools_are_put_in_one_order_where_that_is_wanted():
    with scene(*STEPS, fix_cache=True) as run:
        played(Agent(Shuffled(), run.url, before=lambda: stats(run.url)))
    orders = [tools_of(request) for request in run.requests]
    assert orders == [sorted(orders[0])] * 6


@pytest.mark.parametrize("dialect", [Clocked, Shuffled])
def test_what_was_mended_loses_no_breakpoints(dialect):
    with scene(*STEPS, fix_cache=True) as run:
        played(Agent(dialect(), run.url, before=lambda: stats(run.url)))
    assert all(map(marks, run.requests))


def test_a_line_that_tells_the_time_goes_to_the_end_where_that_is_wanted():
    with scene(*STEPS, fix_cache=True) as run:
        played(Agent(Clocked(), run.url, before=lambda: stats(run.url)))
    assert {words(request.json["system"]) for request in run.requests} == {f"{LONG}\nBe brief."}
    for turn, request in enumerate(run.requests, 1):
        said = request.json["messages"][-1]["content"][-1]["text"]
        assert said.startswith(FOR_THIS_REQUEST)
        assert f"10:00:{turn:02}" in said
        assert request.body.count(b"Current time") == 1
    histories = [without_the_last(request) for request in run.requests]
    for earlier, later in itertools.pairwise(histories):
        assert later[: len(earlier)] == earlier


def words(system):
    """A system prompt, whichever way it is spelled."""
    return system if isinstance(system, str) else "".join(block["text"] for block in system)


def without_the_last(request):
    """The messages without what is for this request alone."""
    *before, last = map(normal, request.json["messages"])
    return [*before, (last[0], last[1][:-1])]


@pytest.mark.parametrize("dialect", [Clocked, Shuffled])
def test_unless_it_is_wanted_nothing_is_mended(dialect):
    with scene(*STEPS, align_cache="off") as run:
        agent = Agent(dialect(), run.url)
        played(agent)
    again = dialect()
    for request in run.requests:
        body = again.body([again.asked("")], agent.tools, False)
        assert request.json["system"] == body["system"]
        assert tools_of(request) == [tool["name"] for tool in body["tools"]]


def test_an_answer_of_a_mended_request_is_the_same_to_its_client():
    texts = []
    for fix in (False, True):
        with scene(*STEPS, fix_cache=fix) as run:
            agent = Agent(Shuffled(), run.url)
            played(agent)
            texts.append([heard.text for heard in agent.heard])
    assert texts[0] == texts[1]


def test_upstreams_refusal_of_a_breakpoint_is_told_as_it_is():
    refused = Reply(status=400, text="cache_control is not supported")
    with scene(refused) as run:
        body = compact(Plain().body([Plain().asked("Look.")], ("read_log",), False))
        status, _, data = exchange(run.url, "/v1/messages", body, {})
    assert status == 400
    assert b"cache_control is not supported" in data
