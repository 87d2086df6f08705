"""Requests too small for anything to be decided: what is said of them is what deciding says."""

import asyncio
import json

import pytest

from headroom.billing import Prices
from headroom.conversation import Block, Conversation, Kind, Message
from headroom.counting import Books
from headroom.decision import LEAST
from headroom.markers import TOOL_NAME
from headroom.proxy.incoming import Body
from headroom.proxy.preparation import Preparation
from headroom.proxy.projects import Projects
from headroom.proxy.routes import recognise
from headroom.proxy.small import is_small, untouched
from headroom.proxy.trial import Trial
from headroom.tokens import counter_for
from running import chosen_settings

ASKED = Block(("messages", 0, "content"), Kind.USER_TEXT, "What is 12 times three?")
FIXED = Block(("messages", 0, "content"), Kind.USER_TEXT, "Do not touch.", fixed=True)
RESULT = Block(("messages", 1, "content"), Kind.TOOL_RESULT, "ok\n", "run", "c1")
CALL = Block(("messages", 2, "content", 0), Kind.TOOL_CALL, '{"command": "ls"}', "run", "c1")
SYSTEM = Block(("system",), Kind.SYSTEM_TEXT, "Answer with numbers. " * 12)


def talk(*blocks):
    return Conversation("m", tuple(Message("user", (block,)) for block in blocks))


@pytest.fixture
def projects(tmp_path):
    opened = Projects(chosen_settings("http://127.0.0.1:1", tmp_path))
    yield opened
    opened.close()


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gpt-4o", ""])
@pytest.mark.parametrize(
    "blocks", [(), (ASKED,), (SYSTEM, FIXED), (SYSTEM, ASKED, CALL, RESULT)], ids=len
)
def test_what_is_said_of_a_small_request_is_what_deciding_says(projects, blocks, model):
    small = talk(*blocks)
    assert is_small(small)
    decided = projects.get("").engine(model, omit=True).decide(small)
    assert untouched(small, counter_for(model)) == decided


def test_a_request_with_a_text_that_may_be_edited_is_not_small():
    assert is_small(talk(Block((), Kind.TOOL_RESULT, "x" * (LEAST - 1))))
    assert not is_small(talk(ASKED, Block((), Kind.TOOL_RESULT, "x" * LEAST)))


def test_a_long_conversation_of_short_texts_is_not_small():
    assert not is_small(talk(*[ASKED] * 30))
    assert not is_small(talk(ASKED, Block((), Kind.SYSTEM_TEXT, "x" * 600)))


def test_a_small_request_of_a_client_with_tools_has_ours_from_the_first(projects):
    settings = projects.settings
    sent = json.dumps(
        {"tools": [{"name": "run"}], "messages": [{"role": "user", "content": "hi"}]}
    ).encode()
    preparing = Preparation(settings.proxy, projects, Books(), Trial(settings, Prices.load()))
    prepared = asyncio.run(preparing.prepare(recognise("/v1/messages", {}), {}, Body(sent)))
    assert prepared.offered
    tools = json.loads(prepared.body)["tools"]
    assert [tool["name"] for tool in tools] == [TOOL_NAME, "run"]
