"""What each leg of an answer reported, in every API, as JSON and as a stream."""

import pytest

from headroom.markers import TOOL_NAME
from headroom.wire import Usage, by_name
from headroom.wire._api import read
from scripted_upstream import Reply, Request, ToolCall, apis, openai_responses
from scripted_upstream.prompt_cache import PromptCache
from scripted_upstream.values import compact

ASKED = {"messages": [{"role": "user", "content": "What does the log say?"}]}
BODIES = {
    "anthropic_messages": ASKED,
    "openai_chat": {**ASKED, "stream_options": {"include_usage": True}},
    "openai_responses": {"input": "What does the log say?"},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "What does the log say?"}]}]},
    "bedrock_converse": {
        "messages": [{"role": "user", "content": [{"text": "What does the log say?"}]}]
    },
}
APIS = {
    "anthropic_messages": "anthropic",
    "openai_chat": "chat",
    "gemini": "gemini",
    "bedrock_converse": "converse",
}
REPORTS = {
    "anthropic_messages": lambda fresh, read, write, output, long: {
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": write,
        "cache_creation": {
            "ephemeral_5m_input_tokens": write - long,
            "ephemeral_1h_input_tokens": long,
        },
        "output_tokens": output,
    },
    "openai_chat": lambda fresh, read, write, output, long: {
        "prompt_tokens": fresh + read + write,
        "completion_tokens": output,
        "prompt_tokens_details": {
            "cached_tokens": read,
            "cache_write_tokens": write,
            "cache_write_tokens_details": {"ttl_30m_tokens": write - long, "ttl_12h_tokens": long},
        },
    },
    "openai_responses": lambda fresh, read, write, output, long: {
        "input_tokens": fresh + read + write,
        "input_tokens_details": {
            "cached_tokens": read,
            "cache_write_tokens": write,
            "cache_write_tokens_details": {"ttl_30m_tokens": write - long, "ttl_12h_tokens": long},
        },
        "output_tokens": output,
    },
    "gemini": lambda fresh, read, write, output, long: {
        "promptTokenCount": fresh + read,
        "cachedContentTokenCount": read,
        "candidatesTokenCount": output,
    },
    "bedrock_converse": lambda fresh, read, write, output, long: {
        "inputTokens": fresh,
        "cacheReadInputTokens": read,
        "cacheWriteInputTokens": write,
        "cacheDetails": [
            {"ttl": "1h", "inputTokens": long},
            {"ttl": "5m", "inputTokens": write - long},
        ],
        "outputTokens": output,
    },
}
LEGS = [
    Usage(100, 2_000, 350, 11, 300),
    Usage(40, 2_350, 0, 7, 0),
    Usage(3, 2_350, 70, 5, 0),
]
EACH = pytest.mark.parametrize("name", BODIES)
BOTH = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])


def reported(name, used):
    """The figures as the API spells them."""
    return REPORTS[name](
        used.fresh, used.cache_read, used.cache_write, used.output, used.cache_write_long
    )


def known(name, used):
    """What of them the API can tell: Gemini says nothing of writing."""
    return Usage(used.fresh, used.cache_read, 0, used.output) if name == "gemini" else used


def payloads(name, number, reply, stream):
    """One leg as the framing gives it."""
    request = Request(number, "POST", "/", (), b"", json=BODIES[name])
    if name == "openai_responses":
        said = openai_responses.said(request, reply, PromptCache(), [])
    else:
        said = apis.GENERATING[APIS[name]].said(request, reply, PromptCache())
    if not stream:
        return [compact(said.whole).encode()]
    if name == "bedrock_converse":
        return [compact({event: data}).encode() for event, data in said.events]
    return [(d if isinstance(d, str) else compact(d)).encode() for _, d in said.events]


def answered(name, stream, replies, *, intercept=True):
    """An answer that has heard these legs, each but the last being a retrieval."""
    answer = by_name(name).retrieval.answer(
        stream=stream, intercept=intercept, body=read(compact(BODIES[name]).encode())
    )
    heard = []
    for number, reply in enumerate(replies, 1):
        for payload in payloads(name, number, reply, stream):
            given = answer.feed(payload)
            heard += [payload] if given is None else given
        if turn := answer.end():
            answer.resume(turn, ["found"])
    return answer, heard


def legs_of(name, used):
    """A leg for each usage: all but the last call our tool."""
    calls = [ToolCall(TOOL_NAME, {"ref": "k3f9a2c1"}, id=f"c{at}") for at in range(len(used) - 1)]
    figures = [reported(name, each) for each in used]
    retrieving = [
        Reply(tool_calls=[call], usage=figure)
        for call, figure in zip(calls, figures[:-1], strict=True)
    ]
    return [*retrieving, Reply(text="It says 42.", usage=figures[-1])]


@BOTH
@EACH
def test_each_leg_has_its_own_figures_and_the_usage_is_their_sum(name, stream):
    answer, _ = answered(name, stream, legs_of(name, LEGS))
    assert list(answer.legs) == [known(name, each) for each in LEGS]
    assert answer.usage == sum(answer.legs, Usage())


@BOTH
@EACH
def test_an_answer_that_only_passes_is_one_leg(name, stream):
    replies = legs_of(name, LEGS[:1])
    for intercept in (False, True):
        answer, _ = answered(name, stream, replies, intercept=intercept)
        assert list(answer.legs) == [answer.usage] == [known(name, LEGS[0])]


@BOTH
@EACH
def test_before_anything_is_reported_there_is_no_leg(name, stream):
    answer, _ = answered(name, stream, ())
    assert (list(answer.legs), answer.usage) == ([], None)


@BOTH
@EACH
def test_a_leg_that_has_begun_and_reported_counts_while_it_is_held(name, stream):
    answer, _ = answered(name, stream, legs_of(name, LEGS)[:1])
    assert list(answer.legs) == [known(name, LEGS[0])]


@BOTH
@pytest.mark.parametrize("name", [name for name in BODIES if name != "gemini"])
def test_the_client_is_told_the_last_legs_input_and_how_long_it_is_kept(name, stream):
    _, heard = answered(name, stream, legs_of(name, LEGS))
    told = b"".join(heard).replace(b" ", b"")
    last = str(LEGS[-1].cache_write).encode()
    longer = {
        "anthropic_messages": b'"cache_creation":{"ephemeral_5m_input_tokens":%b,' % last,
        "bedrock_converse": b'{"ttl":"5m","inputTokens":%b}' % last,
    }
    assert longer.get(name, b'"ttl_30m_tokens":%b,' % last) in told


ODD = {
    "anthropic_messages": [
        ({"input_tokens": 5, "cache_creation": None}, Usage(5)),
        (
            {"input_tokens": 5, "cache_creation": {"ephemeral_1h_input_tokens": 9}},
            Usage(5, 0, 9, 0, 9),
        ),
        ({"cache_creation_input_tokens": 7, "cache_creation": [1]}, Usage(0, 0, 7)),
        ({"cache_creation_input_tokens": 7, "cache_creation": {"x": "y"}}, Usage(0, 0, 7)),
    ],
    "openai_chat": [
        (
            {
                "prompt_tokens": 90,
                "prompt_tokens_details": {
                    "cached_tokens": 20,
                    "cache_creation_tokens": 30,
                    "cache_creation_token_details": {"ephemeral_1h_input_tokens": 12},
                },
            },
            Usage(40, 20, 30, 0, 12),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cache_write_tokens_details": "many"}},
            Usage(9),
        ),
    ],
    "openai_responses": [
        (
            {"input_tokens": 9, "input_tokens_details": {"cache_write_tokens_details": [3]}},
            Usage(9),
        ),
    ],
    "bedrock_converse": [
        ({"inputTokens": 9, "cacheDetails": {"ttl": "1h"}}, Usage(9)),
        (
            {
                "inputTokens": 9,
                "cacheWriteInputTokens": 4,
                "cacheDetails": ["1h", {"ttl": "1h"}, {"ttl": "1h", "inputTokens": 4}],
            },
            Usage(9, 0, 4, 0, 4),
        ),
    ],
}


@pytest.mark.parametrize(
    ("name", "report", "expected"),
    [(name, report, expected) for name, all_ in ODD.items() for report, expected in all_],
)
def test_odd_reports_are_read_as_far_as_they_can_be(name, report, expected):
    answer = by_name(name).retrieval.answer(stream=False, intercept=False)
    answer.feed(compact({"output": [], "usage": report}).encode())
    assert list(answer.legs) == [expected]
