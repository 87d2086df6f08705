"""Plain SDK scripts, aligned: what a provider's cache then bills, and the same answers."""

import copy
import hashlib
import itertools
import json
import types

import anthropic
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.caching.aligner import CacheAligner
from headroom.tokens import counter_for
from headroom.wire import Usage
from provider_cache import LEAST, STEP, PromptCache, Provider
from provider_requests import chat, refusal
from scripted_upstream import Reply, ToolCall, in_thread

READ, WRITE = 0.1, 1.25
MODEL = "claude-opus-5-5"
SYSTEM = "You are a careful engineer. Read before you write, and say what you found. " * 90
TURNS = 20


def units(bills):
    """What requests cost, in tokens of fresh input."""
    return sum(bill.fresh + READ * bill.cache_read + WRITE * bill.cache_write for bill in bills)


def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def bare(value):
    """A request without what aligning adds, texts as the blocks that they stand for."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: bare(item)
        for key, item in value.items()
        if key not in ("cache_control", "prompt_cache_key")
    }
    for key in found.keys() & {"system", "content"}:
        if isinstance(found[key], str):
            found[key] = [{"type": "text", "text": found[key]}]
    return found


def model(request):
    """Says the same to the same request, whatever aligning added, and calls a tool or several."""
    seed = digest(bare(request.json))
    calls = [
        ToolCall("read", {"key": seed[n : n + 9]}, id=f"call_{seed[:8]}{n}")
        for n in range(1 + int(seed[9], 16) % 3)
    ]
    return Reply(text=f"Let me look into {seed[:6]}.", tool_calls=calls)


def reading(arguments):
    """What the script's tool answers."""
    return "\n".join(f"{line}: value {digest([arguments, line])[:20]}" for line in range(20))


def anthropic_script(url, align, system=lambda turn: SYSTEM):
    """Twenty turns with a tool, as a person writes them who knows nothing of caches."""
    tools = [{"name": "read", "description": "Reads a value.", "input_schema": {"type": "object"}}]
    messages = [{"role": "user", "content": "Find out why the build fails."}]
    heard = []
    with anthropic.Anthropic(api_key="k", base_url=url, max_retries=0) as client:
        for turn in range(TURNS):
            request = {
                "model": MODEL,
                "max_tokens": 100,
                "system": system(turn),
                "tools": tools,
                "messages": messages,
            }
            answer = client.messages.create(**align(request))
            heard.append([block.model_dump() for block in answer.content])
            results = [
                {"type": "tool_result", "tool_use_id": block.id, "content": reading(block.input)}
                for block in answer.content
                if block.type == "tool_use"
            ]
            messages += [
                {"role": "assistant", "content": answer.content},
                {"role": "user", "content": results},
            ]
    return heard


def as_it_is(request):
    return request


def aligned_by(aligner, kept):
    def align(request):
        kept.append(aligner.align(request))
        return kept[-1].body

    return align


def run(align, **options):
    """A script's answers, and the provider that gave them."""
    provider = Provider(model)
    with in_thread(provider) as upstream:
        return anthropic_script(upstream.url, align, **options), provider


def test_a_plain_anthropic_script_pays_for_its_history_once_and_hears_the_same_answers():
    made = []
    said, plain = run(as_it_is)
    heard, aligned = run(aligned_by(CacheAligner(), made))
    assert heard == said
    for once, other in zip(plain.requests, aligned.requests, strict=True):
        assert bare(other.json) == bare(once.json)
    assert plain.bill.cache_read == plain.bill.cache_write == 0
    assert aligned.bill.prompt == plain.bill.prompt
    for former, bill in itertools.pairwise(aligned.bills):
        assert bill.cache_read == former.prompt, "all that was sent before is read"
        assert bill.fresh == 0
    saved = (1 - READ) * aligned.bill.cache_read - (WRITE - 1) * aligned.bill.cache_write
    assert units(aligned.bills) == pytest.approx(units(plain.bills) - saved)
    assert units(aligned.bills) < 0.25 * units(plain.bills)
    assert made[1].breakpoints == ("system[0]", "messages[0]", "messages[2]")
    assert {one.busts for one in made} == {()}


def test_a_clock_in_the_system_text_costs_the_cache_and_fixing_it_gives_it_back():
    def system(turn):
        return f"{SYSTEM}\nCurrent time: 10:{turn:02d}\nBe kind."

    made = []
    _, busted = run(aligned_by(CacheAligner(), made), system=system)
    assert busted.bill.cache_read == 0
    assert [bool(one.breakpoints) for one in made] == [True, True] + [False] * (TURNS - 2)
    assert made[1].busts == ("a time of day in the system prompt",)
    assert made[1].fixed == ()
    made = []
    _, mended = run(aligned_by(CacheAligner(fix=True), made), system=system)
    assert {one.busts for one in made} == {()}
    assert {one.fixed for one in made} == {("a time of day out of the system text",)}
    for former, bill in itertools.pairwise(mended.bills):
        assert bill.cache_read == former.cache_read + former.cache_write
        assert bill.fresh < 20
    assert units(mended.bills) < 0.25 * units(busted.bills)


class Machines:
    """A provider's machines, each with a cache of its own. Requests that begin alike and bear the
    same key go to the same one, up to as many a minute as it takes; others go on to the next."""

    TAKES = 15

    def __init__(self):
        self.caches = [PromptCache() for _ in range(8)]
        self.taken, self.bills, self.asked = {}, [], []

    def __call__(self, request):
        body = request.json
        self.asked.append(body)
        pieces = list(chat(bare(body), counter_for("gpt-5").count))
        route = digest([[piece.content.decode() for piece in pieces[:2]], *keys_of([body])])
        taken = self.taken[route] = self.taken.get(route, 0) + 1
        cache = self.caches[(int(route, 16) + (taken - 1) // self.TAKES) % len(self.caches)]
        self.bills.append(cache.automatic("gpt-5", pieces, 0.0))
        return model(request)


def keys_of(bodies):
    return {body.get("prompt_cache_key") for body in bodies}


def openai_scripts(aligners):
    """A batch of conversations with one system prompt, a turn of each every minute."""
    tools = [{"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}]
    talks = [
        [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": f"Look at job {n}."},
        ]
        for n in range(len(aligners))
    ]
    provider = Machines()
    with (
        in_thread(provider) as upstream,
        openai.OpenAI(api_key="k", base_url=f"{upstream.url}/v1", max_retries=0) as client,
    ):
        for turn in range(8):
            provider.taken.clear()
            order = list(zip(aligners, talks, strict=True))
            for align, messages in order[turn:] + order[:turn]:
                request = {"model": "gpt-5", "tools": tools, "messages": messages}
                answer = client.chat.completions.create(**align(request)).choices[0].message
                messages.append(answer)
                for call in answer.tool_calls:
                    result = reading(json.loads(call.function.arguments))
                    messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    said = [[one if isinstance(one, dict) else one.model_dump() for one in talk] for talk in talks]
    return said, provider


def test_a_batch_of_openai_scripts_finds_its_machines_again_and_hears_the_same_answers():
    said, plain = openai_scripts([as_it_is] * 20)
    heard, aligned = openai_scripts([aligned_by(CacheAligner(), []) for _ in range(20)])
    assert heard == said
    assert [bare(body) for body in aligned.asked] == [bare(body) for body in plain.asked]
    assert keys_of(plain.asked) == {None}
    assert len(keys_of(aligned.asked)) == 20
    latest = {}
    for body, bill in zip(aligned.asked, aligned.bills, strict=True):
        sent = latest.get(body["prompt_cache_key"], Usage()).prompt
        expected = sent // STEP * STEP if sent >= LEAST else 0
        assert bill.cache_read == expected, "all that was sent before is read"
        latest[body["prompt_cache_key"]] = bill
    assert units(aligned.bills) < 0.9 * units(plain.bills)


def test_the_former_request_is_found_however_many_blocks_a_turn_adds():
    provider, aligner = Provider(model), CacheAligner()
    messages = [{"role": "user", "content": SYSTEM}]
    bills = []
    for turn in range(4):
        body = aligner.align(request(*messages)).body
        bills.append(provider.billed("anthropic", body))
        calls = [
            {"type": "tool_use", "id": f"{turn}.{n}", "name": "read", "input": {}}
            for n in range(30)
        ]
        results = [{"type": "tool_result", "tool_use_id": call["id"]} for call in calls]
        messages += [
            {"role": "assistant", "content": calls},
            {"role": "user", "content": results},
        ]
    for former, bill in itertools.pairwise(bills):
        assert bill.cache_read == former.prompt


TEXTS = st.sampled_from(["go on", " ", "", SYSTEM])
BLOCKS = st.one_of(
    st.builds(lambda said: {"type": "text", "text": said}, TEXTS),
    st.builds(lambda said: {"type": "tool_result", "tool_use_id": "t", "content": said}, TEXTS),
    st.just({"type": "thinking", "thinking": "…", "signature": "s"}),
    st.just({"type": "unheard_of"}),
)
CONTENTS = st.one_of(TEXTS, st.lists(BLOCKS, max_size=26))


@settings(max_examples=80)
@given(st.lists(st.tuples(CONTENTS, CONTENTS), min_size=1, max_size=5), TEXTS)
def test_what_a_growing_conversation_wrote_it_reads_with_the_next_turn(turns, system):
    provider, aligner, messages, kept = Provider(model), CacheAligner(), [], 0
    for asked, answered in turns:
        messages = [*messages, {"role": "user", "content": asked}]
        found = aligner.align(request(*messages, system=system))
        assert len(found.breakpoints) <= 4
        assert found.busts == ()
        assert refusal(found.body) == ""
        bill = provider.billed("anthropic", found.body)
        assert bill.cache_read >= kept
        kept = bill.cache_read + bill.cache_write
        messages = [*messages, {"role": "assistant", "content": answered}]


def request(*messages, **more):
    tools = [{"name": "read", "input_schema": {"type": "object"}}]
    return {"model": MODEL, "system": SYSTEM, "tools": tools, "messages": [*messages], **more}


HI = {"role": "user", "content": "hi"}


def test_the_request_that_is_given_stays_as_it_is_and_bytes_come_back_as_bytes():
    given_, before = request(HI), json.dumps(request(HI))
    found = CacheAligner().align(given_)
    assert json.dumps(given_) == before
    assert found.breakpoints == ("system[0]", "messages[0]")
    as_bytes = CacheAligner().align(before.encode())
    assert json.loads(as_bytes.body) == found.body
    assert as_bytes.breakpoints == found.breakpoints
    again = CacheAligner().align(found.body)
    assert again.body is found.body
    assert again.breakpoints == ()


def test_what_busts_the_cache_is_said_once():
    aligner = CacheAligner()
    first = request(HI)
    assert aligner.align(first).busts == ()
    other = {**request(HI), "tools": [{"name": "other"}, *first["tools"]]}
    assert aligner.align(other).busts == ("1 tool added",)
    assert aligner.align(copy.deepcopy(other)).busts == ()


def test_what_changes_with_every_request_is_not_kept_and_what_changes_once_is():
    def sent(*systems):
        aligner = CacheAligner()
        return [aligner.align(request(HI, system=SYSTEM + one)).breakpoints for one in systems]

    assert sent("a", "b", "b", "b") == [("system[0]", "messages[0]")] * 4
    assert sent("a", "b", "c", "d", "d")[1:] == [
        ("system[0]", "messages[0]"),
        (),
        (),
        ("system[0]", "messages[0]"),
    ]
    aligner = CacheAligner()
    window = [
        aligner.align(request(*({"role": "user", "content": f"turn {n + m}"} for m in range(3))))
        for n in range(4)
    ]
    assert window[1].breakpoints == ("system[0]", "messages[2]")
    assert [one.breakpoints for one in window[2:]] == [("system[0]",)] * 2
    assert all(one.busts for one in window[1:])


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"no json",
        b"[1]",
        b'{"a":1,"a":2}',
        {"model": MODEL, "messages": [object()]},
        {"model": MODEL, "messages": [{"role": "user", "content": "\ud800"}]},
        {1: 2},
    ],
)
def test_what_cannot_be_read_is_sent_as_it_is(odd):
    found = CacheAligner(fix=True).align(odd)
    assert found.body is odd
    assert found.breakpoints == found.busts == found.fixed == ()


def test_what_sdks_and_frameworks_put_into_messages_is_read():
    class Block:
        def model_dump(self, *, mode, exclude_unset):
            assert (mode, exclude_unset) == ("json", True)
            return {"type": "text", "text": SYSTEM}

    body = request(types.MappingProxyType({"role": "user", "content": (Block(),)}))
    found = CacheAligner().align(types.MappingProxyType(body))
    assert found.body["messages"][0]["content"][0]["text"] == SYSTEM
    assert found.breakpoints == ("system[0]", "messages[0]")


FUNCTION = {"type": "function", "function": {"name": "read"}}


@pytest.mark.parametrize(
    "body",
    [
        {"model": "gpt-5", "messages": [HI], "tools": [FUNCTION]},
        {"model": "gpt-5", "input": "hi", "tools": [{"type": "function", "name": "read"}]},
        {"model": "gpt-5", "input": [HI], "previous_response_id": "r"},
    ],
)
def test_openai_requests_get_a_key_and_no_breakpoints(body):
    found = CacheAligner().align(body)
    assert found.breakpoints == ()
    assert found.body.pop("prompt_cache_key").startswith("headroom-")
    assert found.body == body


@pytest.mark.parametrize(
    "body",
    [
        {"model": MODEL, "messages": [HI], "tools": [FUNCTION] * 200},
        {"model": MODEL, "messages": [{"role": "system", "content": SYSTEM * 9}], "tools": [{}]},
        {"model": MODEL, "messages": [{"role": "tool", "content": SYSTEM * 9}], "tools": [{}]},
        {"model": "gpt-5", "messages": [HI]},
        {"model": "gpt-5", "messages": [], "tools": [FUNCTION]},
    ],
)
def test_other_requests_are_sent_as_they_are(body):
    assert CacheAligner().align(body).body is body
