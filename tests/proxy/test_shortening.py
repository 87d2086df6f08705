"""Which conversations are made shorter, and for which of them a new epoch may begin."""

import asyncio

import pytest
from materials import log, source

from headroom.conversation import Block, Conversation, Kind, Message
from headroom.edits import Reason
from headroom.markers import omissions
from headroom.proxy import epochs
from headroom.proxy.planning import Plan
from headroom.proxy.projects import Project
from headroom.proxy.shortening import Shortening, Texts
from provider_cache import Clock
from running import chosen_settings

LIFETIME = 300.0
SERVED = Plan(omit=True, offer=True)
MODEL = "claude-opus-5-5"


def talk(*results, asks="Look."):
    """A conversation in which a tool gave these results, one a turn."""
    messages = [Message("user", (Block(("messages", 0), Kind.USER_TEXT, asks),))]
    for at, text in enumerate(results):
        call = Block(("c", at), Kind.TOOL_CALL, f'{{"n": {at}}}', "show", f"call_{at}")
        result = Block(("r", at), Kind.TOOL_RESULT, text, "show", f"call_{at}")
        messages += [Message("assistant", (call,)), Message("user", (result,))]
    return Conversation(MODEL, tuple(messages))


class Worker:
    """One process's shortening over the store in a folder."""

    def __init__(self, folder, **proxy):
        self.clock = Clock()
        settings = chosen_settings("http://localhost", folder, **proxy)
        self.project = Project(settings, "")
        self._shortening = Shortening(settings.proxy, self.clock)

    def shortened(self, said, plan=SERVED, leave=None):
        """What becomes of a conversation."""
        size = sum(len(block.text) for message in said.messages for block in message.blocks)
        texts = Texts(said, MODEL, "session", size, LIFETIME, leave)
        return asyncio.run(self._shortening.of(texts, plan, self.project))

    def close(self):
        self._shortening.compressing.close()
        self.project.close()


@pytest.fixture
def worker(tmp_path):
    made = Worker(tmp_path)
    yield made
    made.close()


def is_noted(worker):
    name = f"seen:{LIFETIME:g}:met"
    return worker.project.memory.has_any("session", [name])


LONG = [source(number) for number in range(6)]


def test_older_texts_are_shorter_after_a_pause(worker):
    known = worker.shortened(talk(*LONG))
    assert known.events == ()
    worker.clock.wait(2 * LIFETIME)
    made = worker.shortened(talk(*LONG, "ok"))
    (event,) = made.events
    assert event.kind == "epoch"
    assert event.tokens > 0.1 * known.result.tokens_after
    edited = {edit.path for edit in made.result.edits}
    assert ("r", 0) in edited
    assert ("r", 5) not in edited


def test_where_little_would_be_saved_no_epoch_begins(worker):
    said = talk(source(0)[:1_000], *LONG[1:3])
    worker.shortened(said)
    worker.clock.wait(2 * LIFETIME)
    later = worker.shortened(said)
    assert later.events == ()
    conversation = Texts(said, MODEL, "session", 0, LIFETIME).conversation
    in_force = epochs.in_force(worker.project.memory, conversation, said)
    assert asyncio.run(in_force) == 0


def test_a_client_without_a_way_to_retrieve_has_no_epoch(worker):
    plan = Plan(omit=False, offer=False)
    worker.shortened(talk(*LONG), plan)
    worker.clock.wait(2 * LIFETIME)
    later = worker.shortened(talk(*LONG, "ok"), plan)
    assert later.events == ()
    assert not any(omissions(edit.after) for edit in later.result.edits)
    assert not is_noted(worker)


def test_what_is_to_be_left_begins_no_epoch(worker):
    worker.shortened(talk(*LONG))
    worker.clock.wait(2 * LIFETIME)
    left = worker.shortened(talk(*LONG, log()), leave=Reason.EXCLUDED)
    assert left.events == ()
    assert left.result.edits == ()
    assert left.result.skips[-1].reason is Reason.EXCLUDED


def test_a_small_conversation_is_not_even_noted(worker):
    made = worker.shortened(talk("ok"))
    assert made.result.edits == ()
    assert not is_noted(worker)


def test_turned_off_nothing_is_noted(tmp_path):
    worker = Worker(tmp_path, epochs=False)
    worker.shortened(talk(*LONG))
    assert not is_noted(worker)
    worker.close()


def test_two_processes_make_the_same_of_an_epoch(tmp_path):
    one = Worker(tmp_path)
    one.shortened(talk(*LONG))
    one.clock.wait(2 * LIFETIME)
    first = one.shortened(talk(*LONG, "ok"))
    other = Worker(tmp_path)
    other.clock.now = one.clock.now + 10
    second = other.shortened(talk(*LONG, "ok"))
    assert [edit.after for edit in second.result.edits] == [e.after for e in first.result.edits]
    assert second.events == ()
    for each in (one, other):
        each.close()
