"""Gemini: what is read of a request, what a client hears, and what its next request becomes."""

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.conversation import Kind
from headroom.edits import Edit, Fidelity
from headroom.markers import TOOL_NAME
from headroom.wire import json_spans
from headroom.wire._api import Usage
from headroom.wire.gemini import GEMINI
from strategies import TEXTS, VALUES, spelled

RETRIEVAL = GEMINI.retrieval
LONG = "line of output\n" * 20
SIGNATURE = "c2lnbmF0dXJlIG9mIGEgcGFydA=="


def said(text):
    return {"text": text}


def thought(text):
    return {"text": text, "thought": True}


def hidden(ref="k3f9a2c1", **more):
    return {"functionCall": {"name": TOOL_NAME, "args": {"ref": ref}}, **more}


def call(name="read_file", call_id="", **args):
    return {"functionCall": {**({"id": call_id} if call_id else {}), "name": name, "args": args}}


def response(name="read_file", output="x", call_id=""):
    body = {"name": name, "response": {"output": output}}
    return {"functionResponse": {**({"id": call_id} if call_id else {}), **body}}


def user(*parts):
    return {"role": "user", "parts": [said(p) if isinstance(p, str) else p for p in parts]}


def model(*parts):
    return {"role": "model", "parts": list(parts)}


def chunk(parts, finish=None, number=1, output=5, prompt=100, cached=0):
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    usage = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": output,
        "thoughtsTokenCount": 2,
        "totalTokenCount": prompt + output + 2,
        "cachedContentTokenCount": cached,
    }
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": "gemini-3-pro",
        "responseId": f"response-{number}",
    }


def payloads(leg, number=1):
    """A leg (a list of the parts of each chunk) as a stream's payloads."""
    last = len(leg) - 1
    return [
        json.dumps(
            chunk(parts, "STOP" if index == last else None, number, output=index + 1)
        ).encode()
        for index, parts in enumerate(leg)
    ]


def whole(leg, number=1):
    return [orjson.dumps(chunk([part for parts in leg for part in parts], "STOP", number))]


class Session:
    """A client's requests, the proxy's way with them, and what upstream got."""

    def __init__(self, contents, *, stream=True, placed=True):
        self.body = orjson.dumps({"contents": contents})
        self.stream = stream
        self.placed = placed
        self.sent = b""
        self.heard = []
        self.memories = []
        self.turns = []

    def run(self, *legs):
        tree = json_spans.parse(self.body)
        extra = {"body": tree} if self.placed else {}
        answer = RETRIEVAL.answer(stream=self.stream, intercept=True, **extra)
        self.sent = self.body
        for number, leg in enumerate(legs, 1):
            spell = payloads if self.stream else whole
            for payload in spell(leg, number):
                given = answer.feed(payload)
                self.heard += [payload] if given is None else given
            turn = answer.end()
            if turn is None:
                break
            self.turns.append(turn)
            results = [f"original of {made.arguments.get('ref')}" for made in turn.calls]
            answer.resume(turn, results)
            if not turn.alone:
                break
            sent = json_spans.parse(self.sent)
            self.sent = json_spans.spliced(self.sent, RETRIEVAL.carry_on(sent, turn, results))
        self.answer = answer
        self.memories = answer.memories()
        return self

    @property
    def chunks(self):
        return [json.loads(payload) for payload in self.heard]

    @property
    def shown(self):
        return [
            part
            for each in self.chunks
            for part in each["candidates"][0].get("content", {}).get("parts", [])
        ]

    def continued(self):
        return json.loads(self.sent)["contents"]


def restored(contents, memories):
    body = orjson.dumps({"contents": contents})
    tree = json_spans.parse(body)
    stored = {memory.anchor: memory.data for memory in memories}
    known = {anchor: stored[anchor] for anchor in RETRIEVAL.anchors(tree) if anchor in stored}
    return json.loads(json_spans.spliced(body, RETRIEVAL.restore(tree, known)))["contents"]


def verbatim(session):
    return [model(*session.shown)]


def joined_up(session):
    """Texts joined, thoughts and empty texts dropped."""
    parts = []
    for part in session.shown:
        if part.get("thought") or part == said(""):
            continue
        if parts and "text" in part and "text" in parts[-1]:
            parts[-1] = {**parts[-1], **part, "text": parts[-1]["text"] + part["text"]}
        else:
            parts.append(part)
    return [model(*parts)] if parts else []


def one_content_for_each_chunk(session):
    return [each["candidates"][0]["content"] for each in session.chunks]


KEEPERS = pytest.mark.parametrize("kept", [verbatim, joined_up, one_content_for_each_chunk])
STREAMED = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
ASKED = [user("Why does it fail?")]
ALONE = {
    "once": [[[hidden()]], [[said("Because.")]]],
    "behind a text": [
        [[said("Let me ")], [said("look. ")], [hidden(thoughtSignature=SIGNATURE)]],
        [[said("It is ")], [said("line 4.")]],
    ],
    "with the text in one chunk": [[[said("Let me look."), hidden()]], [[said("Line 4.")]]],
    "ended by an empty text": [[[hidden()], [said("")]], [[said("Line 4.")], [said("")]]],
    "twice in a row": [
        [[said("First this.")], [hidden("aaaaaaaa")]],
        [[said(" Then that.")], [hidden("bbbbbbbb")]],
        [[said(" Line 4.")]],
    ],
    "two at once": [[[hidden("aaaaaaaa"), hidden("bbbbbbbb")]], [[said("Both.")]]],
    "with thoughts": [
        [[thought("Hm.")], [said("Let me look.")], [hidden(thoughtSignature=SIGNATURE)]],
        [[thought("Ah.")], [said("Line 4."), {"text": "", "thoughtSignature": SIGNATURE}]],
    ],
    "before a call of the client's": [
        [[said("Let me look.")], [hidden()]],
        [[said(" Now I run it.")], [call("run", "c1", command="pytest")]],
    ],
}


@STREAMED
@KEEPERS
@pytest.mark.parametrize("legs", ALONE.values(), ids=ALONE)
def test_the_next_request_begins_with_the_request_that_was_continued(legs, kept, stream):
    session = Session(ASKED, stream=stream).run(*legs)
    following = [*ASKED, *kept(session), user("And now?")]
    whole_history = restored(following, session.memories)
    continued = session.continued()
    assert len(continued) == 1 + 2 * len(session.turns)
    assert whole_history[: len(continued)] == continued
    rest = "".join(
        part.get("text", "")
        for content in whole_history[len(continued) : -1]
        for part in content["parts"]
        if not part.get("thought")
    )
    last = "".join(p.get("text", "") for parts in legs[-1] for p in parts if not p.get("thought"))
    assert rest == last
    assert whole_history[-1] == user("And now?")


@STREAMED
@KEEPERS
@pytest.mark.parametrize("legs", ALONE.values(), ids=ALONE)
def test_the_client_hears_one_answer_without_the_call(legs, kept, stream):
    session = Session(ASKED, stream=stream).run(*legs)
    assert TOOL_NAME not in b"".join(session.heard).decode()
    assert {each["responseId"] for each in session.chunks} == {"response-1"}
    ends = [each["candidates"][0].get("finishReason") for each in session.chunks]
    assert ends == [None] * (len(ends) - 1) + ["STOP"]
    expected = [part for leg in legs for parts in leg for part in parts if part != hidden()]
    text = "".join(part.get("text", "") for part in expected)
    assert "".join(part.get("text", "") for part in session.shown) == text


@STREAMED
def test_a_text_streams_on_at_once_and_only_the_call_is_held(stream):
    session = Session(ASKED, stream=stream).run([[said("Let me look.")], [hidden()]])
    assert session.shown == ([said("Let me look.")] if stream else [])


@STREAMED
@KEEPERS
@pytest.mark.parametrize("call_id", ["c1", ""])
def test_a_retrieval_beside_the_clients_call_is_joined_to_its_next_request(kept, stream, call_id):
    signed = hidden(thoughtSignature=SIGNATURE)
    own = call("run", call_id, command="pytest")
    legs = [[[said("Let me ")], [said("look.")], [signed, own]]]
    session = Session(ASKED, stream=stream).run(*legs)
    assert not session.turns[0].alone
    assert own in session.shown
    assert signed not in session.shown
    assert session.chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    following = [*ASKED, *kept(session), user(response("run", "3 passed", call_id))]
    history = restored(following, session.memories)
    calls = [p for c in history for p in c["parts"] if "functionCall" in p]
    answers = [p["functionResponse"] for p in history[-1]["parts"]]
    assert calls == [signed, own]
    assert [answer["name"] for answer in answers] == [TOOL_NAME, "run"]
    assert answers[0]["response"] == {"output": "original of k3f9a2c1"}
    texts = "".join(p.get("text", "") for c in history[1:-1] for p in c["parts"])
    assert texts == "Let me look."


@STREAMED
@KEEPERS
def test_a_retrieval_alone_and_one_beside_a_call_come_back_both(kept, stream):
    legs = [
        [[said("One. ")], [hidden("aaaaaaaa")]],
        [[said("Two.")], [call("run", command="x"), hidden("bbbbbbbb"), call("ls")]],
    ]
    session = Session(ASKED, stream=stream).run(*legs)
    following = [*ASKED, *kept(session), user(response("run"), response("ls"))]
    history = restored(following, session.memories)
    assert history[:3] == session.continued()
    spoken = [part for content in history[3:-1] for part in content["parts"]]
    assert [p for p in spoken if "functionCall" in p] == legs[1][1]
    assert [p["functionResponse"]["name"] for p in history[-1]["parts"]] == ["run", TOOL_NAME, "ls"]


def test_the_requests_after_that_say_the_same():
    session = Session(ASKED).run(*ALONE["behind a text"])
    following = [*ASKED, *joined_up(session), user("And now?")]
    first = restored(following, session.memories)
    later = [*following, model(said("Nothing.")), user("Why?")]
    assert restored(later, session.memories)[: len(first)] == first


def test_a_client_that_names_the_calls_itself_keeps_its_names():
    session = Session(ASKED).run([[hidden(), call("run", command="x")]])
    own = call("run", "run-1730", command="x")
    following = [*ASKED, model(own), user(response("run", call_id="run-1730"))]
    history = restored(following, session.memories)
    assert history[1] == model(hidden(), own)
    assert history[2]["parts"][1] == response("run", call_id="run-1730")


def test_a_client_that_drops_the_names_of_calls_is_known_by_what_was_said():
    session = Session(ASKED).run([[hidden(), call("run", "c1", command="x")]])
    following = [*ASKED, model(call("run", command="x")), user(response("run"))]
    assert restored(following, session.memories)[1]["parts"][0] == hidden()


def test_the_same_words_said_before_are_another_turn():
    before = [*ASKED, model(call("run")), user(response("run"))]
    session = Session(before).run([[hidden()]], [[call("run")]])
    following = [*before, model(call("run")), user(response("run"))]
    history = restored(following, session.memories)
    assert history[:5] == session.continued()
    assert history[5:] == following[3:]
    other = [user("Another question"), *following[1:]]
    assert restored(other, session.memories) == other


def test_without_the_clients_request_only_the_names_of_calls_are_anchors():
    legs = ALONE["before a call of the client's"]
    session = Session(ASKED, placed=False).run(*legs)
    assert [memory.anchor for memory in session.memories] == ["call:c1"]
    following = [*ASKED, *joined_up(session), user(response("run", call_id="c1"))]
    assert restored(following, session.memories)[:3] == session.continued()
    assert Session(ASKED, placed=False).run(*ALONE["once"]).memories == ()


def test_thoughts_of_the_hidden_turn_are_not_told_twice_and_later_ones_stay():
    session = Session(ASKED).run(*ALONE["with thoughts"])
    history = restored([*ASKED, *verbatim(session), user("And?")], session.memories)
    assert history[3]["parts"] == ALONE["with thoughts"][1][0] + ALONE["with thoughts"][1][1]
    quiet = Session(ASKED).run([[thought("Hm.")], [hidden()]], [[thought("Ah.")], [said("4")]])
    history = restored([*ASKED, *verbatim(quiet), user("And?")], quiet.memories)
    assert history[1] == model(thought("Hm."), hidden())
    assert history[3] == model(thought("Ah."), said("4"))


def test_a_call_beside_which_nothing_is_found_goes_before_the_clients():
    session = Session(ASKED).run([[said("Let me look."), call("run", "c1"), hidden()]])
    following = [*ASKED, model(said("Look:"), call("run", "c1"))]
    history = restored([*following, user("Stop.")], session.memories)
    assert history[1] == model(said("Look:"), hidden(), call("run", "c1"))
    assert history[2] == user(response(TOOL_NAME, "original of k3f9a2c1"), "Stop.")


def test_a_call_behind_the_clients_is_answered_behind_them():
    own = call("run", "c1")
    session = Session(ASKED).run([[own], [hidden()]])
    answered = user(response("run", "3 passed", "c1"))
    following = [*ASKED, model(own), answered, model(said("Good.")), user(response("run"))]
    history = restored(following, session.memories)
    assert history[1] == model(own, hidden())
    assert history[2] == user(*answered["parts"], response(TOOL_NAME, "original of k3f9a2c1"))
    assert history[3:] == following[3:]


def test_a_call_between_texts_that_the_client_has_joined_goes_behind_them():
    own = call("run", "c1")
    session = Session(ASKED).run([[said("One. ")], [hidden()], [said("Two.")], [own]])
    following = [*ASKED, *joined_up(session), user(response("run", call_id="c1"))]
    history = restored(following, session.memories)
    assert history[1] == model(said("One. Two."), hidden(), own)


def test_a_text_is_not_cut_where_the_client_has_dropped_what_stood_before_the_place():
    code = {"executableCode": {"language": "PYTHON", "code": "1"}}
    session = Session(ASKED).run([[said("ab"), code, hidden()]], [[said("cd"), call("run", "c1")]])
    own = model(said("abcd"), call("run", "c1"))
    history = restored([*ASKED, own, user(response("run", call_id="c1"))], session.memories)
    assert history[1] == model(hidden())
    assert history[3] == own


def test_memories_that_cannot_be_read_change_nothing():
    contents = [*ASKED, model(call("run", "c1")), user(response("run", call_id="c1"))]
    body = orjson.dumps({"contents": contents})
    tree = json_spans.parse(body)
    for data in (b"", b"{", b"{}", b"[1]", b'[{"said":{},"results":[]}]'):
        assert RETRIEVAL.restore(tree, {"call:c1": data}) == []


def test_what_comes_behind_a_held_end_is_held_until_it_is_known_who_is_to_answer():
    meter = orjson.dumps({"usageMetadata": {"promptTokenCount": 9}, "responseId": "response-1"})
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    assert answer.feed(orjson.dumps(chunk([hidden()], "STOP"))) == []
    assert answer.feed(meter) == []
    assert answer.end().alone
    late = orjson.dumps(chunk([call("run")]))
    given_on = [json.loads(piece) for piece in answer.feed(late)]
    assert given_on[0]["candidates"][0]["finishReason"] == "STOP"
    assert given_on[1:] == [json.loads(meter), json.loads(late)]
    assert not answer.end().alone


def test_hidden_turns_go_before_a_text_that_the_client_has_changed():
    session = Session(ASKED).run(*ALONE["before a call of the client's"])
    changed = model(said("Summed up."), call("run", "c1", command="pytest"))
    following = [*ASKED, changed, user(response("run", call_id="c1"))]
    history = restored(following, session.memories)
    assert [content["role"] for content in history] == ["user", "model", "user", "model", "user"]
    assert history[1] == model(hidden())
    assert history[3:] == following[1:]


def test_a_response_goes_into_a_content_of_its_own_where_none_follows():
    session = Session(ASKED).run([[hidden(), call("run", "c1")]])
    history = restored([*ASKED, *verbatim(session)], session.memories)
    assert history[1:] == [
        model(hidden(), call("run", "c1")),
        user(response(TOOL_NAME, "original of k3f9a2c1")),
    ]


def test_an_answer_that_was_given_up_ends_properly_and_is_remembered():
    for stream in (True, False):
        session = Session(ASKED, stream=stream).run([[said("Let me look."), hidden()]])
        session.heard += session.answer.give_up(b"")
        assert session.chunks[-1]["candidates"][0]["finishReason"] == "STOP"
        assert "".join(part["text"] for part in session.shown) == "Let me look."
        following = [*ASKED, *joined_up(session), user("Go on")]
        history = restored(following, session.memories)
        assert history == [*session.continued(), user("Go on")]


def test_an_error_of_a_further_leg_reaches_a_stream_in_its_own_shape():
    error = {"error": {"code": 429, "message": "Slow down", "status": "RESOURCE_EXHAUSTED"}}
    for body in (json.dumps(error, indent=2), json.dumps([error], indent=2)):
        answer = Session(ASKED).run([[hidden()]]).answer
        assert [json.loads(piece) for piece in answer.give_up(body.encode())] == [error]
    answer = Session(ASKED).run([[hidden()]]).answer
    [piece] = answer.give_up(b"<html>bad\ngateway")
    assert b"\n" not in piece
    assert json.loads(piece)["error"]["message"] == "<html>bad\ngateway"
    assert Session(ASKED, stream=False).run([[hidden()]]).answer.give_up(b"{}") == []


def test_a_cut_leg_is_no_turn_and_gets_no_end():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    assert answer.feed(orjson.dumps(chunk([hidden()]))) == []
    assert answer.end() is None
    assert answer.give_up(b"") == []
    assert answer.memories() == ()


def test_a_further_leg_that_is_cut_ends_no_answer():
    session = Session(ASKED).run([[hidden()]])
    session.answer.feed(orjson.dumps(chunk([said("It is")], number=2)))
    assert session.answer.end() is None
    assert session.answer.give_up(b"") == []


def test_an_answer_that_stopped_for_another_reason_is_not_continued():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    [given] = answer.feed(orjson.dumps(chunk([said("So"), hidden()], "MAX_TOKENS")))
    candidate = json.loads(given)["candidates"][0]
    assert candidate["content"]["parts"] == [said("So")]
    assert candidate["finishReason"] == "MAX_TOKENS"
    assert answer.end() is None


def test_what_names_no_call_passes_as_it_came():
    for stream in (True, False):
        answer = RETRIEVAL.answer(stream=stream, intercept=True)
        for parts in ([said("x")], [said(f"call {TOOL_NAME}")], [call(f"mcp__h__{TOOL_NAME}")]):
            assert answer.feed(orjson.dumps(chunk(parts))) is None
        assert answer.end() is None


def test_several_candidates_are_the_clients():
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    both = chunk([hidden()], "STOP")
    both["candidates"] *= 2
    assert answer.feed(orjson.dumps(both)) is None
    assert answer.end() is None


def test_output_is_summed_over_the_legs_and_input_is_the_last_legs():
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    answer.feed(orjson.dumps(chunk([hidden()], "STOP", output=10, prompt=1000, cached=600)))
    turn = answer.end()
    answer.resume(turn, ["text"])
    second = chunk([said("x")], "STOP", number=2, output=7, prompt=1500, cached=1000)
    details = [{"modality": "TEXT", "tokenCount": 7}]
    second["usageMetadata"]["candidatesTokensDetails"] = details
    [given] = answer.feed(orjson.dumps(second))
    assert json.loads(given)["usageMetadata"] == {
        "promptTokenCount": 1500,
        "candidatesTokenCount": 17,
        "thoughtsTokenCount": 4,
        "totalTokenCount": 1521,
        "cachedContentTokenCount": 1000,
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 17}],
    }
    assert answer.usage == Usage(fresh=400 + 500, cache_read=1600, output=21)


def test_usage_is_read_of_an_answer_that_is_only_watched():
    for body in (chunk([hidden()], "STOP"), [chunk([said("x")]), chunk([hidden()], "STOP")]):
        answer = RETRIEVAL.answer(stream=False, intercept=False)
        assert answer.usage is None
        assert answer.feed(orjson.dumps(body)) is None
        assert answer.usage == Usage(fresh=100, output=7)
        assert answer.end() is None


def test_a_body_that_lists_its_chunks_is_read_as_a_stream_and_given_as_one_list():
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    assert answer.feed(orjson.dumps([chunk([said("a")]), chunk([hidden()], "STOP")])) == []
    answer.resume(answer.end(), ["text"])
    [given] = answer.feed(orjson.dumps([chunk([said("b")]), chunk([said("c")], "STOP")]))
    chunks = json.loads(given)
    assert [each["candidates"][0]["content"]["parts"] for each in chunks] == [
        [said("a")],
        [said("b")],
        [said("c")],
    ]
    untouched = RETRIEVAL.answer(stream=False, intercept=True)
    assert untouched.feed(orjson.dumps([chunk([said("a")], "STOP")])) is None


def test_a_listed_answer_that_is_given_up_ends_as_a_list():
    answer = RETRIEVAL.answer(stream=False, intercept=True)
    answer.feed(orjson.dumps([chunk([said("a")]), chunk([hidden()], "STOP")]))
    answer.resume(answer.end(), ["text"])
    [given] = answer.give_up(b"")
    assert [each["candidates"][0].get("finishReason") for each in json.loads(given)] == [
        None,
        "STOP",
    ]


def offered(body):
    raw = orjson.dumps(body)
    return json.loads(json_spans.spliced(raw, RETRIEVAL.offer(json_spans.parse(raw))))


@pytest.mark.parametrize("key", ["functionDeclarations", "function_declarations"])
def test_the_tool_stands_first_among_the_functions(key):
    own = {"name": "run", "parametersJsonSchema": {"type": "object"}}
    body = {"contents": [], "tools": [{"googleSearch": {}}, {key: [own]}, {key: [own]}]}
    tools = offered(body)["tools"]
    assert [each["name"] for each in tools[1][key]] == [TOOL_NAME, "run"]
    assert tools[2] == body["tools"][2]
    assert RETRIEVAL.offered(body) == ["run", "run"]
    assert offered({"tools": [{key: []}]})["tools"][0][key][0]["name"] == TOOL_NAME


@pytest.mark.parametrize("body", [{}, {"contents": []}, {"contents": [], "tools": []}])
def test_a_request_without_tools_gets_a_list_of_them(body):
    [tool] = offered(body)["tools"]
    [declaration] = tool["functionDeclarations"]
    assert declaration["name"] == TOOL_NAME
    assert declaration["parameters"]["required"] == ["ref"]


@pytest.mark.parametrize(
    "body",
    [
        {"tools": [{"googleSearch": {}}]},
        {"tools": "none"},
        {"cachedContent": "cachedContents/x"},
        {"generationConfig": {"candidateCount": 2}},
        {"generation_config": {"response_mime_type": "application/json"}},
        {"generationConfig": {"responseSchema": {"type": "object"}}},
        {"generationConfig": {"responseModalities": ["IMAGE"]}},
        {
            "tools": [{"functionDeclarations": [{"name": "run"}]}],
            "toolConfig": {"functionCallingConfig": {"streamFunctionCallArguments": True}},
        },
    ],
)
def test_nothing_is_offered_where_it_could_not_be_called_or_answered(body):
    assert offered(body) == body


def blocks(body):
    return [b for message in GEMINI.view(body).messages for b in message.blocks]


def test_texts_calls_and_results_are_read_with_their_paths():
    body = {
        "system_instruction": {"parts": [said("be brief")]},
        "contents": [
            user("hi", {"inlineData": {"mimeType": "image/png", "data": "A" * 300}}),
            model(thought("hm"), said("looking"), call("read_file", path="é")),
            model(call("grep", "g1", pattern="x")),
            {"role": "function", "parts": [response("grep", LONG, "g1")]},
            user(response("read_file", LONG), {"text": "signed", "thoughtSignature": "s"}),
        ],
    }
    conversation = GEMINI.view(body)
    assert [message.role for message in conversation.messages] == [
        "system",
        "user",
        "assistant",
        "function",
        "user",
    ]
    assert [(b.kind, b.tool, b.call_id, b.path, b.fixed) for b in blocks(body)] == [
        (Kind.SYSTEM_TEXT, "", "", ("system_instruction", "parts", 0, "text"), False),
        (Kind.USER_TEXT, "", "", ("contents", 0, "parts", 0, "text"), False),
        (Kind.ASSISTANT_TEXT, "", "", ("contents", 1, "parts", 1, "text"), False),
        (
            Kind.TOOL_CALL,
            "read_file",
            "1.2",
            ("contents", 1, "parts", 2, "functionCall", "args"),
            False,
        ),
        (Kind.TOOL_CALL, "grep", "g1", ("contents", 2, "parts", 0, "functionCall", "args"), False),
        (
            Kind.TOOL_RESULT,
            "grep",
            "g1",
            ("contents", 3, "parts", 0, "functionResponse", "response", "output"),
            False,
        ),
        (
            Kind.TOOL_RESULT,
            "read_file",
            "1.2",
            ("contents", 4, "parts", 0, "functionResponse", "response", "output"),
            False,
        ),
        (Kind.USER_TEXT, "", "", ("contents", 4, "parts", 1, "text"), True),
    ]
    assert blocks(body)[3].text == '{"path":"é"}'


def test_calls_without_a_name_are_paired_by_order():
    body = {
        "contents": [
            model(call("run", command="a"), call("run", command="b")),
            user(response("run", LONG), response("run", LONG + "b")),
        ]
    }
    assert [b.call_id for b in blocks(body)] == ["0.0", "0.1", "0.0", "0.1"]


def test_long_strings_deep_in_a_result_are_texts_and_data_is_none():
    picture = {"mimeType": "image/png", "data": "A" * 900}
    deep = {"content": [{"type": "text", "text": LONG}, picture, {"rows": [LONG, "short"]}]}
    part = {"function_response": {"name": "mcp", "response": {"result": deep}}}
    body = {"contents": [user(part)]}
    base = ("contents", 0, "parts", 0, "function_response", "response", "result", "content")
    assert [b.path for b in blocks(body)] == [(*base, 0, "text"), (*base, 2, "rows", 0)]


def test_an_edit_changes_its_string_alone_in_a_spaced_body():
    body = json.dumps({"contents": [user(response("run", LONG))]}, indent=1).encode()
    [block] = [b for message in GEMINI.parse(body).messages for b in message.blocks]
    edit = Edit(block.path, block.text, "short", "x", Fidelity.LOSSLESS, (), 9, 1)
    assert GEMINI.apply(body, ()) is body
    assert GEMINI.apply(body, [edit]) == body.replace(json.dumps(LONG).encode(), b'"short"')


def test_what_was_retrieved_is_read_as_the_tools_result():
    session = Session(ASKED).run([[hidden()]])
    answer = json.loads(session.sent)["contents"][2]
    answer["parts"][0]["functionResponse"]["response"]["output"] = LONG
    [block] = blocks({"contents": [model(hidden()), answer]})[1:]
    assert (block.kind, block.tool) == (Kind.TOOL_RESULT, TOOL_NAME)


def test_messages_of_this_api_are_told_from_others():
    assert GEMINI.recognises(user("x"))
    assert GEMINI.recognises({"role": "model", "parts": [{"function_call": {"name": "x"}}]})
    for other in (
        {"role": "user", "content": "x"},
        {"role": "user", "parts": [{"type": "text", "text": "x"}]},
        {"role": "user", "parts": "x"},
        {"role": "user", "parts": [{"text": None}, 1]},
    ):
        assert not GEMINI.recognises(other)


PARTS = st.one_of(
    st.builds(said, TEXTS),
    st.builds(thought, TEXTS),
    st.builds(hidden, TEXTS),
    st.builds(call, TEXTS, st.sampled_from(["", "c1"])),
    st.builds(response, st.sampled_from(["run", TOOL_NAME]), TEXTS),
    st.dictionaries(st.sampled_from(["text", "functionCall", "functionResponse", "x"]), VALUES),
    VALUES,
)
CONTENTS = st.one_of(
    st.builds(lambda parts: user(*parts), st.lists(PARTS, max_size=4)),
    st.builds(lambda parts: model(*parts), st.lists(PARTS, max_size=4)),
    st.fixed_dictionaries({"role": VALUES, "parts": VALUES}),
    VALUES,
)
BODIES = st.one_of(
    st.builds(lambda contents: {"contents": contents}, st.lists(CONTENTS, max_size=5)),
    st.dictionaries(
        st.sampled_from(["contents", "tools", "systemInstruction", "generationConfig"]), VALUES
    ),
)
CHUNKS = st.one_of(
    st.builds(chunk, st.lists(PARTS, max_size=3), st.sampled_from([None, "STOP", "MAX_TOKENS"])),
    st.dictionaries(
        st.sampled_from(["candidates", "usageMetadata", "responseId", "error"]), VALUES
    ),
    VALUES,
)


@settings(deadline=None)
@given(body=spelled(BODIES))
def test_no_body_is_too_odd_to_be_read(body):
    tree = json_spans.parse(body)
    assert GEMINI.apply(body, ()) is body
    for message in GEMINI.parse(body).messages:
        for block in message.blocks:
            if block.kind is not Kind.TOOL_CALL:
                node = tree
                for step in block.path:
                    node = node[step]
                assert node == block.text
    json.loads(json_spans.spliced(body, RETRIEVAL.offer(tree)))
    RETRIEVAL.offered(tree)


@settings(deadline=None)
@given(body=spelled(BODIES), legs=st.lists(st.lists(PARTS, min_size=1, max_size=4), min_size=1))
def test_whatever_was_hidden_is_put_back_into_any_body(body, legs):
    session = Session(ASKED).run(*([parts] for parts in legs))
    tree = json_spans.parse(body)
    data = session.memories[0].data if session.memories else b"[{}]"
    known = dict.fromkeys(RETRIEVAL.anchors(tree), data)
    after = json.loads(json_spans.spliced(body, RETRIEVAL.restore(tree, known)))
    assert isinstance(after, dict)
    for turn in session.turns:
        json.loads(json_spans.spliced(body, RETRIEVAL.carry_on(tree, turn, ["x"])))


@settings(deadline=None)
@given(
    chunks=st.lists(st.one_of(CHUNKS.map(json.dumps).map(str.encode), st.binary()), max_size=6),
    stream=st.booleans(),
)
def test_no_chunk_is_too_odd_to_be_fed(chunks, stream):
    answer = RETRIEVAL.answer(stream=stream, intercept=True)
    for payload in chunks:
        given_on = answer.feed(payload)
        assert given_on is None or all(isinstance(json.loads(piece), object) for piece in given_on)
        if (turn := answer.end()) is not None:
            answer.resume(turn, ["x"])
    answer.give_up(b"")
    answer.memories()
    assert answer.usage is None or answer.usage.output >= 0
    if b"headroom" not in b"".join(chunks):
        assert answer.end() is None


def test_a_call_nested_too_deep_passes_untouched():
    deep = b"[" * 400 + b"]" * 400
    part = b'{"functionCall":{"name":"headroom_retrieve","args":{"ref":' + deep + b"}}}"
    payload = b'{"candidates":[{"content":{"parts":[' + part + b']},"finishReason":"STOP"}]}'
    answer = RETRIEVAL.answer(stream=True, intercept=True)
    assert answer.feed(payload) is None
    body = b'{"contents":[{"role":"model","parts":[' + part + b"]}]}"
    assert RETRIEVAL.anchors(json_spans.parse(body))
    assert [block.text for block in blocks(json_spans.parse(body))] == [""]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])
def test_a_call_beside_half_a_character_is_hidden_too(stream):
    body = json_spans.parse(json.dumps({"contents": [user("go")]}).encode())
    answer = RETRIEVAL.answer(stream=stream, intercept=True, body=body)
    parts = [said("\ud83d"), hidden()]
    heard = answer.feed(json.dumps(chunk(parts, "STOP")).encode())
    turn = answer.end()
    assert json.loads(turn.said)["parts"] == parts
    answer.resume(turn, ["found"])
    heard += answer.feed(json.dumps(chunk([said("Found.")], "STOP", 2)).encode())
    texts = [
        part
        for each in map(json.loads, heard)
        for part in each["candidates"][0]["content"]["parts"]
    ]
    assert texts == [said("\ud83d"), said("Found.")]
    assert answer.memories()
