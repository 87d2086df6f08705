"""The simulated provider itself, by hand: what it reads, writes and forgets."""

import pytest

from headroom.tokens import counter_for
from headroom.wire import Usage
from provider_cache import Clock, Provider
from provider_requests import PER_MESSAGE, PREAMBLE
from scripted_upstream import Reply, Request

MODEL = "claude-opus-5-5"
SYSTEM = "Read the log before you say anything about it. " * 150
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
TOKENS = counter_for(MODEL).count
S = TOKENS(SYSTEM)


def provider():
    return Provider(lambda request: Reply(text="Noted."), Clock())


def text(said, mark=None):
    block = {"type": "text", "text": said}
    return {**block, "cache_control": mark} if mark else block


def user(*blocks):
    return {"role": "user", "content": list(blocks)}


def asked(*messages, system=SYSTEM, mark=None, **more):
    """A request of Anthropic's, its system prompt marked."""
    return {"model": MODEL, "system": [text(system, mark)], "messages": list(messages), **more}


def billed(simulated, body, api="anthropic"):
    return simulated.billed(api, body)


def test_what_stands_before_a_mark_is_written_then_read_and_the_rest_is_fresh():
    simulated = provider()
    hello = user(text("Hello there."))
    fresh = TOKENS("Hello there.") + PER_MESSAGE
    assert S >= 1_024
    assert billed(simulated, asked(hello, mark=MARK)) == Usage(fresh, 0, S)
    assert billed(simulated, asked(hello, mark=MARK)) == Usage(fresh, S)


def test_without_a_mark_all_is_fresh():
    simulated = provider()
    for _ in range(2):
        assert billed(simulated, asked(user(text("Hi.")))).cache_read == 0
    assert billed(simulated, asked(user(text("Hi.")))).cache_write == 0


def test_five_minutes_after_the_last_use_it_is_gone():
    simulated = provider()
    body = asked(user(text("Hi.")), mark=MARK)
    reads = []
    for pause in (0, 299, 299, 301):
        simulated.clock.wait(pause)
        reads.append(billed(simulated, body).cache_read)
    assert reads == [0, S, S, 0]


def test_for_an_hour_it_costs_more_and_stays_an_hour():
    simulated = provider()
    body = asked(user(text("Hi.", MARK)), mark=HOUR)
    first = billed(simulated, body)
    rest = TOKENS("Hi.") + PER_MESSAGE
    assert first == Usage(0, 0, S + rest, 0, S)
    simulated.clock.wait(3_500)
    assert billed(simulated, body) == Usage(0, S, rest)
    simulated.clock.wait(3_601)
    assert billed(simulated, body) == first


def test_less_than_the_least_is_never_kept():
    simulated = provider()
    body = asked(user(text("Hi.")), system="short " * 300, mark=MARK)
    for _ in range(2):
        bill = billed(simulated, body)
        assert (bill.cache_read, bill.cache_write) == (0, 0)


@pytest.mark.parametrize(("added", "found"), [(19, True), (20, False)])
def test_an_entry_is_found_at_most_twenty_blocks_before_a_mark(added, found):
    simulated = provider()
    blocks = [text(f"Line {number}.") for number in range(added)]
    first = user(text("Begin.", MARK))
    written = billed(simulated, asked(first)).cache_write
    grown = user(text("Begin."), *blocks[:-1], {**blocks[-1], "cache_control": MARK})
    assert billed(simulated, asked(grown)).cache_read == (written if found else 0)


def test_marks_that_move_and_strings_for_blocks_change_nothing():
    simulated = provider()
    written = billed(simulated, asked(user(text("One.", MARK)), mark=MARK))
    plain = {"role": "user", "content": "One."}
    answer = {"role": "assistant", "content": "Noted."}
    later = billed(simulated, {**asked(plain, answer, user(text("Two.", MARK))), "system": SYSTEM})
    assert later.cache_read == written.cache_write


@pytest.mark.parametrize(
    "changed",
    [
        {"system": SYSTEM + " "},
        {"tools": [{"name": "read", "input_schema": {"type": "object"}}]},
        {"model": "claude-sonnet-5"},
    ],
)
def test_a_byte_that_changes_loses_what_stands_behind_it(changed):
    simulated = provider()
    system = changed.pop("system", SYSTEM)
    billed(simulated, asked(user(text("Hi.")), mark=MARK))
    other = {**asked(user(text("Hi.")), system=system, mark=MARK), **changed}
    assert billed(simulated, other).cache_read == 0


def test_a_choice_of_tool_loses_the_messages_alone():
    simulated = provider()
    body = asked(user(text("One.", MARK)), mark=MARK)
    billed(simulated, body)
    assert billed(simulated, {**body, "tool_choice": {"type": "any"}}).cache_read == S


def test_a_tools_tokens_are_those_of_its_compact_json_without_its_mark():
    simulated = provider()
    tool = {"name": "read", "description": SYSTEM, "input_schema": {"type": "object"}}
    size = TOKENS(f'{{"name":"read","description":"{SYSTEM}","input_schema":{{"type":"object"}}}}')
    body = {**asked(user(text("Hi."))), "system": "", "tools": [{**tool, "cache_control": MARK}]}
    assert billed(simulated, body).cache_write == size + PREAMBLE


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_the_longest_common_prefix_is_read_in_steps_without_marks(api):
    simulated = provider()

    def body(*said):
        messages = [{"type": "message", "role": "user", "content": each} for each in said]
        key = "messages" if api == "chat" else "input"
        return {"model": MODEL, key: messages}

    size = S + PER_MESSAGE
    assert billed(simulated, body(SYSTEM), api) == Usage(size)
    later = billed(simulated, body(SYSTEM, "More."), api)
    assert later.cache_read == size // 128 * 128
    assert later.prompt == size + TOKENS("More.") + PER_MESSAGE
    assert billed(simulated, body("Other.", SYSTEM), api).cache_read == 0
    simulated.clock.wait(601)
    assert billed(simulated, body(SYSTEM), api).cache_read == 0


@pytest.mark.parametrize(
    "body",
    [
        asked(user(text("One.", HOUR)), mark=MARK),
        asked(user(text("", MARK))),
        asked(user({"type": "thinking", "thinking": "Hm.", "cache_control": MARK})),
        asked(user(*(text(word, MARK) for word in "abcde"))),
        asked(user(*(text(word, MARK) for word in "abcd")), cache_control=MARK),
    ],
)
def test_breakpoints_where_none_may_be_are_refused(body):
    request = Request(1, "POST", "/v1/messages", (), b"", api="anthropic", json=body)
    simulated = provider()
    assert simulated(request).status == 400
    assert simulated.bills == []


def test_a_mark_for_the_whole_request_is_one_behind_its_last_block():
    simulated = provider()
    body = asked(user(text("Hi.")), cache_control=MARK)
    assert billed(simulated, body).cache_write == S + TOKENS("Hi.") + PER_MESSAGE
