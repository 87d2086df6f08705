"""A client without tools of its own, and an upstream that refuses: is it our tool, or not?"""

import json

from acting import exchange
from materials import log
from scenes import scene

from headroom.markers import TOOL_NAME
from scripted_upstream import Reply

PATH = "/v1/messages"


def body(*messages, **more):
    listed = [
        {"role": "user" if n % 2 == 0 else "assistant", "content": text}
        for n, text in enumerate(messages)
    ]
    return json.dumps({"model": "m", "max_tokens": 9, "messages": listed, **more}).encode()


def asked(url, sent):
    status, _, answer = exchange(url, PATH, sent, {"anthropic-version": "2023-06-01"})
    return status, answer


PASTED = "What is wrong here?\n\n" + log(0, 900)


def refuses_tools(request):
    if TOOL_NAME in request.tools:
        return Reply("this model takes no tools", status=400)
    return Reply("Nothing.")


def test_a_model_that_takes_no_tool_is_asked_again_without_and_never_again_with():
    with scene(refuses_tools) as playing:
        first, _ = asked(playing.url, body(PASTED))
        second, _ = asked(playing.url, body(PASTED, "Nothing.", "And now?"))
        tools = [TOOL_NAME in request.tools for request in playing.requests]
        sent = [request.body for request in playing.requests]
    assert (first, second) == (200, 200)
    assert tools == [True, False, False]
    assert sent[2].startswith(sent[1][: sent[1].rindex(b"}]")])


def test_a_request_that_is_wrong_either_way_does_not_cost_the_session_its_tool():
    def strict(request):
        if request.json["max_tokens"] > 100:
            return Reply("max_tokens is too large", status=400)
        return Reply("Nothing.")

    with scene(strict) as playing:
        wrong, answer = asked(playing.url, body(PASTED, max_tokens=1_000))
        right, _ = asked(playing.url, body(PASTED))
        again, _ = asked(playing.url, body(PASTED, max_tokens=1_000))
        tools = [TOOL_NAME in request.tools for request in playing.requests]
    assert (wrong, right, again) == (400, 200, 400)
    assert b"max_tokens is too large" in answer
    assert tools == [True, False, True, True], "known to be taken: no second try"
