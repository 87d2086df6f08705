import pytest

from headroom.conversation import Block, Conversation, Kind, Message
from headroom.proxy.memory import SessionMemory
from headroom.proxy.planning import Plan, add_tool, give_up_tool, plan_of, worth_a_tool
from headroom.stores import InMemoryStore

SERVED = Plan(omit=True, offer=True)
ALONE = Plan(omit=True, offer=True, alone=True)
CLIENTS_OWN = Plan(omit=True, offer=False)
LOSSLESS = Plan(omit=False, offer=False)


@pytest.fixture
def memory():
    return SessionMemory(InMemoryStore().settled)


def test_a_client_with_tools_gets_ours_from_its_first_request_on(memory):
    assert plan_of(("Read",), True, "s", "b", memory) == SERVED
    assert plan_of(("Read", "Bash"), True, "s", "b", memory) == SERVED


@pytest.mark.parametrize(
    "name", ["mcp__headroom__headroom_retrieve", "headroom-headroom_retrieve", "headroom_retrieve"]
)
def test_a_client_that_has_the_tool_already_keeps_its_own(memory, name):
    assert plan_of(("Read", name), True, "s", "b", memory) == CLIENTS_OWN


def test_a_tool_of_the_clients_that_appears_later_does_not_take_ours_away(memory):
    plan_of(("Read",), True, "s", "b", memory)
    assert plan_of(("Read", "mcp__headroom__headroom_retrieve"), True, "s", "b", memory) == SERVED


def test_a_session_that_lost_the_clients_tool_is_served_by_ours(memory):
    plan_of(("mcp__headroom__headroom_retrieve",), True, "s", "b", memory)
    assert plan_of(("Read",), True, "s", "b", memory) == SERVED


def test_without_a_way_to_retrieve_nothing_is_omitted(memory):
    assert plan_of((), True, "s", "b", memory) == Plan(omit=False, offer=False, undecided=True)
    assert plan_of(("Read",), False, "s", "b", memory) == LOSSLESS
    assert plan_of((), False, "s", "b", memory) == LOSSLESS


def test_a_request_about_a_served_session_sends_what_was_sent(memory):
    plan_of(("Read",), True, "s", "b", memory)
    assert plan_of((), False, "s", "b", memory, about=True) == CLIENTS_OWN
    assert plan_of(("Read",), False, "s", "b", memory, about=True) == CLIENTS_OWN
    assert plan_of((), False, "t", "c", memory, about=True) == LOSSLESS


def test_a_turn_of_a_served_session_in_which_ours_cannot_be_offered_is_lossless(memory):
    plan_of(("Read",), True, "s", "b", memory)
    add_tool("b", memory)
    assert plan_of(("Read",), False, "s", "b", memory) == LOSSLESS
    assert plan_of((), False, "s", "b", memory) == LOSSLESS
    assert plan_of(("mcp__headroom__headroom_retrieve",), False, "t", "b", memory) == CLIENTS_OWN


def test_a_title_request_of_a_served_session_gets_no_tool(memory):
    plan_of(("Read",), True, "s", "b", memory)
    assert not plan_of((), True, "s", "title", memory).offer


def test_once_added_the_tool_stays_for_the_session_and_for_no_other(memory):
    add_tool("b", memory)
    assert plan_of((), True, "s", "b", memory) == ALONE
    assert plan_of((), True, "s", "c", memory).undecided


def test_a_model_that_takes_no_tool_is_not_offered_it_again(memory):
    add_tool("b", memory)
    give_up_tool("b", memory)
    assert plan_of((), True, "s", "b", memory) == LOSSLESS


def test_two_workers_over_one_store_plan_alike():
    settled = InMemoryStore().settled
    one, other = SessionMemory(settled), SessionMemory(settled)
    assert plan_of((), True, "s", "b", other).undecided
    add_tool("b", one)
    assert plan_of((), True, "s", "b", other) == ALONE


def conversation(*sizes):
    roles = ["user" if n % 2 == 0 else "assistant" for n in range(len(sizes))]
    return Conversation(
        "m",
        tuple(
            Message(role, (Block((n,), Kind.USER_TEXT, "x" * size),))
            for n, (role, size) in enumerate(zip(roles, sizes, strict=True))
        ),
    )


def test_the_tool_is_worth_its_cost_once_enough_is_omitted():
    first = conversation(40_000)
    assert not worth_a_tool(first, 10_000, 9_700)
    assert worth_a_tool(first, 10_000, 9_000)
    assert not worth_a_tool(first, 0, 0)


def test_what_the_provider_has_cached_weighs_against_it():
    late = conversation(36_000, 1_000, 4_000)
    assert not worth_a_tool(late, 10_250, 9_250)
    assert worth_a_tool(conversation(1_000, 1_000, 38_000), 10_000, 5_000)
