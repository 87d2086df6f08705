"""What the event loop does by itself, and what it leaves to threads: told by who asks the store."""

import threading

import pytest
from acting import Agent, post, retrieving, using
from dialects import DIALECTS
from materials import FACT
from scenes import scene
from socket_client import RESPONSES, connection
from talking import reading

from headroom.markers import TOOL_NAME
from headroom.proxy.memory import SessionMemory
from headroom.stores import InMemoryStore
from scripted_upstream import Reply, ToolCall

LOOP = "proxy"
"""The thread in which a test's proxy has its event loop."""
TURN = b"proxy:turn:"


class Noting:
    """Settled facts that note who looks for turns, and who keeps them."""

    def __init__(self):
        self._facts = InMemoryStore().settled
        self.looked, self.kept = [], []

    def get(self, keys):
        self._note(self.looked, keys)
        return self._facts.get(keys)

    def settle(self, facts):
        self._note(self.kept, facts)
        return self._facts.settle(facts)

    @staticmethod
    def _note(threads, keys):
        if any(key.startswith(TURN) for key in keys):
            threads.append(threading.current_thread().name)


def noting(run):
    """The facts of the scene's proxy, which note from now on."""
    facts = Noting()
    run.proxy.app.services.projects.get("").memory = SessionMemory(facts)
    return facts


SCRIPTS = {
    "alone": (using("read_log"), retrieving(match=FACT), Reply(text="Found.")),
    "beside": (
        using("read_log"),
        retrieving(beside=[ToolCall("status", {"seed": 7}, id="call_status")], match=FACT),
        Reply(text="Found."),
    ),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_what_was_hidden_is_kept_by_a_thread(script, streamed):
    with scene(*script) as run:
        facts = noting(run)
        agent = Agent(DIALECTS["anthropic_messages"], run.url, streamed=streamed)
        assert agent.ask("Did it start?").text == "Found."
    assert len(facts.kept) == 1
    assert LOOP not in facts.kept


def test_so_it_is_on_a_websocket():
    with scene(*SCRIPTS["alone"]) as run, connection(run.url) as client:
        facts = noting(run)
        assert client.ask("Did it start?").text == "Found."
    assert len(facts.kept) == 1
    assert LOOP not in facts.kept


@pytest.mark.parametrize(
    ("size", "on_loop"), [(300_000, True), (450_000, False)], ids=["usual", "large"]
)
def test_a_large_body_is_read_by_a_thread(size, on_loop):
    body = reading("exit code 0", asks="x" * size)
    with scene(Reply(text="Yes.")) as run:
        facts = noting(run)
        post(run.url, "/v1/messages", body)
    assert facts.looked
    assert {name == LOOP for name in facts.looked} == {on_loop}


@pytest.mark.parametrize("size", [300_000, 450_000], ids=["usual", "large"])
def test_so_is_a_large_frame(size):
    call = {"type": "function_call", "call_id": "c", "name": "status", "arguments": "{}"}
    given = {"type": "function_call_output", "call_id": "c", "output": "exit code 0"}
    with scene(Reply(text="Yes.")) as run, connection(run.url) as client:
        facts = noting(run)
        client.send(RESPONSES.asked("x" * size), call, given)
    assert {name == LOOP for name in facts.looked} == {size < 400_000}


def test_a_body_that_is_read_by_a_thread_is_made_ready_all_the_same():
    with scene(Reply(text="Yes.")) as run:
        post(run.url, "/v1/messages", reading("exit code 0", asks="x" * 450_000))
    assert run.requests[0].tools[0] == TOOL_NAME
