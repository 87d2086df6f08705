"""What made a request begin differently than the one it goes on from, in words of ours."""

import pytest
from layouts import NOON, layout, piece, row

from headroom.caching.busts import IDLE, Sessions, Steadiness, difference
from headroom.caching.layout import Zone

SECRET = "hunter2"
TOOLS = [{"name": f"{SECRET} {name}", "input_schema": {"type": "object"}} for name in "abc"]
MARK = {"type": "ephemeral"}


def message(number, role="user"):
    return {"role": role, "content": f"{SECRET} says {number}."}


def body(*messages, **more):
    plain = {
        "model": "claude-sonnet-4-5",
        "system": f"Obey {SECRET}. It is 10:05:00 now.",
        "tools": TOOLS,
        "messages": list(messages) or [message(number) for number in range(6)],
    }
    return {**plain, **more}


def cause(was, now, **more):
    found = difference(layout(was), layout(now, **more))
    assert found is None or SECRET not in found.cause
    return found and found.cause


SAID = [message(number) for number in range(6)]
SUMMARY = message("in short")
PLANTED = {
    "tools in another order": (
        body(tools=[TOOLS[1], TOOLS[0], TOOLS[2]]),
        "the tools were put into another order",
    ),
    "one more": (body(tools=[*TOOLS, {"name": "d"}]), "1 tool added"),
    "two less": (body(tools=TOOLS[:1]), "2 tools removed"),
    "none": (body(tools=[]), "3 tools removed"),
    "another one": (body(tools=[*TOOLS[:2], {"name": "d"}]), "1 tool added, 1 tool removed"),
    "another schema": (
        body(tools=[*TOOLS[:2], {**TOOLS[2], "description": "x"}]),
        "1 tool changed",
    ),
    "two other schemas": (
        body(tools=[TOOLS[0], *({**tool, "description": "x"} for tool in TOOLS[1:])]),
        "2 tools changed",
    ),
    "a clock": (
        body(system=f"Obey {SECRET}. It is 10:06:00 now."),
        "a time of day in the system prompt",
    ),
    "a rule": (body(system=f"Obey {SECRET}!"), "the system prompt was rewritten"),
    "no system prompt": (body(system=[]), "the system prompt has another length"),
    "a longer system prompt": (
        body(
            system=[{"type": "text", "text": body()["system"]}, {"type": "text", "text": "More."}]
        ),
        "the system prompt has another length",
    ),
    "another message": (
        body(*SAID[:2], SUMMARY, *SAID[3:]),
        "an earlier message was rewritten (role user)",
    ),
    "a message more": (body(*SAID[:2], SUMMARY, *SAID[2:]), "something was put into the history"),
    "a message less": (body(*SAID[1:]), "something was taken out of the history"),
    "the end": (body(*SAID[:4]), "the end of the history was cut off"),
    "all in short": (body(SUMMARY, SAID[-1]), "the later history was replaced"),
    "a thought": (
        body(thinking={"type": "enabled"}),
        "other settings of thinking or of tool choice",
    ),
    "a choice": (
        body(tool_choice={"type": "tool", "name": SECRET}),
        "other settings of thinking or of tool choice",
    ),
}


@pytest.mark.parametrize(("now", "said"), PLANTED.values(), ids=PLANTED)
def test_a_planted_bust_is_named_with_its_cause(now, said):
    assert cause(body(), now) == said


def test_another_model_has_another_cache():
    assert cause(body(), body(), model="claude-opus-5-5") == "another model"


def test_a_choice_is_no_matter_where_the_provider_keeps_all_that_was_sent():
    chat = {"messages": [message(1)]}
    one, two = (layout({**chat, **more}, "openai_chat") for more in ({}, {"tool_choice": "none"}))
    assert difference(one, two) is None


def test_a_role_that_is_none_is_not_repeated():
    was = body(message(1, SECRET), message(2))
    assert cause(was, body(message(9, SECRET), message(2))) == (
        "an earlier message was rewritten (role another)"
    )


def test_the_tokens_lost_are_those_behind_the_first_difference():
    was = row(piece("a", 500), piece("b", 300, 100), piece("c", 40))
    found = difference(was, row(piece("a", 500), piece("x", 7), piece("c", 40)))
    assert found.tokens == 140
    assert difference(was, row(*was.pieces, model="other")).tokens == 640


def test_a_choice_loses_the_messages_and_keeps_the_tools():
    tools = piece("t", 500, zone=Zone.TOOLS)
    was, now = row(tools, piece("a", 30)), row(tools, piece("a", 30), choices=b"x")
    assert difference(was, now).tokens == 30
    assert difference(row(tools), row(tools, choices=b"x")).tokens == 500


def test_moved_breakpoints_ours_beside_theirs_and_more_of_it_bust_nothing():
    marked = {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": MARK}]}
    was, now = body(marked), body({"role": "user", "content": "x"}, message(2))
    assert cause(was, now, tool_tokens=50) is None
    assert cause(was, was) is None


def test_nothing_before_is_lost_where_nothing_was():
    assert difference(row(), row(piece("a"))) is None
    assert difference(row(piece("a")), row()).cause == "the end of the history was cut off"


class Session:
    """One session's requests, each so many seconds after noon."""

    def __init__(self, name="s"):
        self.sessions, self.name = Sessions(), name

    def asked(self, *names, at=0.0, mark="5m", name=None, **more):
        pieces = [piece(each, 100) for each in names]
        pieces[-1] = pieces[-1]._replace(sent_mark=mark)
        found = self.sessions.bust(name or self.name, row(*pieces, **more), NOON + at)
        return found and found.cause


def test_a_session_that_grows_busts_nothing():
    one = Session()
    assert [one.asked(*"abcdef"[:end], at=end) for end in range(1, 6)] == [None] * 5


def test_a_first_request_and_one_of_another_conversation_have_nothing_to_lose():
    one = Session()
    assert [one.asked(*each) for each in ("abc", "xyz", "abcd", "xyzw")] == [None] * 4
    assert one.asked(*"aBcde") == "an earlier message was rewritten (role user)"
    assert one.asked(*"xyzwv") is None


def test_only_the_latest_conversations_are_remembered():
    one = Session()
    for each in ("abc", "def", "ghi", "jkl"):
        one.asked(*each)
    assert one.asked(*"aBc") is None, "its former request is forgotten"
    assert one.asked(*"gHi") == "an earlier message was rewritten (role user)"


@pytest.mark.parametrize(
    ("seconds", "mark", "said"),
    [
        (300, "5m", None),
        (301, "5m", IDLE),
        (301, "1h", None),
        (3_601, "1h", IDLE),
        (9_999, "", None),
    ],
)
def test_who_waits_longer_than_the_breakpoints_ask_for_loses_the_cache(seconds, mark, said):
    one = Session()
    one.asked("a", mark=mark)
    assert one.asked("a", "b", at=seconds, mark=mark) == said


def test_a_provider_that_keeps_all_keeps_it_for_a_day():
    one = Session()
    one.asked("a", form="openai_chat")
    assert one.asked("a", "b", at=86_000, form="openai_chat") is None
    assert one.asked("a", "b", "c", at=200_000, form="openai_chat") == IDLE


def test_what_was_rewritten_in_a_long_pause_is_told_as_rewritten():
    one = Session()
    one.asked(*"abc")
    assert one.asked(*"aBc", at=9_999) == "an earlier message was rewritten (role user)"


def test_a_session_that_loses_its_cache_twice_in_a_row_is_unsteady_until_it_does_not():
    one, unsteady = Session(), []
    for each in ("abc", "xbc", "ybc", "ybcd"):
        one.asked(*each)
        unsteady.append(not one.sessions.steadiness("s").ends)
    assert unsteady == [False, False, True, False]
    assert one.sessions.steadiness("another") == Steadiness()


def test_a_session_not_seen_for_long_is_forgotten():
    one = Session()
    for each in ("abc", "xbc", "ybc"):
        one.asked(*each)
    for number in range(64):
        one.asked(*"abc", name=f"s{number}")
    assert one.sessions.steadiness("s").ends
    assert one.asked(*"zbc") is None


def test_requests_without_messages_go_on_from_nothing():
    one = Session()
    tools = row(piece("t", zone=Zone.TOOLS))
    assert [one.sessions.bust("s", tools, NOON + at) for at in (0, 999)] == [None, None]
    assert one.asked("a") is None
    assert one.sessions.bust("s", tools, NOON) is None
