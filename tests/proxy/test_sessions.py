import pytest

from headroom.conversation import Block, Conversation, Kind, Message
from headroom.proxy.sessions import agent_of, beginning_of, named_by_client


def talk(*texts):
    blocks = tuple(Block(("messages", n), Kind.USER_TEXT, text) for n, text in enumerate(texts))
    return Conversation("m", tuple(Message("user", (block,)) for block in blocks))


def test_a_session_keeps_its_name_while_it_grows():
    assert beginning_of(talk("first")) == beginning_of(talk("first", "second"))
    assert beginning_of(talk("first")) != beginning_of(talk("other"))
    assert beginning_of(talk()) == ""


def test_a_subagent_is_a_session_of_its_own():
    named = {"x-claude-code-session-id": "s1"}
    sub = {**named, "x-claude-code-agent-id": "sub"}
    assert named_by_client(named, {}) != named_by_client(sub, {})
    assert named_by_client(named, {}) != named_by_client({"x-session-id": "s2"}, {})
    assert named_by_client({}, {}) == ""


@pytest.mark.parametrize(
    "body",
    [
        {"prompt_cache_key": "s1"},
        {"metadata": {"user_id": '{"device_id":"d","session_id":"s1"}'}},
        {"metadata": {"user_id": "user_x_session_s1"}},
    ],
)
def test_a_session_named_in_the_body_is_found(body):
    assert named_by_client({}, body) != ""


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"user_id": "someone"}},
        {"metadata": {"user_id": 7}},
        {"metadata": []},
        {"prompt_cache_key": 3},
        {"metadata": {"user_id": '{"session_id":5}'}},
    ],
)
def test_odd_bodies_name_no_session_and_do_no_harm(body):
    assert isinstance(named_by_client({}, body), str)


@pytest.mark.parametrize(
    ("headers", "agent"),
    [
        ({"user-agent": "claude-cli/2.1.330 (external, cli)"}, "claude-code"),
        ({"user-agent": "codex_exec/0.169.0 (Linux)"}, "codex"),
        ({"user-agent": "OpenAI/JS 5.20.1", "x-initiator": "user"}, "copilot"),
        ({"user-agent": "Anthropic/Python 2.12.0"}, "anthropic/python"),
        ({"user-agent": "curl/8.1"}, "curl"),
        ({"user-agent": "\x00"}, ""),
        ({}, ""),
    ],
)
def test_the_agent_is_told_by_its_user_agent(headers, agent):
    assert agent_of(headers) == agent
